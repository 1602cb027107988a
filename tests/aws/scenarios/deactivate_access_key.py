"""A key that somebody else has, and one that somebody made for another user."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def stolen(admin: Admin, name: str) -> dict[str, Any]:
    admin("iam").create_user(UserName=name)
    key = admin("iam").create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    return {"access_key_id": key, "user": name, "object_category": "AWS::IAM::AccessKey", "object_id": key}


def made(admin: Admin, name: str) -> dict[str, Any]:
    """Not the caller's key, which is that of a session."""
    return {**stolen(admin, name), "access_key_id": "ASIAIOSFODNN7EXAMPLE"}


def fix(admin: Admin, fields: Fields) -> None:
    admin("iam").update_access_key(UserName=fields["user"], AccessKeyId=fields["object_id"], Status="Inactive")


def remove(admin: Admin, fields: Fields) -> None:
    admin("iam").delete_access_key(UserName=fields["user"], AccessKeyId=fields["object_id"])


drift = None
VARIANTS = {"stolen": stolen, "made": made}
