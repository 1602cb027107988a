"""CloudTrail records of calls that had set things up, as the index has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.aws.server import ACCOUNT


def call(
    service: str, name: str, request: Mapping[str, Any], response: Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """One record; ``more`` replaces fields."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/builder", "accountId": ACCOUNT},
        "eventTime": "2025-01-02T03:04:05Z",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "requestParameters": dict(request),
        "responseElements": None if response is None else dict(response),
        "eventID": "11111111-0000-4000-8000-00000000000a",
        "recipientAccountId": ACCOUNT,
        **more,
    }
