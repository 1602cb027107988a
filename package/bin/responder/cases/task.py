"""A task: one effect on the outside world, recorded before it is tried and closed after it succeeded."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import DamagedDocument, ResponderError, one_line
from ..findings import renamed
from ..findings.finding import Finding
from ..json_limits import bounded_json
from ..splunk.client import APP
from . import outcomes
from .keys import Lane, TaskKey
from .outcomes import Outcome
from .states import FINAL, State, WaitingFor

Document = dict[str, Any]
#: The KV collection of tasks, and of the turns of their lanes.
TASKS = "responder_tasks"
#: What reading a document raises that this version did not write.
_DAMAGE = (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError)
#: Fields without the finding and the audit: enough to know how the tasks of a lane stand, and small.
SUMMARY_FIELDS = (
    "_key", "kind", "service", "request", "alert", "event_ids", "owner", "run", "reports_to", "subject", "state",
    "waiting_for", "outcome", "message", "attempts", "turn", "created_at", "updated_at", "requested_at", "due_at",
    "open",
)  # fmt: skip
#: Characters of what can be long in a summary: of more it is not remembered.
LONG = 2_000


@dataclass(frozen=True)
class Alert:
    """The run of an alert that brought a finding. Only ``search_name`` is as the alert's owner chose it."""

    search_name: str = ""
    app: str = ""
    #: Address of the results on Splunk Web, built by us.
    results_link: str = ""
    #: Of the alert action: its stanza, and how Splunk names the run and the row (``modular_action.py``).
    action: str = ""
    sid: str = ""
    rid: str = ""

    @property
    def name(self) -> tuple[str, str]:
        """What tells one alert of an owner from another; the same before and after one of ours is renamed."""
        return self.app, renamed.lasting(self.search_name) if self.app == APP else self.search_name


@dataclass(frozen=True)
class Attempt:
    """What is decided before the effect: enough to find it again and to know what it was about."""

    task: str
    #: Which effect, for whoever looks it up: ``create``, ``comment``, ``post`` ...
    effect: str
    #: Epoch seconds.
    at: float
    event_ids: tuple[str, ...] = ()
    remediations: tuple[str, ...] = ()
    #: Where it goes: site, project, ticket, workspace, channel, thread.
    where: Mapping[str, str] = field(default_factory=dict)
    severity: str = ""
    #: Number of the turn.
    turn: int = 0

    @property
    def notified(self) -> dict[str, Any]:
        """The fields of ``Notified`` once it is known to have arrived."""
        return {
            "event_ids": self.event_ids,
            "remediations": self.remediations,
            "notified_at": self.at if self.event_ids else 0.0,
            "severity": self.severity,
            "turn": self.turn,
        }

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "where": dict(self.where)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Attempt:
        lists = {name: tuple(stored[name]) for name in ("event_ids", "remediations")}
        return cls(**{**stored, **lists})


