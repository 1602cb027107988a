"""What becomes of a ticket: it moves with its case, and is opened again.

Each is an option of the Jira site, and an effect of its own. A ticket is moved only where nobody else has: its status
is the one that we left it in, or the one it was created with. Who has moved it says its changelog, and so it is found
out what became of a move whose answer was lost. Moves about one ticket are decided anew when they are made, so that
what was overtaken is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..cases.keys import event_of, follow_up
from ..cases.outcomes import NothingToDo, Outcome, Remediated, TicketCommented, TicketOpened
from ..cases.task import Attempt, Task
from ..errors import Curable, Forbidden, NotFound
from ..jira.model import Archived, Ticket
from ..settings.model import JiraSite
from ..settings.ticket_life import CONTAINED, EXCUSED, MOST_STEPS, PROVED, UNDONE, Target
from .base import Context, Kind, Result, request_text
from .excused_cases import all_excused, told_cases
from .jira_service import service
from .run_reports import remediation_tasks
from .ticket_gone import became, gone
from .ticket_state import WRITE, brought_up_to_date
from .time_limit import RUN

MOVE = "ticket.transition"
DAY = 86_400.0
#: Seconds by which Jira's clock and ours may differ.
SKEW = 120.0
#: What an undo came to, and what CloudTrail has shown of a change that does not hold (``remediation/outcome.py``).
_TAKEN_BACK = ("undone", "still_active", "given_back")


# -- what follows ------------------------------------------------------------------------------------------------------


def moves(context: Context, ticket: TicketOpened, about: str = "") -> tuple[Task, ...]:
    """The task that moves a ticket as its case stands now; none where the site says nothing of it.

    ``about``: a remediation that may stand otherwise than in what was read of the case.
    """
    site = context.config.jira_site(ticket.site)
    if not site.life.moves:
        return ()
    event, names = _stands(context, site, ticket, (about,) if about else ())
    return (_move(context, ticket, event, *names),) if site.life.target(event) else ()


def excused(context: Context, ticket: TicketOpened, case: str, number: int, lifted: bool) -> tuple[Task, ...]:
    """The task that moves a ticket when all that it tells of is excused, or no longer is and is not contained either.

    ``case``, ``number``: of the excuse, or of what lifts it.
    """
    site, event = context.config.jira_site(ticket.site), UNDONE if lifted else EXCUSED
    if not site.life.target(event):
        return ()
    names = [str(number)]
    if len(told_cases(context)) > 1:
        if lifted == (all_excused(context) is not None) or (lifted and not _was_excused(context, ticket)):
            return ()
        names.append(case)
    elif case != context.case_id:
        return ()
    if lifted and _stands(context, site, ticket, ())[0] == CONTAINED:
        return ()
    return (_move(context, ticket, event, EXCUSED, *names),)


def _was_excused(context: Context, ticket: TicketOpened) -> bool:
    """Whether it was to move because all of its cases were excused."""
    requests = (task.request for task in context.lane if task.kind == MOVE)
    return any((one.get("ticket"), one.get("event")) == (ticket.id, EXCUSED) for one in requests)


def _move(context: Context, ticket: TicketOpened, event: str, *names: str) -> Task:
    request = {**named(ticket), "event": event, "why": " ".join(names)}
    return following(context, MOVE, request, ticket.site, ticket.id, event, *names)


def named(ticket: TicketOpened) -> dict[str, str]:
    """What a request says of the ticket that it is about."""
    return {"jira_site": ticket.site, "ticket": ticket.id, "key": ticket.key}


def following(context: Context, kind: str, request: dict[str, str], *about: str) -> Task:
    """A task that follows from the one that is run. ``about``: what makes it one and the same."""
    own = context.task
    key = follow_up(own.case_id, own.lane.family, kind, *about)
    return own.following(key, kind, request, service(request, own.finding))


# -- how the case stands -----------------------------------------------------------------------------------------------


def _stands(context: Context, site: JiraSite, ticket: TicketOpened, fresh: Iterable[str]) -> tuple[str, list[str]]:
    """What has happened to what a ticket lists, and by which tasks; empty where something is still open.

    It is undone as soon as one of its remediations is, and contained once each of its events has a remediation that is,
    and none that is not. A run's ticket lists more than any remediation is about, so it is neither. ``fresh``: tasks
    that are read anew.
    """
    events = _listed(context, ticket)
    tasks = {task.key: task for task in remediation_tasks(context)}
    tasks.update((key, task) for key, task in ((key, context.store.get(key)) for key in fresh) if task is not None)
    outcomes = {key: task.outcome for key, task in tasks.items() if isinstance(task.outcome, Remediated)}
    runs = {key for key in outcomes if tasks[key].kind == RUN and events & _names(context, tasks[key])}
    later = [key for key in outcomes if request_text(tasks[key].request, "of") in runs]
    taken_back = [key for key in later if outcomes[key].status in _TAKEN_BACK]
    if taken_back:
        return UNDONE, sorted(taken_back)
    proofs = {request_text(tasks[key].request, "of"): key for key in later if outcomes[key].status == "proved"}
    contained = {key for key in runs if _is_contained(outcomes[key])}
    names = contained
    if site.life.contained_when == PROVED:
        contained &= set(proofs)
        names = contained | {proofs[key] for key in contained}
    covered = {event for key in contained for event in _names(context, tasks[key])}
    is_open = any(outcomes[key].status != "simulated" for key in runs - contained)
    return (CONTAINED, sorted(names)) if events and events <= covered and not is_open else ("", [])


def _names(context: Context, task: Task) -> set[str]:
    """The events of a remediation by the names that they have in the ticket's lane (docs/incidents.md)."""
    if task.case_id == context.case_id:
        return set(task.event_ids)
    return {event_of(task.case_id, name) for name in task.event_ids}


