"""A bucket with a rule that deletes everything after a day, alone or beside another one."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields

DELETES = {"ID": "cleanup", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
KEEPS = {"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 400}}


def beside_another(admin: Admin, name: str) -> dict[str, Any]:
    return _bucket(admin, name, KEEPS, DELETES)


def alone(admin: Admin, name: str) -> dict[str, Any]:
    return _bucket(admin, name, DELETES)


def _bucket(admin: Admin, name: str, *rules: Fields) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name)
    _put(admin, name, *rules)
    return {"object_category": "AWS::S3::Bucket", "object_id": name, "detail": {"rules": [dict(DELETES)]}}


def _put(admin: Admin, bucket: str, *rules: Fields) -> None:
    admin("s3").put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [dict(rule) for rule in rules]}
    )


def fix(admin: Admin, fields: Fields) -> None:
    admin("s3").delete_bucket_lifecycle(Bucket=fields["object_id"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("s3").delete_bucket(Bucket=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], {**KEEPS, "ID": "other"})


VARIANTS = {"beside_another": beside_another, "alone": alone}
