"""Readers of a result's values: whatever stands in a field becomes a value of its kind, or InvalidFinding says why not.

A value is a text, as splunkd writes it into the results file, a list of texts, or what a stored finding's JSON holds.
Each reader takes the field's name, for the message, and takes time in proportion to the value's length.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from ..errors import InvalidFinding, one_line
from ..json_limits import MAX_INTEGER, NotPlain, bounded_json, plain

#: Characters of a field that people read; the rest is cut off.
MAX_TEXT = 2048
#: Characters of ``detail`` as a JSON text. Read back from a store it may weigh more (see ``json_limits.plain``).
MAX_DETAIL = 30_000
MAX_EVENT_IDS = 500
#: Characters of an event id. A CloudTrail eventID has 36.
MAX_EVENT_ID = 100
#: What a number looks like in a result: ASCII digits, as Python alone would take those of any script.
_NUMBER = re.compile(r"\d{1,15}(\.\d{1,20})?([eE]\+?\d{1,2})?", re.ASCII)
#: Numbers end below it.
LARGEST = 1e11
#: Characters that count as printable and show nothing: fillers, selectors, a pattern without dots.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U0001d159\U000e0100-\U000e01ef]"
)
#: Characters looked at of a text that is cut anyway.
_ENOUGH = 8 * MAX_TEXT
#: Values looked at for event ids.
_MOST_IDS = 100_000


def text(name: str, raw: Any) -> str:
    """One line of at most ``MAX_TEXT`` characters; several different values are joined by commas."""
    line = one_line(_joined(name, raw)[:_ENOUGH])
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"


def key(name: str, raw: Any) -> str:
    """A text that is compared. Unlike with ``text``, what is cut off still counts; blank is empty."""
    found = _identity(_joined(name, raw), MAX_TEXT)
    return found if _UNSEEN.sub("", found).strip() else ""


def number(name: str, raw: Any) -> float:
    """A number from 0 to 1e11."""
    value = _single(raw)
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidFinding(
            f"{name} is {_shown(raw)}, which is not a number.", "Correct the search; times are in seconds since 1970."
        )
    if not 0 <= value < LARGEST:
        raise InvalidFinding(f"{name} is out of range.", "Correct the search; times are in seconds since 1970.")
    return float(value) + 0.0


def count(name: str, raw: Any) -> int:
    """A whole number from 0 to 1e11."""
    value = number(name, raw)
    if not value.is_integer():
        raise InvalidFinding(f"{name} is {_shown(raw)}, which is not a whole number.", "Correct the search.")
    return int(value)


def event_ids(name: str, raw: Any) -> tuple[str, ...]:
    """The first ``MAX_EVENT_IDS`` different ids, from a list or from a text with commas or white space between them."""
    items = _items(name, raw) if isinstance(raw, (list, tuple)) else _words(_scalar(name, raw))
    found: dict[str, None] = {}
    for item in islice(items, _MOST_IDS):
        event_id = _identity(item, MAX_EVENT_ID)
        if _UNSEEN.sub("", event_id).strip():
            found[event_id] = None
        if len(found) == MAX_EVENT_IDS:
            break
    return tuple(found)


def _words(raw: str) -> Iterator[str]:
    return (match.group() for match in re.finditer(r"[^,\s]+", raw))


def detail(name: str, raw: Any) -> Mapping[str, Any]:
    """A JSON object, as a text or, from a store, as one."""
    try:
        if isinstance(raw, Mapping):
            value = plain(raw, 10 * MAX_DETAIL)
        else:
            given = _single(raw)
            if not isinstance(given, str):
                raise NotPlain("is not JSON")
            if len(given) > MAX_DETAIL:
                raise NotPlain(f"is longer than {MAX_DETAIL:,} characters")
            value = bounded_json(given)
    except NotPlain as error:
        raise InvalidFinding(
            f"{name} {error}.", "Build it with json_object() in the search, of no more than the playbook reads."
        ) from None
    if not isinstance(value, dict):
        raise InvalidFinding(f"{name} is not a JSON object.", "Build it with json_object() in the search.")
    return value


def _joined(name: str, raw: Any) -> str:
    return ", ".join(dict.fromkeys(_items(name, raw))) if isinstance(raw, (list, tuple)) else _scalar(name, raw)


def _items(name: str, raw: Any) -> Iterator[str]:
    return (_scalar(name, item) for item in raw if item is not None)


def _scalar(name: str, raw: Any) -> str:
    """A single value as a text. Raises InvalidFinding for lists in lists, objects, and integers of endless length."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, float) or isinstance(raw, int) and abs(raw) < MAX_INTEGER:
        return str(raw)
    raise InvalidFinding(f"{name} is neither a text nor a list of texts.", "Correct the search.")


def _single(raw: Any) -> Any:
    """The value of a list of one, which may be in it several times: where an event's fields are extracted twice, each
    has two."""
    return raw[0] if isinstance(raw, (list, tuple)) and raw and all(one == raw[0] for one in raw) else raw


def _identity(raw: str, most: int) -> str:
    """One line of at most ``most`` characters. A longer text ends in its hash: two that are cut alike stay two."""
    if len(raw) <= most:
        return one_line(raw)
    digest = hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{one_line(raw[: most - 33])}…{digest}"


def _shown(raw: Any) -> str:
    return f"'{one_line(raw[:200])[:40]}'" if isinstance(raw, str) else f"of type {type(raw).__name__}"
