"""The arguments every list takes: search, sort_key, sort_dir, count, offset, f."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import translate
from typing import Any

from .errors import ApiError, bad_argument
from .message import COMMON, Request
from .model import Entry

_TERM = re.compile(r'\s*(?:([^\s="()]+)=)?("(?:[^"\\]|\\.)*"|[^\s()]+)')


def check_arguments(request: Request, *own: str) -> None:
    """Refuse a query argument that neither every list nor this one takes."""
    for name in request.args:
        if name not in COMMON and name not in own:
            raise bad_argument(name)


def page(request: Request, entries: Sequence[Entry]) -> tuple[list[Entry], int, int, int]:
    """The entries of the page, the number of all that match, the offset and the page size (0: all)."""
    found = [entry for entry in entries if _matches(entry, request.arg("search"))]
    key = request.arg("sort_key")
    if key:
        found.sort(key=lambda entry: str(_value(entry, key)).lower(), reverse=request.arg("sort_dir") == "desc")
    wanted = request.args.get("f")
    if wanted:
        found = [replace(e, content={k: v for k, v in e.content.items() if k in wanted}) for e in found]
    count, offset = request.number("count", 30), request.number("offset", 0)
    if offset < 0:
        raise ApiError(400, "offset must not be negative.")
    shown = found[offset:] if count <= 0 else found[offset : offset + count]
    return shown, len(found), offset, max(count, 0)


def _value(entry: Entry, key: str) -> Any:
    return entry.name if key in ("name", "title") else entry.content.get(key, "")


def _matches(entry: Entry, search: str) -> bool:
    position = 0
    while position < len(search.rstrip()):
        match = _TERM.match(search, position)
        if match is None or (match[1] is None and match[2] in ("OR", "NOT")):
            raise ApiError(400, f"The sandbox cannot read the filter search='{search}': only terms and key=value.")
        position = match.end()
        if match[1] is None and match[2] == "AND":
            continue
        if not _term(entry, match[1], match[2].strip('"').replace('\\"', '"')):
            return False
    return True


def _term(entry: Entry, key: str | None, value: str) -> bool:
    pattern = re.compile(translate(value.lower().replace("[", "[[]")), re.DOTALL)
    if key is not None:
        own = {"eai:acl.app": entry.acl.app, "eai:acl.owner": entry.acl.owner, "eai:acl.sharing": entry.acl.sharing}
        actual = own[key] if key in own else _value(entry, key)
        text = ("1" if actual else "0") if isinstance(actual, bool) else str(actual)
        return pattern.match(text.lower()) is not None
    texts = [entry.name, *(str(item) for item in entry.content.values())]
    return any(value.lower().strip("*") in text.lower() for text in texts)
