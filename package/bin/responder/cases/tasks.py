"""Tasks: one effect on the outside world each, recorded before it is tried and closed after it succeeded.

The KV store offers one atomic thing, the insert of a ``_key``; so a task's key is derived from what it is about
(recording it twice records it once), and a lease on it is another insert (``<task>:<attempt>``).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import uuid
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

from ..errors import Rejected, one_line
from ..splunk.client import Document, Splunkd

TASKS = "responder_tasks"
LEASES = "responder_leases"

#: States in which nothing more will be tried.
FINAL = ("done", "failed", "refused", "skipped")
#: After this many seconds a task that never succeeded is given up, and says so.
GIVE_UP_AFTER = 3 * 86_400.0
#: Seconds for which a lease stays after its end.
LEASE_KEPT = 3600.0
#: What a document that was not written by this app raises when it is read.
DAMAGE = (ValueError, KeyError, TypeError, AttributeError)
KEY = re.compile(r"[0-9a-f]{20}(\.[a-z0-9_]+)+")


@dataclass
class Task:
    """One effect. ``request`` is what was asked; ``outcome`` what came of it (both JSON objects)."""

    key: str
    case_id: str
    #: Which effect; the name of a handler in ``effects``.
    kind: str
    request: Dict[str, Any] = field(default_factory=dict)
    #: The event ids (of CloudTrail) this task is about.
    event_ids: Tuple[str, ...] = ()
    #: Who owns the alert that asked for it.
    owner: str = ""
    #: Id of the run (search job) that asked for it; run limits count by it.
    run: str = ""
    state: str = "pending"
    outcome: Dict[str, Any] = field(default_factory=dict)
    #: The last thing there is to say about it, one line.
    message: str = ""
    #: Attempts that reported back. A lease numbered higher belongs to one that did not (yet).
    attempts: int = 0
    #: The last attempt does not know whether its effect happened.
    unsure: bool = False
    #: ``person`` while a setting, a right or a finding must be changed before it can succeed; ``time`` while it is put
    #: off on purpose.
    needs: str = ""
    created_at: float = 0.0
    updated_at: float = 0.0
    #: Epoch seconds from which the worker may try again.
    due_at: float = 0.0
    #: Audit events that are not indexed yet.
    trail: List[Dict[str, Any]] = field(default_factory=list)

    @property
    def final(self) -> bool:
        return self.state in FINAL

    def to_document(self) -> Document:
        return {
            "_key": self.key,
            "case_id": self.case_id,
            "kind": self.kind,
            "request": json.dumps(self.request),
            "event_ids": json.dumps(self.event_ids),
            "owner": self.owner,
            "parent": self.run,
            "state": self.state,
            "outcome": json.dumps(self.outcome),
            "progress": json.dumps({"unsure": self.unsure, "needs": self.needs}),
            "message": self.message,
            "attempts": self.attempts,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "due_at": self.due_at,
            "trail": json.dumps(self.trail, default=str) if self.trail else "",
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Task:
        progress = json.loads(document.get("progress") or "{}")
        return cls(
            key=str(document["_key"]),
            case_id=str(document["case_id"]),
            kind=str(document["kind"]),
            request=json.loads(document.get("request") or "{}"),
            event_ids=tuple(json.loads(document.get("event_ids") or "[]")),
            owner=str(document.get("owner") or ""),
            run=str(document.get("parent") or ""),
            state=str(document.get("state") or "pending"),
            outcome=json.loads(document.get("outcome") or "{}"),
            unsure=bool(progress.get("unsure")),
            needs=str(progress.get("needs") or ""),
            message=one_line(document.get("message") or ""),
            attempts=int(document.get("attempts") or 0),
            created_at=float(document.get("created_at") or 0),
            updated_at=float(document.get("updated_at") or 0),
            due_at=float(document.get("due_at") or 0),
            trail=[{**event, "time": float(event["time"])} for event in json.loads(document.get("trail") or "[]")],
        )


def occurrence(event_ids: Iterable[str]) -> str:
    """A short name for a set of events, the same wherever and whenever it is computed."""
    return hashlib.sha256("\n".join(sorted(event_ids)).encode("utf-8", "replace")).hexdigest()[:12]


def _readable(documents: Iterable[Document]) -> Iterator[Task]:
    """The tasks among documents; a damaged one is closed when its own turn comes."""
    for document in documents:
        try:
            task = Task.from_document(document)
        except DAMAGE:
            continue
        yield task


class TaskStore:
    """Tasks and leases in the KV store."""

    def __init__(self, splunkd: Splunkd, clock: Callable[[], float], lease_seconds: float = 180.0) -> None:
        self._splunkd = splunkd
        self._clock = clock
        self.lease_seconds = lease_seconds
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"

    def record(self, task: Task) -> bool:
        """Insert a task. False when it was recorded before, by whomever."""
        task.created_at = task.created_at or self._clock()
        task.updated_at = task.created_at
        task.due_at = task.due_at or task.created_at
        return self._splunkd.insert(TASKS, task.to_document())

    def get(self, key: str) -> Optional[Task]:
        """A task, or None. One that cannot be read is closed, so that it blocks nobody, and raises Rejected."""
        document = self._splunkd.fetch(TASKS, key)
        if document is None:
            return None
        try:
            return Task.from_document(document)
        except DAMAGE as error:
            message = f"Task {key} is damaged ({type(error).__name__}) and was closed."
            closed = {"state": "failed", "message": message, "attempts": 0, "due_at": 0, "trail": ""}
            self._splunkd.replace(TASKS, key, {**document, **closed})
            raise Rejected(message, "See the document in the KV store; run the alert again.") from error

    def of_case(self, case_id: str, *fields: str) -> List[Task]:
        """Every task of a case, oldest first, with these fields of its document alone: a busy case has thousands."""
        only = ",".join(("_key", "case_id", "kind", "state", *fields))
        found = self._splunkd.find(TASKS, {"case_id": case_id}, sort="created_at", fields=only)
        return list(_readable(found))

    def due(self, limit: int) -> List[str]:
        """Keys of tasks that wait to be tried (again) or whose audit events are still owed, oldest first."""
        query = {
            "$or": [
                {"$and": [{"state": "pending"}, {"due_at": {"$lte": self._clock()}}]},
                {"$and": [{"trail": {"$ne": ""}}, {"due_at": {"$lte": self._clock()}}]},
            ]
        }
        return [str(d["_key"]) for d in self._splunkd.find(TASKS, query, sort="due_at", limit=limit, fields="_key")]

    def save(self, task: Task) -> None:
        """Write a task back. Only the holder of its lease may."""
        task.updated_at = self._clock()
        self._splunkd.replace(TASKS, task.key, task.to_document())

    def claim(self, task: Task) -> Optional[Lease]:
        """Take the lease on the task's next attempt, overtaking expired ones; None while somebody holds it.

        ``lease.overtaken`` tells that an earlier attempt began and never reported back.
        """
        attempt, overtaken = task.attempts + 1, False
        while True:
            now = self._clock()
            expires = now + self.lease_seconds
            key = f"{task.key}:{attempt}"
            document = {"_key": key, "task": task.key, "holder": self._holder, "taken_at": now, "expires_at": expires}
            if self._splunkd.insert(LEASES, document):
                return Lease(task.key, attempt, expires, overtaken)
            held = self._splunkd.fetch(LEASES, key)
            if held is None:
                # Inserted, but not to be read here yet (a search head cluster reads its local copy), or just swept.
                return None
            if held.get("holder") == self._holder and held.get("taken_at") == now:
                # Our own insert, sent twice because its first answer was lost.
                return Lease(task.key, attempt, expires, overtaken)
            if float(held.get("expires_at") or 0) > now:
                return None
            attempt, overtaken = attempt + 1, True

    def first(self, name: str, holder: str, group: str = "") -> str:
        """Which task came first to a name; that is this one (``holder``) if none did. Empty while it cannot be read."""
        now = self._clock()
        expires = now + 2 * GIVE_UP_AFTER
        document = {"_key": name, "task": group or name, "holder": holder, "taken_at": now, "expires_at": expires}
        if self._splunkd.insert(LEASES, document):
            return holder
        return str((self._splunkd.fetch(LEASES, name) or {}).get("holder") or "")

    def overtaken(self, lease: Lease) -> bool:
        """Whether the lease has ended and somebody else has taken the next one."""
        if self._clock() <= lease.expires_at:
            return False
        return self._splunkd.fetch(LEASES, f"{lease.task_key}:{lease.attempt + 1}") is not None

    def sweep(self, limit: int = 500) -> None:
        """Forget leases that ended long ago, but for those whose holder never reported back.

        Not as soon as a task ends: where reads lag behind, its lease is what keeps others from doing it again.
        """
        ended = {"expires_at": {"$lt": self._clock() - LEASE_KEPT}}
        for lease in self._splunkd.find(LEASES, ended, sort="expires_at", limit=limit):
            try:
                task = self.get(str(lease.get("task")))
            except Rejected:
                task = None
            number = str(lease["_key"]).rpartition(":")[2]
            if task is None or task.final or (number.isdigit() and int(number) <= task.attempts):
                self._splunkd.delete_where(LEASES, {"_key": lease["_key"]})


@dataclass(frozen=True)
class Lease:
    task_key: str
    attempt: int
    #: Epoch seconds; nothing may be begun shortly before it.
    expires_at: float
    overtaken: bool