def _listed(context: Context, ticket: TicketOpened) -> set[str]:
    """Every event that people read of in a ticket."""
    events = set(ticket.event_ids)
    for task in context.lane:
        outcome = task.outcome
        if isinstance(outcome, (TicketOpened, TicketCommented)) and (outcome.site, outcome.key) == (
            ticket.site,
            ticket.key,
        ):
            events.update(outcome.event_ids)
    return events


def _is_contained(outcome: Remediated) -> bool:
    """Whether AWS shows that it is right: whatever was changed was read back, or somebody else had done it."""
    if outcome.status == "already":
        return True
    seen = [change.get("verification") or {} for change in outcome.changes if change.get("made")]
    return outcome.status == "done" and bool(seen) and all(one.get("ok") for one in seen)


# -- moving ------------------------------------------------------------------------------------------------------------


def move(context: Context) -> Result:
    """Move a ticket as its case stands, unless a person has moved it.

    In several transitions where the setting names statuses on the way. Each is an effect of its own, decided anew: a
    process that dies in between leaves the ticket in a status that we have given it, and whoever goes on goes on there.
    """
    request = context.task.request
    site, key = context.config.jira_site(request_text(request, "jira_site")), request_text(request, "key")
    event = request_text(request, "event")
    target = site.life.target(event)
    if target is None:
        return Result(f"Ticket {key} stays as it is: that is switched off on the Jira sites tab.")
    if not _still(context, site):
        return Result(f"Ticket {key} stays as it is: there is something newer.")
    client = context.services.tickets(site, context.config.http)
    try:
        edited = _show_state(context)
        for _ in range(MOST_STEPS):
            # Nothing waits for its turn between the look at who has moved it and the move.
            with client.admitted():
                standing = client.transitions.standing(request_text(request, "ticket"))
                if standing.key != key and not _is_ours(context, standing.marker):
                    raise NotFound("The ID belongs to another ticket.")
                is_closed = not standing.is_open and not _is_on_the_way(context, client, standing, target)
                if standing.meets(target) or (event != UNDONE and is_closed):
                    return Result(f"Ticket {standing.key} has the status '{standing.name}' already.", edited)
                if not standing.was_left_by(client.transitions.us()):
                    context.audit("ticket_left", ticket=standing.key, ticket_status=standing.name, event=event)
                    stays = f"somebody has given it the status '{standing.name}'"
                    return Result(f"Ticket {standing.key} stays as it is: {stays}.", edited)
                way = client.transitions.way(standing, target, _been(context, client, standing, target))
                context.send("transition", where=_where(site, standing, way))
                client.transitions.go(standing, way, before_send=context.check_turn)
            moved = _moved(context, standing.key, way.status_name)
            if way.arrives:
                return replace(moved, outcome=edited)
    except NotFound as why:
        ticket = _ticket(context)
        if ticket is not None:
            gone(context, ticket, why)
        return Result(f"Ticket {key} {became(why)}.")
    raise _too_far(site, standing.key, target)


