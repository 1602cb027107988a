"""A user for whom a credential was made beside the one that it has."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields, _iam


def made(admin: Admin, name: str) -> dict[str, Any]:
    found = _iam.user(admin, name)
    create = admin("iam").create_service_specific_credential
    create(UserName=name, ServiceName="codecommit.amazonaws.com")
    new = create(UserName=name, ServiceName="codecommit.amazonaws.com")["ServiceSpecificCredential"]
    return {**found, "detail": {"credential_id": new["ServiceSpecificCredentialId"]}}


def fix(admin: Admin, fields: Fields) -> None:
    given = {"UserName": fields["object_id"], "ServiceSpecificCredentialId": fields["detail"]["credential_id"]}
    admin("iam").update_service_specific_credential(Status="Inactive", **given)


def remove(admin: Admin, fields: Fields) -> None:
    given = {"UserName": fields["object_id"], "ServiceSpecificCredentialId": fields["detail"]["credential_id"]}
    admin("iam").delete_service_specific_credential(**given)


drift = None
VARIANTS = {"made": made}
