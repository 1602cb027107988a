"""A company's own cleaner: a function that puts right what its rules find, each hour."""

from __future__ import annotations

from ..company import SANDBOX, digest, role
from ..month import Month


def happens(month: Month) -> None:
    who = role("cloud-custodian", "custodian-ec2-offhours", SANDBOX)
    for number, at in enumerate(month.runs(6)):
        month.steps(
            at,
            who,
            (
                ("tagging:GetResources", {}),
                ("ec2:DescribeInstances", {}),
                ("ec2:CreateTags", {"tagSet": {"items": [{"key": "maid_status", "value": "stop"}]}}),
                ("ec2:StopInstances", {"instancesSet": {"items": [{"instanceId": f"i-{digest(str(number))}"}]}}),
                (
                    "iam:UpdateAccessKey",
                    {"userName": f"toy-{number % 5}", "accessKeyId": "AKIAI44QH8DHBEXAMPLE", "status": "Inactive"},
                ),
            ),
        )
