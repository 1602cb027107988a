"""An access point through which everybody may read, beside the owner or alone."""

from __future__ import annotations

from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws import policies
from tests.aws.scenarios import Admin, Fields


def beside_others(admin: Admin, name: str) -> dict[str, Any]:
    return _point(admin, name, own=True)


def alone(admin: Admin, name: str) -> dict[str, Any]:
    return _point(admin, name, own=False)


def _point(admin: Admin, name: str, own: bool) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name)
    admin("s3control").create_access_point(AccountId=ACCOUNT, Name=name, Bucket=name)
    public = policies.public("s3:GetObject", _objects(name))
    _put(admin, name, *([policies.own("s3:*", _objects(name))] if own else []), public)
    return {"object_category": "AWS::S3::AccessPoint", "object_id": name, "detail": {"statements": [public]}}


def _objects(name: str) -> str:
    return f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/{name}/object/*"


def _put(admin: Admin, name: str, *statements: dict[str, Any]) -> None:
    policy = policies.policy(*statements)
    admin("s3control").put_access_point_policy(AccountId=ACCOUNT, Name=name, Policy=policy)


def fix(admin: Admin, fields: Fields) -> None:
    admin("s3control").delete_access_point_policy(AccountId=ACCOUNT, Name=fields["object_id"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("s3control").delete_access_point(AccountId=ACCOUNT, Name=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], policies.own("s3:Get*", _objects(fields["object_id"]), "Other"))


VARIANTS = {"beside_others": beside_others, "alone": alone}
