"""A trail whose Insights were turned off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.aws import earlier
from tests.aws.scenarios import Admin, Fields

RATES, ERRORS = {"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"}


def turned_off(admin: Admin, name: str) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name)
    admin("cloudtrail").create_trail(Name=name, S3BucketName=name)
    return {"object_category": "AWS::CloudTrail::Trail", "object_id": name}


def past(fields: Fields) -> Sequence[Fields]:
    selectors = [{"insightType": "ApiCallRateInsight"}, {"insightType": "ApiErrorRateInsight"}]
    request = {"trailName": fields["object_id"], "insightSelectors": selectors}
    return [earlier.call("cloudtrail", "PutInsightSelectors", request)]


def fix(admin: Admin, fields: Fields) -> None:
    _put(admin, fields, RATES, ERRORS)


def remove(admin: Admin, fields: Fields) -> None:
    admin("cloudtrail").delete_trail(Name=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields, ERRORS)


def _put(admin: Admin, fields: Fields, *selectors: dict[str, str]) -> None:
    admin("cloudtrail").put_insight_selectors(TrailName=fields["object_id"], InsightSelectors=list(selectors))


VARIANTS = {"turned_off": turned_off}
