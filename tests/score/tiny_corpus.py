"""A corpus small enough to count by hand, written with the ids and addresses that are set aside for documentation."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

MALLORY = {
    "type": "IAMUser",
    "principalId": "AIDAEXAMPLEMALLORY00",
    "arn": "arn:aws:iam::111122223333:user/mallory",
    "accountId": "111122223333",
    "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
    "userName": "mallory",
}


def record(name: str, event_id: str, time: str = "2025-03-04T10:15:00Z", **more: Any) -> dict[str, Any]:
    """A CloudTrail record of a call to CloudTrail itself."""
    return {
        "eventVersion": "1.11",
        "userIdentity": MALLORY,
        "eventTime": time,
        "eventSource": "cloudtrail.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "203.0.113.50",
        "userAgent": "aws-cli/2.15.30",
        "requestParameters": {"name": "main"},
        "responseElements": None,
        "eventID": event_id,
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        **more,
    }


def line(name: str, event: dict[str, Any], **labels: Any) -> dict[str, Any]:
    return {"id": name, "label": "attack" if labels.get("expect") else "benign", "expect": [], "event": event, **labels}


def denied(name: str, event_id: str, **more: Any) -> dict[str, Any]:
    return record(name, event_id, errorCode="AccessDenied", errorMessage="not authorized", **more)


TRAIL = ["trail_tampering"]
LABELLED = [
    line("stopped", record("StopLogging", "e-1"), expect=TRAIL),
    line("hidden", record("DescribeTrails", "e-2"), expect=TRAIL),
    line("refused", denied("DeleteTrail", "e-3"), expect=TRAIL, attempted=True),
    line("made-up", record("DeleteTrail", "e-4", "2015-01-01T00:00:00Z"), expect=TRAIL, synthetic=True),
    # A chain, of which one record is seen.
    line("chain-1", record("GetTrail", "e-5"), expect=TRAIL, group="chain"),
    line("chain-2", record("StopLogging", "e-6", "2025-03-05T10:15:00Z"), expect=TRAIL, group="chain"),
    line("tolerated", record("StopLogging", "e-7", "2025-03-06T10:15:00Z"), accept=TRAIL),
    line("wrong", record("StopLogging", "e-8", "2025-03-07T10:15:00Z")),
    line("other-family", record("ListTrails", "e-9"), expect=["moon_phases"]),
]
BACKGROUND = [
    line("bulk-1", record("StopLogging", "b-1", "2025-03-08T10:15:00Z"), label="background"),
    line("bulk-2", record("GetTrail", "b-2", "2025-03-08T10:16:00Z"), label="background"),
]


def write(
    folder: Path, labeled: list[dict[str, Any]] = LABELLED, background: list[dict[str, Any]] = BACKGROUND
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "events.jsonl").write_text("".join(json.dumps(one) + "\n" for one in labeled), encoding="utf-8")
    content = "".join(json.dumps(one) + "\n" for one in background).encode("utf-8")
    (folder / "background.jsonl.gz").write_bytes(gzip.compress(content))
    return folder
