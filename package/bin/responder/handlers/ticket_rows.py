"""The results of a run of an alert, attached as CSV to the ticket that stands for all of them.

A file is an effect of its own, with a task of its own: what was sent without an answer is looked up by its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..cases.keys import follow_up
from ..cases.outcomes import TicketCommented, TicketOpened
from ..cases.task import Attempt, Task
from ..errors import Curable, NotFound, Waiting
from ..findings.finding import Finding
from ..findings.spreadsheet import csv_of
from .base import Context, Kind, Result, request_text

ROWS = "ticket.rows"


def attachments(context: Context, news: Finding) -> Sequence[Task]:
    """The task that attaches the rows which a ticket or a comment stands for: an effect of its own."""
    own = context.task
    if not news.rows:
        return ()
    return (
        Task(
            key=follow_up(own.case_id, own.lane.family, ROWS, own.key),
            kind=ROWS,
            request={"about": own.key, "jira_site": request_text(context.request, "jira_site")},
            service=own.service,
            finding=news,
            alert=own.alert,
            owner=own.owner,
            run=own.run,
        ),
    )


def rows(context: Context) -> Result:
    """Attach the results of a run to the ticket that was opened for them, or commented on because of them."""
    about = {task.key: task for task in context.siblings}.get(request_text(context.request, "about"))
    told = about.outcome if about is not None else None
    if not isinstance(told, (TicketOpened, TicketCommented)):
        raise Waiting("The ticket for these results is not open yet.", "They are attached to it then.")
    client = context.services.tickets(context.config.jira_site(told.site), context.config.http)
    name = _file_name(context.task)
    content = csv_of(context.finding.rows)
    try:
        if client.has_attachment(told.key, name):
            return Result(f"The results are attached to ticket {told.key} already.")
    except NotFound:
        return Result(f"Ticket {told.key} was deleted, and its results with it.")
    try:
        with client.admitted():
            context.send("attach", where={"site": told.site, "project": told.project, "ticket": told.key})
            client.attach(told.key, name, content, before_send=context.check_turn)
    except NotFound:
        # The ticket was there a moment ago.
        raise Curable(
            f"Jira site '{told.site}': the results cannot be attached to ticket {told.key}.",
            "Check that attachments are switched on in Jira, and that the token's owner may create them.",
        ) from None
    return _attached(context, told.key)


def find_rows(context: Context, attempt: Attempt) -> Result | None:
    """Look up a file that was sent without an answer."""
    client = context.services.tickets(context.config.jira_site(attempt.where["site"]), context.config.http)
    try:
        there = client.has_attachment(attempt.where["ticket"], _file_name(context.task))
    except NotFound:
        return None
    return _attached(context, attempt.where["ticket"]) if there else None


def _file_name(task: Task) -> str:
    """Tells this file from any other: what was sent without an answer is found by it."""
    return f"results-{task.key.rpartition('.')[2]}.csv"


def _attached(context: Context, key: str) -> Result:
    context.audit("results_attached", ticket=key)
    return Result(f"The results are attached to ticket {key}.")


def service(request: Mapping[str, Any], finding: Finding | None) -> str:
    """The Jira site."""
    return f"jira:{request_text(request, 'jira_site')}"


KINDS = (Kind(ROWS, "ticket", rows, find_rows, service=service),)
