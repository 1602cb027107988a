"""The samples of a detection as events."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from spl import Event

from . import logs

#: Where CloudWatch Logs has put a flow log, as the Splunk Add-on for AWS names its source.
FLOW_LOG = "eu-central-1:flow-logs:eni-0123456789abcdef0-all"


def events_of(sample: Mapping[str, Any]) -> list[Event]:
    return [event_of(record) for record in as_records(sample)]


def as_records(sample: Mapping[str, Any]) -> list[Any]:
    """Its events, written out: padded and copied."""
    records = copy.deepcopy(sample["events"])
    if "pad" in sample:
        for record in records:
            _pad(record, **sample["pad"])
    return [_numbered(record, number) for number in range(sample.get("copies", 1)) for record in records]


def _numbered(record: Any, number: int) -> Any:
    """``{n}`` in a sample that is to be copied."""
    text = json.dumps(record)
    return json.loads(text.replace("{n}", f"{number:03}"))


def event_of(record: str | dict[str, Any]) -> Event:
    """A line of a flow log, a record of the resolver, an event of our audit, or one of CloudTrail, as indexed."""
    if isinstance(record, dict) and "step" in record:
        logged = float(record["time"])
        return Event(json.dumps(record), logged, "main", "cloudtrail_responder:audit", source="app", indextime=logged)
    return logs.event_of(record, FLOW_LOG if isinstance(record, str) else "file")


def _pad(record: dict[str, Any], path: str, kilobytes: int) -> None:
    """Make a record long by harmless members in front of a list in it."""
    members: Any = record
    for key in path.split("."):
        members = members[key]
    filler = {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "s3:DeleteBucket"}
    while len(json.dumps(record)) < kilobytes * 1024:
        members.insert(0, {"Sid": f"filler{len(members)}", **filler})
