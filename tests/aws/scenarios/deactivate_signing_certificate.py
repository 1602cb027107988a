"""A user for whom a certificate, or an SSH key, was uploaded."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields, _certificate, _iam


def certificate(admin: Admin, name: str) -> dict[str, Any]:
    found = _iam.user(admin, name)
    made = admin("iam").upload_signing_certificate(UserName=name, CertificateBody=_certificate.certificate())
    return {**found, "detail": {"credential_id": made["Certificate"]["CertificateId"]}}


def ssh_key(admin: Admin, name: str) -> dict[str, Any]:
    found = _iam.user(admin, name)
    made = admin("iam").upload_ssh_public_key(UserName=name, SSHPublicKeyBody=_certificate.ssh_key())
    return {**found, "detail": {"credential_id": made["SSHPublicKey"]["SSHPublicKeyId"]}}


def fix(admin: Admin, fields: Fields) -> None:
    iam, user, found = admin("iam"), fields["object_id"], fields["detail"]["credential_id"]
    if found.startswith("APKA"):
        iam.update_ssh_public_key(UserName=user, SSHPublicKeyId=found, Status="Inactive")
    else:
        iam.update_signing_certificate(UserName=user, CertificateId=found, Status="Inactive")


def remove(admin: Admin, fields: Fields) -> None:
    iam, user, found = admin("iam"), fields["object_id"], fields["detail"]["credential_id"]
    if found.startswith("APKA"):
        iam.delete_ssh_public_key(UserName=user, SSHPublicKeyId=found)
    else:
        iam.delete_signing_certificate(UserName=user, CertificateId=found)


drift = None
VARIANTS = {"certificate": certificate, "ssh_key": ssh_key}
