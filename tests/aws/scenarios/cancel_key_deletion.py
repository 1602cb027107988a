"""A key that is scheduled for deletion."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def scheduled(admin: Admin, name: str) -> dict[str, Any]:
    key = admin("kms").create_key(Description=name)["KeyMetadata"]["KeyId"]
    admin("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    return {"object_category": "AWS::KMS::Key", "object_id": key}


def fix(admin: Admin, fields: Fields) -> None:
    admin("kms").cancel_key_deletion(KeyId=fields["object_id"])
    admin("kms").enable_key(KeyId=fields["object_id"])


#: A key is deleted after days only.
remove = drift = None
VARIANTS = {"scheduled": scheduled}
