"""Search-time field extraction: JSON as ``KV_MODE = json`` does it, with Splunk's limits, and key=value text.

Limits: limits.conf of Splunk Enterprise, ``[spath] extraction_cutoff = 5000`` characters of JSON, ``[kv] maxchars =
10240`` characters of other text, ``[kv] limit = 100`` fields. A record longer than that loses its later fields, which a
search must survive.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .values import Cell

EXTRACTION_CUTOFF = 5000
FIELD_LIMIT = 100
#: limits.conf [kv] maxchars: how much of a text is looked through for key=value.
PAIRS_CUTOFF = 10240
UNREAD = object()


class _Real(float):
    """A JSON number that remembers how it was written: as a field, 1.0 stays 1.0."""

    written: str

    @classmethod
    def read(cls, written: str) -> _Real:
        made = cls(written)
        made.written = written
        return made


_DECODER = json.JSONDecoder(parse_float=_Real.read, strict=False)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},]|"', re.S)
_PAIR = re.compile(r'(?<![\w."])([A-Za-z_][\w.\-]*)=(?:"((?:[^"\\]|\\.)*)"|([^\s,;"&|]+))')


def parse(raw: str) -> Any:
    """The JSON value ``raw`` is or None."""
    try:
        return _DECODER.decode(raw)
    except (ValueError, RecursionError):
        return None


def automatic(raw: str) -> dict[str, Cell]:
    """Every field of an event's text, within the limits."""
    stripped = raw.lstrip()
    if not stripped.startswith("{"):
        return _pairs(raw)
    return fields_of(document_head(stripped))


def document_head(raw: str) -> Any:
    """The JSON value that can be read from the first ``EXTRACTION_CUTOFF`` characters, as far as it is one."""
    whole = parse(raw) if len(raw) <= EXTRACTION_CUTOFF else None
    return parse(_close(raw[:EXTRACTION_CUTOFF])) if whole is None else whole


def fields_of(document: Any, limit: int | None = FIELD_LIMIT) -> dict[str, Cell]:
    """A JSON value as flat fields: ``a.b``, ``list{}.c``; several values of one field become a list.

    The limit is that of automatic extraction; the spath command has none.
    """
    found: dict[str, Cell] = {}
    if document is not None:
        _flatten(document, "", found)
    if limit is not None and len(found) > limit:
        return dict(list(found.items())[:limit])
    return found


def scalar(value: Any) -> str | None:
    """The text of a JSON scalar: ``true``, ``null``, the number's own digits."""
    if isinstance(value, str):
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if value is None:
        return "null"
    if isinstance(value, _Real):
        return value.written
    return str(value) if isinstance(value, (int, float)) else None


def dump(value: Any) -> str:
    """A JSON value as compact text."""
    return _ENCODER.encode(value)


def _flatten(value: Any, path: str, found: dict[str, Cell]) -> None:
    if isinstance(value, dict):
        prefix = f"{path}." if path else ""
        for key, member in value.items():
            if type(member) is str:
                _add(found, prefix + key, member)
            else:
                _flatten(member, prefix + key, found)
    elif isinstance(value, list):
        for member in value:
            _flatten(member, path + "{}", found)
    else:
        _add(found, path, scalar(value) or "")


def _add(found: dict[str, Cell], name: str, value: str) -> None:
    known = found.get(name)
    if known is None:
        found[name] = value
    elif isinstance(known, list):
        known.append(value)
    else:
        found[name] = [known, value]


def _close(head: str) -> str:
    """Cut a JSON text back to its last complete member and close what is open."""
    closers: list[str] = []
    cut, pending = 0, ""
    for match in _STRUCTURE.finditer(head):
        token = match.group()
        if token == "{":
            closers.append("}")
        elif token == "[":
            closers.append("]")
        elif token in ("}", "]"):
            if not closers or closers.pop() != token:
                return ""
            cut, pending = match.end(), "".join(reversed(closers))
        elif token == ",":
            cut, pending = match.start(), "".join(reversed(closers))
        elif token == '"':
            break
    return head[:cut] + pending


def _pairs(raw: str) -> dict[str, Cell]:
    found: dict[str, Cell] = {}
    for name, quoted, bare in _PAIR.findall(raw[:PAIRS_CUTOFF]):
        if len(found) >= FIELD_LIMIT and name not in found:
            break
        found.setdefault(name, quoted.replace('\\"', '"') or bare)
    return found
