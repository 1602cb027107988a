"""In which shapes CloudTrail reaches Splunk, told apart by what an event contains and never by its source type.

To add a shape, add a row to ``SHAPES``: the first that matches is the event's. When the searches have learned to read
one, set its ``is_read``; nothing else knows.
Sources: CloudTrail User Guide, "CloudTrail record contents"; EventBridge User Guide, "AWS service events delivered via
AWS CloudTrail"; CloudWatch Logs User Guide, "Subscription filters"; Security Lake User Guide, "Open Cybersecurity
Schema Framework".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ..json_limits import bounded_json

#: Characters of an event that are parsed; longer ones are recognized by how they begin.
LONGEST = 2_000_000
Parsed = Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    id: str
    #: As people call it, after "events are".
    title: str
    #: Whether the shipped searches read it.
    is_read: bool
    #: The event's text, and the JSON object that it is (None when it is none).
    matches: Callable[[str, Parsed | None], bool]
    #: What to do about one that is not read.
    to_do: str = ""


def _has(event: Parsed | None, *names: str) -> bool:
    return event is not None and all(name in event for name in names)


def _wraps(event: Parsed | None, name: str) -> bool:
    inner = event.get(name) if event is not None else None
    return isinstance(inner, dict) and "eventName" in inner


SINGLE_EVENTS = "Let the input make one event of each record, as the S3 input of the Splunk Add-on for AWS does."
SHAPES: tuple[Shape, ...] = (
    Shape("record", "plain CloudTrail records", True, lambda text, event: _has(event, "eventName", "eventSource")),
    Shape(
        "eventbridge",
        "CloudTrail records wrapped by EventBridge (detail)",
        False,
        lambda text, event: _wraps(event, "detail"),
        "Send the field detail alone, as an input transformer of the EventBridge rule ($.detail) does.",
    ),
    Shape(
        "cloudwatch",
        "batches of a CloudWatch Logs subscription (logEvents)",
        False,
        lambda text, event: _has(event, "logEvents"),
        "Let the Firehose stream unpack them: turn on its CloudWatch Logs decompression with message extraction.",
    ),
    Shape("file", "whole log files (Records)", False, lambda text, event: _has(event, "Records"), SINGLE_EVENTS),
    Shape(
        "ocsf",
        "Security Lake's OCSF events (class_uid)",
        False,
        lambda text, event: _has(event, "class_uid"),
        "Bring in the trail's own records beside Security Lake: the S3 input of the Splunk Add-on for AWS reads them.",
    ),
    Shape(
        "cut",
        "records that were cut off or changed, so that they are no JSON",
        False,
        lambda text, event: event is None and text.lstrip().startswith("{") and "event" in text,
        "Raise TRUNCATE for the source type in props.conf where the data is parsed, as the Splunk Add-on for AWS does.",
    ),
    Shape(
        "other",
        "no CloudTrail records",
        False,
        lambda text, event: True,
        "Narrow the macro cloudtrail_index to the index and source type of CloudTrail.",
    ),
)


def parsed(text: str) -> Parsed | None:
    """The JSON object that an event is; None when it is none."""
    if len(text) > LONGEST:
        return None
    try:
        found = bounded_json(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def shape_of(text: str, event: Parsed | None) -> Shape:
    return next(shape for shape in SHAPES if shape.matches(text, event))
