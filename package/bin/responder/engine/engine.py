"""Runs tasks, lane by lane. The executor calls it with what was just recorded, the worker with what is due.

The same code for both, so that a task does not care who finishes it.
"""

from __future__ import annotations

import itertools
import logging
import math
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Callable

from ..cases.keys import Lane, TaskKey
from ..cases.known_cases import is_old
from ..cases.snapshot import CaseReader, CaseSnapshot, Damaged
from ..cases.states import State
from ..cases.store import TaskStore
from ..cases.task import TASKS, Task
from ..cases.turns import LEASE_SECONDS, Turns, TurnTaken
from ..errors import DamagedDocument, Rejected, ResponderError
from ..handlers.base import Services
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .early_reports import has_nobody_to_tell
from .lane import LaneRun
from .lane_settings import Settings
from .report import BUSY, TaskReport, busy, not_begun, not_found, splunkd_failed, unreadable

log = logging.getLogger("cloudtrail_responder")

#: Lanes worked on at the same time; each outside service bounds by itself how many of them it sees.
PARALLEL = 100
#: Lanes whose cases are read before any is begun.
READ_AHEAD = 200
#: Cases that are worked on by what is remembered of them; of more, how they stand is read at once.
FEW = 10
#: Seconds after which a case that was read is read again before a lane of it is worked on.
STALE = 20.0
#: Seconds after which a document that was just written can be read on every search head, as a rule.
READ_LAG = 0.3
#: Seconds that those who wait for an answer wait for whoever works on the lane, and between two looks.
PATIENCE, LOOK_AGAIN = 10.0, 0.5
#: How often what follows from what follows is run on; more would be a circle.
MAX_ROUNDS = 5


class Engine:
    """Runs tasks with the settings as of when it was made. Several runs may go on at the same time."""

    def __init__(
        self,
        splunkd: Splunkd,
        services: Services,
        clock: Callable[[], float] | None = None,
        config: Configuration | None = None,
    ) -> None:
        self._splunkd = splunkd
        self._config = config or Configuration(splunkd)
        log.setLevel(self._config.log_level)
        developer = self._config.stanza("developer")
        clock = clock or splunkd.now
        self._lanes = _Counter()
        store = TaskStore(splunkd, clock, self._lanes.value)
        self._turns = Turns(store, splunkd.uri, clock, lease_seconds(self._config))
        self._settings = Settings(
            splunkd,
            store,
            CaseReader(splunkd),
            self._config,
            services,
            clock,
            float(developer.get("unknown_outcome_seconds") or 0) or None,
        )

    def run(
        self,
        keys: Sequence[str],
        again: frozenset[State] = frozenset(),
        requested: bool = False,
        owner: str | None = None,
        cases: Mapping[str, CaseSnapshot] | None = None,
        until: float | None = None,
        follow_ups: bool = True,
        patient: bool = False,
        tells: str = "",
    ) -> list[TaskReport]:
        """Run tasks and what follows from them; reports on these tasks, in order.

        ``again``: final states from which a task is taken up again. ``requested``: an alert or a person wants it now,
        which makes its request the newest. ``owner``: whose tasks they must be; None for anybody's. ``cases``: how
        they stood a moment ago, by id, for those that need not be read. ``until``: monotonic seconds after which no
        lane is begun. ``follow_ups``: whether what follows is run now, or left recorded for the worker. ``patient``:
        whether somebody waits for it; where another process works on a lane, so does this, for a little while.
        ``tells``: what one of the tasks owes (``Task.owed``), where the caller tells how it has ended.
        """
        gives_up = min(time.monotonic() + PATIENCE, until or math.inf) if patient else 0.0
        self._begin()
        step = _Step(
            self._settings, self._turns, self._lanes, again, requested, owner, until, follow_ups, tells,
            dict(cases or {}),
        )  # fmt: skip
        reports = self._run(keys, step)
        while time.monotonic() < gives_up:
            taken = [key for key in keys if key in reports and reports[key].state == BUSY]
            if not taken:
                break
            self.pause()
            # As it stands then: the other has changed it.
            reports.update(self._run(taken, replace(step, cases={})))
        return [reports[key] for key in dict.fromkeys(keys) if key in reports]

    def _run(self, keys: Sequence[str], step: _Step) -> dict[str, TaskReport]:
        reports: dict[str, TaskReport] = {}
        lanes: dict[Lane, list[str]] = {}
        for key in dict.fromkeys(keys):
            try:
                lanes.setdefault(TaskKey.parse(key).lane, []).append(key)
            except Rejected as error:
                reports[key] = self._close_unreadable(key, error)
        for _ in range(MAX_ROUNDS):
            if not lanes:
                break
            found, following = step.run(lanes)
            reports.update((report.task, report) for report in found)
            lanes = {}
            for task in following if step.runs_on else ():
                lanes.setdefault(task.lane, []).append(task.key)
            step = step.after(following)
        return reports

    def pause(self) -> None:
        """Give whoever works on the lane a moment."""
        time.sleep(LOOK_AGAIN)

    def _begin(self) -> None:
        """Learn which services are left alone now."""
        try:
            self._settings.services.begin(self._splunkd)
        except ResponderError as error:
            # Then it is found out by asking them.
            log.warning("which services are left alone is not known: %s", error)

    def _close_unreadable(self, key: str, error: Rejected) -> TaskReport:
        """Close a document whose key is none of ours, so that it is not due for ever."""
        document = self._splunkd.fetch(TASKS, key)
        if document is not None:
            reason = DamagedDocument("A task whose key is not the app's was closed.", error.hint)
            self._settings.store.close_damaged(Damaged(document, reason))
        return unreadable(key, error)


