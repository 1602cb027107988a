"""Raises priority, due date and assignee of a ticket that turns out to be about something graver.

Only what nobody else has changed: the changelog says who changed a field last, and a field without an entry is as it
was created. Nothing is lowered: of two priorities the one that comes first in the project's scheme is the higher one,
of two due dates the earlier one. Source: developer.atlassian.com, "Get issue" (expand=editmeta,changelog) and "Edit
issue".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, NamedTuple

from ..errors import Curable, Forbidden
from ..http_failures import quote_text
from ..http_guard import Guard
from ..http_transport import member
from . import changelog, lookup
from .changelog import Change
from .connection import JiraConnection
from .failures import FieldsRefused
from .model import AtLeast
from .people import People

PRIORITY, DUE_DATE, ASSIGNEE = "priority", "duedate", "assignee"
_FIELDS = (PRIORITY, DUE_DATE, ASSIGNEE)
_TITLES = {PRIORITY: "Priority", DUE_DATE: "Due date", ASSIGNEE: "Assignee"}


@dataclass(frozen=True)
class Raise:
    """What is to be changed."""

    #: Of the ticket: its id, or a key.
    ticket: str
    #: By field, as Jira takes it.
    values: Mapping[str, Any]
    #: A sentence on each field: of those that are to be changed, and of those that stay or were changed before.
    said: Mapping[str, str]


@dataclass(frozen=True)
class _Held:
    """What a ticket has."""

    fields: Mapping[str, Any]
    #: Its edit screen.
    screen: Mapping[str, Any]
    #: Oldest first.
    changes: Sequence[Change]

    def last(self, field: str) -> Change | None:
        return next((change for change in reversed(self.changes) if change.field == field), None)


class _Step(NamedTuple):
    """What one field takes."""

    #: As Jira takes it; None where the ticket has that or more already, or cannot have it.
    value: Any
    #: What is said of it once it is done.
    done: str
    #: What is said where it cannot be done; empty where it can, or is not needed.
    not_done: str = ""


class Raising:
    """Of one site. Safe to share between threads."""

    def __init__(self, jira: JiraConnection, people: People, us: Callable[[], frozenset[str]]) -> None:
        """``us``: who we are, as ``lookup.identity``."""
        self._jira, self._people, self._us = jira, people, us

    def plan(self, ticket: str, wanted: AtLeast, since: float) -> Raise:
        """What there is to raise. ``ticket``: its id, or a key.

        What we have raised ``since`` then (epoch seconds) is said once more: whoever did it may have died before he
        could say so. Raises NotPermitted, Curable, Unavailable; NotFound where the ticket is gone.
        """
        held = self._held(ticket)
        values, said = dict[str, Any](), dict[str, str]()
        for field, step in self._steps(held, wanted).items():
            last = held.last(field)
            is_ours = last is None or bool(self._us() & last.author)
            if step.not_done:
                said[field] = step.not_done
            elif step.value is None:
                if last is not None and is_ours and last.at >= since:
                    said[field] = step.done
            elif not is_ours:
                said[field] = f"{_TITLES[field]} stays as it is, because a person has set it."
            else:
                values[field], said[field] = step.value, step.done
        return Raise(ticket, values, said)

    def carry_out(self, planned: Raise, before_send: Guard) -> Mapping[str, str]:
        """Edit the ticket, and say of each field what became of it. One request; one more without what was refused.

        Raises as ``plan``, and UnknownOutcome.
        """
        values, said = dict(planned.values), dict(planned.said)
        while values:
            try:
                self._jira.submit(f"issue/{planned.ticket}", {"fields": values}, before_send, "PUT")
                return said
            except (FieldsRefused, Forbidden) as refusal:
                named = set(refusal.fields) & set(values) if isinstance(refusal, FieldsRefused) else set()
                for field in named or set(values):
                    del values[field]
                    said[field] = f"{_TITLES[field]} stays as it is, because Jira did not let the app change it."
        return said

    def _held(self, ticket: str) -> _Held:
        found, changes, is_whole = self._jira.get(
            f"issue/{ticket}", _read, fields=",".join(_FIELDS), expand="changelog,editmeta"
        )
        return _Held(*found, changes if is_whole else changelog.whole(self._jira, ticket, _FIELDS))

    def _steps(self, held: _Held, wanted: AtLeast) -> dict[str, _Step]:
        found = dict[str, _Step]()
        if wanted.priority:
            found[PRIORITY] = _priority(held, wanted.priority)
        if wanted.due_date:
            there = str(held.fields.get(DUE_DATE) or "")
            is_earlier = not there or wanted.due_date < there
            found[DUE_DATE] = _Step(wanted.due_date if is_earlier else None, f"Due date set to {wanted.due_date}.")
        if wanted.assignee:
            found[ASSIGNEE] = self._assignee(held, wanted.assignee)
        for field, step in found.items():
            if step.value is not None and field not in held.screen:
                not_done = f"{_TITLES[field]} stays as it is, because the ticket does not let the app edit it."
                found[field] = step._replace(not_done=not_done)
        return found

    def _assignee(self, held: _Held, who: str) -> _Step:
        account, name = self._account(who), quote_text(who)
        if account is None:
            return _Step(None, "", f"Assignee stays as it is, because Jira shows no active user '{name}'.")
        is_there = bool(lookup.identity(account) & lookup.identity(held.fields.get(ASSIGNEE)))
        return _Step(None if is_there else account, f"Assigned to {name}.")

    def _account(self, who: str) -> Mapping[str, str] | None:
        try:
            return self._people.account(who)
        except Curable:
            # Whoever may not look people up keeps nobody from the other fields.
            return None


def _priority(held: _Held, wanted: str) -> _Step:
    there = held.fields.get(PRIORITY)
    number, before = (str(there.get(key) or "") for key in ("id", "name")) if isinstance(there, dict) else ("", "")
    if wanted.casefold() in (number, before.casefold()):
        return _Step(None, f"Priority raised to {quote_text(before)}.")
    if PRIORITY not in held.screen:
        return _Step({"name": wanted}, "")
    allowed = [one for one in held.screen[PRIORITY].get("allowedValues") or () if isinstance(one, dict)]
    names = {str(one.get("id")): str(one.get("name") or "").strip() for one in allowed}
    chosen = next((key for key, name in names.items() if wanted.casefold() in (key, name.casefold())), None)
    if chosen is None:
        return _Step(None, "", f"Priority stays as it is, because the project has no priority '{quote_text(wanted)}'.")
    ids = list(names)
    is_higher = number not in names or ids.index(chosen) < ids.index(number)
    came_from = f" from {quote_text(before)}" if before else ""
    return _Step({"id": chosen} if is_higher else None, f"Priority raised{came_from} to {quote_text(names[chosen])}.")


def _read(body: Any) -> tuple[tuple[dict[str, Any], dict[str, Any]], list[Change], bool]:
    screen = member(member(body, "editmeta", dict), "fields", dict)
    settable = {
        name: one
        for name, one in screen.items()
        if isinstance(one, dict) and "set" in (one.get("operations") or ["set"])
    }
    return (member(body, "fields", dict), settable), *changelog.within(body, _FIELDS)