@dataclass
class Task:
    """One effect. ``request`` is how it was asked for (a JSON object), ``outcome`` what came of it."""

    key: str
    #: Name of its handler, as in ``ticket.finding``.
    kind: str
    #: Shared with other tasks that were asked for in the same way: not to be changed.
    request: Mapping[str, Any] = field(default_factory=dict)
    #: Which service it needs, for the worker's shares: see ``handlers.base.Kind``.
    service: str = ""
    #: What it is about: its own finding, always. None only where a summary was read.
    finding: Finding | None = None
    alert: Alert = Alert()
    #: What tells the occurrence(s) of the finding from others: CloudTrail event ids, or times where there are none.
    event_ids: tuple[str, ...] = ()
    #: Who owns the alert (or: who asked for the undo), as splunkd knows him.
    owner: str = ""
    #: The run that asked for it: change limits count by it.
    run: str = ""
    #: Case that hears of it besides its own: that of the run, where one ticket stands for all rows.
    reports_to: str = ""
    #: What tells its case from others that are told in the same lane (docs/incidents.md): ``case``, ``severity``,
    #: ``signature``, ``resource``. Not to be changed.
    subject: Mapping[str, str] = field(default_factory=dict)
    state: State = State.RECORDED
    waiting_for: WaitingFor = WaitingFor.NOTHING
    outcome: Outcome | None = None
    #: The last thing there is to say about it, one line.
    message: str = ""
    #: Attempts that ended without success; the pause until the next one grows with it.
    attempts: int = 0
    #: Number of the turn of its lane in which it was saved last.
    turn: int = 0
    created_at: float = 0.0
    updated_at: float = 0.0
    #: When an alert asked for it last; 0 when it did so only once.
    requested_at: float = 0.0
    #: Epoch seconds from which the worker goes on with it; 0 when nothing is left to do.
    due_at: float = 0.0
    #: Audit events that are not indexed yet.
    audit: list[dict[str, Any]] = field(default_factory=list)
    #: The result whose end the action's log lacks until the request that recorded this has answered: a document as in
    #: ``invocations.py``.
    owed: str = ""

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def requested(self) -> float:
        """When it was asked for last."""
        return self.requested_at or self.created_at

    @property
    def askers(self) -> tuple[str, ...]:
        """Who stands behind it: the alert's owner; of an undo who asked for it, and the owner of what it undoes."""
        return self.owner, str(self.request.get("by") or ""), str(self.request.get("owner") or "")

    def is_of_same_alert(self, other: Task) -> bool:
        return self.kind == other.kind and self.owner == other.owner and self.alert.name == other.alert.name

    @property
    def lane(self) -> Lane:
        return TaskKey.parse(self.key).lane

    @property
    def case_id(self) -> str:
        return self.lane.case_id

    @property
    def about_case(self) -> str:
        """The case of its finding: another one where its own tells of several (docs/incidents.md)."""
        return self.subject.get("case") or self.case_id

    def following(self, key: str, kind: str, request: Mapping[str, Any], service: str) -> Task:
        """A task that follows from this one: about the same finding, of the same owner and run."""
        return Task(
            key=key,
            kind=kind,
            request=request,
            service=service,
            finding=self.finding,
            alert=self.alert,
            owner=self.owner,
            run=self.run,
        )

    def following_at(
        self, due_at: float, key: str, kind: str, request: Mapping[str, Any], service: str, message: str
    ) -> Task:
        """The same, for what begins at a time (epoch seconds); whoever hears of this task hears of it, too."""
        return replace(
            self.following(key, kind, request, service),
            reports_to=self.reports_to,
            state=State.WAITING,
            waiting_for=WaitingFor.TIME,
            due_at=due_at,
            message=message,
        )

    def to_document(self) -> Document:
        return {
            "_key": self.key,
            "case_id": self.case_id,
            "lane": str(self.lane),
            "kind": self.kind,
            "service": self.service,
            "request": json.dumps(self.request),
            "finding": json.dumps(self.finding.to_dict()) if self.finding else "",
            "alert": json.dumps(vars(self.alert)),
            "event_ids": json.dumps(self.event_ids),
            "owner": self.owner,
            "run": self.run,
            "reports_to": self.reports_to,
            "subject": json.dumps(self.subject) if self.subject else "",
            **({"about": self.about_case} if self.about_case != self.case_id else {}),
            "open": 0 if self.final else 1,
            "audit": json.dumps(self.audit, default=str) if self.audit else "",
            "owed": self.owed,
            "created_at": self.created_at,
            **self.progress(),
        }

    def progress(self) -> Document:
        """The part that changes while it is worked on: what a turn remembers of it."""
        return {
            "state": self.state.value,
            "waiting_for": self.waiting_for.value,
            "outcome": outcomes.to_json(self.outcome),
            "message": self.message,
            "attempts": self.attempts,
            "turn": self.turn,
            "updated_at": self.updated_at,
            "requested_at": self.requested_at,
            "due_at": self.due_at,
        }

    def stands_as(self, progress: Mapping[str, Any]) -> bool:
        """Whether what a turn remembers of it tells nothing new: it has ended, or its document says the same.

        Then audit events that the turn owes have been sent, or wait in the document.
        """
        return self.final or (
            progress.get("state") == self.state.value
            and progress.get("due_at") == self.due_at
            and progress.get("attempts") == self.attempts
            and progress.get("message") == self.message
            and progress.get("waiting_for") == self.waiting_for.value
            and progress.get("requested_at") == self.requested_at
            and progress.get("outcome") == outcomes.to_json(self.outcome)
        )

    def copy(self) -> Task:
        """One that may be worked on while others look at this one."""
        made = Task.__new__(Task)
        # ``dataclasses.replace`` takes ten times as long, and a busy lane has hundreds of them.
        vars(made).update(vars(self), audit=list(self.audit))
        return made

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Task:
        """Raises DamagedDocument for one that this app did not write."""
        try:
            return _known(document) or cls._read(document)
        except (*_DAMAGE, ResponderError) as error:
            key = one_line(document.get("_key", ""))[:80]
            raise DamagedDocument(
                f"Task {key} is damaged ({type(error).__name__}).", "See the document in the KV store."
            ) from error

    @classmethod
    def _read(cls, document: Mapping[str, Any]) -> Task:
        finding = document.get("finding")
        task = cls(
            key=str(TaskKey.parse(document["_key"])),
            kind=str(document["kind"]),
            request=_request(document.get("request") or "{}"),
            service=one_line(document.get("service") or ""),
            finding=Finding.from_dict(bounded_json(finding)) if finding else None,
            alert=_alert(document.get("alert") or "{}"),
            event_ids=tuple(str(name) for name in bounded_json(document.get("event_ids") or "[]")),
            owner=one_line(document.get("owner") or ""),
            run=one_line(document.get("run") or ""),
            reports_to=one_line(document.get("reports_to") or ""),
            subject=_subject(document.get("subject") or ""),
            created_at=float(document.get("created_at") or 0),
            audit=_events(document.get("audit")),
            owed=str(document.get("owed") or ""),
        )
        return task.with_progress(document)

    def with_progress(self, progress: Mapping[str, Any]) -> Task:
        """As it stands in a document or a turn. What a turn owes the audit index, it has kept."""
        audit = self.audit if "created_at" in progress or "audit" not in progress else _events(progress["audit"])
        return replace(
            self,
            audit=audit,
            state=State(progress["state"]),
            waiting_for=WaitingFor(progress.get("waiting_for") or ""),
            outcome=outcomes.from_json(progress.get("outcome") or ""),
            message=one_line(progress.get("message") or ""),
            attempts=int(progress.get("attempts") or 0),
            turn=int(progress.get("turn") or 0),
            updated_at=float(progress.get("updated_at") or 0),
            requested_at=float(progress.get("requested_at") or 0),
            due_at=float(progress.get("due_at") or 0),
        )


