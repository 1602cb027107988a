"""A bucket whose versioning was suspended."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def suspended(admin: Admin, name: str) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name)
    for status in ("Enabled", "Suspended"):
        admin("s3").put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": status})
    return {"object_category": "AWS::S3::Bucket", "object_id": name}


def fix(admin: Admin, fields: Fields) -> None:
    admin("s3").put_bucket_versioning(Bucket=fields["object_id"], VersioningConfiguration={"Status": "Enabled"})


def remove(admin: Admin, fields: Fields) -> None:
    admin("s3").delete_bucket(Bucket=fields["object_id"])


drift = None
VARIANTS = {"suspended": suspended}
