"""A trail that was stopped."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def stopped(admin: Admin, name: str) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name)
    admin("cloudtrail").create_trail(Name=name, S3BucketName=name)
    return {"object_category": "AWS::CloudTrail::Trail", "object_id": name}


def fix(admin: Admin, fields: Fields) -> None:
    admin("cloudtrail").start_logging(Name=fields["object_id"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("cloudtrail").delete_trail(Name=fields["object_id"])


drift = None
VARIANTS = {"stopped": stopped}
