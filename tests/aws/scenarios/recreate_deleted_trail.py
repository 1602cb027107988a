"""A trail that was deleted: with selectors and Insights of its own, and a plain one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.aws import earlier
from tests.aws.scenarios import Admin, Fields

SELECTOR = {"readWriteType": "All", "includeManagementEvents": True}
DATA = {"type": "AWS::S3::Object", "values": ["arn:aws:s3:::orders/"]}


def with_selectors(admin: Admin, name: str) -> dict[str, Any]:
    return {**plain(admin, name), "user": "with selectors"}


def plain(admin: Admin, name: str) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name)
    return {"object_category": "AWS::CloudTrail::Trail", "object_id": name}


def past(fields: Fields) -> Sequence[Fields]:
    name = fields["object_id"]
    shown = {"s3BucketName": name, "isMultiRegionTrail": True, "includeGlobalServiceEvents": True}
    response = {"name": name, **shown, "logFileValidationEnabled": True, "isOrganizationTrail": False}
    tags = [{"key": "team", "value": "security"}]
    created = earlier.call("cloudtrail", "CreateTrail", {"name": name, **shown, "tagsList": tags}, response)
    if not fields.get("user"):
        return [created]
    insights = {"trailName": name, "insightSelectors": [{"insightType": "ApiCallRateInsight"}]}
    selectors = {"trailName": name, "eventSelectors": [{**SELECTOR, "dataResources": [DATA]}]}
    return [
        earlier.call("cloudtrail", "PutInsightSelectors", insights),
        earlier.call("cloudtrail", "PutEventSelectors", selectors),
        created,
    ]


def fix(admin: Admin, fields: Fields) -> None:
    name, client = fields["object_id"], admin("cloudtrail")
    client.create_trail(Name=name, S3BucketName=name, IsMultiRegionTrail=True, EnableLogFileValidation=True)
    client.start_logging(Name=name)
    if fields.get("user"):
        data = {"Type": DATA["type"], "Values": DATA["values"]}
        selector = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [data]}
        client.put_event_selectors(TrailName=name, EventSelectors=[selector])
        client.put_insight_selectors(TrailName=name, InsightSelectors=[{"InsightType": "ApiCallRateInsight"}])


def drift(admin: Admin, fields: Fields) -> None:
    admin("cloudtrail").update_trail(Name=fields["object_id"], IsMultiRegionTrail=False)


remove = None
VARIANTS = {"with_selectors": with_selectors, "plain": plain}
