"""A key with which everybody may decrypt, beside the account or in its place."""

from __future__ import annotations

from typing import Any

from tests.aws import policies
from tests.aws.scenarios import Admin, Fields

OWN = policies.own("kms:*")


def beside_others(admin: Admin, name: str) -> dict[str, Any]:
    return _key(admin, name, OWN, policies.public("kms:Decrypt"))


def alone(admin: Admin, name: str) -> dict[str, Any]:
    return _key(admin, name, policies.public("kms:*"))


def _key(admin: Admin, name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    key = admin("kms").create_key(Description=name)["KeyMetadata"]["KeyId"]
    _put(admin, key, *statements)
    detail = {"statements": [statements[-1]]}
    return {"object_category": "AWS::KMS::ResourcePolicy", "object_id": key, "detail": detail}


def _put(admin: Admin, key: str, *statements: dict[str, Any]) -> None:
    admin("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=policies.policy(*statements))


def fix(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], OWN)


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], {**OWN, "Sid": "Other"})


#: A key is deleted after days only.
remove = None
VARIANTS = {"beside_others": beside_others, "alone": alone}
