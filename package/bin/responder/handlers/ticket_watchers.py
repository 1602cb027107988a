"""Watchers of a new ticket, by its route. Jira takes them once the ticket is there, and one at a time.

Who watches already is not added twice, so that after an answer that was lost all of it is done again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..cases.keys import follow_up
from ..cases.outcomes import TicketOpened
from ..cases.task import Task
from ..errors import Curable, NotFound, ResponderError, Waiting
from ..findings.finding import Finding
from .base import Context, Kind, Result, request_text
from .routing import route_at, ticket_place

WATCHERS = "ticket.watchers"


def watching(context: Context) -> Sequence[Task]:
    """The task that adds them, where the route names any. What cannot be read now, the task reads."""
    try:
        if not ticket_place(context).route.watchers:
            return ()
    except ResponderError:
        pass
    own = context.task
    request = {"about": own.key, "jira_site": request_text(context.request, "jira_site")}
    return (own.following(follow_up(own.case_id, own.lane.family, WATCHERS, own.key), WATCHERS, request, own.service),)


def watch(context: Context) -> Result:
    """Add the watchers that the route for the finding names now."""
    about = {task.key: task for task in context.siblings}.get(request_text(context.task.request, "about"))
    opened = about.outcome if about is not None else None
    if not isinstance(opened, TicketOpened):
        raise Waiting("The ticket is not created yet.", "Watchers are added after it.")
    wanted = route_at(context.splunkd, context.config, context.finding, opened.site).watchers
    client = context.services.tickets(context.config.jira_site(opened.site), context.config.http)
    people, unknown = client.people(wanted)
    notes = list(unknown)
    if not people:
        return Result(" ".join(["The route names no watchers.", *notes]))
    try:
        with client.admitted():
            context.send("watch", where={"site": opened.site, "ticket": opened.key})
            for person in people:
                try:
                    client.watch(opened.key, person, before_send=context.check_turn)
                except Curable as refused:
                    # One who has left keeps none of the others from it.
                    notes.append(refused.message)
    except NotFound:
        return Result(f"Ticket {opened.key} was deleted, so nobody watches it.")
    context.audit("ticket_watched", ticket=opened.key)
    return Result(" ".join([f"The route's watchers now watch ticket {opened.key}.", *notes]))


def service(request: Mapping[str, Any], finding: Finding | None) -> str:
    """The Jira site."""
    return f"jira:{request_text(request, 'jira_site')}"


KINDS = (Kind(WATCHERS, "ticket", watch, service=service),)
