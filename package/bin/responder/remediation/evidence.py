"""What was planned, intended and really done, as documents that are inserted and never changed.

Nothing here can be overwritten by a process that was stopped for an hour and goes on. Before each write a document says
what is intended and how the state was; after AWS has answered, another says that it is done; a third, what was read
back. Only the system may write the collection. Undo goes by what was done, and by nothing else.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ..errors import Curable, Unavailable, one_line
from . import together
from .model import Change, Resource, Step, plain
from .plans import digest_of
from .ports import Document, Documents

EVIDENCE = "responder_evidence"
#: The key of a write: that of its task, which begins with the case, and one of its own.
_WRITE = re.compile(r"([0-9a-f]{20}\.[A-Za-z0-9_.]{1,80}):[0-9a-f]{12}")
#: Of the documents. One of another version is not read: what it says may mean something else.
VERSION = 1


@dataclass(frozen=True)
class Planned:
    """A plan, before anything was touched."""

    at: float
    playbook: str
    mode: str
    changes: tuple[Change, ...]
    digest: str
    #: Names this asking: the same plan is asked about anew when nobody has answered in time.
    ask: str = ""
    #: When people were first asked about its resources, where another plan was shown before; 0 where none was.
    since: float = 0.0
    #: Minutes in which anybody may say no, after which it is done; 0 where that was not said when it was shown.
    delay: int = 0
    #: Whether people were asked about it; otherwise it was only kept before it was carried out.
    asked: bool = True

    @property
    def began(self) -> float:
        return self.since or self.at


@dataclass(frozen=True)
class Intended:
    """A write that was about to be sent."""

    key: str
    at: float
    playbook: str
    resource: Resource
    step: Step
    #: The aspect's value as it was read right before.
    before: Any

    @property
    def about(self) -> tuple[str, str, str]:
        """What it changes: id and region of the resource, and the aspect."""
        return self.resource.id, self.resource.region, self.step.aspect


@dataclass(frozen=True)
class Done:
    """What is known to have come of it."""

    at: float
    #: ``done``: AWS answered so. ``not_done``: AWS refused it, or nothing was sent. ``unknown``: no answer was kept,
    #: and the state has changed, by us or by somebody else.
    outcome: str
    #: The aspect's value as it was found, where the outcome is ``unknown``; where it is ``done``, what AWS calls the
    #: thing that the call has made, if that bears a mark.
    found: Any = None
    #: AWS's id of the call, by which CloudTrail's record of it is found; empty where its answer gave none.
    request_id: str = ""
    #: Account that made it, as AWS says; empty where that was not written down: the resource's own.
    account: str = ""


@dataclass(frozen=True)
class Left:
    """What was read back: the state that we left behind."""

    at: float
    value: Any
    ok: bool
    #: One sentence: what AWS said.
    observed: str


@dataclass
class Entry:
    """One write and everything that is known of it."""

    intended: Intended
    done: Done | None = None
    left: Left | None = None
    #: Epoch seconds at which it was taken back.
    undone_at: float | None = None
    #: The call of ours that took it back; None where somebody else has, or where its answer was lost.
    undo: Done | None = None

    @property
    def is_open(self) -> bool:
        """Nobody wrote down what came of it."""
        return self.done is None

    @property
    def is_ours(self) -> bool:
        """AWS answered that it was done."""
        return self.done is not None and self.done.outcome == "done"

    @property
    def is_unknown(self) -> bool:
        return self.done is not None and self.done.outcome == "unknown"

    @property
    def expected(self) -> Any:
        """The aspect's value as we left it: what was read back, else what AWS said it had done."""
        if self.left is not None and self.left.ok:
            return self.left.value
        return self.done.found if self.done is not None and self.is_unknown else self.intended.step.after

    def concerns(self, other: Entry) -> bool:
        return self.intended.about == other.intended.about


