"""Tasks and cases in the KV store. Written with system rights only."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Callable

from ..errors import DamagedDocument
from ..splunk.client import Splunkd
from .keys import Lane
from .states import State
from .task import SUMMARY_FIELDS, Document, Task

log = logging.getLogger("cloudtrail_responder")

TASKS = "responder_tasks"
CASES = "responder_cases"


@dataclass(frozen=True)
class Damaged:
    """A task that cannot be read. It is closed by whoever has the turn of its lane."""

    document: Document
    reason: DamagedDocument


class TaskStore:
    def __init__(self, splunkd: Splunkd, clock: Callable[[], float] | None = None) -> None:
        self._splunkd = splunkd
        self._now = clock or splunkd.now

    def record(self, task: Task) -> bool:
        """Insert a task. False when it was recorded before, by whomever."""
        task.created_at = task.created_at or self._now()
        task.updated_at = task.created_at
        task.due_at = task.due_at or task.created_at
        return self._splunkd.insert(TASKS, task.to_document())

    def open_case(self, task: Task) -> bool:
        """Insert the case of a task unless it is there: what is common to its tasks, for people to look at."""
        finding = task.finding
        document = {
            "_key": task.case_id,
            "dedup_key": finding.dedup_key if finding else "",
            "signature_id": finding.signature_id if finding else "",
            "signature": finding.signature if finding else "",
            "severity": finding.severity if finding else "",
            "search_name": task.alert.search_name,
            "owner": task.owner,
            "opened_at": task.created_at,
        }
        return self._splunkd.insert(CASES, document)

    def get(self, key: str) -> Task | None:
        """A task, or None. Raises DamagedDocument."""
        document = self._splunkd.fetch(TASKS, key)
        return Task.from_document(document) if document is not None else None

    def lane(self, lane: Lane) -> list[Task]:
        """How every task of a lane stands, oldest first, without findings and audits: a busy lane has thousands."""
        found = self._splunkd.find(TASKS, {"lane": str(lane)}, sort="created_at", fields=",".join(SUMMARY_FIELDS))
        return _readable(found)

    def open_in_lane(self, lane: Lane, keys: Iterable[str] = ()) -> list[Task | Damaged]:
        """The open tasks of a lane, whole, and those with the given keys, whatever their state; oldest first."""
        wanted: list[dict[str, Any]] = [{"lane": str(lane), "open": 1}, *({"_key": key} for key in keys)]
        query = wanted[0] if len(wanted) == 1 else {"$or": wanted}
        found: list[Task | Damaged] = []
        for document in self._splunkd.find(TASKS, query, sort="created_at"):
            try:
                found.append(Task.from_document(document))
            except DamagedDocument as error:
                found.append(Damaged(document, error))
        return found

    def due(self, limit: int) -> list[str]:
        """Keys of tasks that the worker goes on with (or whose audit events are owed), longest due first."""
        query = {"due_at": {"$gt": 0, "$lte": self._now()}}
        return [str(d["_key"]) for d in self._splunkd.find(TASKS, query, sort="due_at", limit=limit, fields="_key")]

    def save(self, task: Task) -> None:
        """Write a task back. Only who has the turn of its lane may."""
        task.updated_at = self._now()
        self._splunkd.replace(TASKS, task.key, task.to_document())

    def close_damaged(self, damaged: Damaged) -> None:
        """Close what cannot be read, so that it keeps nobody waiting; what can be read of it stays to be looked at."""
        key = str(damaged.document["_key"])
        closed = {
            "state": State.FAILED.value,
            "message": str(damaged.reason),
            "waiting_for": "",
            "outcome": "",
            "open": 0,
            "due_at": 0,
            "attempts": 0,
            "turn": 0,
            "audit": "",
        }
        self._splunkd.replace(TASKS, key, {**damaged.document, **closed})

    def for_a_person(self, since: float, limit: int) -> list[str]:
        """Keys of tasks that wait for a person, or have failed since then: a saved setting may have cured them."""
        query = {"$or": [{"waiting_for": "person"}, {"$and": [{"state": "failed"}, {"updated_at": {"$gte": since}}]}]}
        return [str(d["_key"]) for d in self._splunkd.find(TASKS, query, sort="created_at", limit=limit, fields="_key")]


def _readable(documents: Iterable[Document]) -> list[Task]:
    tasks = []
    for document in documents:
        try:
            tasks.append(Task.from_document(document))
        except DamagedDocument as error:
            # Closed when its own turn comes.
            log.debug("%s", error)
    return tasks
