"""How a case stands: the tasks and turns of all of its lanes, read in one request, for many cases at once.

Findings and audits are read of open tasks only, and only in the lane that is worked on: a busy case has thousands.
What is read may be old by the time it is used. It decides nothing by itself: whoever wants to have an effect claims the
lane's next turn, and somebody else's turn in between makes that fail (``turns.py``).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..coalescing import Coalescer
from ..errors import DamagedDocument
from ..splunk.client import Splunkd
from ..splunk.queries import either
from . import excuses
from .excuses import Excuse, is_excuse
from .keys import Lane
from .task import SUMMARY_FIELDS, TASKS, Document, Task
from .turns import RECENT, TURN_FIELDS, StoredTurn

log = logging.getLogger("cloudtrail_responder")

#: Cases asked for in one request: its address may have so many characters only.
CASES = 40
#: Documents of several cases that are read at once; above that each is read by itself.
MOST_TOGETHER = 3000
#: Documents of one case that are read at once; of a larger one, only the lane that is worked on.
MOST_OF_A_CASE = 1000
#: Open tasks of a lane that are read whole at once; of more, only when it is known that all of them are needed.
FEW_OPEN = 25
#: Seconds by which a time may differ from what was written: splunkd may round it.
SAME_MOMENT = 0.001
#: Enough to know how tasks stand, all of a turn, and of an excuse.
FIELDS = ",".join((*SUMMARY_FIELDS, "case_id", "lane", *TURN_FIELDS, "excuse"))


@dataclass(frozen=True)
class Damaged:
    """A task that cannot be read. It is closed by whoever has the turn of its lane."""

    document: Document
    reason: DamagedDocument


@dataclass
class LaneState:
    """One lane. ``tasks`` oldest first; those that have ended lack finding and audit."""

    tasks: list[Task] = field(default_factory=list)
    damaged: list[Damaged] = field(default_factory=list)
    #: The newest turns, oldest first.
    turns: list[StoredTurn] = field(default_factory=list)
    #: Of the lane that has nothing else.
    excuses: list[Excuse] = field(default_factory=list)

    def add(self, document: Document) -> None:
        if is_excuse(document):
            excuse = Excuse.of(document)
            self.excuses += [excuse] if excuse else []
            return
        if is_turn(document):
            turn = StoredTurn.of(document)
            self.turns += [turn] if turn else []
            return
        try:
            self.tasks.append(Task.from_document(document))
        except DamagedDocument as error:
            self.damaged.append(Damaged(document, error))

    @property
    def keys(self) -> set[str]:
        return {task.key for task in self.tasks} | {str(one.document.get("_key")) for one in self.damaged}

    @property
    def last_turn(self) -> int:
        """Its number; 0 where there was none."""
        return max((turn.number for turn in self.turns), default=0)

    @property
    def without_findings(self) -> int:
        """Open tasks that were read without what only whole documents have."""
        return sum(not task.final and task.finding is None for task in self.tasks)

    def replace(self, documents: Iterable[Document]) -> None:
        """Take these tasks as they stand here instead."""
        documents = list(documents)
        keys = {document.get("_key") for document in documents}
        self.tasks = [task for task in self.tasks if task.key not in keys]
        self.damaged = [one for one in self.damaged if one.document.get("_key") not in keys]
        for document in documents:
            self.add(document)

    def sort(self) -> None:
        self.tasks.sort(key=lambda task: task.created_at)
        self.turns.sort(key=lambda turn: turn.number)


@dataclass(frozen=True)
class CaseSnapshot:
    case_id: str
    #: Monotonic seconds of this machine, before it was asked for.
    read_at: float
    lanes: Mapping[str, LaneState]
    #: Whether everything of the case was read.
    is_complete: bool = True
    #: Whether it was not read, but remembered as this process left it.
    is_remembered: bool = False
    #: When each lane of one that is remembered was left or read; those that are not here, when the case was.
    left_at: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been recorded in it yet; an excuse may outlive all that was."""
        return self.is_complete and not set(self.lanes) - {str(excuses.lane_of(self.case_id))}

    @property
    def keys(self) -> set[str]:
        """Of every task that was read."""
        return {key for state in self.lanes.values() for key in state.keys}

    def no_older_than(self, known: CaseSnapshot | None) -> CaseSnapshot:
        """The same, with lanes that this process has left meanwhile as it left them: a copy that is read may lag."""
        if known is None or not (self.is_complete and known.is_complete):
            return self
        nothing = LaneState()
        lanes = known.lanes.items()
        left = {name: state for name, state in lanes if state.last_turn > self.lanes.get(name, nothing).last_turn}
        return replace(self, lanes={**self.lanes, **left})

    def with_tasks(self, tasks: Iterable[Task]) -> CaseSnapshot:
        """The same with tasks that this process has just recorded, whole: those need not be read."""
        whole = {task.key: task for task in tasks}
        lanes: dict[str, LaneState] = {}
        for name, state in self.lanes.items():
            tasks_read = [_filled(task, whole.pop(task.key, None)) for task in state.tasks]
            lanes[name] = LaneState(tasks_read, state.damaged, state.turns, state.excuses)
        for task in whole.values():
            lanes.setdefault(str(task.lane), LaneState()).tasks.append(task)
        return replace(self, lanes=lanes)