def _show_state(context: Context) -> Outcome:
    """In the ticket's box, as long as it can be edited."""
    ticket, why = _ticket(context), request_text(context.task.request, "why").split()
    if ticket is None:
        return NothingToDo()
    about = [] if why[:1] == [EXCUSED] else [context.store.get(key) for key in why]
    return brought_up_to_date(context, ticket, [task for task in about if task is not None]) or NothingToDo()


def _too_far(site: JiraSite, key: str, target: Target) -> Curable:
    return Curable(
        f"Jira site '{site.name}': ticket {key} has not come to '{target.text}' in {MOST_STEPS} transitions.",
        f"Name fewer statuses as '{target.label}' on the Jira sites tab, or move the ticket by hand.",
    )


def _been(context: Context, client: Any, standing: Any, target: Target) -> set[str]:
    """Statuses that this very task has brought the ticket out of: it is not to go round in a circle."""
    if not target.through:
        return set()
    us, since = client.transitions.us(), context.task.created_at - SKEW
    return {move.source for move in standing.moves if move.at >= since and us & move.author}


def _is_on_the_way(context: Context, client: Any, standing: Any, target: Target) -> bool:
    """Whether this very task has given a ticket its status, on the way to another one."""
    if not target.through or not standing.moves or standing.meets(target):
        return False
    last = standing.moves[-1]
    return last.at >= context.task.created_at - SKEW and bool(client.transitions.us() & last.author)


def _still(context: Context, site: JiraSite) -> bool:
    """Whether what a move was recorded for is still so."""
    ticket, event = _ticket(context), request_text(context.task.request, "event")
    why = request_text(context.task.request, "why").split()
    if ticket is None:
        return False
    if why[:1] == [EXCUSED]:
        if len(told_cases(context)) > 1:
            return (event == EXCUSED) == (all_excused(context, *_excuse_in(context, why)) is not None)
        # What was read of the case may be older than what the move was recorded for.
        newest = context.excuse()
        return newest is None or newest.number <= int(why[1])
    # Another process may have brought them there a moment ago.
    return _stands(context, site, ticket, why) == (event, why)


def _excuse_in(context: Context, why: Sequence[str]) -> tuple[str, int]:
    """Case and number of the excuse that a move was recorded for."""
    return (why[2] if len(why) > 2 else context.case_id), int(why[1])


def _ticket(context: Context) -> TicketOpened | None:
    number, site = request_text(context.task.request, "ticket"), request_text(context.task.request, "jira_site")
    opened = (task.outcome for task in context.lane if isinstance(task.outcome, TicketOpened))
    return next((one for one in opened if (one.id, one.site) == (number, site)), None)


def _where(site: JiraSite, standing: Any, way: Any) -> dict[str, str]:
    after = str(standing.last_entry)
    arrives = str(int(way.arrives))
    there = {"status": way.status, "name": way.status_name, "arrives": arrives}
    return {"site": site.name, "ticket": standing.id, "after": after, **there}


def _moved(context: Context, key: str, status: str) -> Result:
    context.audit("ticket_moved", ticket=key, ticket_status=status, event=request_text(context.task.request, "event"))
    return Result(f"Ticket {key} has the status '{status}' now.")


