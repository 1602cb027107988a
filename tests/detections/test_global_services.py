"""What happens in a region without anybody being active there.

Services without regions have their records in one region, wherever an account works. Insights are no calls.
"""

from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import create_loader
from detection_samples import DETECTIONS, NOW, as_records, event_of, searches

from spl import MemoryEvents
from workbench.replay import ShippedSearches
from workbench.shapes import SHAPES

REGIONAL_WRITES = ShippedSearches([]).knowledge.macros["cloudtrail_regional_writes"]["definition"]


def test_whatever_aws_calls_global_is_no_activity_in_a_region() -> None:
    partition = create_loader().load_data("endpoints")["partitions"][0]
    without = [name for name, service in partition["services"].items() if service.get("isRegionalized") is False]
    assert "iam" in without and len(without) > 10
    assert [name for name in without if f"{name}.amazonaws.com" not in REGIONAL_WRITES] == []


@pytest.mark.parametrize("name", ["account_active_in_new_region", "api_use_in_unexpected_region"])
@pytest.mark.parametrize("convert", [lambda records: map(event_of, records), SHAPES["log file"]], ids=["plain", "file"])
def test_insights_are_nobodys_activity(name: str, convert: Any) -> None:
    """Whoever reads a region more often than usual has them there. CloudTrail User Guide, "Insights events"."""
    detection = next(one for one in DETECTIONS if one.id == name)
    sample = detection.samples()[0]
    told = {
        "eventType": "AwsCloudTrailInsight", "eventCategory": "Insight", "eventVersion": "1.09",
        "insightDetails": {"state": "Start", "eventSource": "ec2.amazonaws.com", "eventName": "DescribeInstances"},
    }  # fmt: skip
    kept = ("eventID", "eventTime", "awsRegion", "recipientAccountId")
    insights = [{**told, **{key: one[key] for key in kept if key in one}} for one in as_records(sample)]
    rows = searches(sample).rows(name, MemoryEvents(convert(insights)), NOW)[1]
    assert insights and rows == []
