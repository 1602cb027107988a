"""``lists``: the lists that people keep, and the entries of one.

Post ``{"list": lookup, "find": text, "page": number}``, each optional: the first list, all its entries, and the first
page. What ends first stands first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Rejected
from ..findings.silencing import SILENCING
from ..settings import lists
from ..settings.lists import PeoplesList
from ..splunk.client import Document, Splunkd
from ..splunk.users import capabilities
from .base import Endpoint, Request

#: Entries of a page; entries of a list that are looked at; days before its end from which on an entry lapses soon.
PAGE, MOST, SOON = 50, 10_000, 14
DAY = 86_400.0
CAPABILITY = "cloudtrail_responder_admin"


@dataclass(frozen=True)
class ListColumn:
    name: str
    label: str
    required: bool


@dataclass(frozen=True)
class ListName:
    lookup: str
    title: str


@dataclass(frozen=True)
class ListEntry:
    key: str
    values: Mapping[str, str]
    #: ``2026-12-31``, UTC, is the last day on which it counts; empty for never.
    last_day: str
    #: ``counts``, ``soon`` (it lapses within two weeks), ``lapsed``, or ``unreadable`` (its end is no number).
    state: str


@dataclass(frozen=True)
class KeptList:
    lists: Sequence[ListName]
    lookup: str
    title: str
    effect: str
    columns: Sequence[ListColumn]
    expires: bool
    entries: Sequence[ListEntry]
    #: Of all entries that were found, not only of this page.
    count: int
    soon: int
    lapsed: int
    page: int
    more: bool
    #: Whether whoever asks may change it, and lift excuses.
    may_edit: bool
    may_lift: bool
    #: Whether its entries keep something from being found, which ``list_silenced`` tells.
    silences: bool


def answer(request: Request) -> Mapping[str, Any]:
    one = lists.of(request.text("list", 100) or next(iter(lists.LISTS)))
    find, page = request.text("find", 200).lower(), request.body.get("page", 0)
    if isinstance(page, bool) or not isinstance(page, int) or not 0 <= page <= MOST // PAGE:
        raise Rejected(f"page is not a number from 0 to {MOST // PAGE}.")
    found = [entry for entry in _entries(request.splunkd, one) if _has(entry, find)]
    has = capabilities(request.splunkd, request.caller.user)
    states = [entry.state for entry in found]
    shown = KeptList(
        lists=[ListName(lookup, other.title) for lookup, other in lists.LISTS.items()],
        lookup=one.lookup,
        title=one.title,
        effect=one.effect,
        columns=[ListColumn(column.name, column.label, column.required) for column in one.columns],
        expires=one.expires,
        entries=found[page * PAGE : (page + 1) * PAGE],
        count=len(found),
        soon=states.count("soon"),
        lapsed=states.count("lapsed"),
        page=page,
        more=len(found) > (page + 1) * PAGE,
        may_edit=CAPABILITY in has,
        may_lift="cloudtrail_responder_approve" in has,
        silences=one.lookup in SILENCING,
    )
    return dataclasses.asdict(shown)


def _entries(splunkd: Splunkd, one: PeoplesList) -> list[ListEntry]:
    now = splunkd.now()
    documents = splunkd.find(one.lookup, {"_key": {"$gt": ""}}, limit=MOST)
    read = [shown(one, document, now) for document in documents]
    return sorted(read, key=lambda entry: (entry.last_day or "9999", *entry.values.values(), entry.key))


def shown(one: PeoplesList, document: Document, now: float) -> ListEntry:
    values = {column.name: _text(document.get(column.name)) for column in one.columns}
    day = lists.last_day(document.get("expires")) if one.expires else ""
    if day is None:
        return ListEntry(_text(document.get("_key")), values, _text(document.get("expires"))[:40], "unreadable")
    state = "counts"
    if day:
        ends = float(document["expires"])
        state = "lapsed" if ends <= now else "soon" if ends <= now + SOON * DAY else "counts"
    return ListEntry(_text(document.get("_key")), values, day, state)


def _has(entry: ListEntry, find: str) -> bool:
    return not find or any(find in value.lower() for value in entry.values.values())


def _text(value: Any) -> str:
    return "" if value is None else str(value)


ENDPOINT = Endpoint("lists", "cloudtrail_responder_view", answer, KeptList)
