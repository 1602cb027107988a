"""A trail for all regions with validation that was narrowed to one region without it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.aws import earlier
from tests.aws.scenarios import Admin, Fields

STRONG = {"IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": True, "EnableLogFileValidation": True}
WEAK = dict.fromkeys(STRONG, False)


def weakened(admin: Admin, name: str) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name)
    admin("cloudtrail").create_trail(Name=name, S3BucketName=name, **STRONG)
    admin("cloudtrail").update_trail(Name=name, **WEAK)
    settings = ["isMultiRegionTrail=false", "includeGlobalServiceEvents=false", "enableLogFileValidation=false"]
    return {"object_category": "AWS::CloudTrail::Trail", "object_id": name, "detail": {"settings": settings}}


def past(fields: Fields) -> Sequence[Fields]:
    name = fields["object_id"]
    shown = {"s3BucketName": name, "isMultiRegionTrail": True, "includeGlobalServiceEvents": True}
    response = {"name": name, **shown, "logFileValidationEnabled": True, "isOrganizationTrail": False}
    return [earlier.call("cloudtrail", "CreateTrail", {"name": name, **shown}, response)]


def fix(admin: Admin, fields: Fields) -> None:
    admin("cloudtrail").update_trail(Name=fields["object_id"], **STRONG)


def remove(admin: Admin, fields: Fields) -> None:
    admin("cloudtrail").delete_trail(Name=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    admin("cloudtrail").update_trail(Name=fields["object_id"], IsMultiRegionTrail=False)


VARIANTS = {"weakened": weakened}
