"""Shapes that carry the record as it is: written anew, in an envelope, or many in one event.

Facts: Splunk Add-on for AWS 7.10.0 (source types); EventBridge User Guide, "AWS service events delivered via AWS
CloudTrail"; CloudWatch Logs User Guide, "Subscription filters"; CloudTrail User Guide, "CloudTrail log file examples".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from spl import Event
from workbench.replay.records import Record, as_event

TRAIL_BUCKET = "s3://trail-bucket/AWSLogs/111122223333/CloudTrail/file.json.gz"
LOG_GROUP = "trail-group"
#: The kind of an EventBridge event, by the record's eventType.
DETAIL_TYPES = {
    "AwsConsoleSignIn": "AWS Console Sign In via CloudTrail",
    "AwsServiceEvent": "AWS Service Event via CloudTrail",
}


def with_blanks(records: Sequence[Record]) -> list[Event]:
    """As the add-on's decoder writes a record anew: blanks after ``:`` and ``,``, letters beyond ASCII as escapes."""
    return [_event(json.dumps(record), record, "aws:cloudtrail", TRAIL_BUCKET) for record in records]


def eventbridge(records: Sequence[Record]) -> list[Event]:
    """One record in ``detail``."""
    return [_event(_compact(_envelope(one)), one, "aws:firehose:cloudwatchevents", "http:events") for one in records]


def _envelope(record: Record) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "aaaaaaaa-0000-4000-8000-000000000001",
        "detail-type": DETAIL_TYPES.get(str(record.get("eventType")), "AWS API Call via CloudTrail"),
        "source": "aws." + str(record.get("eventSource", "")).partition(".")[0],
        "account": record.get("recipientAccountId", "111122223333"),
        "time": record.get("eventTime"),
        "region": record.get("awsRegion", "us-east-1"),
        "resources": [],
        "detail": record,
    }


def pulled(records: Sequence[Record]) -> list[Event]:
    """As the add-on's inputs pull a log group: the record, under the source type of CloudWatch Logs."""
    return [_event(_compact(one), one, "aws:cloudwatchlogs", f"eu-west-1:{LOG_GROUP}:stream") for one in records]


def subscription(records: Sequence[Record]) -> list[Event]:
    """A batch as CloudWatch Logs hands it to Firehose, untouched: each record is a text in it."""
    if not records:
        return []
    plain = [as_event(record) for record in records]
    batch = {
        "messageType": "DATA_MESSAGE",
        "owner": "111122223333",
        "logGroup": LOG_GROUP,
        "logStream": "111122223333_CloudTrail_eu-west-1",
        "subscriptionFilters": ["all"],
        "logEvents": [
            {"id": str(number), "timestamp": int(event.time * 1000), "message": event.raw}
            for number, event in enumerate(plain)
        ],
    }
    return [_event(_compact(batch), records[-1], "aws:firehose:json", "http:logs")]


def log_file(records: Sequence[Record]) -> list[Event]:
    """A whole log file in one event, with the time of its first record."""
    return [_event(_compact({"Records": list(records)}), records[0], "aws:s3", TRAIL_BUCKET)] if records else []


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _event(raw: str, record: Record, sourcetype: str, source: str) -> Event:
    time = as_event(record).time
    return Event(raw, time, "main", sourcetype, source=source, indextime=time)
