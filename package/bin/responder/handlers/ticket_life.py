"""What becomes of a ticket: it moves with its case, is opened again, and is linked to the one before it.

Each is an option of the Jira site, and an effect of its own. A ticket is moved only where nobody else has: its status
is the one that we left it in, or the one it was created with. Who has moved it says its changelog, and so it is found
out what became of a move whose answer was lost. Moves about one ticket are decided anew when they are made, so that
what was overtaken is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..cases.keys import event_of, follow_up
from ..cases.outcomes import Remediated, TicketCommented, TicketOpened
from ..cases.task import Attempt, Task
from ..errors import Curable, NotFound, NotPermitted
from ..jira.model import Ticket
from ..settings.model import JiraSite
from ..settings.ticket_life import CONTAINED, EXCUSED, PROVED, UNDONE
from .base import Context, Kind, Result, request_text
from .jira_service import service
from .lane_view import case_told_of
from .run_reports import remediation_tasks
from .time_limit import RUN

MOVE, LINK = "ticket.transition", "ticket.link"
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


def excused(context: Context, ticket: TicketOpened, number: int, lifted: bool) -> tuple[Task, ...]:
    """The task that moves a ticket when its case is excused, or no longer is and is not contained either.

    ``number``: of the excuse, or of what lifts it.
    """
    if not lifted and _tells_of_others(context):
        return ()
    site, event = context.config.jira_site(ticket.site), UNDONE if lifted else EXCUSED
    if not site.life.target(event) or (lifted and _stands(context, site, ticket, ())[0] == CONTAINED):
        return ()
    return (_move(context, ticket, event, EXCUSED, str(number)),)


def _tells_of_others(context: Context) -> bool:
    """Whether tickets of the case tell of other cases, too: what one person has excused says nothing of those."""
    return any(case_told_of(task) for task in context.lane)


def links(context: Context, ticket: TicketOpened, earlier: TicketOpened | None) -> tuple[Task, ...]:
    """The task that links a new ticket to the case's earlier one."""
    site = context.config.jira_site(ticket.site)
    if earlier is None or not site.life.link_type or earlier.id == ticket.id:
        return ()
    request = {**_named(ticket), "to": earlier.id, "to_key": earlier.key}
    return (_following(context, LINK, request, ticket.id, earlier.id),)


def _move(context: Context, ticket: TicketOpened, event: str, *names: str) -> Task:
    request = {**_named(ticket), "event": event, "why": " ".join(names)}
    return _following(context, MOVE, request, ticket.site, ticket.id, event, *names)


def _named(ticket: TicketOpened) -> dict[str, str]:
    return {"jira_site": ticket.site, "ticket": ticket.id, "key": ticket.key}


def _following(context: Context, kind: str, request: dict[str, str], *about: str) -> Task:
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
    """Move a ticket as its case stands, unless a person has moved it."""
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
        # Nothing waits for its turn between the look at who has moved it and the move.
        with client.admitted():
            standing = client.transitions.standing(request_text(request, "ticket"))
            if standing.key != key and not _is_ours(context, standing.marker):
                raise NotFound("The ID belongs to another ticket.")
            if standing.meets(target) or (event != UNDONE and not standing.is_open):
                return Result(f"Ticket {standing.key} has the status '{standing.name}' already.")
            if not standing.was_left_by(client.transitions.us()):
                context.audit("ticket_left", ticket=standing.key, ticket_status=standing.name, event=event)
                stays = f"somebody has given it the status '{standing.name}'"
                return Result(f"Ticket {standing.key} stays as it is: {stays}.")
            way = client.transitions.way(standing, target)
            context.send("transition", where=_where(site, standing, way))
            client.transitions.go(standing, way, before_send=context.check_turn)
    except NotFound:
        return Result(f"Ticket {key} was deleted.")
    return _moved(context, standing.key, way.status_name)


