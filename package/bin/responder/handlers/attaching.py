"""A file on a ticket: an effect of its own, with a task of its own.

Its name tells it from any other, and holds nothing but ids of ours. By it what was sent without an answer is looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

from ..cases.outcomes import TicketCommented, TicketOpened
from ..cases.task import Attempt, Task
from ..errors import Curable, NotFound
from ..jira.model import Archived
from .base import Context, Result

#: Writes into the audit that a ticket (its key) has a file.
Audit = Callable[[str], None]


@dataclass(frozen=True)
class File:
    """``what`` for people, as in ``The results``."""

    name: str
    content: bytes
    kind: str
    what: str


def name_of(task: Task, what: str, ending: str) -> str:
    return f"{what}-{task.key.rpartition('.')[2]}.{ending}"


def attach(context: Context, ticket: TicketOpened | TicketCommented, file: File, audit: Audit) -> Result:
    """Attach a file unless it is there. Raises Curable where Jira has no place for files."""
    client = context.services.tickets(context.config.jira_site(ticket.site), context.config.http)
    try:
        if client.has_attachment(ticket.key, file.name):
            return Result(f"{file.what} are attached to ticket {ticket.key} already.")
    except NotFound:
        return Result(f"Ticket {ticket.key} was deleted, and {file.what.lower()} with it.")
    where = {"site": ticket.site, "project": ticket.project, "ticket": ticket.key, "file": file.name}
    try:
        with client.admitted():
            context.send("attach", where=where)
            client.attach(ticket.key, file.name, file.content, before_send=context.check_turn, kind=file.kind)
    except Archived:
        return Result(f"Ticket {ticket.key} is archived, so {file.what.lower()} are not attached.")
    except NotFound:
        # The ticket was there a moment ago.
        raise Curable(
            f"Jira site '{ticket.site}': {file.what.lower()} cannot be attached to ticket {ticket.key}.",
            "Check that attachments are switched on in Jira, and that the token's owner may create them.",
        ) from None
    return _attached(ticket.key, file.what, audit)


def find(context: Context, attempt: Attempt, what: str, audit: Audit, name: str = "") -> Result | None:
    """Look up a file that was sent without an answer. ``name``: where the attempt does not say it."""
    where: dict[str, Any] = dict(attempt.where)
    client = context.services.tickets(context.config.jira_site(where["site"]), context.config.http)
    try:
        there = client.has_attachment(where["ticket"], where.get("file") or name)
    except NotFound:
        return None
    return _attached(where["ticket"], what, audit) if there else None


def _attached(key: str, what: str, audit: Audit) -> Result:
    audit(key)
    return Result(f"{what} are attached to ticket {key}.")
