"""Watchers of a new ticket, by its route. Jira takes them once the ticket is there, and one at a time.

Who watches already is not added twice, so that after an answer that was lost all of it is done again.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..cases.keys import follow_up
from ..cases.outcomes import TicketOpened
from ..cases.states import State
from ..cases.task import Task
from ..errors import Curable, NotFound, ResponderError, Waiting
from .base import Context, Kind, Result, request_text
from .jira_service import service
from .routing import route_at, ticket_place
from .ticket_gone import became

WATCHERS = "ticket.watchers"


def watching(context: Context) -> Sequence[Task]:
    """The task that adds them, where the route names any, or cannot be read now: then the task reads it."""
    if _names_nobody(context):
        return ()
    own = context.task
    request = {"about": own.key, "jira_site": request_text(context.request, "jira_site")}
    return (own.following(follow_up(own.case_id, own.lane.family, WATCHERS, own.key), WATCHERS, request, own.service),)


def _names_nobody(context: Context) -> bool:
    """Whether the route is known to name no watchers."""
    try:
        return not ticket_place(context).route.watchers
    except ResponderError:
        # The ticket is open, and its record must be saved. The task reads the route again, and reports what is wrong.
        return False


def watch(context: Context) -> Result:
    """Add the watchers that the route for the finding names now."""
    about = {task.key: task for task in context.siblings}.get(request_text(context.task.request, "about"))
    opened = about.outcome if about is not None else None
    if not isinstance(opened, TicketOpened):
        if about is not None and about.state is State.DONE:
            # Excused, or deleted, after this task was recorded and before that one ended.
            return Result("There is no ticket to watch.")
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
    except NotFound as why:
        return Result(f"Ticket {opened.key} {became(why)}, so nobody is added to its watchers.")
    context.audit("ticket_watched", ticket=opened.key)
    return Result(" ".join([f"The route's watchers now watch ticket {opened.key}.", *notes]))


KINDS = (Kind(WATCHERS, "ticket", watch, service=service),)
