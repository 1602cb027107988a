"""A trail whose selectors log no management events any more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.aws import earlier
from tests.aws.scenarios import Admin, Fields

OBJECTS = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::orders/"]}


def basic(management: bool) -> dict[str, Any]:
    return {"ReadWriteType": "All", "IncludeManagementEvents": management, "DataResources": [OBJECTS]}


def narrowed(admin: Admin, name: str) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name)
    admin("cloudtrail").create_trail(Name=name, S3BucketName=name)
    _put(admin, name, basic(False))
    return {"object_category": "AWS::CloudTrail::Trail", "object_id": name}


def past(fields: Fields) -> Sequence[Fields]:
    objects = {"type": OBJECTS["Type"], "values": OBJECTS["Values"]}
    selectors = [{"readWriteType": "All", "includeManagementEvents": True, "dataResources": [objects]}]
    request = {"trailName": fields["object_id"], "eventSelectors": selectors}
    return [earlier.call("cloudtrail", "PutEventSelectors", request)]


def fix(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], basic(True))


def remove(admin: Admin, fields: Fields) -> None:
    admin("cloudtrail").delete_trail(Name=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], {**basic(True), "ReadWriteType": "ReadOnly"})


def _put(admin: Admin, name: str, selector: dict[str, Any]) -> None:
    admin("cloudtrail").put_event_selectors(TrailName=name, EventSelectors=[selector])


VARIANTS = {"narrowed": narrowed}
