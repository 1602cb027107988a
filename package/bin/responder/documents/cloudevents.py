"""A message for programs as a CloudEvents envelope, no longer than its way takes.

Source: CloudEvents 1.0.2, "CloudEvents Specification" and "JSON Event Format" (structured mode).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .document import clean, shorten

#: What the types of our events begin with.
PREFIX = "cloudtrail_responder."
#: (characters a text, entries a list, or an object in it): each tried in turn until the event is small enough.
_STEPS = ((8_000, 500), (2_000, 200), (800, 100), (400, 50), (200, 25), (100, 10))
#: Levels of the data whose fields all stay.
_KEPT_LEVELS = 2


def event(
    kind: str, event_id: str, source: str, at: float, subject: str, data: Mapping[str, Any], most: int
) -> dict[str, Any]:
    """The envelope, of at most ``most`` bytes as ``dumps`` writes it. What was cut says ``is_shortened`` in its data.

    ``source``: ids are unique within it. ``at``: epoch seconds. ``subject``: id of the case, or empty.
    """
    envelope = {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": PREFIX + kind,
        "time": datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        **({"subject": subject} if subject else {}),
        "datacontenttype": "application/json",
    }
    whole = {**envelope, "data": cut(data)}
    for chars, entries in _STEPS:
        if len(dumps(whole)) <= most:
            return whole
        whole = {**envelope, "data": {**cut(data, chars, entries), "is_shortened": True}}
    if len(dumps(whole)) <= most:
        return whole
    # However deep it is nested, the case is named.
    named = {name: value for name, value in data.items() if isinstance(value, str)}
    return {**envelope, "data": {**cut(named, 100), "is_shortened": True}}


def dumps(value: Any) -> bytes:
    """JSON in ASCII, as short as it gets."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def cut(value: Any, chars: int = 0, entries: int = 0, level: int = 0) -> Any:
    """Plain data with texts and collections of at most this size (0: any), without what no JSON reader takes."""
    if isinstance(value, str):
        text = clean(value)
        return shorten(text, chars) if chars else text
    if isinstance(value, Mapping):
        named = list(value.items())
        if entries and level >= _KEPT_LEVELS:
            named = named[:entries]
        return {cut(str(name), chars): cut(one, chars, entries, level + 1) for name, one in named}
    if isinstance(value, (list, tuple)):
        return [cut(one, chars, entries, level + 1) for one in value[: entries or None]]
    return None if isinstance(value, float) and not math.isfinite(value) else value
