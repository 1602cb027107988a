"""Remediations of a digest that have ended together are reported on its ticket in one comment."""

from __future__ import annotations

from ..cases.keys import case_of_event
from ..cases.outcomes import Remediated, TicketCommented, TicketOpened
from ..cases.task import Task
from . import incident
from .base import Context, request_text
from .digest import Destination
from .run_reports import remediation_tasks
from .ticket_state import name_of

#: Remediations in one comment, beside the one that it is about anyway.
MOST = 19
#: What people are to decide about is told by itself: they have to see all of its plan.
_ASKING = ("waiting", "still_waiting")


def reported_together(context: Context, ticket: TicketOpened, own: Remediated) -> dict[str, Remediated]:
    """What else waits to be reported on the ticket of a digest, by ``<task>:<status>[:<ask>]``.

    Nothing on any other ticket, nor beside what asks people. Each of them has a task of its own, which finds that it
    was reported.
    """
    if own.status in _ASKING or len({case_of_event(name) for name in ticket.event_ids}) < 2:
        return {}
    here, found = Destination(context, name_of, name_of(ticket)), dict[str, Remediated]()
    waiting = context.lane.waiting(context.task.kind, context.task.key)
    known = {task.key: task for task in remediation_tasks(context)} if waiting else {}
    for task in waiting:
        outcome = _to_report(task, known.get(request_text(task.request, "about")))
        if outcome is None or not _is_on(context, task, ticket):
            continue
        name = outcome.report_of(request_text(task.request, "about"))
        if not here.reports(name):
            found[name] = outcome
        if len(found) == MOST:
            break
    return found


def _to_report(task: Task, remediation: Task | None) -> Remediated | None:
    """What a task is about to report; None where it has moved on, is not there yet, or asks people."""
    if remediation is None or not isinstance(remediation.outcome, Remediated):
        return None
    outcome, turn = remediation.outcome, task.request.get("turn")
    if remediation.turn < (turn if isinstance(turn, int) else 0) or outcome.status in _ASKING:
        return None
    wanted = request_text(task.request, "status"), request_text(task.request, "ask")
    return outcome if (outcome.status, outcome.ask) == wanted else None


def _is_on(context: Context, task: Task, ticket: TicketOpened) -> bool:
    """Whether a task reports on this ticket."""
    told = incident.told_by(context, task)
    if told is None:
        # Of the lane's own case.
        opened = [one.outcome for one in context.lane if isinstance(one.outcome, TicketOpened)]
        return max(opened, key=lambda one: one.turn, default=None) == ticket
    outcome = told.outcome
    return isinstance(outcome, (TicketOpened, TicketCommented)) and name_of(outcome) == name_of(ticket)
