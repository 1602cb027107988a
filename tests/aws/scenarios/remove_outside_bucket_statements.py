"""A bucket policy that lets everybody in, alone or beside a statement that stays."""

from __future__ import annotations

import json
from typing import Any

from tests.aws.scenarios import Admin, Fields

PUBLIC = {"Sid": "Public", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
DENY = {
    "Sid": "OnlyTls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def beside_others(admin: Admin, name: str) -> dict[str, Any]:
    return _bucket(admin, name, DENY, PUBLIC)


def alone(admin: Admin, name: str) -> dict[str, Any]:
    return _bucket(admin, name, PUBLIC)


def _bucket(admin: Admin, name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name)
    _put(admin, name, *statements)
    meant = {**PUBLIC, "Resource": f"arn:aws:s3:::{name}/*"}
    return {"object_category": "AWS::S3::Bucket", "object_id": name, "detail": {"statements": [meant]}}


def _put(admin: Admin, name: str, *statements: dict[str, Any]) -> None:
    whole = [{**statement, "Resource": f"arn:aws:s3:::{name}/*"} for statement in statements]
    admin("s3").put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": whole}))


def fix(admin: Admin, fields: Fields) -> None:
    admin("s3").delete_bucket_policy(Bucket=fields["object_id"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("s3").delete_bucket(Bucket=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], {**DENY, "Sid": "Other"})


VARIANTS = {"beside_others": beside_others, "alone": alone}
