"""One turn of one lane: settle what is in doubt, run the tasks one after the other, then write down how they stand."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Callable

from ..cases.audit import audit_event
from ..cases.invocations import document_of
from ..cases.keys import Lane
from ..cases.known_cases import is_old
from ..cases.snapshot import CaseReader, CaseSnapshot, Damaged, LaneState
from ..cases.states import FINAL, State, WaitingFor, may_follow
from ..cases.store import End, TaskStore
from ..cases.task import Attempt, Document, Task
from ..cases.turns import RECENT, StoredTurn, Turn, TurnTaken, overlay
from ..errors import PutOff, Rejected, ResponderError, Unavailable, UnknownOutcome
from ..handlers.base import Context, Kind, Result, Services
from ..handlers.lane_view import LaneView
from ..handlers.registry import kind_of, kinds
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from . import retries
from .report import TaskReport, not_yours, report_on
from .service_names import resolved

log = logging.getLogger("cloudtrail_responder")


@dataclass(frozen=True)
class Settings:
    """What is the same for every lane of a run."""

    splunkd: Splunkd
    store: TaskStore
    reader: CaseReader
    config: Configuration
    services: Services
    clock: Callable[[], float]
    #: Seconds after which an effect without an answer is looked up; None for the default.
    unknown_outcome_seconds: float | None = None

    @property
    def unknown_pause(self) -> float:
        return self.unknown_outcome_seconds or retries.UNKNOWN_OUTCOME_SECONDS


class LaneRun:
    """Works on the tasks of a lane, in its next turn. ``case`` and ``state``: how they stood when they were read."""

    def __init__(
        self,
        settings: Settings,
        turn: Turn,
        case: CaseSnapshot,
        state: LaneState,
        again: frozenset[State],
        requested: bool,
        owner: str | None = None,
        runs_on: bool = True,
    ) -> None:
        """``runs_on``: whether what follows is run right after this, by the same process."""
        self._settings = settings
        self._owner = owner
        self._runs_on = runs_on
        self._requested = requested
        self.turn = turn
        self._case = case
        self._state = state
        #: The case as it was read for the sake of its other lanes, where it was only remembered.
        self._read_again: CaseSnapshot | None = None
        self._again = again
        self._view = LaneView(())
        self.reports: dict[str, TaskReport] = {}
        self._follow_ups: list[Task] = []
        #: Those of them that are written down with the end of the tasks that they follow from.
        self._unwritten: list[Task] = []
        #: Every task of the lane by key, oldest first; open ones whole.
        self._tasks: dict[str, Task] = {}
        #: Keys of those that were worked on, of those whose ends hold without a turn, and of those whose documents an
        #: older holder has written over.
        self._changed: set[str] = set()
        self._without_turn: set[str] = set()
        self._overwritten: set[str] = set()
        self.missing: set[str] = set()
        #: What a task owes that the caller tells.
        self.tells = ""
        #: Tasks that were read whole one by one.
        self._fetched = 0

    def work(self, keys: Sequence[str]) -> None:
        """Run the tasks with these keys and those that are due. Raises TurnTaken, ResponderError.

        Nothing but what is about to be sent is written before ``finish``.
        """
        self._load(keys)
        keys = self._own(keys)
        self._view = LaneView(self._tasks.values())
        doubts = self.turn.in_doubt(self._tasks)
        renewed = self._renew(keys)
        try:
            if self._settle_doubts(doubts, keys):
                self._run_those(set(keys))
        finally:
            # Whatever keeps them from being tried now: that they were asked for again is not forgotten.
            for key in renewed - self._changed:
                self._keep(self._tasks[key])
        for key in keys:
            if key in self._tasks:
                self.reports.setdefault(key, report_on(self._tasks[key]))

    def _renew(self, keys: Sequence[str]) -> set[str]:
        """Open again what has ended and is asked for again, and note which request is the newest, before any runs.

        Keys of those that stand differently now.
        """
        now, renewed = self._settings.clock(), set[str]()
        for key in keys:
            task = self._tasks.get(key)
            if task is None:
                continue
            if self._requested and self._view.newest_request(task) is not task:
                task.requested_at = now
                renewed.add(key)
            if task.final and task.state in self._again:
                task = self._tasks[key] = self._whole(task)
                task.state, task.waiting_for, task.due_at = self._next(task, State.RECORDED), WaitingFor.NOTHING, now
                # What nobody answered in time is asked about anew by this.
                task.requested_at = now if self._requested else task.requested_at
                renewed.add(key)
            elif task.state is State.WAITING and task.due_at > now:
                task.due_at = now
                renewed.add(key)
            self._view.changed(task)
        return renewed

    def _run_those(self, asked: set[str]) -> None:
        now = self._settings.clock()
        for key, task in list(self._tasks.items()):
            # A summary has no finding and no audit: what is final and not asked for stays as it is.
            if key in asked or (task.due_at and task.due_at <= now and not task.final):
                self._attempt(self._tasks[key])
                if self.turn.attempts or self.turn.left <= 0:
                    # What is sent next depends on what became of this.
                    break

    # -- reading -------------------------------------------------------------------------------------------------

    def _load(self, keys: Sequence[str]) -> None:
        for damaged in self._state.damaged:
            if damaged.document.get("open") != 0 or damaged.document.get("_key") in keys:
                self._close_damaged(damaged)
        read = {task.key: task for task in self._state.tasks if task.key not in self.reports}
        self._tasks = {task.key: task for task in overlay(read.values(), self.turn.earlier)}
        self.missing = {key for key in keys if key not in self._tasks and key not in self.reports}
        self._overwritten = {key for key, task in self._tasks.items() if _is_written_over(read[key], task)}

    def _own(self, keys: Sequence[str]) -> list[str]:
        """What the caller's alerts have asked for; whatever else there is, is neither tried nor reported on.

        What follows from it (an undo at the end of a time limit, above all) is not his to begin.
        """
        if self._owner is None:
            return list(keys)
        wanted = {name for name, kind in kinds().items() if kind.is_requested}
        own = {key for key, task in self._tasks.items() if task.owner == self._owner and task.kind in wanted}
        foreign = [key for key in keys if key in self._tasks and key not in own]
        self.reports.update((key, not_yours(key)) for key in foreign)
        return [key for key in keys if key not in foreign]

    def _close_damaged(self, damaged: Damaged) -> None:
        key = str(damaged.document.get("_key"))
        self._settings.store.close_damaged(damaged)
        self.reports[key] = TaskReport(key, "", State.FAILED.value, str(damaged.reason), WaitingFor.PERSON.value)

    def _others(self, family: str) -> Sequence[Task]:
        """The case's tasks of another family, as its newest turns have left them."""
        lane = Lane(self._case.case_id, family)
        case = self._read_again if self._read_again is not None else self._case
        if is_old(case, lane):
            # Its turns cannot show that another process has been there: ours is of another lane.
            case = self._read_again = self._settings.reader.read(lane.case_id)
        state = self._settings.reader.lane(case, lane)
        return overlay(state.tasks, state.turns)

    # -- what is in doubt ----------------------------------------------------------------------------------------

    def _settle_doubts(self, doubts: Sequence[Attempt], keys: Sequence[str]) -> bool:
        """Find out what came of what was sent without an answer. False while that cannot be found out."""
        for attempt in doubts:
            task = self._tasks.get(attempt.task)
            if task is None:
                # Somebody has deleted it: there is nothing to settle it on.
                self.turn.attempts.pop(attempt.task, None)
                continue
            task = self._whole(task)
            if not self._settle(task, attempt):
                report = report_on(self._tasks[task.key])
                for key in keys:
                    said = report.message if key == task.key else _COMES_FIRST
                    self.reports.setdefault(key, replace(report, task=key, message=said))
                return False
        return True

    def _settle(self, task: Task, attempt: Attempt) -> bool:
        self._write_follow_ups()
        kind, now = kind_of(task), self._settings.clock()
        wait = attempt.at + self._settings.unknown_pause - now
        if kind.find is None:
            # It looks for itself when it runs.
            return True
        if wait > 0:
            task.state, task.due_at = State.UNKNOWN, now + wait
            task.message = task.message or "What became of the last attempt is not known yet."
            self._save(task)
            return False
        try:
            self._admit(task)
            found = kind.find(self._context(task), attempt)
        except PutOff as error:
            if task.state is not State.UNKNOWN:
                task.state, task.due_at = State.UNKNOWN, now
                self._save(task)
            self._put_off(task, error)
            return False
        except ResponderError as error:
            return self._still_unknown(task, error)
        except Exception as error:
            log.exception("task=%s kind=%s: internal error in the look-up", task.key, task.kind)
            return self._still_unknown(task, _internal(error, task))
        if found is None:
            task.state, task.due_at = State.RECORDED, now
            task.message = "The last attempt had no effect."
            self._save(task)
            return True
        self._end(task, found)
        return True

    def _still_unknown(self, task: Task, error: ResponderError) -> bool:
        now = self._settings.clock()
        task.attempts += 1
        task.state, task.message = State.UNKNOWN, f"Whether it was done is not known yet: {error}"
        task.waiting_for = retries.waiting_for(error)
        task.due_at = now + retries.pause(error, task.attempts, self._settings.unknown_pause)
        self._save(task)
        self.reports[task.key] = report_on(task)
        return False

    # -- one attempt ---------------------------------------------------------------------------------------------

    def _attempt(self, task: Task) -> None:
        task = self._whole(task)
        if task.final and task.state not in self._again:
            if task.audit or task.due_at:
                # Its audit events are owed.
                task.due_at = 0.0
                self._save(task)
        else:
            self._handle(task)
        self.reports.setdefault(task.key, report_on(self._tasks[task.key]))

    def _handle(self, task: Task) -> None:
        # The note of what is sent next says how the others have ended.
        self._write_follow_ups()
        task.attempts += 1
        kind: Kind | None = None
        try:
            kind = kind_of(task)
            self._admit(task)
            if kind.claims_first:
                self.turn.claim()
            result = kind.run(self._context(task))
        except TurnTaken:
            raise
        except PutOff as error:
            task.attempts -= 1
            self._put_off(task, error)
            return
        except ResponderError as error:
            self._failed(task, kind, error)
            return
        except Exception as error:
            log.exception("task=%s kind=%s: internal error", task.key, task.kind)
            self._failed(task, kind, self._fault(task, error))
            return
        try:
            self._end(task, result)
        except Exception as error:
            # It has had its effect: whatever keeps us from writing that down, it is not "not done".
            log.exception("task=%s kind=%s: its end could not be written", task.key, task.kind)
            self._failed(task, None, self._fault(task, error))

    def _admit(self, task: Task) -> None:
        """Raises PutOff while the service that the task needs is left alone."""
        if task.service:
            self._settings.services.gate(resolved(self._settings.config, task.service))

    def _put_off(self, task: Task, error: PutOff) -> None:
        """Nothing was tried, so nothing is written: the task stays due, and the worker leaves it out meanwhile."""
        self.reports[task.key] = TaskReport(
            task.key, task.kind, State.WAITING.value, str(error), WaitingFor.SERVICE.value
        )

    def _fault(self, task: Task, error: Exception) -> ResponderError:
        """A fault after an effect was announced leaves it unknown whether it was made."""
        attempt = self.turn.attempts.get(task.key)
        if attempt is not None and attempt.turn == self.turn.number:
            return UnknownOutcome(str(_internal(error, task)), "It is looked up before it is repeated.")
        return _internal(error, task)

    def _end(self, task: Task, result: Result) -> None:
        task.state, task.message, task.outcome = self._next(task, result.state), result.message, result.outcome
        task.waiting_for, task.due_at, task.attempts = WaitingFor.NOTHING, 0.0, 0
        # Not after the task is closed: a crash in between must not lose them, and recorded twice is recorded once.
        self._record(result.follow_ups)
        if not result.needs_turn:
            self._without_turn.add(task.key)
        self._save(task)

    def _failed(self, task: Task, kind: Kind | None, error: ResponderError) -> None:
        now = self._settings.clock()
        state, waiting, pause = retries.after(error, task, now, self._settings.unknown_pause)
        task.state, task.waiting_for = self._next(task, state), waiting
        task.message = str(error)
        task.due_at = 0.0 if state in FINAL else now + pause
        if state is State.FAILED and not retries.is_final(error):
            task.message = f"Given up after {retries.GIVE_UP_AFTER / 86_400:.0f} days: {error}"
        if retries.is_a_failure(error) or state in FINAL:
            step = "attempt_failed" if state not in FINAL else state.value
            task.audit.append(audit_event(step, task, now, "failure", message=task.message, error=type(error).__name__))
        if kind and kind.on_failure and (state in FINAL or not error.transient):
            self._report_failure(task, kind.on_failure, error)
        self._save(task)

    def _report_failure(
        self, task: Task, on_failure: Callable[[Context, ResponderError], Result], error: ResponderError
    ) -> None:
        """What cannot be reported must not keep the task from ending, and those behind it waiting."""
        try:
            reported = on_failure(self._context(task), error)
        except Unavailable:
            raise
        except Exception as problem:
            log.exception("task=%s kind=%s: its failure cannot be reported: %s", task.key, task.kind, problem)
            return
        task.outcome = reported.outcome
        self._record(reported.follow_ups)

    def _next(self, task: Task, state: State) -> State:
        if not may_follow(task.state, state):
            log.error("task=%s before=%s after=%s: not allowed", task.key, task.state.value, state.value)
        return state

    # -- writing -------------------------------------------------------------------------------------------------

    def _record(self, follow_ups: Sequence[Task]) -> None:
        """Those that are not recorded yet; the turn keeps anybody else from recording them at the same time."""
        known = self._case.keys
        # What another case has is not known here: there only an insert tells.
        own = [task for task in follow_ups if self._case.is_complete and task.case_id == self._case.case_id]
        self._unwritten += [task for task in own if task.key not in known]
        for task in follow_ups:
            if task not in own:
                self._settings.store.record(task)
        # What waits for its time is the worker's.
        self._follow_ups.extend(task for task in follow_ups if task.state is not State.WAITING)

    @property
    def follow_ups(self) -> list[Task]:
        """What follows from the tasks of this turn and is recorded."""
        unwritten = {task.key for task in self._unwritten}
        return [task for task in self._follow_ups if task.key not in unwritten]

    @property
    def left(self) -> LaneState:
        """How the lane stands when it is finished."""
        turns = list(self.turn.earlier)
        if self.turn.is_claimed:
            own = StoredTurn.of(self.turn.document())
            turns += [own] if own else []
        return LaneState(list(self._tasks.values()), turns=turns[-RECENT:])

    @property
    def is_plain(self) -> bool:
        """Whether it is known how it was left: nothing was damaged, written over or missing, and it ended in time."""
        return not (self._state.damaged or self._overwritten or self.missing or self.turn.is_over)

    def _write_follow_ups(self) -> None:
        """By themselves, before anything is written that says that the tasks they follow from have ended."""
        self._settings.store.record_many(self._unwritten)
        self._unwritten = []

    def _save(self, task: Task) -> None:
        """Remember how a task stands: in the turn, with the next effect, and in its document, at the end."""
        task.turn = self.turn.number
        self._tasks[task.key] = task
        self._changed.add(task.key)
        self._view.changed(task)
        self.turn.settled(task)

    def _keep(self, task: Task) -> None:
        """Write down how a task stands that was not tried. What is in doubt stays in doubt."""
        if task.key in self.turn.attempts:
            task.state = State.UNKNOWN
        self._save(task)

    def finish(self) -> None:
        """Index the audit events, and write turn and tasks. Raises TurnTaken: then nothing was sent, nothing counts."""
        changed = [self._tasks[key] for key in self._tasks if key in self._changed]
        if not changed and not self.turn.is_claimed and not self._overwritten:
            return
        if self.turn.is_over:
            # Somebody else may have gone on with it: what he writes is newer, whatever we did he looks up.
            log.error("lane=%s turn=%s came to its end too late", self.turn.lane, self.turn.number)
            changed, self._overwritten = [], set()
            self._write_follow_ups()
        elif not self.turn.is_claimed:
            self._write_follow_ups()
            self._claim_or_do_without(changed)
        store, turn = self._settings.store, self.turn
        overwritten = [whole for key in self._overwritten - self._changed for whole in self._healed(key)]
        owed = self._owed([*overwritten, *changed])
        healed = [task.to_document() for task in overwritten]
        self._hand_on_audit(changed)
        following = list(map(store.recorded, self._unwritten))

        def documents(indexed: bool) -> list[Document]:
            for task in changed:
                self._index_later(task, indexed)
            own = [turn.released()] if turn.is_claimed and not turn.is_released else []
            # In this order, which is that in which the KV store writes them.
            return [*healed, *following, *map(store.document, changed), *own]

        events = [event for task in changed for event in task.audit]
        try:
            store.end(End(events, self._settings.config.audit_index, documents, owed))
        except Rejected as error:
            # The KV store does not take one of them: the turn still says how they stand.
            log.error("lane=%s: the tasks were not written: %s", turn.lane, error)
            self._write_follow_ups()
            if turn.is_claimed:
                store.save(turn.released())
        except ResponderError:
            # Perhaps some of them were written, and nobody else would record what follows from those.
            self._write_follow_ups()
            raise
        self._unwritten = []
        turn.clean()

    def _hand_on_audit(self, changed: Sequence[Task]) -> None:
        """Give audit events to what follows, where that is run next: they are indexed with its own, in one request.

        They are kept in its document, as they would be in their own task's.
        """
        following = {task.key for task in self._follow_ups} if self._runs_on else set()
        heir = next((task for task in self._unwritten if task.key in following and self._is_admitted(task)), None)
        if heir is None:
            return
        for task in changed:
            heir.audit, task.audit = [*heir.audit, *task.audit], []

    def _is_admitted(self, task: Task) -> bool:
        """Whether nothing keeps a task from being tried at once."""
        try:
            self._admit(task)
        except PutOff:
            return False
        return True

    def _owed(self, tasks: Sequence[Task]) -> list[Document]:
        """Results whose ends are the worker's to tell, now that their tasks have ended; then those owe nothing."""
        owed = []
        for task in tasks:
            if task.final and task.owed:
                document = None if task.owed == self.tells else document_of(task.owed, self._settings.clock())
                owed += [document] if document else []
                task.owed = ""
        return owed

    def _healed(self, key: str) -> list[Task]:
        """A task whose document an older holder has written over, with what only the whole document has."""
        task = self._whole(self._tasks[key])
        if task.finding is None:
            return []
        if task.audit:
            # Its turn came to its end too late to index them.
            task.due_at = task.due_at or self._settings.clock()
        return [task]

    def _claim_or_do_without(self, changed: Sequence[Task]) -> None:
        """Nothing was sent. What rests on nothing that could change needs no turn, and is as new as the last one."""
        if all(task.key in self._without_turn for task in changed):
            for task in changed:
                task.turn = self.turn.number - 1
        else:
            self.turn.claim_and_release()

    def _index_later(self, task: Task, indexed: bool) -> None:
        """Audit events that splunkd did not take wait in the task's document."""
        if indexed:
            task.audit = []
        elif task.audit:
            task.due_at = max(task.due_at, self._settings.clock() + retries.FIRST_RETRY)
        self.turn.settled(task)

    def _whole(self, task: Task) -> Task:
        """A task with its finding and audit, where only a summary was read."""
        if task.finding is not None or task.created_at == 0:
            return task
        self._fetched += 1
        if self._fetched > 1 and not task.final:
            # Not one request each.
            self._fill()
            task = self._tasks[task.key]
            if task.finding is not None:
                return task
        found = self._settings.store.get(task.key)
        return overlay([found], self.turn.earlier)[0] if found else task

    def _fill(self) -> None:
        """Read the open tasks of which only summaries were read."""
        missing = {key for key, task in self._tasks.items() if not task.final and task.finding is None}
        if not missing:
            return
        read = [task for task in self._settings.reader.open_tasks(self.turn.lane) if task.key in missing]
        for task in overlay(read, self.turn.earlier):
            if task.key not in self._changed:
                self._tasks[task.key] = task
                self._view.changed(task)

    def _context(self, task: Task) -> Context:
        settings = self._settings
        return Context(
            task, self.turn, _Siblings(self._tasks, task.key), self._others, settings.splunkd, settings.store,
            settings.config, settings.services, settings.clock, self._view, self._fill,
        )  # fmt: skip


class _Siblings(Sequence[Task]):
    """The other tasks of a lane, oldest first, without a list for each of them."""

    def __init__(self, tasks: Mapping[str, Task], but: str) -> None:
        self._tasks = tasks
        self._but = but

    def __iter__(self) -> Iterator[Task]:
        return (task for key, task in self._tasks.items() if key != self._but)

    def __len__(self) -> int:
        return len(self._tasks) - (self._but in self._tasks)

    def __getitem__(self, index: Any) -> Any:
        return list(self)[index]


#: What those are told whose tasks wait behind another one's: that may be somebody else's.
_COMES_FIRST = "Another task of this case comes first: what became of it is being found out."


def _is_written_over(read: Task, newest: Task) -> bool:
    """Whether an older holder has written over the end of a task."""
    return newest.final and (read.state, read.turn) != (newest.state, newest.turn)


def _internal(error: Exception, task: Task) -> Unavailable:
    return Unavailable(f"Internal error ({type(error).__name__}) in {task.kind}.", "See the app's log file.")
