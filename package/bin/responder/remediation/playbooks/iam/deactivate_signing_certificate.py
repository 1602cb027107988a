"""Deactivate a signing certificate or an SSH public key of a user."""

from __future__ import annotations

from . import _entities as entities
from ._credentials import CERTIFICATE, SSH_KEY, DeactivateCredential, taken_back
from ._entities import USER


class DeactivateSigningCertificate(DeactivateCredential):
    """Sets to Inactive the signing certificate (X.509, for SOAP calls) or the SSH public key (for Git in CodeCommit)
    that was uploaded.

    It is the one that the finding names, of the user that the finding is about, and no other.
    """

    id = "deactivate_signing_certificate"
    title = "Deactivate signing certificate or SSH key"
    detail_note = "`credential_id`: of the certificate, or of the SSH key (`APKA...`)"
    permissions = (*entities.reading(USER), *CERTIFICATE.permissions, *SSH_KEY.permissions)
    takes_back = taken_back(CERTIFICATE, SSH_KEY)
    risk = "low"
    risk_note = "Git clients that use the key can no longer push or fetch; few programs sign with a certificate."
    kinds = (CERTIFICATE, SSH_KEY)
