"""The cells of a row that keeps no contract, as texts, and the CloudTrail record that may be in one of them.

A search that ends in events gives each as ``_raw``, beside the fields that Splunk extracts from it, or without: that
depends on the search. So a record is taken apart here by the names Splunk gives to the parts (``a.b``, ``a{}.b``), and
the row's own cells win. An event of Security Lake has its parts under CloudTrail's names as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import one_line
from ..json_limits import NotPlain, bounded_json
from . import ocsf
from .cloudtrail import HIDDEN
from .columns import Spelling, meant
from .unwrapped import record_in

#: Where a whole record may be; a notable renames ``_raw``.
_RECORDS = ("_raw", "orig_raw")
#: Characters of a record: CloudTrail's have at most 256 kB.
MAX_RECORD = 1_000_000
#: Parts of a record, and values of a cell, that are looked at.
MAX_PARTS, MAX_VALUES = 2_000, 1_000
#: Characters of a cell, and of a field's name.
MAX_CELL, MAX_NAME = 1_000, 100
#: Fields of a row that are kept, and characters of all of them.
MAX_FIELDS, MAX_ROW = 200, 30_000
#: Where a notable comes from: kept, however many other fields the row has.
_FIRST = ("event_id", "finding_id", "event_hash", "search_name", "source")
_FIRST_PREFIXES = ("orig_sid", "orig_rid", "rule_")
#: Splunk's own bookkeeping; nothing that the search found.
_INTERNAL = frozenset(
    ("linecount", "punct", "splunk_server", "splunk_server_group", "timestartpos", "timeendpos", "eventtype", "tag")
)
_INTERNAL_PREFIXES = ("_", "date_", "tag::", "orig_raw", "orig_tag::", "info_")
#: What Splunk's JSON extraction writes for null, and people for nothing.
_NULL = ("null", "-", "n/a", "(null)", "<null>")
#: Parts of a record that a search may have taken out as texts of JSON.
_OBJECTS = ("userIdentity", "requestParameters", "responseElements", "additionalEventData", "serviceEventDetails")


class Cells:
    """Reads by name; a blank cell, and what stands for one (``null``, ``N/A``) or is hidden, are none."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._cells: dict[str, list[str]] = {}
        for name, value in row.items():
            values = _values(value)
            if values:
                self._cells[str(name)] = values
        event = _event(row)
        self.record = record_in(event)
        #: Whether the row is about an event that Security Lake has made of a CloudTrail record.
        self.is_ocsf = not self.record and self._read_ocsf(event)
        for name, values in _parts(self.record).items():
            self._cells.setdefault(name, values)
        #: What columns are called otherwise; the table shows them under their own names.
        self._others = {name: values for name, values in meant(self._cells) if name not in self._cells}
        self._read_objects()
        self._spelling = Spelling((*self._cells, *self._others))

    def __bool__(self) -> bool:
        return bool(self._cells)

    def values(self, name: str) -> Sequence[str]:
        found = self._cells.get(name) or self._others.get(name, ())
        return found if HIDDEN.isdisjoint(found) else [one for one in found if one not in HIDDEN]

    def like(self, names: Sequence[str]) -> Iterator[str]:
        """The names in order, then those of columns that people spell otherwise."""
        return self._spelling.like(names)

    def one(self, name: str) -> str:
        """The value of a cell that has one; empty for none and for several different ones."""
        different = set(self.values(name))
        return different.pop() if len(different) == 1 else ""

    def text(self, name: str) -> str:
        """All values of a cell."""
        return ", ".join(dict.fromkeys(self.values(name)))

    def _whole(self, name: str) -> str:
        """As ``text``, with what is hidden."""
        return ", ".join(dict.fromkeys(self._cells[name]))

    def _read_ocsf(self, event: Mapping[str, Any]) -> bool:
        parts = _parts(event)

        def values(name: str) -> Sequence[str]:
            return self._cells.get(name, parts.get(name, ()))

        if not ocsf.is_cloudtrail(values):
            return False
        self.record = ocsf.record(values)
        for name, given in ocsf.cells(values, list(self._cells), event.get("unmapped")).items():
            self._cells.setdefault(name, given)
        return True

    def _read_objects(self) -> None:
        """The parts of a record that the row has as texts of JSON, in place of fields."""
        found = {name: json_object(self.one(name)) for name in _OBJECTS if self.one(name).startswith("{")}
        for name, value in _parts({name: value for name, value in found.items() if value}).items():
            if name not in self._cells:
                self._others.setdefault(name, value)
        if not self.record and found.get("requestParameters"):
            given = {name: self.one(name) for name in ("eventName", "errorCode") if self.one(name)}
            self.record = {**given, "requestParameters": found["requestParameters"]}

    def shown(self) -> dict[str, str]:
        """The cells as people read them, bounded: the origin of a notable first."""
        found: dict[str, str] = {}
        left = MAX_ROW
        for name in sorted(self.names(), key=lambda name: not is_origin(name))[:MAX_FIELDS]:
            label, value = one_line(name[:MAX_NAME]), one_line(self._whole(name)[: 2 * MAX_CELL])
            value = value if len(value) <= MAX_CELL else value[: MAX_CELL - 1] + "…"
            left -= len(label) + len(value)
            if left < 0:
                break
            if label and value:
                found[label] = value
        return found

    def beyond(self, shown: Mapping[str, str]) -> str:
        """What tells a row from another one that is shown alike, because both are cut; empty for a whole one."""
        names = self.names()
        if len(names) == len(shown) and all(
            one_line(name) in shown and len(self._whole(name)) <= MAX_CELL for name in names
        ):
            return ""
        digest = hashlib.sha256()
        for name in sorted(names):
            digest.update(json.dumps([name, self._cells[name]]).encode())
        return f"row-{digest.hexdigest()[:16]}"

    def names(self) -> list[str]:
        """The cells that are the search's: without Splunk's bookkeeping, and with the text of an event of which no more
        is known."""
        texts = () if self.record else _RECORDS
        return [
            name
            for name in self._cells
            if name in texts or name not in _INTERNAL and not name.startswith(_INTERNAL_PREFIXES)
        ]


