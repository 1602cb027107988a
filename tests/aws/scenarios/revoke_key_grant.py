"""A key that an account nobody knows may use by a grant."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields

GRANTEE = "arn:aws:iam::444455556666:role/reader"


def granted(admin: Admin, name: str) -> dict[str, Any]:
    kms = admin("kms")
    key = kms.create_key(Description=name)["KeyMetadata"]["KeyId"]
    kms.create_grant(KeyId=key, GranteePrincipal="arn:aws:iam::123456789012:role/own", Operations=["Decrypt"])
    grant = kms.create_grant(KeyId=key, GranteePrincipal=GRANTEE, Operations=["Decrypt", "DescribeKey"])["GrantId"]
    detail = {"grant_id": grant}
    return {"object_category": "AWS::KMS::Permission", "object_id": key, "detail": detail}


def fix(admin: Admin, fields: Fields) -> None:
    admin("kms").revoke_grant(KeyId=fields["object_id"], GrantId=fields["detail"]["grant_id"])


#: A key is deleted after days only.
remove = drift = None
VARIANTS = {"granted": granted}
