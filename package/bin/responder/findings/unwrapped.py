"""The CloudTrail record in an event, in whatever shape it reached Splunk, for the rows of somebody's own alert.

What is read here is shown to people and says where to look: the proof reads the event again, in its own way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..json_limits import NotPlain, bounded_json

Record = Mapping[str, Any]


def record_in(event: Record) -> Record:
    """The one record that a plain event, an event of EventBridge, a batch of a CloudWatch Logs subscription or a log
    file holds. Empty where there is none, and where there are several: which one the row is about nobody can say."""
    found: Record = {}
    for candidate in _candidates(event):
        if _is_record(candidate) and candidate != found:
            if found:
                return {}
            found = candidate
    return found


def _candidates(event: Record) -> Iterator[Any]:
    if _is_record(event):
        # Below its top a record may have any name, as the key of a tag.
        yield event
        return
    yield event.get("detail")
    yield from _list(event.get("Records"))
    for one in _list(event.get("logEvents")):
        text = one.get("message") if isinstance(one, Mapping) else None
        if isinstance(text, str) and "eventName" in text:
            try:
                yield bounded_json(text)
            except NotPlain:
                continue


def _is_record(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(value.get(name), str) for name in ("eventName", "eventSource"))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