def is_origin(name: str) -> bool:
    """Whether a field says where a notable comes from."""
    return name in _FIRST or name.startswith(_FIRST_PREFIXES)


def unescaped(text: str) -> str:
    """A text out of a notable, whose quotes and backslashes a stash event has escaped."""
    return text.replace("\\\\", "\0").replace('\\"', '"').replace("\0", "\\")


def json_object(text: str) -> dict[str, Any] | None:
    """The JSON object in a text, as it is or escaped once; None for anything else."""
    for attempt in (text, unescaped(text)):
        try:
            value = bounded_json(attempt)
        except NotPlain:
            continue
        if isinstance(value, dict):
            return value
    return None


def _event(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The JSON object that is the text of the row's event; empty where it is none."""
    for name in _RECORDS:
        text = row.get(name)
        if isinstance(text, str) and len(text) <= MAX_RECORD and text.lstrip()[:1] == "{":
            value = json_object(text)
            if value:
                return value
    return {}


def _values(value: Any) -> list[str]:
    items = value[:MAX_VALUES] if isinstance(value, (list, tuple)) else [value]
    texts = (str(item) for item in items if isinstance(item, (str, int, float)) and not isinstance(item, bool))
    return [text for text in (text.strip() for text in texts) if text and text.casefold() not in _NULL]


def _parts(record: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for number, (name, value) in enumerate(_leaves("", record)):
        if number >= MAX_PARTS:
            break
        found.setdefault(name, []).append(value)
    return found


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{name}.{key}" if name else str(key), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(f"{name}{{}}", inner)
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif value is not None and str(value).strip():
        yield name, str(value)
