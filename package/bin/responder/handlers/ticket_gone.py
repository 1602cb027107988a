"""A ticket that is gone, or that the app may not see any more, or not write to: the audit says so, and the case does.

Nothing is decided by it: the next finding finds that out anew, and opens another ticket.
"""

from __future__ import annotations

from ..cases.audit import audit_event, identified
from ..cases.outcomes import TicketOpened
from ..cases.owed import send_or_owe
from ..cases.store import CASES
from ..errors import NotFound
from ..jira.model import Archived
from .base import Context, Result

#: What the case has as the status of such a ticket, where it has one.
DELETED, ARCHIVED = "Deleted, or not visible to the app", "Archived"


def gone(context: Context, ticket: TicketOpened, why: NotFound) -> None:
    """Say it of a ticket that was opened for the case. Raises Unavailable."""
    status, step = (ARCHIVED, "ticket_archived") if isinstance(why, Archived) else (DELETED, "ticket_deleted")
    is_news = not isinstance(why, Archived) or why.is_news
    found = context.splunkd.fetch(CASES, context.case_id)
    is_shown = found is not None and (found.get("ticket_id"), found.get("ticket_site")) == (ticket.id, ticket.site)
    if found is not None and is_shown:
        if found.get("ticket_status") == status:
            return
        if is_news:
            # Before the case says so: whoever dies in between says it once more, and it is the same event.
            event = audit_event(step, context.task, context.clock(), "failure", ticket=ticket.key, message=status)
            send_or_owe(context.splunkd, identified(event, *names(step, ticket)), context.config.audit_index)
        closed_at = float(found.get("ticket_closed_at") or 0) or context.clock()
        shown = {"ticket_status": status, "ticket_assignee": "", "ticket_closed_at": closed_at}
        context.splunkd.replace(CASES, context.case_id, {**found, **shown})
    elif is_news:
        context.audit(step, "failure", ticket=ticket.key, message=status)


def names(step: str, ticket: TicketOpened) -> tuple[str, str, str]:
    """By which the audit event of a ticket is one and the same, whoever comes upon it."""
    return step, ticket.site, ticket.id


def became(why: NotFound) -> str:
    """What has become of such a ticket, as the end of a sentence that begins with it."""
    return "is archived" if isinstance(why, Archived) else "was deleted"


def nobody_to_report_to(context: Context, ticket: TicketOpened, why: NotFound) -> Result:
    """How a report ends that has no ticket any more."""
    gone(context, ticket, why)
    return Result(f"Ticket {ticket.key} {became(why)}, so there is nobody to report to.")
