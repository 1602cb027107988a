"""In which shapes CloudTrail reaches Splunk, as the macro ``cloudtrail_shape`` tells them apart.

The macro and this table know the same shapes by the same names; a test holds one against the other. For whoever has an
event's text and no search: ``of(text)``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ..json_limits import bounded_json

_Event = Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    #: The value of ``cloudtrail_shape``.
    id: str
    #: As people call it: "They stand in ...".
    words: str
    matches: Callable[[_Event], bool]
    #: The macro that reads it, which ``cloudtrail_shapes`` must call; empty: nothing has to be done, or nothing can be.
    macro: str = ""
    #: What to do where it is not read.
    to_do: str = ""


def _inner(event: _Event, name: str, key: str) -> bool:
    found = event.get(name)
    members = found if isinstance(found, list) else [found]
    return any(isinstance(member, dict) and member.get(key) is not None for member in members)


def _ocsf(event: _Event) -> bool:
    product = event.get("metadata", {}).get("product") if isinstance(event.get("metadata"), dict) else None
    of_cloudtrail = isinstance(product, dict) and product.get("name") == "CloudTrail"
    return event.get("class_uid") is not None and _inner(event, "api", "operation") and of_cloudtrail


def _eventbridge(event: _Event) -> bool:
    # PutEvents refuses sources that begin with "aws.": nobody but AWS sends those, but partners fill "aws.partner/".
    of_aws = re.search(r"^aws\.(?!partner/)", str(event.get("source", "")))
    of_cloudtrail = re.search(r"via CloudTrail$", str(event.get("detail-type", "")))
    return _inner(event, "detail", "eventName") and bool(of_aws and of_cloudtrail)


_READ_IT = "Call the macro {} in the macro cloudtrail_shapes (Settings > Advanced search > Search macros)."
_WRAPPED, REBUILT = "cloudtrail_read_wrapped", "ocsf"

#: The first that matches is the event's.
SHAPES: tuple[Shape, ...] = (
    Shape("plain", "plain records", lambda event: event.get("eventName") is not None),
    Shape("eventbridge", "events of EventBridge", _eventbridge, _WRAPPED, _READ_IT.format(_WRAPPED)),
    Shape(
        "subscription",
        "batches of a CloudWatch Logs subscription",
        lambda event: _inner(event, "logEvents", "message"),
        _WRAPPED,
        _READ_IT.format(_WRAPPED),
    ),
    Shape(
        "file",
        "whole log files",
        lambda event: _inner(event, "Records", "eventName"),
        _WRAPPED,
        _READ_IT.format(_WRAPPED),
    ),
    Shape(
        REBUILT,
        "OCSF events of Security Lake",
        _ocsf,
        "cloudtrail_read_ocsf",
        _READ_IT.format("cloudtrail_read_ocsf"),
    ),
    Shape(
        "other",
        "events in a form that the app does not know, or that were cut off",
        lambda event: True,
        to_do="Narrow the macro cloudtrail_index to CloudTrail, and raise TRUNCATE for its source type in props.conf.",
    ),
)
_BY_ID = {shape.id: shape for shape in SHAPES}


def of(text: str) -> Shape:
    """The shape of an event, by its text alone. What is no JSON object is ``other``."""
    try:
        event = bounded_json(text)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        return _BY_ID["other"]
    return next(shape for shape in SHAPES if shape.matches(event))


def is_read(shape: Shape, cloudtrail_shapes: str) -> bool:
    """Whether the searches read it, by the definition of the macro ``cloudtrail_shapes``."""
    called = re.findall(r"`\s*(\w+)\s*`", cloudtrail_shapes)
    return shape.id == "plain" or bool(shape.macro) and shape.macro in called


def words(shape_id: str) -> str:
    """How people call a shape; ``record`` and what nobody knows are ``other``."""
    return _BY_ID.get(shape_id, _BY_ID["other"]).words
