"""What our own record knows about a ticket: which case it is of, and what it has shown to people.

Labels and properties of a ticket can be written by others, so they only say where to look.

    responder_cases/<case>    ticket, ticket_id, ticket_site, ticket_status, ticket_assignee, ticket_closed_at
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..cases.keys import Lane, TaskKey, case_of_event
from ..cases.outcomes import TicketCommented, TicketOpened
from ..cases.snapshot import CaseReader
from ..cases.store import CASES, TaskStore
from ..cases.task import Task
from ..cases.turns import overlay
from ..errors import Rejected
from ..handlers.es_notes import FAMILY, TICKET, assignee_notes, status_notes
from ..jira.model import label_of
from ..jira.seen import Seen
from ..splunk.client import Splunkd
from ..splunk.queries import any_of

if TYPE_CHECKING:
    from ..jira.changes import Changes

log = logging.getLogger("cloudtrail_responder")

#: Labels of cases that are looked into; a ticket has one.
MOST_LABELS = 5
#: Cases that one ticket may tell of, as far as it is looked for by its key.
MOST_CASES = 50
_ASKING = ("waiting", "still_waiting")
_CASE_LABEL = re.compile(re.escape(label_of("")) + "([0-9a-f]{20})")


@dataclass(frozen=True)
class Shown:
    """A ticket has shown what is asked about a remediation."""

    task: str
    ask: str
    #: Id of our comment; empty where the ticket was opened with it.
    comment: str


@dataclass(frozen=True)
class OurTicket:
    """A ticket that this app has opened."""

    case: str
    opened: TicketOpened
    #: Key of the task that has opened it.
    task: str
    #: Whether it is the one that its case writes to now.
    is_current: bool
    #: Remediations that it has reported, in order, and what it has shown of askings.
    remediations: tuple[str, ...]
    shown: tuple[Shown, ...]
    #: All cases that it tells of, its own first (docs/incidents.md).
    cases: tuple[str, ...]
    #: The same -> when the ticket has told of each first, in epoch seconds by splunkd's clock.
    told_at: Mapping[str, float]


def find(splunkd: Splunkd, site: str, changes: Changes, seen: Seen) -> OurTicket | None:
    """What a ticket is of ours; None for any other. Raises a ResponderError."""
    if not seen.marker and not _cases_of(seen):
        # Data Center's search shows no properties, and not every project takes labels.
        seen = changes.ticket(seen.id)
    return next(filter(None, (load(splunkd, case, site, seen.id, seen.key) for case in _cases_of(seen))), None)


def _cases_of(seen: Seen) -> Sequence[str]:
    """Cases that a ticket may be of."""
    named = [match[1] for label in seen.labels if (match := _CASE_LABEL.fullmatch(label))][:MOST_LABELS]
    try:
        marked = [TaskKey.parse(seen.marker).lane.case_id] if seen.marker else []
    except Rejected:
        marked = []
    return tuple(dict.fromkeys([*marked, *named]))


def load(splunkd: Splunkd, case: str, site: str, number: str, key: str) -> OurTicket | None:
    """What the case has recorded about the ticket with this id. ``key``: that it has now. Raises a ResponderError."""
    reader, lane = CaseReader(splunkd), Lane(case, "ticket")
    state = reader.lane(reader.read(case), lane)
    tasks = overlay(state.tasks, state.turns)
    tickets = {task.key: task.outcome for task in tasks if isinstance(task.outcome, TicketOpened)}
    found = next(((task, one) for task, one in tickets.items() if (one.site, one.id) == (site, number)), None)
    if found is None:
        return None
    own, opened = found
    # A ticket that was moved has another key since.
    reported = sorted(_reported(tasks, site, number, {opened.key, key}), key=lambda one: one.turn)
    names = [(name, one) for one in reported for name in one.remediations]
    is_current = opened.turn == max(one.turn for one in tickets.values())
    shown = tuple(filter(None, (_shown(name, one) for name, one in names)))
    remediations = tuple(dict.fromkeys(name.partition(":")[0] for name, _ in names))
    told_at = {case: opened.notified_at}
    for one in reported:
        for name in one.event_ids:
            told_at.setdefault(case_of_event(name) or case, one.notified_at)
    return OurTicket(case, opened, own, is_current, remediations, shown, tuple(told_at), told_at)


def _reported(
    tasks: Sequence[Task], site: str, number: str, keys: Collection[str]
) -> Iterator[TicketOpened | TicketCommented]:
    for task in tasks:
        told = task.outcome
        if not isinstance(told, (TicketOpened, TicketCommented)) or told.site != site:
            continue
        # What an earlier version wrote of a comment has no id.
        if told.id == number or (not told.id and told.key in keys):
            yield told


def _shown(name: str, told: TicketOpened | TicketCommented) -> Shown | None:
    """``name``: as ``Notified.remediations`` has them."""
    task, _, rest = name.partition(":")
    status, _, ask = rest.partition(":")
    if status not in _ASKING or not ask:
        return None
    return Shown(task, ask, told.comment) if told.comment or isinstance(told, TicketOpened) else None


def case_of_key(splunkd: Splunkd, site: str, key: str) -> tuple[str, str] | None:
    """Case and id of a ticket that was seen before, by its key; None for any other. Raises a ResponderError."""
    named = [
        (str(found["_key"]), str(found["ticket_id"]))
        for found in splunkd.find(CASES, {"ticket": key}, limit=MOST_CASES)
        if found.get("ticket_site") == site and re.fullmatch(r"[0-9]{1,18}", str(found.get("ticket_id")))
    ]
    # Of several cases, one has opened it.
    opened = (one for one in named if len(named) == 1 or load(splunkd, one[0], site, one[1], key) is not None)
    return next(opened, None)


def keep_in_step(splunkd: Splunkd, ours: OurTicket, seen: Seen) -> None:
    """Have the cases say how their ticket stands, and Enterprise Security whether it is closed and whose: for people.

    Nothing is decided by it. Raises a ResponderError.
    """
    if not ours.is_current:
        return
    cases = {str(one["_key"]): one for query in any_of("_key", ours.cases) for one in splunkd.find(CASES, query)}
    own = cases.get(ours.case)
    if own is None:
        return
    # It may say how another ticket stands: the one before this, or that of an incident.
    known = own if own.get("ticket_id") == seen.id else {}
    closed_at = float(known.get("ticket_closed_at") or 0)
    shown: dict[str, Any] = {
        "ticket": seen.key,
        "ticket_id": seen.id,
        "ticket_site": ours.opened.site,
        "ticket_status": seen.status[:100],
        "ticket_assignee": seen.assignee[:100],
        "ticket_closed_at": (closed_at or seen.updated) if seen.category == "done" else 0,
    }
    is_closed = bool(shown["ticket_closed_at"])
    if known and is_closed != (closed_at > 0):
        about = seen.key, seen.status, is_closed, seen.updated
        _note_in_enterprise_security(splunkd, ours, lambda task: status_notes(task, *about))
    if (known.get("ticket_assignee") or "") != shown["ticket_assignee"]:
        whose = str(shown["ticket_assignee"])
        _note_in_enterprise_security(splunkd, ours, lambda task: assignee_notes(task, seen.key, whose, seen.updated))
    # The ticket's own last: until that says so, all of it is done once more.
    for case in sorted(cases.values(), key=lambda one: one is own):
        if any(case.get(name) != value for name, value in shown.items()):
            splunkd.replace(CASES, str(case["_key"]), {**case, **shown})


def keep_gone(splunkd: Splunkd, ours: OurTicket, status: str, say: Callable[[str], None]) -> None:
    """Have the cases say that their ticket is there no more, and Enterprise Security.

    ``say``: called before they do, with its key.
    Nothing where they say so already. Raises a ResponderError.
    """
    cases = {str(one["_key"]): one for query in any_of("_key", ours.cases) for one in splunkd.find(CASES, query)}
    own = cases.get(ours.case)
    if own is None or own.get("ticket_id") != ours.opened.id or own.get("ticket_status") == status:
        return
    key = str(own.get("ticket") or ours.opened.key)
    say(key)
    closed_at = float(own.get("ticket_closed_at") or 0) or splunkd.now()
    if not own.get("ticket_closed_at"):
        _note_in_enterprise_security(splunkd, ours, lambda task: status_notes(task, key, status, True, closed_at))
    shown = {"ticket_status": status, "ticket_assignee": "", "ticket_closed_at": closed_at}
    # The ticket's own last: until that says so, all of it is done once more.
    for case in sorted(cases.values(), key=lambda one: one is own):
        if case.get("ticket_id") == ours.opened.id:
            splunkd.replace(CASES, str(case["_key"]), {**case, **shown})


def _note_in_enterprise_security(splunkd: Splunkd, ours: OurTicket, notes: Callable[[Task], Sequence[Task]]) -> None:
    """On each finding that has a note of the ticket, whichever run it was handed over in.

    Not where the last one of its kind says the same: whoever recorded that has died before the case said so, too.
    """
    store, noted = TaskStore(splunkd), _noted(splunkd, ours)
    last = {_subject(task): task.request for task in noted}
    tickets = (one for one in noted if one.kind == TICKET and one.request.get("ticket") == ours.opened.key)
    for task in (ours.task, *(one.key for one in tickets)):
        about = store.get(task)
        for note in notes(about) if about else ():
            if last.get(_subject(note)) != note.request:
                store.record(note)


def _noted(splunkd: Splunkd, ours: OurTicket) -> list[Task]:
    """Notes there of the ticket's case, oldest first."""
    reader = CaseReader(splunkd)
    found = reader.lane(reader.read(ours.case), Lane(ours.case, FAMILY)).tasks
    return sorted(found, key=lambda one: one.created_at)


def _subject(note: Task) -> tuple[str, Any, Any]:
    return note.kind, note.request.get("finding"), note.request.get("ticket")
