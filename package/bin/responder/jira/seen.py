"""What was seen of tickets, as data. Importing it loads no library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Seen:
    """A ticket as a search or Jira itself shows it."""

    id: str
    key: str
    #: Epoch seconds by Jira's clock.
    created: float
    updated: float
    status: str
    #: As in ``Change.after_id``.
    status_id: str
    #: ``new``, ``indeterminate`` or ``done``.
    category: str
    #: Display name; empty where it is nobody's.
    assignee: str
    labels: tuple[str, ...]
    resolution: str
    #: Key of the task that opened it, as its property says; people can write it. Empty where it is not shown.
    marker: str


@dataclass(frozen=True)
class Comment:
    id: str
    #: As ``accounts.identity`` writes it.
    author: str
    #: Whether somebody else than the author has edited it.
    is_anothers: bool
    created: float
    #: ADF, or wiki markup.
    body: Any
    #: Whether fewer people may read it than the ticket: a role, a group, or those who work in a service desk.
    is_limited: bool = False


@dataclass(frozen=True)
class Change:
    """One entry of a changelog, of one field."""

    id: str
    author: str
    created: float
    #: ``status``, ``labels`` or ``description``.
    field: str
    before: str
    after: str
    #: Of what it was changed to, whatever that is called now and in whichever language; empty where it has no id.
    after_id: str = ""
