"""Tickets as data: what is asked of Jira and what it answers. Importing it loads no library."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..documents.document import Document

#: The form of a ticket's key.
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-[0-9]{1,18}")


def label_of(case_id: str) -> str:
    """The label that all tickets of a case carry."""
    return f"ctr-{case_id}"


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
