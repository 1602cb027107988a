"""A ticket that is gone, or that the app may not see any more: the audit says so, and the case does.

Nothing is decided by it: the next finding finds that out anew, and opens another ticket.
"""

from __future__ import annotations

from ..cases.outcomes import TicketOpened
from ..cases.store import CASES
from .base import Context, Result

#: What the case has as the status of such a ticket, where it has one.
DELETED = "Deleted, or not visible to the app"


def gone(context: Context, ticket: TicketOpened) -> None:
    """Say it of a ticket that was opened for the case. Raises Unavailable."""
    found = context.splunkd.fetch(CASES, context.case_id)
    is_shown = found is not None and (found.get("ticket_id"), found.get("ticket_site")) == (ticket.id, ticket.site)
    if found is not None and is_shown:
        if found.get("ticket_status") == DELETED:
            return
        closed_at = float(found.get("ticket_closed_at") or 0) or context.clock()
        shown = {"ticket_status": DELETED, "ticket_assignee": "", "ticket_closed_at": closed_at}
        context.splunkd.replace(CASES, context.case_id, {**found, **shown})
    context.audit("ticket_deleted", "failure", ticket=ticket.key, message=DELETED)


def nobody_to_report_to(context: Context, ticket: TicketOpened) -> Result:
    """How a report ends that has no ticket any more."""
    gone(context, ticket)
    return Result(f"Ticket {ticket.key} was deleted, so there is nobody to report to.")
