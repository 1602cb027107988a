"""Removes what has been over for longer than the retention time (General tab), so that the KV store stays small.

    final tasks with their evidence and approvals; cases and turns of which no task is left; numbers of change limits;
    excuses, counted from when they would have ended

At most once an hour, on one search head: whoever inserts the mark of the hour. It goes through the cases, oldest first,
in bites of a few dozen tasks, and remembers where it stopped. It keeps

- every case in which a task is open or may have been done, or a write to AWS has no known end;
- in a case that goes on, what later tasks refer to: its tickets and threads;
- in a lane that goes on, its newest turns: they protect it against holders that were stopped (``cases/turns.py``).

It takes the turn of a lane like everybody else who works there, so nobody works on what it removes. Evidence goes
before its task, a task before the turns of its lane. So it may be stopped anywhere: the next round finds what is left.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ..cases import assignments, excuses, incidents
from ..cases.keys import Lane, is_lane
from ..cases.outcomes import MessagePosted, TicketOpened
from ..cases.snapshot import CaseReader, is_turn
from ..cases.store import CASES, TaskStore
from ..cases.task import SUMMARY_FIELDS, TASKS, Task
from ..cases.turns import Turn, Turns, TurnTaken, newest, overlay
from ..errors import DamagedDocument, ResponderError
from ..remediation.change_claims import CHANGES
from ..remediation.evidence import EVIDENCE, Evidence, EvidenceStore
from ..remediation.verdicts import APPROVALS
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from ..splunk.queries import any_of, portions
from . import invocation_ends, upgrades

log = logging.getLogger("cloudtrail_responder")

MARKS = "responder_marks"
#: Key of the mark with the place where the last round stopped, and value of the marks of the hours.
PLACE, CLAIM = "retention", "retention_hour"
HOUR, DAY = 3600.0, 86_400.0
#: Seconds after which no further bite is begun.
LONGEST_RUN = 60.0
#: Tasks looked at in one bite.
BITE = 50


def run_when_due(splunkd: Splunkd, clock: Callable[[], float] | None = None) -> int:
    """Tasks removed; 0 unless this is the first worker of the hour to ask. Raises ResponderError."""
    now = (clock or splunkd.now)()
    if not splunkd.insert(MARKS, {"_key": f"{CLAIM}:{int(now // HOUR)}", "value": CLAIM, "at": now}):
        return 0
    kept = Configuration(splunkd).retention_days * DAY
    splunkd.delete_where(MARKS, {"at": {"$lt": now - DAY}, "value": CLAIM})
    # The worker's mark of the settings counts for as long as nobody saves others, those of an upgrade until the next.
    others = [{"_key": {"$ne": key}} for key in ("settings", *upgrades.KEPT)]
    splunkd.delete_where(MARKS, {"at": {"$lt": now - kept}, "$and": others})
    invocation_ends.remove_old_marks(splunkd, now)
    splunkd.delete_where(CHANGES, {"at": {"$lt": now - kept}})
    incidents.remove_old(splunkd, now)
    excuses.remove_old(splunkd, now - kept)
    return _Round(splunkd, now - kept, clock).run()


@dataclass
class _Case:
    """A case as the KV store has it now."""

    tasks: list[Task] = field(default_factory=list)
    #: Some document of it cannot be read: then nothing of it is removed.
    is_damaged: bool = False

    @property
    def lanes(self) -> list[Lane]:
        return list(dict.fromkeys(task.lane for task in self.tasks))


class _Round:
    def __init__(self, splunkd: Splunkd, before: float, clock: Callable[[], float] | None) -> None:
        self._splunkd = splunkd
        self._before = before
        self._clock = clock or splunkd.now
        self._reader = CaseReader(splunkd)
        self._turns = Turns(TaskStore(splunkd, self._clock), splunkd.uri, self._clock)
        self._removed = 0

    def run(self) -> int:
        started = time.monotonic()
        place = self._splunkd.fetch(MARKS, PLACE)
        if place is None:
            self._splunkd.insert(MARKS, {"_key": PLACE, "value": "{}", "at": 0})
        stopped = _read(place)
        self._remove_turns_left_behind(stopped.lanes)
        after = stopped.after
        while time.monotonic() - started < LONGEST_RUN:
            found = self._old_tasks(after)
            if not found:
                # From the beginning the next time: what was kept may have come to its end.
                after = 0.0
                break
            self._bite({str(document["_key"]).partition(".")[0] for document in found}, after)
            after = max(after, *(float(document["updated_at"]) for document in found))
        self._note(after)
        if self._removed:
            log.info("retention: tasks=%s removed", self._removed)
        return self._removed

    def _old_tasks(self, after: float) -> list[dict[str, Any]]:
        query = {"open": 0, "updated_at": {"$gt": after, "$lt": self._before}}
        return self._splunkd.find(TASKS, query, sort="updated_at", limit=BITE, fields="_key,updated_at")

    def _note(self, after: float, lanes: Iterable[Lane] = ()) -> None:
        """Where the round is, and of which lanes it is about to remove the last turn."""
        value = json.dumps({"after": after, "lanes": [str(lane) for lane in lanes]})
        self._splunkd.replace(MARKS, PLACE, {"_key": PLACE, "value": value, "at": self._clock()})

    # -- one bite ------------------------------------------------------------------------------------------------

    def _bite(self, ids: set[str], after: float) -> None:
        """Remove what is over of some cases."""
        turns: dict[Lane, Turn] = {}
        try:
            for case in self._cases(ids).values():
                if self._over(case):
                    turns.update(self._take_all(case))
            if turns:
                # Again, now that nobody else works on them.
                self._remove(self._cases({lane.case_id for lane in turns}), turns, after)
        finally:
            for turn in turns.values():
                turn.release()

    def _cases(self, ids: set[str]) -> dict[str, _Case]:
        """Those of some cases in which nothing is open."""
        going_on: set[str] = set()
        for query in any_of("case_id", sorted(ids), open=1):
            going_on |= {str(document["case_id"]) for document in self._splunkd.find(TASKS, query, fields="case_id")}
        found: dict[str, _Case] = {}
        for query in any_of("case_id", sorted(ids - going_on)):
            for document in self._splunkd.find(TASKS, query, fields=",".join((*SUMMARY_FIELDS, "case_id", "number"))):
                if is_turn(document):
                    continue
                case = found.setdefault(str(document["case_id"]), _Case())
                try:
                    case.tasks.append(Task.from_document(document))
                except DamagedDocument:
                    case.is_damaged = True
        return found

    def _over(self, case: _Case) -> list[Task]:
        """The tasks of a case that may go: none while anything of it is open."""
        if case.is_damaged or not all(task.final for task in case.tasks):
            return []
        old = [task for task in case.tasks if self._is_old(task)]
        if len(old) == len(case.tasks):
            return old
        return [task for task in old if not _is_referred_to(task)]

    def _is_old(self, task: Task) -> bool:
        # What is final and due owes audit events.
        return not task.due_at and max(task.created_at, task.updated_at, task.requested_at) < self._before

    def _take_all(self, case: _Case) -> dict[Lane, Turn]:
        """The turns of all lanes of a case, or none."""
        taken: dict[Lane, Turn] = {}
        for lane in case.lanes:
            turn = self._take(lane)
            if turn is None:
                for held in taken.values():
                    held.release()
                return {}
            taken[lane] = turn
        return taken

    def _take(self, lane: Lane) -> Turn | None:
        """The next turn of a lane, ours; None while somebody works on it."""
        case = self._reader.read(lane.case_id)
        turn = self._turns.prepare(lane, self._reader.lane(case, lane).turns, case.read_at)
        try:
            if turn is not None:
                turn.claim()
        except TurnTaken:
            return None
        return turn

    def _remove(self, cases: Mapping[str, _Case], turns: dict[Lane, Turn], after: float) -> None:
        going: list[Task] = []
        ended: set[str] = set()
        for case_id, case in cases.items():
            held = {lane: turns[lane] for lane in case.lanes if lane in turns}
            if len(held) < len(case.lanes) or any(_is_in_doubt(turn, case.tasks) for turn in held.values()):
                continue
            case.tasks = [newest(task, turns[task.lane].earlier) for task in case.tasks]
            over = self._over(case)
            if not all(self._evidence_is_over(task) for task in over):
                continue
            if len(over) == len(case.tasks):
                ended.add(case_id)
            going += over
        if not going or any(turn.left <= 0 for turn in turns.values()):
            return
        keys = [task.key for task in going]
        self._note(after, [lane for lane in turns if lane.case_id in ended])
        self._delete(EVIDENCE, "task", keys)
        self._delete(APPROVALS, "task", keys)
        self._delete(TASKS, "_key", keys)
        self._removed += len(keys)
        # What was recorded meanwhile, and what was too much for one answer, keeps its case and its turns.
        ended -= self._with_tasks(ended)
        self._delete(CASES, "_key", sorted(ended))
        assignments.forget(self._splunkd, sorted(ended))
        self._delete_turns([turns.pop(lane) for lane in list(turns) if lane.case_id in ended])

    def _with_tasks(self, ids: set[str]) -> set[str]:
        found: set[str] = set()
        for query in any_of("case_id", sorted(ids), open={"$gte": 0}):
            found |= {str(document["case_id"]) for document in self._splunkd.find(TASKS, query, fields="case_id")}
        return found

    def _evidence_is_over(self, task: Task) -> bool:
        """Whether all that was done in AWS for a task has a known end, and that long ago."""
        if task.lane.family != "remediate":
            return True
        try:
            evidence = EvidenceStore(self._splunkd, task.key, self._clock).load()
        except ResponderError as error:
            log.warning("retention: task=%s stays: %s", task.key, error)
            return False
        return not evidence.open and max(_times(evidence), default=0.0) < self._before

    # -- deleting ------------------------------------------------------------------------------------------------

    def _delete(self, collection: str, name: str, values: Sequence[str]) -> None:
        for query in any_of(name, values):
            self._splunkd.delete_where(collection, query)

    def _delete_turns(self, turns: Sequence[Turn]) -> None:
        """All of lanes without tasks, up to our own: whoever has taken a later one keeps it."""
        for some in portions(turns):
            parts: list[dict[str, Any]] = []
            for turn in some:
                parts.append({"lane": str(turn.lane), "number": {"$gte": 1, "$lte": turn.number}})
                parts.append({"lane": f"{turn.lane}:sightings"})
            self._splunkd.delete_where(TASKS, {"$or": parts})

    def _remove_turns_left_behind(self, lanes: Iterable[Lane]) -> None:
        """A round that was stopped in the middle of a bite may have left turns without tasks."""
        for lane in lanes:
            turn = self._take(lane)
            if turn is None:
                continue
            if self._splunkd.find(TASKS, {"lane": str(lane), "open": {"$gte": 0}}, limit=1, fields="_key"):
                turn.release()
                continue
            if not self._with_tasks({lane.case_id}):
                self._delete(CASES, "_key", [lane.case_id])
                assignments.forget(self._splunkd, [lane.case_id])
            self._delete_turns([turn])


@dataclass(frozen=True)
class _Place:
    after: float = 0.0
    lanes: tuple[Lane, ...] = ()


def _read(mark: Mapping[str, Any] | None) -> _Place:
    try:
        value = json.loads(str((mark or {}).get("value") or "{}"))
        lanes = [str(lane) for lane in value.get("lanes") or () if is_lane(str(lane))]
        return _Place(float(value.get("after") or 0), tuple(Lane(*lane.split(".")) for lane in lanes))
    except (ValueError, TypeError, AttributeError):
        # Somebody else wrote it: from the beginning, then.
        return _Place()


def _is_referred_to(task: Task) -> bool:
    """Whether later tasks of its case go on with what it made: comment on its ticket, answer in its thread."""
    outcome = task.outcome
    return isinstance(outcome, TicketOpened) or isinstance(outcome, MessagePosted) and not outcome.thread_ts


def _is_in_doubt(turn: Turn, tasks: Sequence[Task]) -> bool:
    own = {task.key: task for task in overlay(tasks, turn.earlier) if task.lane == turn.lane}
    return bool(turn.in_doubt(own))


def _times(evidence: Evidence) -> Iterator[float]:
    yield from (plan.at for plan in evidence.plans)
    for entry in evidence.entries:
        yield from (part.at for part in (entry.intended, entry.done, entry.left) if part is not None)
        yield entry.undone_at or 0.0
