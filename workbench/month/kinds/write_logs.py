"""AWS writes logs: some deliveries are refused since a role was changed, and nobody has noticed."""

from __future__ import annotations

from ..company import LOGS, role, service, through
from ..month import Month


def happens(month: Month) -> None:
    who = through(role("flow-logs", "vpc-flow-logs"), "vpc-flow-logs")
    for at in month.runs(120):
        stream = {"logGroupName": "/vpc/flow", "logStreamName": f"eni-{month.chance.getrandbits(20):05x}-all"}
        month.call(at, who, "logs:CreateLogStream", stream, error="AccessDenied" if month.chance.random() < 0.7 else "")
    for name in ("delivery.logs", "cloudtrail", "config", "logging.s3"):
        for at in month.runs(30):
            month.data(at, service(name), "s3:PutObject", {"bucketName": "org-logs"}, account=LOGS)
