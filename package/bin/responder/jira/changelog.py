"""What was changed in a ticket, by whom and when.

Source: developer.atlassian.com, "Get changelogs" (Cloud) and "Get issue", expand=changelog (both). Custom fields may be
called as Jira's own are, and have another ``fieldtype``; only Cloud gives ids of fields.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from ..http_transport import member, objects
from . import lookup
from .connection import JiraConnection

_PAGE, _MAX_PAGES = 100, 20


class Change(NamedTuple):
    """One change of one of Jira's own fields."""

    #: Number of the changelog's entry: a later one has a greater number.
    entry: int
    author: frozenset[str]
    #: Epoch seconds.
    at: float
    #: Its id or, of a field without ids, its text: before and after. Empty for none.
    source: str
    target: str
    field: str


def changes(entry: Mapping[str, Any], fields: Collection[str]) -> Iterator[Change]:
    """Those of these fields in an entry of a changelog. Raises ValueError for what is none."""
    for item in objects(entry, "items"):
        name = item.get("field")
        if name in fields and item.get("fieldtype", "jira") == "jira":
            author, at = lookup.identity(entry.get("author")), lookup.moment(entry.get("created"))
            number = int(lookup.numeric_id(entry))
            yield Change(number, author, at, _text(item, "from"), _text(item, "to"), str(name))


def within(issue: Any, fields: Collection[str]) -> tuple[list[Change], bool]:
    """The same of an issue that was read with its changelog, oldest first; and whether that is all of them."""
    log = member(issue, "changelog", dict)
    entries = objects(log, "histories")
    found = sorted(change for entry in entries for change in changes(entry, fields))
    return found, len(entries) >= member(log, "total", int)


def whole(jira: JiraConnection, ticket: str, fields: Collection[str]) -> list[Change]:
    """All of them, oldest first: with a ticket, Cloud gives the newest only. ``ticket``: its id, or a key."""
    return sorted(_read(jira, f"issue/{ticket}/changelog", fields))


def _read(jira: JiraConnection, path: str, fields: Collection[str]) -> Iterator[Change]:
    start = 0
    for _ in range(_MAX_PAGES):
        entries, is_last = jira.get(path, _page, startAt=start, maxResults=_PAGE)
        for entry in entries:
            yield from changes(entry, fields)
        start += len(entries)
        if is_last or not entries:
            return


def _page(body: Any) -> tuple[list[dict[str, Any]], bool]:
    return objects(body, "values"), body.get("isLast") is True


def _text(value: Mapping[str, Any], name: str) -> str:
    return str(value.get(name) or "").strip()
