"""A CloudTrail record, complete and made up."""

from __future__ import annotations

import time
from typing import Any

ACCOUNT, KEY = "111122223333", "AKIAIOSFODNN7EXAMPLE"
EVENT = "11111111-2222-4333-8444-555555555555"


def stopped_trail(user: str = "mara", at: float | None = None, **more: Any) -> dict[str, Any]:
    """A user stops the logging of a trail, now or ``at`` (epoch seconds).

    ``more`` replaces fields; ``...`` takes one away.
    """
    record: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLE1",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}",
            "accountId": ACCOUNT,
            "accessKeyId": KEY,
            "userName": user,
        },
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)),
        "eventSource": "cloudtrail.amazonaws.com",
        "eventName": "StopLogging",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.15",
        "requestParameters": {"name": "org-trail"},
        "responseElements": None,
        "eventID": EVENT,
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
        **more,
    }
    return {name: value for name, value in record.items() if value is not ...}
