"""What came of a task: one class a kind of outcome, stored as JSON with its type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Union


@dataclass(frozen=True)
class Notified:
    """People have been notified of events and of remediations."""

    #: CloudTrail event ids (or what stands for them) that were listed.
    event_ids: tuple[str, ...] = ()
    #: ``<task>:<status>[:<ask>]`` of the remediations that were reported.
    remediations: tuple[str, ...] = ()
    #: Epoch seconds; 0 when no finding was reported.
    notified_at: float = 0.0
    severity: str = ""
    #: Number of the turn in which it was sent: what came later has a greater one, whatever the clocks say.
    turn: int = 0


@dataclass(frozen=True)
class TicketOpened(Notified):
    type: ClassVar[str] = "ticket_opened"
    key: str = ""
    id: str = ""
    url: str = ""
    #: Name of the entry on the Jira sites tab.
    site: str = ""
    project: str = ""
    #: Id of the comment that told of it, where the ticket was there before.
    comment: str = ""


@dataclass(frozen=True)
class TicketCommented(Notified):
    type: ClassVar[str] = "ticket_commented"
    key: str = ""
    #: Jira's numeric id, which stays the same wherever the ticket is moved to; empty in what an earlier version wrote.
    id: str = ""
    site: str = ""
    project: str = ""
    #: Id of the comment.
    comment: str = ""


@dataclass(frozen=True)
class MessagePosted(Notified):
    type: ClassVar[str] = "message_posted"
    #: Name of the entry on the Slack tab.
    workspace: str = ""
    #: As the alert named it; empty for the workspace's default.
    requested_channel: str = ""
    #: The channel's id; empty for a webhook.
    channel: str = ""
    ts: str = ""
    #: The message it answers; empty for one that opens a thread.
    thread_ts: str = ""
    #: Key of the ticket that it links to.
    ticket: str = ""
    #: Ids of whom it mentions.
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notification(Notified):
    type: ClassVar[str] = "notification"
    #: Name of the entry on the Notifiers tab.
    notifier: str = ""
    #: By which its receivers know it again.
    message_id: str = ""


@dataclass(frozen=True)
class Dispatched(Notified):
    type: ClassVar[str] = "dispatched"
    #: Name of the entry on the Dispatch tab.
    target: str = ""
    #: By which its receivers know it again.
    message_id: str = ""
    #: The service's own id of it; empty where it gives none.
    service_id: str = ""
    #: What was answered, in a line.
    answer: str = ""


@dataclass(frozen=True)
class Edited:
    """What people were notified by shows something else now."""

    #: What it reports now: as ``Notified.remediations``.
    shows: tuple[str, ...] = ()
    #: Number of the turn in which it was edited.
    turn: int = 0


@dataclass(frozen=True)
class MessageEdited(Edited):
    type: ClassVar[str] = "message_edited"
    #: Key of the task that has posted it.
    message: str = ""


@dataclass(frozen=True)
class TicketEdited(Edited):
    """Its description."""

    type: ClassVar[str] = "ticket_edited"
    #: Key of the task that has opened it.
    ticket: str = ""


@dataclass(frozen=True)
class Remediated:
    """What became of a remediation or of its undo."""

    type: ClassVar[str] = "remediated"
    playbook: str = ""
    mode: str = ""
    #: As in ``remediation/outcome.py``.
    status: str = ""
    message: str = ""
    #: As evidence reports them (plain data).
    changes: tuple[Mapping[str, Any], ...] = ()
    #: Of the plan that waits for a decision.
    plan_digest: str = ""
    finished_at: float = 0.0
    #: What a person has to do: ``text`` and ``link`` of each, in order.
    instructions: tuple[Mapping[str, str], ...] = ()
    #: Which asking waits, or has ended without a change.
    ask: str = ""

    def report_of(self, task: str) -> str:
        """What tells one report from the next: whatever people are asked anew is news, be it the same plan."""
        return ":".join(filter(None, (task, self.status, self.ask)))


@dataclass(frozen=True)
class NothingToDo:
    """There was nothing (left) to do; the message says why."""

    type: ClassVar[str] = "nothing_to_do"


@dataclass(frozen=True)
class FindingExcused:
    """A person has excused the case of the finding: nothing was done on purpose."""

    type: ClassVar[str] = "excused"
    #: Number of the excuse in its case, who has given it, until when (epoch seconds), and why.
    number: int = 0
    by: str = ""
    until: float = 0.0
    reason: str = ""


Outcome = Union[
    TicketOpened,
    TicketCommented,
    MessagePosted,
    MessageEdited,
    TicketEdited,
    Notification,
    Dispatched,
    Remediated,
    NothingToDo,
    FindingExcused,
]
_TYPES: Mapping[str, type[Any]] = {
    cls.type: cls
    for cls in (
        TicketOpened,
        TicketCommented,
        MessagePosted,
        MessageEdited,
        TicketEdited,
        Notification,
        Dispatched,
        Remediated,
        NothingToDo,
        FindingExcused,
    )
}


def to_json(outcome: Outcome | None) -> str:
    return json.dumps({"type": outcome.type, **asdict(outcome)}, default=str) if outcome else ""


def from_json(text: str) -> Outcome | None:
    """Raises ValueError, KeyError or TypeError for what ``to_json`` did not write."""
    if not text:
        return None
    stored = json.loads(text)
    cls = _TYPES[stored.pop("type")]
    known = {field.name for field in fields(cls)}
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in stored.items() if name in known}
    outcome: Outcome = cls(**values)
    return outcome
