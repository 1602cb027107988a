"""A bucket that is copied to an account that nobody knows, alone or beside a copy of one's own."""

from __future__ import annotations

from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import Admin, Fields

ROLE = f"arn:aws:iam::{ACCOUNT}:role/replication"


def beside_another(admin: Admin, name: str) -> dict[str, Any]:
    return _bucket(admin, name, _rule(name, 1), _rule(name, 2, outside=True))


def alone(admin: Admin, name: str) -> dict[str, Any]:
    return _bucket(admin, name, _rule(name, 1, outside=True))


def _bucket(admin: Admin, name: str, *rules: Fields) -> dict[str, Any]:
    s3 = admin("s3")
    for bucket in (name, f"{name}-to"):
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    _put(admin, name, *rules)
    detail = {"outside_account": "444455556666"}
    return {"object_category": "AWS::S3::Bucket", "object_id": name, "detail": detail}


def _rule(name: str, number: int, outside: bool = False) -> dict[str, Any]:
    owner = {"Account": "444455556666", "AccessControlTranslation": {"Owner": "Destination"}} if outside else {}
    return {
        "ID": f"rule-{number}",
        "Priority": number,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{name}-to", **owner},
    }


def _put(admin: Admin, bucket: str, *rules: Fields) -> None:
    configuration = {"Role": ROLE, "Rules": [dict(rule) for rule in rules]}
    admin("s3").put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration)


def fix(admin: Admin, fields: Fields) -> None:
    admin("s3").delete_bucket_replication(Bucket=fields["object_id"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("s3").delete_bucket(Bucket=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], _rule(fields["object_id"], 7))


VARIANTS = {"beside_another": beside_another, "alone": alone}
