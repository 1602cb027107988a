"""The results of a run of an alert, attached as CSV to the ticket that stands for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..cases.keys import follow_up
from ..cases.outcomes import TicketCommented, TicketOpened
from ..cases.states import State
from ..cases.task import Attempt, Task
from ..errors import Waiting
from ..findings.finding import Finding
from ..findings.spreadsheet import csv_of
from . import attaching
from .attaching import File
from .base import Context, Kind, Result, request_text
from .jira_service import service

ROWS = "ticket.rows"
WHAT = "The results"


def attachments(context: Context, news: Finding) -> Sequence[Task]:
    """The task that attaches the rows which a ticket or a comment stands for: an effect of its own."""
    own = context.task
    if not news.rows:
        return ()
    key = follow_up(own.case_id, own.lane.family, ROWS, own.key)
    request = {"about": own.key, "jira_site": request_text(context.request, "jira_site")}
    return (replace(own.following(key, ROWS, request, own.service), finding=news),)


def rows(context: Context) -> Result:
    """Attach the results of a run to the ticket that was opened for them, or commented on because of them."""
    about = {task.key: task for task in context.siblings}.get(request_text(context.request, "about"))
    told = about.outcome if about is not None else None
    if not isinstance(told, (TicketOpened, TicketCommented)):
        if about is not None and about.state is State.DONE:
            # Excused, or deleted, after this task was recorded and before that one ended.
            return Result("There is no ticket to attach the results to.")
        raise Waiting("The ticket for these results is not created yet.", "They are attached after it.")
    name = attaching.name_of(context.task, "results", "csv")
    return attaching.attach(context, told, File(name, csv_of(context.finding.rows), "text/csv", WHAT), _audit(context))


def find_rows(context: Context, attempt: Attempt) -> Result | None:
    """Look up a file that was sent without an answer."""
    return attaching.find(context, attempt, WHAT, _audit(context), attaching.name_of(context.task, "results", "csv"))


def _audit(context: Context) -> attaching.Audit:
    return lambda key: context.audit("results_attached", ticket=key)


KINDS = (Kind(ROWS, "ticket", rows, find_rows, service=service),)
