"""How a case stands, for whoever looks at it: the console's queue, and the page of one case.

It only reads, and decides nothing. The words are those of the box in the case's ticket.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..cases.excuses import Excuse
from ..cases.keys import Lane
from ..cases.outcomes import MessagePosted, Remediated, TicketCommented, TicketOpened
from ..cases.snapshot import FIELDS, CaseReader, CaseSnapshot
from ..cases.states import State, WaitingFor
from ..cases.task import TASKS, Document, Task
from ..cases.turns import overlay
from ..documents.excuses import excused_until
from ..documents.standing import Standing, in_short
from ..errors import DamagedDocument
from ..handlers.standing import step_of
from ..splunk.client import Splunkd
from ..splunk.queries import any_of

#: Lanes whose tasks are read of a case that is too large to be read whole.
LANES = ("remediate", "ticket", "slack", "notify", "dispatch", "es")


@dataclass(frozen=True)
class CaseState:
    #: As ``Remediated.status``, with what its undo and CloudTrail add; empty while no remediation has ended.
    status: str
    #: For people.
    text: str
    #: ``error``, ``warning``, ``note``, ``success`` or ``info``.
    kind: str
    #: Tasks that wait for an approval; that wait for a person to correct something, or have failed; that are not over.
    approvals: int = 0
    attention: int = 0
    open: int = 0


@dataclass(frozen=True)
class Ticket:
    key: str
    #: Empty where it is not known.
    url: str
    #: Name of the Jira site.
    site: str = ""
    #: As Jira said last; empty where it was not asked.
    status: str = ""
    assignee: str = ""


@dataclass(frozen=True)
class Thread:
    """A message in Slack, and the thread below it."""

    #: Name of the workspace, and id of the channel; that is empty for a webhook.
    workspace: str
    channel: str
    #: As the alert named the channel.
    name: str
    ts: str


def tasks_of(reader: CaseReader, snapshot: CaseSnapshot) -> list[Task]:
    """The tasks of a case as they stand, oldest first; those that cannot be read are the worker's to close."""
    case = snapshot.case_id
    names = [*snapshot.lanes] if snapshot.is_complete else [str(Lane(case, family)) for family in LANES]
    found: list[Task] = []
    for name in names:
        state = reader.lane(snapshot, Lane(case, name.rpartition(".")[2]))
        found += overlay(state.tasks, state.turns)
    return sorted(found, key=lambda task: task.created_at)


def state_of(case: str, tasks: Sequence[Task], excuse: Excuse | None, now: float, longest_days: int) -> CaseState:
    """``excuse``: what was said last of whether the case is excused."""
    steps = tuple(step_of(task.key, task, task.outcome) for task in tasks if isinstance(task.outcome, Remediated))
    stands = excuse is not None and excuse.stands(now, longest_days)
    said = excused_until(excuse.ends_at(longest_days), excuse.by, excuse.reason) if excuse and stands else ""
    status, text, kind = in_short(Standing(case, steps, excused=said))
    return CaseState(
        status,
        text,
        kind,
        approvals=sum(is_asked(task) for task in tasks),
        attention=sum(needs_attention(task) for task in tasks),
        open=sum(not task.final for task in tasks),
    )


def is_asked(task: Task) -> bool:
    """Whether people are asked to approve it."""
    return task.state is State.WAITING and task.waiting_for is WaitingFor.APPROVAL


def needs_attention(task: Task) -> bool:
    """Whether it goes no further until a person has corrected something."""
    return task.state is State.FAILED or (task.state is State.WAITING and task.waiting_for is WaitingFor.PERSON)


def ticket_of(tasks: Sequence[Task], case: Mapping[str, object], of_first: Sequence[Task] = ()) -> Ticket | None:
    """The newest ticket that tells of a case. ``case``: its document, which has what Jira said last.

    ``of_first``: tasks of the case whose ticket it is, where that is another: what has opened it knows its address.
    """
    openers = [task for task in of_first if isinstance(task.outcome, TicketOpened)]
    told = [*openers, *tasks]
    opened = {task.outcome.key: task.outcome for task in told if isinstance(task.outcome, TicketOpened)}
    newest: TicketOpened | TicketCommented | None = None
    for task in told:
        if isinstance(task.outcome, (TicketOpened, TicketCommented)) and task.outcome.key:
            newest = task.outcome
    if newest is None:
        return None
    known = opened.get(newest.key)
    is_same = case.get("ticket_id") == newest.id or case.get("ticket") == newest.key
    status, assignee = (str(case.get(name) or "") if is_same else "" for name in ("ticket_status", "ticket_assignee"))
    return Ticket(newest.key, known.url if known else "", newest.site, status, assignee)


def threads_of(tasks: Iterable[Task]) -> list[Thread]:
    """The messages that have opened a thread, oldest first, one a channel."""
    found: dict[tuple[str, str], Thread] = {}
    for task in tasks:
        said = task.outcome
        if isinstance(said, MessagePosted) and not said.thread_ts:
            found[said.workspace, said.channel] = Thread(said.workspace, said.channel, said.requested_channel, said.ts)
    return list(found.values())


def told_elsewhere(splunkd: Splunkd, cases: Sequence[str]) -> dict[str, list[Task]]:
    """Tasks in the lanes of other cases that tell of these (docs/incidents.md), without findings, oldest first."""
    found: dict[str, list[Task]] = {}
    for query in any_of("about", cases):
        for document in splunkd.find(TASKS, query, fields=f"{FIELDS},about"):
            task = readable(document)
            if task is not None:
                found.setdefault(str(document.get("about")), []).append(task)
    for tasks in found.values():
        tasks.sort(key=lambda task: task.created_at)
    return found


def readable(document: Document) -> Task | None:
    """None for a task that cannot be read: the worker closes it, and says so."""
    try:
        return Task.from_document(document)
    except DamagedDocument:
        return None


def newest_with_finding(splunkd: Splunkd, told: Sequence[Task], case: str) -> Task | None:
    """Of tasks that tell of a case, the newest that keeps its finding, whole: a remediation before others.

    The first case of an incident tells of others, too, and what follows from that does not say so. Summaries lack the
    finding, so three are read: first those that were asked for with it.
    """
    own = [task for task in told if task.about_case == case]
    asked = (".finding", ".run")
    own.sort(key=lambda one: (one.kind.endswith(".run"), one.kind.endswith(asked), one.created_at), reverse=True)
    for task in own[:3]:
        document = splunkd.fetch(TASKS, task.key)
        whole = readable(document) if document else None
        if whole is not None and whole.finding is not None and whole.finding.case_id == case:
            return whole
    return None