class CaseReader:
    """Reads cases for all threads of one run."""

    def __init__(self, splunkd: Splunkd) -> None:
        self._splunkd = splunkd
        self._cases: Coalescer[str, CaseSnapshot] = Coalescer(self._read, most=CASES)
        self._open: Coalescer[str, list[Document]] = Coalescer(self._read_open, most=CASES)

    def read(self, case_id: str) -> CaseSnapshot:
        return self._cases.ask(case_id)

    def read_many(self, case_ids: Sequence[str]) -> dict[str, CaseSnapshot]:
        wanted = list(dict.fromkeys(case_ids))
        groups = [wanted[first : first + CASES] for first in range(0, len(wanted), CASES)]
        return {snapshot.case_id: snapshot for group in groups for snapshot in self._read(group)}

    def lane(self, snapshot: CaseSnapshot, lane: Lane) -> LaneState:
        """How one lane of a case stands."""
        return snapshot.lanes.get(str(lane), LaneState()) if snapshot.is_complete else self._large(lane)

    def excuse(self, snapshot: CaseSnapshot) -> Excuse | None:
        """What was said last of whether a case is excused; None where nothing was."""
        return excuses.newest(self.lane(snapshot, excuses.lane_of(snapshot.case_id)).excuses)

    def lane_to_work_on(self, snapshot: CaseSnapshot, lane: Lane, keys: Iterable[str]) -> LaneState:
        """The same with open tasks whole (unless they are many), and the tasks with these keys, whatever they say."""
        found = self.lane(snapshot, lane)
        # Of its own: whoever works on another lane of the case reads these tasks, too.
        tasks = [task.copy() for task in found.tasks]
        state = LaneState(tasks, list(found.damaged), found.turns)
        if 0 < state.without_findings <= FEW_OPEN:
            state.replace(self._open.ask(str(lane)))
        known = state.keys
        for key in keys:
            if key not in known:
                document = self._splunkd.fetch(TASKS, key)
                if document is not None:
                    state.add(document)
        state.sort()
        return state

    def open_tasks(self, lane: Lane) -> list[Task]:
        """The open tasks of a lane, whole, as far as they can be read."""
        state = LaneState()
        for document in self._open.ask(str(lane)):
            state.add(document)
        return state.tasks

    def fill(self, cases: Mapping[str, CaseSnapshot], lanes: Sequence[Lane]) -> None:
        """Read the open tasks of some lanes whole, where only a summary was read."""
        known = ((lane, cases[lane.case_id].lanes.get(str(lane))) for lane in lanes if lane.case_id in cases)
        missing = [lane for lane, state in known if state is not None and 0 < state.without_findings <= FEW_OPEN]
        for first in range(0, len(missing), CASES):
            some = missing[first : first + CASES]
            for lane, documents in zip(some, self._read_open([str(lane) for lane in some])):
                cases[lane.case_id].lanes[str(lane)].replace(documents)

    def _read_open(self, lanes: Sequence[str]) -> list[list[Document]]:
        queries = [{"lane": lane, "open": 1} for lane in dict.fromkeys(lanes)]
        found: dict[str, list[Document]] = {}
        for document in self._splunkd.find(TASKS, either(queries)):
            found.setdefault(str(document.get("lane")), []).append(document)
        return [found.get(lane, []) for lane in lanes]

    def _read(self, case_ids: Sequence[str]) -> list[CaseSnapshot]:
        wanted = list(dict.fromkeys(case_ids))
        began = time.monotonic()
        if len(wanted) == 1:
            query: Mapping[str, Any] = {"case_id": wanted[0]}
            found = self._splunkd.find(TASKS, query, limit=MOST_OF_A_CASE, fields=FIELDS)
            read = {wanted[0]: _snapshot(wanted[0], began, found, len(found) < MOST_OF_A_CASE)}
        else:
            query = {"$or": [{"case_id": case_id} for case_id in wanted]}
            found = self._splunkd.find(TASKS, query, limit=MOST_TOGETHER, fields=FIELDS)
            if len(found) >= MOST_TOGETHER:
                read = {case_id: self._read([case_id])[0] for case_id in wanted}
            else:
                by_case: dict[str, list[Document]] = {case_id: [] for case_id in wanted}
                for document in found:
                    by_case.setdefault(str(document.get("case_id")), []).append(document)
                read = {case_id: _snapshot(case_id, began, by_case[case_id], True) for case_id in wanted}
        return [read[case_id] for case_id in case_ids]

    def _large(self, lane: Lane) -> LaneState:
        """Of a case with thousands of tasks: one lane, and its newest turns."""
        state, name = LaneState(), str(lane)
        for document in self._splunkd.find(TASKS, {"lane": name, "open": {"$gte": 0}}, fields=FIELDS):
            state.add(document)
        newest = {"lane": name, "number": {"$gte": 1}}
        for document in self._splunkd.find(TASKS, newest, sort="number:-1", limit=RECENT):
            state.add(document)
        state.sort()
        return state


def _filled(task: Task, whole: Task | None) -> Task:
    """A task as it was read, with what only the whole document has.

    Not where it was worked on since, or was recorded before this: then its document may owe other audit events.
    """
    if whole is None or task.turn != whole.turn or abs(task.created_at - whole.created_at) > SAME_MOMENT:
        return task
    return replace(task, finding=whole.finding, audit=list(whole.audit), owed=whole.owed)


def is_turn(document: Mapping[str, Any]) -> bool:
    """Turns and tasks lie in one collection, so that one request reads or writes both."""
    return "number" in document and "kind" not in document


def _snapshot(case_id: str, read_at: float, documents: Iterable[Document], is_complete: bool) -> CaseSnapshot:
    lanes: dict[str, LaneState] = {}
    if is_complete:
        for document in documents:
            lanes.setdefault(str(document.get("lane")), LaneState()).add(document)
        for state in lanes.values():
            state.sort()
    return CaseSnapshot(case_id, read_at, lanes, is_complete)