def lease_seconds(config: Configuration) -> float:
    """How long a turn lasts; for tests the settings may say so."""
    return float(config.stanza("developer").get("lease_seconds") or LEASE_SECONDS)


class _Counter:
    """How many lanes are being worked on."""

    def __init__(self) -> None:
        self._value = 0
        self._lock = threading.Lock()

    def value(self) -> int:
        return self._value

    def add(self, lanes: int) -> None:
        with self._lock:
            self._value += lanes


@dataclass
class _Step:
    """Some lanes, worked on at the same time. What follows from them is the next step."""

    settings: Settings
    turns: Turns
    active: _Counter
    again: frozenset[State]
    requested: bool
    owner: str | None
    until: float | None
    #: Whether what follows is run, too.
    runs_on: bool
    #: What is owed and told by the caller.
    tells: str = ""
    #: How cases stood a moment ago, by id.
    cases: dict[str, CaseSnapshot] = field(default_factory=dict)
    #: What the step before has recorded, by case.
    recorded: dict[str, list[Task]] = field(default_factory=dict)

    def run(self, lanes: Mapping[Lane, Sequence[str]]) -> tuple[list[TaskReport], list[Task]]:
        self._read_ahead(lanes)
        threads = min(PARALLEL, len(lanes))
        # All of them from the start: the first to end waits a moment also for those that have hardly begun.
        self.active.add(threads)
        # As one ends the next begins, as long as there are more than threads.
        followed_by = iter([1] * (len(lanes) - threads))

        def one(lane: Lane, keys: Sequence[str]) -> tuple[list[TaskReport], list[Task]]:
            try:
                return self._run_lane(lane, keys)
            finally:
                self.active.add(next(followed_by, 0) - 1)

        with ThreadPoolExecutor(max_workers=threads) as pool:
            done = list(pool.map(one, lanes, lanes.values()))
        return [report for reports, _ in done for report in reports], [task for _, tasks in done for task in tasks]

    def after(self, follow_ups: Sequence[Task]) -> _Step:
        recorded: dict[str, list[Task]] = {}
        for task in follow_ups:
            recorded.setdefault(task.case_id, []).append(task)
        uri, known = self.settings.splunkd.uri, self.settings.services.cases
        # As they were left by what it follows from.
        cases = {case.case_id: case for case in (known.get(uri, case_id) for case_id in recorded) if case is not None}
        # What follows is run for everybody.
        return replace(self, owner=None, cases=cases, recorded=recorded)

    def _read_ahead(self, lanes: Iterable[Lane]) -> None:
        """The cases of the first lanes at once; what is read much before it is worked on would be old by then."""
        now = time.monotonic()
        first = [lane.case_id for lane in itertools.islice(lanes, READ_AHEAD)]
        # Of many, what was left first is old before the last is worked on; then each would be read by itself.
        is_long = len(set(first)) > FEW
        fresh = {
            case_id
            for case_id, case in self.cases.items()
            if now - case.read_at < STALE and not (is_long and case.is_remembered)
        }
        missing = [case_id for case_id in dict.fromkeys(first) if case_id not in fresh]
        if len(missing) > 1 or len(missing) < len(first):
            try:
                for case_id, read in self.settings.reader.read_many(missing).items():
                    newest = read.no_older_than(self.cases.get(case_id))
                    self.cases[case_id] = newest.with_tasks(self.recorded.get(case_id, ()))
                self.settings.reader.fill(self.cases, list(itertools.islice(lanes, READ_AHEAD)))
            except ResponderError as error:
                # Each lane reads its own then, and says what is wrong.
                log.warning("cases are read one by one: %s", error)

    def _run_lane(self, lane: Lane, keys: Sequence[str]) -> tuple[list[TaskReport], list[Task]]:
        if self.until is not None and time.monotonic() >= self.until:
            return [not_begun(key) for key in keys], []
        try:
            return self._work_or_leave(lane, keys)
        except ResponderError as error:
            # The KV store itself failed us: the tasks stay as they are, and our turn will be superseded.
            return [splunkd_failed(key, error) for key in keys], []
        except Exception as error:
            log.exception("lane=%s: internal error", lane)
            fault = ResponderError(f"Internal error ({type(error).__name__}) in {lane}.", "See the app's log file.")
            return [splunkd_failed(key, fault) for key in keys], []

    def _work_or_leave(self, lane: Lane, keys: Sequence[str]) -> tuple[list[TaskReport], list[Task]]:
        """What has just been recorded is left to whoever has the turn, who runs it where that is in this process.

        Raises ResponderError.
        """
        left, uri = self.settings.services.left_reports, self.settings.splunkd.uri
        following = [task for task in self.recorded.get(lane.case_id, ()) if task.key in keys]
        try:
            return self._work(lane, keys, self._case(lane))
        except TurnTaken:
            left.leave(uri, following)
        if following:
            # He may have ended it before he could see what was left.
            case = self._read(lane)
            turns = self.settings.reader.lane(case, lane).turns
            if (not turns or turns[-1].released_at) and left.take(uri, following):
                try:
                    return self._work(lane, keys, case)
                except TurnTaken:
                    left.leave(uri, following)
        return [busy(key) for key in keys], []

    def _work(self, lane: Lane, keys: Sequence[str], case: CaseSnapshot) -> tuple[list[TaskReport], list[Task]]:
        """Raises TurnTaken, ResponderError."""
        settings = self.settings
        try:
            state = settings.reader.lane_to_work_on(case, lane, keys)
            turn = self.turns.prepare(lane, state.turns, case.read_at)
            if turn is None:
                raise TurnTaken(str(lane))
            run = LaneRun(settings, turn, case, state, self.again, self.requested, self.owner, self.runs_on)
            run.end.tells = self.tells
            is_finished = False
            try:
                run.work(keys)
            finally:
                is_finished = self._finish(run)
        except Exception as error:
            settings.services.cases.forget(settings.splunkd.uri, lane.case_id)
            if isinstance(error, TurnTaken) and case.is_remembered:
                # Somebody else has worked on it since: as it stands now, then.
                return self._work(lane, keys, self._read(lane))
            raise
        cases, uri, recorded = settings.services.cases, settings.splunkd.uri, run.end.recorded
        if is_finished and run.is_plain:
            cases.left(uri, case, lane, run.left, recorded)
        else:
            cases.forget(uri, lane.case_id)
        following = self._following(run, case, lane)
        if run.missing:
            # In a search head cluster writes go to the KV store captain, reads to a local copy that lags a little.
            time.sleep(READ_LAG)
        return [run.reports.get(key) or not_found(key) for key in keys], following

    def _following(self, run: LaneRun, case: CaseSnapshot, lane: Lane) -> list[Task]:
        """What is run next, with what others have left to this lane while it was worked on."""
        services, uri, recorded = self.settings.services, self.settings.splunkd.uri, run.end.recorded
        if not self.runs_on:
            return recorded
        early = [task for task in recorded if has_nobody_to_tell(task, case)]
        # First this, then the look: whoever ends a turn there meanwhile finds it, or is seen.
        services.left_reports.leave(uri, early)
        newest = self._newest(case, early) if early else case
        asked_for = services.left_reports.take(uri, [task for task in early if not has_nobody_to_tell(task, newest)])
        # Tried again at once, a report would not wait as long as its last attempt says.
        tried = {task.key for task in run.left.tasks if task.state is not State.RECORDED}
        left_here = [task for task in services.left_reports.take_lane(uri, str(lane)) if task.key not in tried]
        return [*(task for task in recorded if task not in early), *asked_for, *left_here]

    def _newest(self, case: CaseSnapshot, early: Sequence[Task]) -> CaseSnapshot:
        """How the lanes of these stand by now: AWS takes its time, and others have told people meanwhile."""
        known = self.settings.services.cases.get(self.settings.splunkd.uri, case.case_id)
        if known is not None and not any(is_old(known, task.lane) for task in early):
            return known
        try:
            return self.settings.reader.read(case.case_id).no_older_than(known)
        except ResponderError as error:
            # The remediation has ended all the same; the worker reports it.
            log.warning("case=%s is not read again: %s", case.case_id, error)
            return known or case

    def _case(self, lane: Lane) -> CaseSnapshot:
        known = self.cases.get(lane.case_id)
        if known is None or time.monotonic() - known.read_at >= STALE:
            return self._read(lane)
        return known.with_tasks(self.recorded.get(lane.case_id, ()))

    def _read(self, lane: Lane) -> CaseSnapshot:
        return self.settings.reader.read(lane.case_id).with_tasks(self.recorded.get(lane.case_id, ()))

    def _finish(self, run: LaneRun) -> bool:
        try:
            run.end.write()
            return True
        except ResponderError as error:
            # It is superseded when its time is up; what it did not write down is looked up then.
            log.error("lane=%s turn=%s was not released: %s", run.turn.lane, run.turn.number, error)
            return False