def find_move(context: Context, attempt: Attempt) -> Result | None:
    """Look up in the changelog a move that was sent without an answer."""
    where = attempt.where
    if attempt.effect == WRITE:
        # What the description shows is asked anyway.
        return None
    client = context.services.tickets(context.config.jira_site(where["site"]), context.config.http)
    try:
        standing = client.transitions.standing(where["ticket"])
    except NotFound:
        # The ticket was deleted, and the move with it.
        return None
    if where.get("arrives") == "0" or not standing.was_moved_by(
        client.transitions.us(), int(where["after"]), where["status"]
    ):
        # Where it has come to on the way is asked anyway.
        return None
    return _moved(context, standing.key, where["name"])


# -- where it is now ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where a ticket is that we have a record of."""

    #: Its key as it is now.
    key: str
    #: Jira's numeric id; empty where the ticket is to be asked for by its key.
    id: str

    @property
    def address(self) -> str:
        return self.id or self.key


def place(context: Context, client: Any, ticket: TicketOpened) -> tuple[Place, Any]:
    """Where a ticket is, and its status. Raises NotFound, also where it takes nothing any more.

    One that was moved to another project has another key and the same id. In a Jira to which tickets were migrated it
    is the other way round: there the id is another ticket's, as its marker tells.
    """
    try:
        status = client.status(ticket.id or ticket.key)
        if status.key == ticket.key or _is_ours(context, status.marker):
            return Place(status.key, ticket.id), status
    except Archived:
        raise
    except NotFound:
        if not ticket.id:
            raise
    status = client.status(ticket.key)
    return Place(status.key, ""), status


def _is_ours(context: Context, marker: str) -> bool:
    """Whether the marker of a ticket names this case."""
    return marker.partition(".")[0] == context.case_id


# -- opening again -----------------------------------------------------------------------------------------------------


def held(context: Context, client: Any, site: JiraSite, ticket: TicketOpened) -> Place | None:
    """Where a ticket is that takes what is new: it is open, or was opened again. None where a new one is to be opened.

    What keeps a ticket from being opened again keeps nobody from hearing of what is new: then there is a new ticket.
    Raises UnknownOutcome.
    """
    try:
        there, status = place(context, client, ticket)
        takes_news = status.open or (site.life.reopen_days and _reopened(context, client, site, there))
    except NotFound as why:
        # It was deleted, perhaps while it was being reopened: what is new goes into a new ticket.
        gone(context, ticket, why)
        return None
    return there if takes_news else None


def _reopened(context: Context, client: Any, site: JiraSite, there: Place) -> bool:
    target = site.life.reopened
    for _ in range(MOST_STEPS):
        with client.admitted():
            standing = client.transitions.standing(there.address)
            if standing.is_open and not _is_on_the_way(context, client, standing, target):
                return True
            if not standing.is_open and _was_closed_long_ago(context, site, standing):
                return False
            try:
                way = client.transitions.way(standing, target, _been(context, client, standing, target))
                if standing.was_moved_since(client.transitions.us, context.task.created_at - SKEW, way.status):
                    raise Curable("It was reopened for this, and somebody has closed it again.")
                context.send("reopen", where=_where(site, standing, way))
                client.transitions.go(standing, way, before_send=context.check_turn)
            except (Curable, Forbidden) as refusal:
                # Credentials that are not accepted are no reason for a second ticket: they would not open it either.
                context.audit("ticket_not_reopened", "failure", ticket=standing.key, message=str(refusal))
                return bool(standing.is_open)
        context.audit("ticket_reopened", ticket=standing.key, ticket_status=way.status_name)
        if way.arrives:
            return True
    return True


def _was_closed_long_ago(context: Context, site: JiraSite, standing: Any) -> bool:
    return not standing.moved_at or context.clock() - standing.moved_at > site.life.reopen_days * DAY


def open_elsewhere(context: Context, client: Any, site: JiraSite, project: str) -> Ticket | None:
    """An open ticket of the case that we have no record of: another Splunk has opened it, or our record is lost.

    None where the site does not look for one.
    """
    if not (site.life.find_by_label and project):
        return None
    known = [task.outcome.id for task in context.lane if isinstance(task.outcome, TicketOpened)]
    found: Ticket | None = client.find_open(context.case_id, project, known)
    return found


KINDS = (Kind(MOVE, "ticket", move, find_move, service=service),)
