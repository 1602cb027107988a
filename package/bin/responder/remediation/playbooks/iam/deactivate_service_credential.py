"""Deactivate a service-specific credential of a user."""

from __future__ import annotations

from . import _entities as entities
from ._credentials import SERVICE, DeactivateCredential, taken_back
from ._entities import USER


class DeactivateServiceCredential(DeactivateCredential):
    """Sets to Inactive the service-specific credential that was made or reset: a password or API key for Git over HTTPS
    in CodeCommit, for Keyspaces, or for Bedrock.

    It is the one that the finding names, of the user that the finding is about, and no other.
    """

    id = "deactivate_service_credential"
    title = "Deactivate service-specific credential"
    detail_note = "`credential_id`: the credential (`ACCA...`)"
    permissions = (*entities.reading(USER), *SERVICE.permissions)
    takes_back = taken_back(SERVICE)
    risk = "medium"
    risk_note = "Whatever uses the credential stops working: Git clients, database clients, applications on Bedrock."
    proved_on = "a double of the calls about service-specific credentials, which moto lacks"
    kinds = (SERVICE,)
