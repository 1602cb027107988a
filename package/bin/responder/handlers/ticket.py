"""Tickets: one a case, comments for what comes later, a new one when it was closed in between."""

from __future__ import annotations

import itertools
from typing import Any, Dict, List, Mapping, Optional

from ..cases import enrichment as enrich
from ..cases.tasks import Task
from ..documents import messages
from ..errors import NotFound, Waiting
from ..jira.client import NewTicket, Ticket, Tickets, label_of
from . import throttle as recurrence
from .base import Context, Result
from .reports import case_report, remediation_report

OUR_LABEL = "cloudtrail-responder"


def create(context: Context) -> Result:
    """Open the case's ticket. It tells of the remediations that have ended by now."""
    tickets = _client(context)
    told = context.told_remediations()
    ticket = _find(context, tickets) if context.unsure else None
    if ticket is None:
        context.check_time()
        ticket = tickets.create(_new(context, list(told.values())))
    context.audit("ticket_created", ticket=ticket.key, url=ticket.url)
    outcome = {"key": ticket.key, "id": ticket.id, "url": ticket.url, "told": list(told)}
    outcome.update(recurrence.told(context, context.finding))
    dropped = f" without {', '.join(ticket.dropped)}, which the project does not take" if ticket.dropped else ""
    follow_ups = context.waiting("ticket", "ticket_note")
    return Result("done", f"Ticket {ticket.key} created{dropped}.", outcome, follow_ups)


def comment(context: Context) -> Result:
    """The same finding again: comment on the open ticket, or open a new one where it has been closed or deleted."""
    current = _current(context)
    if recurrence.told_already(context, "ticket"):
        return Result("skipped", f"Ticket {current['key']} was told of it together with others.")
    tickets = _client(context)
    try:
        is_open = tickets.status(current["key"]).open
    except NotFound:
        is_open = False
    if not is_open:
        _only_one_follows(context, current["key"])
        return create(context)
    what = recurrence.telling(context, "ticket")
    _say(context, tickets, current["key"], messages.recurrence(what.finding, list(what.event_ids)))
    outcome = {"commented": current["key"], "tells": list(what.others), **recurrence.told(context, what.finding)}
    return Result("done", f"Commented on ticket {current['key']}.", outcome, context.again(what.others))


def _only_one_follows(context: Context, closed: str) -> None:
    """Raises Waiting where another task of the case is about to open the ticket that follows a closed one."""
    for number in itertools.count(1):
        holder = context.store.first(f"{context.case.id}.after:{closed}:{number}", context.task.key)
        if holder == context.task.key:
            return
        other = context.store.get(holder) if holder else None
        if other is None or not other.final or other.outcome.get("key"):
            raise Waiting(f"Ticket {closed} is closed and the next one is being opened.", "The comment follows it.")


def note(context: Context) -> Result:
    """Tell the ticket what became of a remediation; skipped where no ticket was asked for or it was told already."""
    name, outcome = context.remediation_to_tell()
    if outcome is None or not context.siblings("ticket"):
        return Result("skipped", "No ticket was asked for, or there is newer to tell.")
    current = _current(context)
    if name in current.get("told", ()):
        return Result("skipped", f"Ticket {current['key']} tells of it already.")
    _say(context, _client(context), current["key"], messages.remediation(remediation_report(outcome)))
    return Result("done", f"Told ticket {current['key']}.", {"commented": current["key"]})


def newest_ticket(tasks: List[Task]) -> Optional[Dict[str, Any]]:
    """Outcome of the last task that opened a ticket."""
    opened = [task.outcome for task in tasks if task.outcome.get("key")]
    return opened[-1] if opened else None


def _current(context: Context) -> Dict[str, Any]:
    found = newest_ticket(context.siblings("ticket"))
    if found is None:
        raise Waiting("The case's ticket is not created yet.", "The comment follows it.")
    return found


def _client(context: Context) -> Tickets:
    site = context.config.jira_site(_request(context).get("jira_site", ""))
    return context.services.tickets(site, context.config.http)


def _request(context: Context) -> Mapping[str, Any]:
    """What the alert asked for; a note has no wishes of its own and goes where the case's ticket went."""
    if "jira_site" in context.task.request:
        return context.task.request
    head = context.head("ticket")
    return head.request if head else {}


def _labels(context: Context) -> List[str]:
    wanted = [str(label) for label in _request(context).get("labels", ())]
    return [label_of(context.case.id), OUR_LABEL, *wanted]


def _new(context: Context, remediations: List[Mapping[str, Any]]) -> NewTicket:
    request = _request(context)
    enrichment = enrich.account(context.splunkd, context.finding.vendor_account)
    reports = [remediation_report(outcome) for outcome in remediations]
    summary, document = messages.ticket(context.finding, enrichment, case_report(context), reports)
    return NewTicket(
        project=str(request.get("project") or ""),
        issue_type=str(request.get("issue_type") or ""),
        summary=summary,
        document=document,
        labels=tuple(_labels(context)),
        marker=context.task.key,
    )


def _find(context: Context, tickets: Tickets) -> Optional[Ticket]:
    return tickets.find(context.task.key, label_of(context.case.id), context.task.created_at)


def _say(context: Context, tickets: Tickets, key: str, document: Any) -> None:
    marker = context.task.key
    if not (context.unsure and tickets.find_comment(key, marker, context.task.created_at)):
        context.check_time()
        tickets.comment(key, document, marker)
    context.audit("ticket_commented", ticket=key)