def _still(context: Context, site: JiraSite) -> bool:
    """Whether what a move was recorded for is still so."""
    ticket, event = _ticket(context), request_text(context.task.request, "event")
    why = request_text(context.task.request, "why").split()
    if ticket is None:
        return False
    if why[:1] == [EXCUSED]:
        # What was read of the case may be older than what the move was recorded for.
        newest = context.excuse()
        if event == EXCUSED and _tells_of_others(context):
            return False
        return newest is None or newest.number <= int(why[1])
    # Another process may have brought them there a moment ago.
    return _stands(context, site, ticket, why) == (event, why)


def _ticket(context: Context) -> TicketOpened | None:
    number, site = request_text(context.task.request, "ticket"), request_text(context.task.request, "jira_site")
    opened = (task.outcome for task in context.lane if isinstance(task.outcome, TicketOpened))
    return next((one for one in opened if (one.id, one.site) == (number, site)), None)


def _where(site: JiraSite, standing: Any, way: Any) -> dict[str, str]:
    after = str(standing.last_entry)
    return {"site": site.name, "ticket": standing.id, "status": way.status, "name": way.status_name, "after": after}


def _moved(context: Context, key: str, status: str) -> Result:
    context.audit("ticket_moved", ticket=key, ticket_status=status, event=request_text(context.task.request, "event"))
    return Result(f"Ticket {key} has the status '{status}' now.")


def find_move(context: Context, attempt: Attempt) -> Result | None:
    """Look up in the changelog a move that was sent without an answer."""
    where = attempt.where
    client = context.services.tickets(context.config.jira_site(where["site"]), context.config.http)
    try:
        standing = client.transitions.standing(where["ticket"])
    except NotFound:
        # The ticket was deleted, and the move with it.
        return None
    if not standing.was_moved_by(client.transitions.us(), int(where["after"]), where["status"]):
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
    """Where a ticket is, and its status. Raises NotFound.

    One that was moved to another project has another key and the same id. In a Jira to which tickets were migrated it
    is the other way round: there the id is another ticket's, as its marker tells.
    """
    try:
        status = client.status(ticket.id or ticket.key)
        if status.key == ticket.key or _is_ours(context, status.marker):
            return Place(status.key, ticket.id), status
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
    except NotFound:
        # It was deleted, perhaps while it was being reopened: what is new goes into a new ticket.
        return None
    return there if takes_news else None


def _reopened(context: Context, client: Any, site: JiraSite, there: Place) -> bool:
    with client.admitted():
        standing = client.transitions.standing(there.address)
        if standing.is_open:
            return True
        if not standing.moved_at or context.clock() - standing.moved_at > site.life.reopen_days * DAY:
            return False
        try:
            way = client.transitions.way(standing, site.life.reopened)
            if standing.was_moved_since(client.transitions.us, context.task.created_at - SKEW, way.status):
                raise Curable("It was reopened for this, and somebody has closed it again.")
            context.send("reopen", where=_where(site, standing, way))
            client.transitions.go(standing, way, before_send=context.check_turn)
        except (Curable, NotPermitted) as refusal:
            context.audit("ticket_not_reopened", "failure", ticket=standing.key, message=str(refusal))
            return False
    context.audit("ticket_reopened", ticket=standing.key, ticket_status=way.status_name)
    return True


def open_elsewhere(context: Context, client: Any, site: JiraSite, project: str) -> Ticket | None:
    """An open ticket of the case that we have no record of: another Splunk has opened it, or our record is lost.

    None where the site does not look for one.
    """
    if not (site.life.find_by_label and project):
        return None
    known = [task.outcome.id for task in context.lane if isinstance(task.outcome, TicketOpened)]
    found: Ticket | None = client.find_open(context.case_id, project, known)
    return found


# -- linking -----------------------------------------------------------------------------------------------------------


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
    except NotFound:
        return Result("One of the tickets was deleted, so there is nothing to link.")
    try:
        with client.admitted():
            context.send("link", where={"site": site.name, "ticket": ticket, "to": other, "type": kind})
            client.links.link(ticket, other, kind, before_send=context.check_turn)
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


KINDS = (
    Kind(MOVE, "ticket", move, find_move, service=service),
    Kind(LINK, "ticket", link, find_link, service=service),
)
