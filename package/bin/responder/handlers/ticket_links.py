"""Links a new ticket to the earlier one of its case, where the Jira site says so (docs/ticket-life.md)."""

from __future__ import annotations

from ..cases.outcomes import TicketOpened
from ..cases.task import Attempt, Task
from ..errors import Curable, NotFound
from ..jira.model import Archived
from .base import Context, Kind, Result, request_text
from .jira_service import service
from .ticket_gone import became
from .ticket_life import following, named

LINK = "ticket.link"


def links(context: Context, ticket: TicketOpened, earlier: TicketOpened | None) -> tuple[Task, ...]:
    """The task that links a new ticket to the case's earlier one."""
    site = context.config.jira_site(ticket.site)
    if earlier is None or not site.life.link_type or earlier.id == ticket.id:
        return ()
    request = {**named(ticket), "to": earlier.id, "to_key": earlier.key}
    return (following(context, LINK, request, ticket.id, earlier.id),)


def link(context: Context) -> Result:
    """Link a new ticket to the earlier one of its case. A type that there is none of keeps nobody from his ticket."""
    request = context.task.request
    site = context.config.jira_site(request_text(request, "jira_site"))
    ticket, other = request_text(request, "ticket"), request_text(request, "to")
    if not site.life.link_type:
        return Result("Links to earlier tickets are switched off on the Jira sites tab.")
    client = context.services.tickets(site, context.config.http)
    try:
        kind = client.links.type_named(site.life.link_type)
    except Curable as missing:
        context.audit("ticket_not_linked", "failure", ticket=request_text(request, "key"), message=str(missing))
        return Result(f"Not linked to ticket {request_text(request, 'to_key')}: {missing}")
    try:
        client.status(other)
        if client.links.are_linked(ticket, other, kind):
            return _linked(context)
    except NotFound as why:
        return Result(f"One of the tickets {became(why)}, so they are not linked.")
    try:
        with client.admitted():
            context.send("link", where={"site": site.name, "ticket": ticket, "to": other, "type": kind})
            client.links.link(ticket, other, kind, before_send=context.check_turn)
    except Archived as why:
        return Result(f"Not linked to ticket {request_text(request, 'to_key')}: {why}")
    except NotFound:
        # Both were there a moment ago.
        raise Curable(
            f"Jira site '{site.name}': tickets {request_text(request, 'key')} and {request_text(request, 'to_key')} "
            "cannot be linked.",
            "Grant the token's owner the permission Link issues, and switch issue linking on in Jira.",
        ) from None
    return _linked(context)


def find_link(context: Context, attempt: Attempt) -> Result | None:
    """Look up a link that was sent without an answer."""
    where = attempt.where
    client = context.services.tickets(context.config.jira_site(where["site"]), context.config.http)
    try:
        there = client.links.are_linked(where["ticket"], where["to"], where["type"])
    except NotFound:
        return None
    return _linked(context) if there else None


def _linked(context: Context) -> Result:
    key, other = (request_text(context.task.request, name) for name in ("key", "to_key"))
    context.audit("ticket_linked", ticket=key, earlier=other)
    return Result(f"Ticket {key} is linked to {other}.")


KINDS = (Kind(LINK, "ticket", link, find_link, service=service),)
