"""A region in which Security Hub was disabled."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from tests.aws import earlier
from tests.aws.scenarios import Admin, Fields

STANDARD = "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0"


def disabled(admin: Admin, name: str) -> dict[str, Any]:
    client = admin("securityhub")
    with contextlib.suppress(client.exceptions.ClientError):
        client.disable_security_hub()
    return {"object_category": "AWS::SecurityHub::Hub", "object_id": "hub of 123456789012"}


def fix(admin: Admin, fields: Fields) -> None:
    client = admin("securityhub")
    client.enable_security_hub(EnableDefaultStandards=False)
    client.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": STANDARD}])


def past(fields: Fields) -> Sequence[Fields]:
    """A standard, and another one that was disabled since."""
    gone = "arn:aws:securityhub:us-east-1:123456789012:subscription/pci-dss/v/3.2.1"
    former = "arn:aws:securityhub:us-east-1::standards/pci-dss/v/3.2.1"
    both = {"StandardsSubscriptionRequests": [{"StandardsArn": one} for one in (STANDARD, former)]}
    return (
        earlier.call("securityhub", "BatchDisableStandards", {"StandardsSubscriptionArns": [gone]}),
        earlier.call("securityhub", "BatchEnableStandards", both, eventTime="2025-01-01T03:04:05Z"),
    )


remove = None
drift = None
VARIANTS = {"disabled": disabled}
