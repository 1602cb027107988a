"""Tickets as data: what is asked of Jira and what it answers. Importing it loads no library."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..documents.document import Document
from ..errors import Curable, NotFound

#: The form of a ticket's key.
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-[0-9]{1,18}")


class NotEditable(Curable):
    """The description of a ticket cannot be edited; everything else about the ticket is as it was.

    ``is_news``: whether Jira has said so just now, or it was known.
    """

    def __init__(self, message: str, hint: str, is_news: bool = True) -> None:
        super().__init__(message, hint)
        self.is_news = is_news


class Archived(NotFound):
    """A ticket can be read, and takes nothing any more: for whoever wants to change it, it is as good as gone.

    ``is_news``: whether that was found out just now, or was known.
    """

    def __init__(self, message: str, is_news: bool = True) -> None:
        super().__init__(message)
        self.is_news = is_news


def label_of(case_id: str) -> str:
    """The label that all tickets of a case carry."""
    return f"ctr-{case_id}"


@dataclass(frozen=True)
class TicketFields:
    """What else a ticket is to have, as people name it. To know what it stands for, Jira is asked."""

    security_level: str = ""
    #: Key of a ticket.
    parent: str = ""
    #: An e-mail address, a user name (Data Center) or an account id (Cloud).
    assignee: str = ""
    components: tuple[str, ...] = ()
    #: Name or id of a field, and its value.
    others: tuple[tuple[str, str], ...] = ()
    #: Those names of ``others`` whose value a finding has a part in: one that does not fit keeps nobody from a ticket.
    of_finding: tuple[str, ...] = ()


@dataclass(frozen=True)
class AtLeast:
    """What a ticket is to have at least, as people name it; empty where nothing is said of it."""

    #: Name or id of a priority.
    priority: str = ""
    #: As in 2026-01-31.
    due_date: str = ""
    #: As in ``TicketFields``.
    assignee: str = ""

    def __bool__(self) -> bool:
        return bool(self.priority or self.due_date or self.assignee)


@dataclass(frozen=True)
class Prepared:
    """Fields as Jira takes them."""

    #: By id, as in the request that creates a ticket.
    values: Mapping[str, Any]
    #: Names of those that are not on the project's create screen.
    dropped: tuple[str, ...] = ()
    #: What else is to be known of them, a sentence each.
    notes: tuple[str, ...] = ()
    #: Ids of those that Jira may refuse: who has left since, or what a finding says, keeps nobody from a ticket.
    optional: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewTicket:
    """A ticket to be opened."""

    #: Key of a project, or empty for the site's default.
    project: str
    issue_type: str
    #: One line; cut to what Jira takes.
    summary: str
    document: Document
    #: The first is ours (``label_of``); white space in any becomes a hyphen.
    labels: tuple[str, ...]
    #: Tells this very creation from any other one; what ``find`` looks for.
    marker: str
    #: Name of a priority, or empty for the project's default.
    priority: str = ""
    #: As in 2026-01-31, or empty.
    due_date: str = ""
    fields: TicketFields = TicketFields()
    #: Made of ``fields`` by ``Tickets.prepared``, before anything must not wait any more.
    prepared: Prepared | None = None


@dataclass(frozen=True)
class Ticket:
    key: str
    #: Jira's numeric id, as text.
    id: str
    #: For people's browsers.
    url: str
    #: Key of the project it is in.
    project: str
    #: Optional fields that the project did not take.
    dropped: tuple[str, ...] = ()
    #: What else is to be known of its fields, a sentence each.
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TicketStatus:
    #: As it is now: moving a ticket to another project changes its key.
    key: str
    #: Whether somebody may still look at it (its status is not of the category "done").
    open: bool
    #: Name of the status, in the site's language.
    name: str
    #: As in ``NewTicket``; empty where the ticket has none.
    marker: str = ""


@dataclass(frozen=True)
class ProjectChoice:
    key: str
    name: str


@dataclass(frozen=True)
class FieldChoice:
    """A field that a ticket must have and that neither Jira nor the app fills by itself."""

    id: str
    name: str
    #: What it takes; none where any text is taken.
    options: Sequence[str]