def _known(document: Mapping[str, Any]) -> Task | None:
    """The task of a summary that was read before, just so; None for any other document.

    With each occurrence of a case all of its tasks are read again, and few of them have changed.
    """
    read = document.get
    if read("finding") or read("audit") or read("owed"):
        return None
    try:
        if len(read("event_ids") or "") + len(read("outcome") or "") + len(read("message") or "") > LONG:
            return None
        return _summary(*map(read, SUMMARY_FIELDS)).copy()
    except TypeError:
        # A value that is none of the KV store's own types: only a person can have written it.
        return None


@functools.lru_cache(maxsize=2048, typed=True)
def _summary(*values: Any) -> Task:
    """Not to be changed."""
    return Task._read({name: value for name, value in zip(SUMMARY_FIELDS, values) if value is not None})


#: Hundreds of tasks that wait in a lane are of the same alert, and read at once.
@functools.lru_cache(maxsize=256)
def _alert(stored: str) -> Alert:
    return Alert(**{name: one_line(value) for name, value in bounded_json(stored).items()})


@functools.lru_cache(maxsize=256)
def _request(stored: str) -> Mapping[str, Any]:
    """Not to be changed."""
    request = bounded_json(stored)
    if not isinstance(request, dict):
        raise TypeError("request")
    return request


@functools.lru_cache(maxsize=256)
def _subject(stored: str) -> Mapping[str, str]:
    """Not to be changed."""
    return {name: one_line(value) for name, value in bounded_json(stored).items()} if stored else {}


def _events(stored: Any) -> list[dict[str, Any]]:
    if not stored:
        return []
    return [{**event, "time": float(event["time"])} for event in bounded_json(stored)]


def event_names(finding: Finding) -> tuple[str, ...]:
    """What tells one occurrence of a finding from the next: its event ids, or its times where it has none.

    Without ids, findings about different resources or principals are different occurrences, whatever their times.
    Without times, too, only the same finding is the same occurrence; and the same row of somebody's own alert, of which
    nobody knows what tells it from the next.
    """
    if finding.batch:
        # Rows of a run may be about the same events, and about more than are kept.
        return (*finding.event_ids, finding.batch)
    if finding.event_ids:
        return finding.event_ids
    has_times = (finding.first_time or finding.last_time) and not (finding.row or finding.rows)
    about = finding.target if has_times else finding.to_dict()
    digest = hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode("utf-8", "replace")).hexdigest()[:8]
    return (f"{finding.first_time:.0f}-{finding.last_time:.0f}-{finding.event_count}-{digest}",)
