"""Tasks, turns and cases in the KV store. Written with system rights only.

What several threads write at the same moment goes out as one request.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from ..coalescing import Coalescer
from ..errors import Rejected, ResponderError
from ..findings.finding import SEVERITIES
from ..findings.notables import notables_of
from ..splunk.client import Splunkd
from ..splunk.queries import any_of
from . import audit
from .invocations import INVOCATIONS
from .snapshot import Damaged
from .states import State
from .task import TASKS, Document, Task

log = logging.getLogger("cloudtrail_responder")

CASES = "responder_cases"
#: Seconds that the end of a lane waits at most for the ends of others that are worked on.
LINGER = 0.5
#: Characters of a finding's field that a case is listed with.
LONGEST_FIELD = 300
#: Lanes whose documents and audit events go out together.
TOGETHER = 100


@dataclass(frozen=True)
class End:
    """How the work on a lane ends: its audit events, then its documents, once it is known whether those were taken."""

    events: Sequence[Mapping[str, Any]]
    #: The audit index.
    index: str
    #: Given whether the events were indexed.
    documents: Callable[[bool], Sequence[Mapping[str, Any]]]
    #: Results whose ends the worker tells from now on (``invocations.py``).
    owed: Sequence[Mapping[str, Any]] = ()


class TaskStore:
    """Share one among the threads of a run."""

    def __init__(
        self,
        splunkd: Splunkd,
        clock: Callable[[], float] | None = None,
        writers: Callable[[], int] = lambda: 1,
    ) -> None:
        """``writers``: how many lanes are being worked on."""
        self._splunkd = splunkd
        self._now = clock or splunkd.now
        self._writes: Coalescer[Sequence[Mapping[str, Any]], None] = Coalescer(self._write, TOGETHER)
        self._records: Coalescer[Sequence[Mapping[str, Any]], None] = Coalescer(
            self._write, TOGETHER, LINGER, writers
        )
        self._ends: Coalescer[End, None] = Coalescer(self._end, TOGETHER, LINGER, writers)

    # -- documents, as turns want them ------------------------------------------------------------------------------

    def insert(self, document: Mapping[str, Any]) -> bool:
        """False when its key exists: the only write that can claim anything."""
        return self._splunkd.insert(TASKS, document)

    def fetch(self, key: str) -> Document | None:
        return self._splunkd.fetch(TASKS, key)

    def save(self, *documents: Mapping[str, Any]) -> None:
        """Write whole documents, new or not. Raises Rejected for what the KV store does not take, then none is kept."""
        if documents:
            self._writes.ask(documents)

    def delete_where(self, query: Mapping[str, Any]) -> None:
        self._splunkd.delete_where(TASKS, query)

    def _write(self, groups: Sequence[Sequence[Mapping[str, Any]]]) -> list[None | Exception]:
        try:
            self._splunkd.save_many(TASKS, [document for group in groups for document in group])
        except Rejected as error:
            if len(groups) == 1:
                return [error]
            # One that is not taken must not take the others along.
            return [answer for group in groups for answer in self._write([group])]
        return [None] * len(groups)

    # -- tasks -------------------------------------------------------------------------------------------------------

    def get(self, key: str) -> Task | None:
        """A task, or None. Raises DamagedDocument."""
        document = self.fetch(key)
        return Task.from_document(document) if document is not None else None

    def record(self, task: Task) -> bool:
        """Insert a task. False when it was recorded before, by whomever."""
        return self.insert(self.recorded(task))

    def record_many(self, tasks: Sequence[Task]) -> None:
        """The same for tasks that are known not to be there.

        Where somebody records one of them at the same moment, it may start over; but what the turns of its lane have
        done to it is found in their documents as soon as it is read.
        """
        if tasks:
            self._records.ask([self.recorded(task) for task in tasks])

    def recorded(self, task: Task) -> Document:
        task.created_at = task.created_at or self._now()
        task.updated_at = task.created_at
        task.due_at = task.due_at or task.created_at
        return task.to_document()

    def document(self, task: Task) -> Document:
        """A task that was worked on, to be written with the turn that worked on it."""
        task.updated_at = self._now()
        return task.to_document()

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

    # -- cases -------------------------------------------------------------------------------------------------------

    def open_cases(self, tasks: Sequence[Task]) -> None:
        """Write down what is common to the tasks of new cases, for people to look at. Nothing is decided by it.

        What is written down already stays as it is.
        """
        made = {task.case_id: {**case_document(task), "_key": task.case_id} for task in reversed(tasks)}
        if len(made) == 1:
            self._splunkd.insert(CASES, *made.values())
            return
        for query in any_of("_key", list(made)):
            for known in self._splunkd.find(CASES, query, fields="_key"):
                made.pop(str(known["_key"]), None)
        if made:
            self._splunkd.save_many(CASES, list(made.values()))

    def raise_case(self, case_id: str, severity: str) -> None:
        """A case is as grave as the gravest that its ticket tells of, for people who look at it."""
        case, rank = self._splunkd.fetch(CASES, case_id), SEVERITIES.index(severity)
        if case is not None and int(case.get("severity_rank") or 0) < rank:
            self._splunkd.replace(CASES, case_id, {**case, "severity": severity, "severity_rank": rank})

    # -- the end of a lane ---------------------------------------------------------------------------------------------

    def end(self, end: End) -> None:
        """Write it together with those of other lanes. Raises as ``save`` does."""
        self._ends.ask(end)

    def _end(self, ends: Sequence[End]) -> list[None | Exception]:
        indexed = self._index(ends)
        failed = self._hand_on(ends)
        groups = [failed if failed and end.owed else _documents(end, indexed) for end in ends]
        wanted = [group for group in groups if group and not isinstance(group, Exception)]
        written = iter(self._write(wanted) if wanted else [])
        return [group if isinstance(group, Exception) else next(written) if group else None for group in groups]

    def _hand_on(self, ends: Sequence[End]) -> Exception | None:
        """Before anything says that their tasks have ended. Why it could not be done; None where it was."""
        owed = [document for end in ends for document in end.owed]
        try:
            if owed:
                self._splunkd.save_many(INVOCATIONS, owed)
        except ResponderError as error:
            return error
        return None

    def _index(self, ends: Sequence[End]) -> bool:
        events = [event for end in ends for event in end.events]
        try:
            # One run has one audit index.
            audit.send(self._splunkd, events, ends[0].index)
        except ResponderError as error:
            log.error("audit events not indexed yet: %s", error)
            return False
        return True


def _documents(end: End, indexed: bool) -> Sequence[Mapping[str, Any]] | Exception:
    """What cannot be made into a document must not take the other lanes along."""
    try:
        return end.documents(indexed)
    except Exception as error:
        return error


def case_document(task: Task) -> Document:
    """Of the case of a task's finding, in whichever case it is told: what people look at."""
    finding = task.finding
    notable = next(iter(notables_of(finding)), None)
    return {
        "_key": task.about_case,
        "dedup_key": finding.dedup_key if finding else "",
        "signature_id": finding.signature_id if finding else "",
        "signature": finding.signature if finding else "",
        "severity": finding.severity if finding else "",
        # What the console's queue filters and sorts by.
        "severity_rank": SEVERITIES.index(finding.severity) if finding else -1,
        "account": finding.vendor_account if finding else "",
        "actor": (finding.user or finding.user_arn)[:LONGEST_FIELD] if finding else "",
        "resource": finding.object_id[:LONGEST_FIELD] if finding else "",
        "search_name": task.alert.search_name,
        "owner": task.owner,
        "opened_at": task.created_at,
        "es_finding": notable.id if notable else "",
        "orig_sid": notable.orig_sid if notable else "",
        "orig_rid": notable.orig_rid if notable else "",
    }