@dataclass
class Evidence:
    """Everything that is kept of one task, oldest first."""

    task: str
    plans: list[Planned] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    @property
    def plan(self) -> Planned | None:
        """The newest plan."""
        return self.plans[-1] if self.plans else None

    @property
    def made(self) -> list[Entry]:
        """Writes that changed something, or may have, and were not taken back, by themselves or with a later one."""
        made: list[Entry] = []
        taken_back: set[tuple[str, str, str]] = set()
        for entry in reversed(self.entries):
            if entry.undone_at is not None:
                taken_back.add(entry.intended.about)
            elif (entry.is_ours or entry.is_unknown) and entry.intended.about not in taken_back:
                made.append(entry)
        return made[::-1]

    @property
    def missed(self) -> list[Entry]:
        """Writes of which nothing came, the newest of each aspect, unless another one has changed it."""
        made = self.made
        nothing = (entry for entry in self.entries if entry.done is not None and entry.done.outcome == "not_done")
        found = {
            (entry.intended.resource.target, entry.intended.step.aspect): entry
            for entry in nothing
            if not any(entry.concerns(other) for other in made)
        }
        return list(found.values())

    @property
    def undos(self) -> list[Entry]:
        """The calls of ours by which writes were taken back, as writes of their own; each once."""
        found = {}
        for entry in self.entries:
            step, undo = entry.intended.step, entry.undo
            if undo is not None and step.undo is not None:
                back = Step(step.aspect, step.after, step.before, step.undo)
                intended = replace(entry.intended, at=undo.at, step=back, before=entry.expected)
                found[entry.intended.resource.target, step.aspect, undo.request_id] = Entry(intended, undo)
        return list(found.values())

    @property
    def states(self) -> dict[str, Any]:
        """How aspects were left by writes that AWS has answered, as far as that was read."""
        ours = (entry for entry in self.made if entry.is_ours)
        return {e.intended.step.aspect: e.left.value if e.left else e.intended.step.after for e in ours}

    @property
    def open(self) -> list[Entry]:
        """Writes that may have been made, and that no later one explains, which is known to have been made by us."""
        return [
            entry
            for number, entry in enumerate(self.entries, 1)
            if entry.is_open and not any(later.is_ours and entry.concerns(later) for later in self.entries[number:])
        ]


class EvidenceStore:
    """The evidence of one task in the KV store.

    What is written ``later`` goes out with the next document, or with ``flush``: not before it is there may anything be
    done that relies on it.
    """

    def __init__(self, documents: Documents, task: str, clock: Callable[[], float]) -> None:
        self._together = together.of(documents)
        self._task = task
        self._clock = clock
        self._owed: list[Document] = []

    def load(self) -> Evidence:
        """Raises Curable when a document cannot be read: it is not known, then, what was done."""
        return read(self._task, self._together.find(EVIDENCE, "task", self._task))

    def plan(
        self,
        playbook: str,
        mode: str,
        changes: Sequence[Change],
        later: bool = False,
        since: float = 0.0,
        delay: int = 0,
        asked: bool = True,
    ) -> Planned:
        ask = uuid.uuid4().hex[:12]
        planned = Planned(self._clock(), playbook, mode, tuple(changes), digest_of(changes), ask, since, delay, asked)
        body: dict[str, Any] = {"playbook": playbook, "mode": mode, "changes": [one.to_dict() for one in changes]}
        body.update({"since": since, "delay": delay, "asked": int(asked)})
        self._write(f"{self._task}:plan:{ask}", "planned", planned.at, body, later)
        return planned

    def intend(self, playbook: str, resource: Resource, step: Step, before: Any) -> Entry:
        key = f"{self._task}:{uuid.uuid4().hex[:12]}"
        intended = Intended(key, self._clock(), playbook, resource, step, before)
        body = {"playbook": playbook, "resource": resource.to_dict(), "step": asdict(step), "before": before}
        self._write(key, "intended", intended.at, body, resource=key_of(resource))
        return Entry(intended)

    def conclude(
        self,
        entry: Entry,
        outcome: str,
        found: Any = None,
        later: bool = False,
        request_id: str = "",
        account: str = "",
    ) -> None:
        entry.done = Done(self._clock(), outcome, found, request_id, account)
        body = {"found": found, "request_id": request_id, "account": account}
        self._write(_key(entry, outcome), outcome, entry.done.at, body, later)

    def leave(self, entry: Entry, value: Any, ok: bool, observed: str, later: bool = False) -> None:
        entry.left = Left(self._clock(), value, ok, observed)
        body = {"value": value, "ok": ok, "observed": observed}
        self._write(_key(entry, "left"), "left", entry.left.at, body, later)

    def undone(self, entry: Entry, by: str, request_id: str = "", account: str = "") -> None:
        """To be flushed. ``account``: that made the call which took it back; empty where no call of ours did."""
        entry.undone_at = self._clock()
        if account:
            entry.undo = Done(entry.undone_at, "done", None, request_id, account)
        body = {"by": by, "request_id": request_id, "account": account}
        self._write(_key(entry, "undone"), "undone", entry.undone_at, body, later=True)

    def flush(self) -> None:
        """Write what is owed. After an error it still is: written twice, it is the same."""
        self._together.save(EVIDENCE, self._owed)
        self._owed = []

    def _write(self, key: str, kind: str, at: float, body: Any, later: bool = False, resource: str = "") -> None:
        self._owed.append(
            {
                **({"resource": resource} if resource else {}),
                "_key": key,
                "task": self._task,
                "case_id": self._task.partition(".")[0],
                "kind": kind,
                "version": VERSION,
                "at": at,
                "body": json.dumps(plain(body)),
            }
        )
        if not later:
            self.flush()


