"""What may belong on the lists, by what CloudTrail has shown. None of it is believed: a person accepts each entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import Rejected
from ..settings import lists
from .survey import ACCOUNT, COUNTRY, NETWORK, PARTNER, ROLE, Seen, Survey

#: Part of the days with events on which something was seen, and events of a role, to be worth a proposal; of a list.
USUAL, BUSY, MOST = 0.5, 20, 20
REASON = "Accepted on the page Getting started"


@dataclass(frozen=True)
class ProposedEntry:
    value: str
    #: Days of ``of_days`` on which it was seen, and the events.
    days: int
    events: int
    newest: float
    #: Whether it is on the list.
    is_listed: bool


@dataclass(frozen=True)
class ProposedList:
    lookup: str
    title: str
    #: What an entry does.
    effect: str
    #: What is proposed, for people.
    basis: str
    entries: Sequence[ProposedEntry]


@dataclass(frozen=True)
class _Kind:
    kind: str
    lookup: str
    basis: str


_KINDS = (
    _Kind(ACCOUNT, "responder_accounts", "Every account whose events are in Splunk."),
    _Kind(COUNTRY, "responder_allowed_countries", "Countries of calls on at least half of the days."),
    _Kind(NETWORK, "responder_allowed_networks", "Networks of calls on at least half of the days (/24, IPv6 /48)."),
    _Kind(
        ROLE,
        "responder_automation_roles",
        f"Roles that no console session had, with {BUSY} calls or more, on at least half of the days.",
    ),
    _Kind(
        PARTNER,
        "responder_trusted_accounts",
        "Accounts of others that assumed roles here on at least half of the days. Accept only those whom you know.",
    ),
)


def proposed(survey: Survey, listed: Mapping[str, Sequence[str]]) -> list[ProposedList]:
    """``listed``: the values that each list has."""
    found = []
    for kind in _KINDS:
        one = lists.of(kind.lookup)
        column = one.columns[0]
        has = {value.lower() for value in listed.get(kind.lookup, ())}
        names = [
            (name, seen)
            for name, seen in survey.seen[kind.kind].items()
            # What is no entry of the list cannot be accepted. Accounts of ours are no partners.
            if not column.check(name)
            and not (kind.kind == PARTNER and name in survey.seen[ACCOUNT])
            and _is_usual(kind.kind, seen, survey.day_count)
        ]
        names.sort(key=lambda pair: (-pair[1].day_count, -pair[1].events, pair[0]))
        entries = [
            ProposedEntry(name, seen.day_count, seen.events, seen.newest, name.lower() in has)
            for name, seen in names[:MOST]
        ]
        found.append(ProposedList(kind.lookup, one.title, one.effect, kind.basis, entries))
    return found


def _is_usual(kind: str, seen: Seen, of_days: int) -> bool:
    if kind == ACCOUNT:
        return True
    if kind == ROLE and (seen.by_console or seen.events < BUSY):
        return False
    return seen.day_count >= USUAL * of_days


def entry(survey: Survey, lookup: str, value: str, by: str) -> dict[str, str]:
    """The entry that is accepted by a click. Raises Rejected for what was not proposed."""
    offered = {one.value: one for known in proposed(survey, {}) if known.lookup == lookup for one in known.entries}
    if value not in offered:
        raise Rejected("That was not proposed.", "Look at the page again, or add it in Exceptions and lists.")
    columns = [column.name for column in lists.of(lookup).columns]
    made = {columns[0]: value}
    if "reason" in columns:
        one = offered[value]
        made.update(reason=f"{REASON}: seen on {one.days} of {survey.day_count} days", owner=by)
    return made
