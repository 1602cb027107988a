"""CloudTrail's own event history: who changed a resource since a moment.

Facts: CloudTrail API Reference, LookupEvents (management events of 90 days, newest first, two calls a second, about
15 minutes late; events of global services are in one region of each partition). It is asked to be helpful, never to
decide that something is safe.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .. import arn
from ..errors import ResponderError, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .client import Aws

_SPARE = re.compile("_|bucket|account|configuration")


@dataclass(frozen=True)
class Event:
    """One call that changed something."""

    #: Epoch seconds.
    time: float
    #: As CloudTrail names it (``eventName``).
    name: str
    #: ARN of the caller, else its name; may be empty.
    user: str
    #: Empty where the call succeeded.
    error: str = ""


def changes(aws: Aws, resource: str, region: str, since: float) -> list[Event] | None:
    """What was called on a resource (ARN or id) since an epoch second, oldest first; None where AWS does not tell.

    ``region`` is empty for what lives in no region.
    """
    try:
        region = region or arn.IAM_REGIONS.get(aws.identity().partition, "")
        found = aws.read(
            "cloudtrail",
            "lookup_events",
            region,
            LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": arn.name_of(resource)}],
            StartTime=datetime.fromtimestamp(since, timezone.utc),
            MaxResults=50,
        )
    except ResponderError:
        # Not granted, throttled, not there: whoever asks says that it is not known.
        return None
    events = [_event(record) for record in found.get("Events") or () if str(record.get("ReadOnly")).lower() != "true"]
    return sorted(events, key=lambda event: event.time)


def is_call(event: Event, operation: str) -> bool:
    """Whether an event is that of an API operation as boto3 names it."""
    return _essence(event.name) == _essence(operation)


def _essence(name: str) -> str:
    """S3's events say ``Bucket`` or ``Account`` where the API does not, and leave out ``Configuration``."""
    return _SPARE.sub("", name.lower())


def _event(record: Mapping[str, Any]) -> Event:
    try:
        detail = json.loads(record.get("CloudTrailEvent") or "{}")
    except ValueError:
        detail = {}
    detail = detail if isinstance(detail, dict) else {}
    caller = detail.get("userIdentity")
    user = (caller.get("arn") if isinstance(caller, dict) else "") or record.get("Username") or ""
    time = record.get("EventTime")
    return Event(
        time=time.timestamp() if isinstance(time, datetime) else 0.0,
        name=one_line(str(record.get("EventName") or ""))[:100],
        user=one_line(str(user))[:200],
        error=one_line(str(detail.get("errorCode") or ""))[:100],
    )
