"""Services without regions have their records in one region, wherever an account works: that is no activity there."""

from __future__ import annotations

from botocore.loaders import create_loader

from workbench.replay import ShippedSearches

REGIONAL_WRITES = ShippedSearches([]).knowledge.macros["cloudtrail_regional_writes"]["definition"]


def test_whatever_aws_calls_global_is_no_activity_in_a_region() -> None:
    partition = create_loader().load_data("endpoints")["partitions"][0]
    without = [name for name, service in partition["services"].items() if service.get("isRegionalized") is False]
    assert "iam" in without and len(without) > 10
    assert [name for name in without if f"{name}.amazonaws.com" not in REGIONAL_WRITES] == []
