"""The shapes of ``findings/shapes.py``, and one more: records that were cut off, about which something can be done."""

from __future__ import annotations

from collections.abc import Mapping
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
SHAPES: tuple[Shape, ...] = (*shapes.SHAPES, CUT)


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
    is_cut = event is None and text.lstrip().startswith("{") and "event" in text
    return CUT if found.id == "other" and is_cut else found
