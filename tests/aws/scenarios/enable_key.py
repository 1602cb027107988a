"""A key that was disabled."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def disabled(admin: Admin, name: str) -> dict[str, Any]:
    key = admin("kms").create_key(Description=name)["KeyMetadata"]["KeyId"]
    admin("kms").disable_key(KeyId=key)
    return {"object_category": "AWS::KMS::Key", "object_id": key}


def fix(admin: Admin, fields: Fields) -> None:
    admin("kms").enable_key(KeyId=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    admin("kms").schedule_key_deletion(KeyId=fields["object_id"], PendingWindowInDays=7)


#: A key is deleted after days only.
remove = None
VARIANTS = {"disabled": disabled}
