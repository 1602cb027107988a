"""The shapes of ``findings/shapes.py``, and two more: records that were cut off, about which something can be done, and
what CloudTrail writes beside records of calls, about which nothing has to be done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..findings import shapes
from ..findings.shapes import Shape
from ..json_limits import bounded_json

#: Characters of an event whose fields are looked at.
LONGEST = 2_000_000
Parsed = Mapping[str, Any]

CUT = Shape(
    "cut",
    "records that were cut off or changed, so that they are no JSON",
    lambda event: False,
    to_do="Raise TRUNCATE for the source type in props.conf where the data is parsed, as the AWS add-on does.",
)
#: Source: CloudTrail User Guide, "CloudTrail record contents for Insights events".
NO_CALLS = Shape("no calls", "Insights and other events of CloudTrail that are no calls", lambda event: False)
SHAPES: tuple[Shape, ...] = (*shapes.SHAPES, CUT, NO_CALLS)
_UNKNOWN = next(shape for shape in shapes.SHAPES if shape.id == "other")
#: What every call has; a record that a pipeline has trimmed has some of it left.
_OF_CALLS = ("eventName", "eventSource", "userIdentity")


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
    found = shapes.of(text)
    if found.id == "subscription" and event is not None:
        # The macro finds a batch by its messages, whatever is in them: a log group may hold events of EventBridge.
        messages = [message for message in _inner(event) if message is not None]
        if not messages or any(map(_is_call, messages)) or event.get("messageType") == "CONTROL_MESSAGE":
            return found
        return NO_CALLS if all(map(_is_no_call, messages)) else _UNKNOWN
    if found.id != "other":
        return found
    if event is None:
        return CUT if text.lstrip().startswith("{") and "event" in text else found
    inner = list(_inner(event))
    return NO_CALLS if inner and all(map(_is_no_call, inner)) else found


def _inner(event: Parsed) -> Iterator[Any]:
    """What an event holds: itself, where nothing wraps it."""
    logs = event.get("logEvents")
    if isinstance(logs, list):
        for log in logs:
            message = log.get("message") if isinstance(log, Mapping) else None
            yield parsed(message) or message if isinstance(message, str) else message
        return
    for name in ("detail", "Records"):
        if name in event:
            yield from event[name] if isinstance(event[name], list) else [event[name]]
            return
    yield event


def _is_call(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("eventName") is not None


def _is_no_call(value: Any) -> bool:
    named = isinstance(value, Mapping) and all(isinstance(value.get(name), str) for name in ("eventID", "eventType"))
    return named and not any(name in value for name in _OF_CALLS)