def read(task: str, documents: Sequence[Document]) -> Evidence:
    """The evidence of a task, of which these are the documents, in any order. Raises as ``load`` does."""
    evidence = Evidence(task)
    by_key: dict[str, Entry] = {}
    for document in sorted(documents, key=_order):
        try:
            _add(document, evidence, by_key)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise _damaged(document, error) from error
    return evidence


def key_of(resource: Resource) -> str:
    """By which the evidence of all writes to a resource is found, whichever case they were made for."""
    return hashlib.sha256(f"{resource.id}|{resource.region}".encode()).hexdigest()[:24]


def task_of(write: str) -> str:
    """The task that the key of a write names; empty where it is no such key."""
    found = _WRITE.fullmatch(write)
    return found[1] if found else ""


def _damaged(document: Document, error: Exception) -> Curable:
    key, kind = one_line(document.get("_key"))[:120], type(error).__name__
    if document.get("kind") == "planned":
        # Nothing was touched by it.
        return Curable(
            f"Plan {key} is damaged ({kind}), so nobody can decide about it.",
            f"Delete it from the collection {EVIDENCE}, then retry.",
        )
    return Curable(
        f"Evidence {key} is damaged ({kind}), so it is not known what was done in AWS.",
        f"Look at the resource in AWS, delete the document from the collection {EVIDENCE}, then retry.",
    )


def _key(entry: Entry, kind: str) -> str:
    """Never that of another document: two processes may say the same of one write, and both are kept."""
    return f"{entry.intended.key}:{kind}:{uuid.uuid4().hex[:8]}"


#: Within one moment, and for one write: in this order.
_KINDS = ("planned", "intended", "not_done", "unknown", "done", "left", "undone")


def _order(document: Document) -> tuple[bool, int, float]:
    """Plans and intentions before what refers to them; a clock that was set back must not part them."""
    kind = str(document.get("kind"))
    refers = kind not in ("planned", "intended")
    at = document.get("at")
    return refers, _KINDS.index(kind) if refers and kind in _KINDS else 0, at if isinstance(at, (int, float)) else 0.0


def _add(document: Document, evidence: Evidence, by_key: dict[str, Entry]) -> None:
    if int(document["version"]) != VERSION:
        raise ValueError("written by another version of the app")
    if document["kind"] not in _KINDS:
        raise ValueError("a kind of evidence that this version does not know")
    key, kind, at, body = str(document["_key"]), document["kind"], float(document["at"]), json.loads(document["body"])
    if kind == "planned":
        changes = tuple(Change.from_dict(change) for change in body["changes"])
        ask, named = key.rpartition(":")[2], (str(body["playbook"]), str(body["mode"]))
        since, delay = float(body.get("since") or 0), int(body.get("delay") or 0)
        asked = bool(body.get("asked", True))
        evidence.plans.append(Planned(at, *named, changes, digest_of(changes), ask, since, delay, asked))
        return
    if kind == "intended":
        resource, step = Resource.from_dict(body["resource"]), Step.from_dict(body["step"])
        by_key[key] = Entry(Intended(key, at, str(body["playbook"]), resource, step, body["before"]))
        evidence.entries.append(by_key[key])
        return
    entry = by_key.get(key.rpartition(f":{kind}")[0])
    if entry is None:
        raise Unavailable(f"The intention before evidence {key} cannot be read here (yet).", "It is tried again.")
    if kind in ("done", "not_done", "unknown"):
        # Said twice, by two processes: the first counts.
        if entry.done is None or entry.done.outcome != kind:
            made = str(body.get("request_id") or ""), str(body.get("account") or "")
            entry.done = Done(at, kind, body["found"], *made)
    elif kind == "left":
        entry.left = Left(at, body["value"], bool(body["ok"]), str(body["observed"]))
    elif entry.undone_at is None:
        entry.undone_at, account = at, str(body.get("account") or "")
        if account:
            entry.undo = Done(at, "done", None, str(body.get("request_id") or ""), account)
