"""Standards of Security Hub that were disabled: one by its new form of ARN, one by the old."""

from __future__ import annotations

import contextlib
from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import Admin, Fields

#: Another than that in which the scenario of the hub itself disables it.
REGION = "eu-west-1"
NAMES = ("aws-foundational-security-best-practices/v/1.0.0", "cis-aws-foundations-benchmark/v/1.2.0")


def disabled(admin: Admin, name: str) -> dict[str, Any]:
    client = admin("securityhub", REGION)
    with contextlib.suppress(client.exceptions.ClientError):
        client.disable_security_hub()
    client.enable_security_hub(EnableDefaultStandards=False)
    arns = [f"arn:aws:securityhub:{REGION}:{ACCOUNT}:subscription/{one}" for one in NAMES]
    return {
        "vendor_region": REGION,
        "object_category": "AWS::SecurityHub::Hub",
        "object_id": ", ".join(arns),
        "detail": {"standards": arns},
    }


def fix(admin: Admin, fields: Fields) -> None:
    client = admin("securityhub", REGION)
    offered = [one["StandardsArn"] for one in client.describe_standards()["Standards"]]
    wanted = [{"StandardsArn": one} for one in offered if one.endswith(NAMES)]
    client.batch_enable_standards(StandardsSubscriptionRequests=wanted)


def remove(admin: Admin, fields: Fields) -> None:
    admin("securityhub", REGION).disable_security_hub()


drift = None
VARIANTS = {"disabled": disabled}
