"""Keeps the box in a ticket's description true that says how its case stands.

It shows what stands when it is written, so of several tasks the first does the work of all, and written twice it is the
same. So nothing has to be looked up after an answer that was lost. What people wrote around the box is kept; where they
have written into it, or have removed it, it is theirs, and the comments say what happens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..cases.keys import follow_up
from ..cases.outcomes import NothingToDo, Remediated, TicketCommented, TicketEdited, TicketOpened
from ..cases.task import Task
from ..documents import messages
from ..documents.incidents import listed
from ..errors import Curable, NotFound, NotPermitted, Waiting
from ..jira.model import NotEditable
from . import incident
from .base import Context, Kind, Result, request_text
from .jira_service import service
from .registry import service_of
from .reports import case_report
from .standing import excuse_mark, reported, standing
from .ticket_gone import became, gone

STATE = "ticket.state"
#: The effect, in what is written down before it.
WRITE = "state"
#: Seconds after which it is written: by the worker, so that no alert waits for it, and once for what comes together.
SETTLES = 3.0
_LEFT_ALONE = {
    "same": "The description of ticket {key} says so already.",
    "edited": "A person has edited the box in the description of ticket {key}, so it is left alone.",
    "gone": "The description of ticket {key} has no box any more, so it is left alone.",
    "full": "The description of ticket {key} has no room for its box.",
}


def states(context: Context, ticket: TicketOpened | TicketCommented, *about: str, excuse: int = 0) -> tuple[Task, ...]:
    """What edits the box of a ticket, once for each thing that it is ``about``: ids of ours.

    ``excuse``: number of the excuse that it has to show.
    """
    own, opened = context.task, opened_as(context, ticket)
    if opened is None:
        return ()
    request = {"ticket": opened.key, "jira_site": ticket.site, **({"excuse": excuse} if excuse else {})}
    key = follow_up(own.case_id, "ticket", STATE, opened.key, *about)
    due, message = context.clock() + SETTLES, "The state of the case is written to its ticket."
    return (own.following_at(due, key, STATE, request, service_of(STATE, request, own.finding), message),)


def opened_as(context: Context, ticket: TicketOpened | TicketCommented) -> Task | None:
    """The task that has opened a ticket."""
    return context.lane.newest(_named, name_of(ticket), context.task.key)


def name_of(ticket: TicketOpened | TicketCommented) -> tuple[str, str]:
    """What tells a ticket from all others: two sites may each have one of the same key."""
    return ticket.site, ticket.key


def _named(task: Task) -> tuple[str, str] | None:
    return name_of(task.outcome) if isinstance(task.outcome, TicketOpened) else None


def state(context: Context) -> Result:
    """Show in a ticket's description how its case stands."""
    opened = context.store.get(request_text(context.task.request, "ticket"))
    ticket = opened.outcome if opened is not None else None
    if opened is None or opened.finding is None or not isinstance(ticket, TicketOpened):
        return Result("There is no such ticket any more.")
    asked, known = context.task.request.get("excuse"), context.excuse()
    if isinstance(asked, int) and (known is None or known.number < asked):
        raise Waiting("The excuse cannot be read here yet.", "The ticket is updated later.")
    found = reported(context)
    if _shows(context, opened, found) == _shown(context, opened, ticket):
        return Result(f"The description of ticket {ticket.key} says so already.", NothingToDo())
    done = TicketEdited(ticket=opened.key, shows=_shows(context, opened, found), turn=context.turn.number)
    try:
        said = _write(context, opened, ticket, found)
    except NotFound as why:
        gone(context, ticket, why)
        return Result(f"Ticket {ticket.key} {became(why)}.", done)
    except NotEditable as refused:
        # No failure: the comments tell of it. What comes next tries it again, and by then it may be permitted. The
        # ticket is not reopened for it: where its status forbids edits, somebody may rely on that status.
        _say_not_edited(context, ticket, refused)
        return Result(f"The description of ticket {ticket.key} stays as it is: {refused}")
    return Result(said, done)


def brought_up_to_date(context: Context, ticket: TicketOpened, fresh: Sequence[Task]) -> TicketEdited | None:
    """Have the box show how things stand before the ticket moves: the new status may forbid edits.

    ``fresh``: remediations that may stand otherwise than they were read with the case. What keeps the box from being
    written does not keep the ticket from moving. Raises NotFound, Unavailable and UnknownOutcome.
    """
    known = opened_as(context, ticket)
    opened = context.store.get(known.key) if known is not None else None
    if opened is None or opened.finding is None:
        return None
    found = {**reported(context), **{name: outcome for name, outcome in map(_reported_as, fresh) if outcome}}
    shows = _shows(context, opened, found)
    if shows == _shown(context, opened, ticket):
        return None
    try:
        _write(context, opened, ticket, found, fresh)
    except NotEditable as refused:
        _say_not_edited(context, ticket, refused)
        return None
    except (Curable, NotPermitted) as refused:
        context.audit("ticket_not_edited", "failure", ticket=ticket.key, message=str(refused))
        return None
    return TicketEdited(ticket=opened.key, shows=shows, turn=context.turn.number)


def _reported_as(task: Task) -> tuple[str, Remediated | None]:
    outcome = task.outcome if isinstance(task.outcome, Remediated) else None
    return (outcome.report_of(task.key) if outcome else "", outcome)


def _shows(context: Context, opened: Task, found: Mapping[str, Remediated]) -> tuple[str, ...]:
    cases = incident.several(context, opened.kind, found)
    return (*found, *excuse_mark(context), *(f"case:{one.id}" for one in cases))


def _write(
    context: Context, opened: Task, ticket: TicketOpened, found: Mapping[str, Remediated], fresh: Sequence[Task] = ()
) -> str:
    """A sentence on what became of it. Raises NotFound, NotEditable, and what writing raises."""
    assert opened.finding is not None
    cases = incident.several(context, opened.kind, found)
    panel = messages.state_of(opened.finding, case_report(context), (), standing(context, found, opened, fresh))
    panel = replace(panel, blocks=(*panel.blocks, *listed(cases)))
    site = context.config.jira_site(ticket.site)
    client = context.services.tickets(site, context.config.http)
    client.check_editable(ticket.key)
    with client.admitted():
        context.send(WRITE, where={"site": site.name, "project": ticket.project, "ticket": ticket.key})
        status = client.put_panel(ticket.key, panel, before_send=context.check_turn)
    if status != "written":
        return _LEFT_ALONE[str(status)].format(key=ticket.key)
    context.audit("ticket_edited", ticket=ticket.key)
    return f"The description of ticket {ticket.key} is up to date."


def _say_not_edited(context: Context, ticket: TicketOpened, refused: NotEditable) -> None:
    if refused.is_news:
        message = f"{refused} The ticket is not reopened for it."
        context.audit("ticket_not_edited", "failure", ticket=ticket.key, message=message)


def _shown(context: Context, opened: Task, ticket: TicketOpened) -> tuple[str, ...]:
    """What it shows by now: as it was edited last, or else as it was opened."""
    edited = [
        task.outcome
        for task in context.lane
        if isinstance(task.outcome, TicketEdited) and task.outcome.ticket == opened.key
    ]
    newest = max(edited, key=lambda outcome: outcome.turn, default=None)
    return newest.shows if newest is not None else ticket.remediations


KINDS = (Kind(STATE, "ticket", state, service=service, can_wait=True),)
