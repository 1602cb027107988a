"""One turn of one lane: settle what is in doubt, run the tasks one after the other, then write down how they stand."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Callable

from ..cases.audit import audit_event
from ..cases.snapshot import CaseSnapshot, Damaged, LaneState
from ..cases.states import FINAL, State, WaitingFor, may_follow
from ..cases.task import Attempt, Task
from ..cases.turns import RECENT, StoredTurn, Turn, TurnTaken
from ..errors import DamagedDocument, PutOff, Rejected, ResponderError, Unavailable, UnknownOutcome
from ..handlers.base import Context, Kind, Result
from ..handlers.registry import kind_of, kinds
from . import retries
from .lane_end import LaneEnd
from .lane_excuse import LaneExcuses, excused
from .lane_settings import Settings
from .lane_tasks import LaneTasks, OtherLanes
from .report import TaskReport, not_yours, report_on

log = logging.getLogger("cloudtrail_responder")


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
        self._requested = requested
        self.turn = turn
        self._state = state
        self._again = again
        self._tasks = LaneTasks(settings.store, settings.reader, turn)
        self._others = OtherLanes(settings.reader, case)
        self._excuses = LaneExcuses(settings, self._others, self._tasks)
        self.end = LaneEnd(settings, turn, case, self._tasks, runs_on)
        self.reports: dict[str, TaskReport] = {}
        self.missing: set[str] = set()
        self._woken: set[str] = set()

    def work(self, keys: Sequence[str]) -> None:
        """Run the tasks with these keys and those that are due. Raises TurnTaken, ResponderError.

        How it ends is written by ``end``, whatever this raises.
        """
        self._load(keys)
        keys = self._own(keys)
        doubts = self.turn.in_doubt(self._tasks)
        renewed = self._renew(keys)
        try:
            if self._settle_doubts(doubts, keys):
                self._run_those(set(keys))
        finally:
            # Whatever keeps them from being tried now: that they were asked for again is not forgotten.
            for key in renewed:
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
            is_newer = self._requested and self._tasks.view.newest_request(task) is not task
            is_again = task.final and task.state in self._again
            is_hastened = task.state is State.WAITING and task.due_at > now
            if not (is_newer or is_again or is_hastened):
                continue
            # It is written down again, and a summary would take its finding from it.
            task = self._whole(task)
            if task is None:
                continue
            if is_newer:
                task.requested_at = now
            if is_again:
                task.state, task.waiting_for, task.due_at = self._next(task, State.RECORDED), WaitingFor.NOTHING, now
                # What nobody answered in time is asked about anew by this.
                task.requested_at = now if self._requested else task.requested_at
            elif is_hastened:
                task.due_at = now
            renewed.add(key)
            self._tasks.note(task)
        return renewed

    def _keep(self, task: Task) -> None:
        """Write down how a task stands that was not tried. What is in doubt stays in doubt."""
        if self._tasks.is_changed(task.key):
            return
        if task.key in self.turn.attempts:
            task.state = State.UNKNOWN
        self._tasks.save(task)

    def _run_those(self, asked: set[str]) -> None:
        now = self._settings.clock()
        # What people are told first comes before what is reported to them.
        for task in sorted(self._tasks.values(), key=_is_report):
            # A summary has no finding and no audit: what is final and not asked for stays as it is.
            # What has ended meanwhile may have been what it waited for.
            is_asked = task.key in asked or task.key in self._woken
            is_due = task.due_at and task.due_at <= now and not task.final and not self._is_left(task)
            if task.key in self._tasks and (is_asked or is_due):
                self._attempt(self._tasks[task.key])
                if self.turn.attempts or self.turn.left <= 0:
                    # What is sent next depends on what became of this.
                    break

    def _is_left(self, task: Task) -> bool:
        """Whether it is left to the worker: an alert waits for this run. What is in doubt keeps all others waiting."""
        kind = kinds().get(task.kind)
        return self._requested and kind is not None and kind.can_wait and task.key not in self.turn.attempts

    # -- reading -------------------------------------------------------------------------------------------------

    def _load(self, keys: Sequence[str]) -> None:
        for damaged in self._state.damaged:
            if damaged.document.get("open") != 0 or damaged.document.get("_key") in keys:
                self._close_damaged(damaged)
        self._tasks.load(self._state.tasks)
        self.missing = {key for key in keys if key not in self._tasks and key not in self.reports}

    def _whole(self, task: Task) -> Task | None:
        """With finding and audit; None where these cannot be read. Then it is closed, and keeps nobody waiting."""
        try:
            return self._tasks.whole(task)
        except DamagedDocument as error:
            document = self._settings.store.fetch(task.key)
            if document is not None:
                self._state.damaged.append(Damaged(document, error))
                self._close_damaged(self._state.damaged[-1])
            self._tasks.drop(task.key)
            return None

    def _own(self, keys: Sequence[str]) -> list[str]:
        """What the caller's alerts have asked for; whatever else there is, is neither tried nor reported on.

        What follows from it (an undo at the end of a time limit, above all) is not his to begin.
        """
        if self._owner is None:
            return list(keys)
        wanted = {name for name, kind in kinds().items() if kind.is_requested}
        known = [self._tasks[key] for key in keys if key in self._tasks]
        foreign = {task.key for task in known if task.owner != self._owner or task.kind not in wanted}
        self.reports.update((key, not_yours(key)) for key in foreign)
        return [key for key in keys if key not in foreign]

    def _close_damaged(self, damaged: Damaged) -> None:
        key = str(damaged.document.get("_key"))
        self._settings.store.close_damaged(damaged)
        self.reports[key] = TaskReport(key, "", State.FAILED.value, str(damaged.reason), WaitingFor.PERSON.value)

    # -- what is in doubt ----------------------------------------------------------------------------------------

    def _settle_doubts(self, doubts: Sequence[Attempt], keys: Sequence[str]) -> bool:
        """Find out what came of what was sent without an answer. False while that cannot be found out."""
        for attempt in doubts:
            task = self._tasks.get(attempt.task)
            task = self._whole(task) if task is not None else None
            if task is None:
                # Somebody has deleted or damaged it: there is nothing to settle it on.
                self.turn.attempts.pop(attempt.task, None)
                continue
            if not self._settle(task, attempt):
                report = report_on(self._tasks[task.key])
                for key in keys:
                    said = report.message if key == task.key else _COMES_FIRST
                    self.reports.setdefault(key, replace(report, task=key, message=said))
                return False
        return True

    def _settle(self, task: Task, attempt: Attempt) -> bool:
        self.end.write_follow_ups()
        now = self._settings.clock()
        try:
            kind = kind_of(task)
        except Rejected as error:
            # Nobody here can ever find it out, and all the others would wait for that.
            self._failed(task, None, Rejected(f"Whether it was done is not known. {error.message}", error.hint))
            return True
        wait = attempt.at + self._settings.unknown_pause - now
        if kind.find is None:
            # It looks for itself when it runs.
            return True
        if wait > 0:
            task.state, task.due_at = State.UNKNOWN, now + wait
            task.message = task.message or "What became of the last attempt is not known yet."
            self._tasks.save(task)
            return False
        try:
            self._settings.admit(task)
            found = kind.find(self._context(task), attempt)
        except TurnTaken:
            raise
        except PutOff as error:
            if task.state is not State.UNKNOWN:
                task.state, task.due_at = State.UNKNOWN, now
                self._tasks.save(task)
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
            self._tasks.save(task)
            return True
        self._end(task, found)
        return True

    def _still_unknown(self, task: Task, error: ResponderError) -> bool:
        now = self._settings.clock()
        task.attempts += 1
        task.state, task.message = State.UNKNOWN, f"Whether it was done is not known yet: {error}"
        task.waiting_for = retries.waiting_for(error)
        task.due_at = now + retries.pause(error, task.attempts, self._settings.unknown_pause)
        self._tasks.save(task)
        self.reports[task.key] = report_on(task)
        return False

    # -- one attempt ---------------------------------------------------------------------------------------------

    def _attempt(self, summary: Task) -> None:
        task = self._whole(summary)
        if task is None:
            return
        if task.final and task.state not in self._again:
            if task.audit or task.due_at:
                # Its audit events are owed.
                task.due_at = 0.0
                self._tasks.save(task)
        else:
            self._handle(task)
        self.reports.setdefault(task.key, report_on(self._tasks[task.key]))

    def _handle(self, task: Task) -> None:
        # The note of what is sent next says how the others have ended.
        self.end.write_follow_ups()
        task.attempts += 1
        kind: Kind | None = None
        try:
            kind = kind_of(task)
            excuse = self._excuses.own(task, kind)
            if excuse is None:
                self._settings.admit(task)
                excuse = self._excuses.of_other(task, kind)
            if kind.claims_first:
                self.turn.claim()
            context = self._context(task)
            result = kind.run(context) if excuse is None else excused(kind, context, excuse)
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
        self.end.record(result.follow_ups)
        if not result.needs_turn:
            self.end.holds_without_turn(task)
        self._tasks.save(task)
        self._wake_alike(task)

    def _failed(self, task: Task, kind: Kind | None, error: ResponderError) -> None:
        now = self._settings.clock()
        state, waiting, pause = retries.after(error, task, now, self._settings.unknown_pause)
        task.state, task.waiting_for = self._next(task, state), waiting
        task.message = str(error)
        task.due_at = 0.0 if state in FINAL else now + pause
        if state is State.FAILED and not retries.is_final(error):
            task.message = f"{retries.GIVEN_UP} {retries.GIVE_UP_AFTER / 86_400:.0f} days: {error}"
        if retries.is_a_failure(error) or state in FINAL:
            step = "attempt_failed" if state not in FINAL else state.value
            task.audit.append(audit_event(step, task, now, "failure", message=task.message, error=type(error).__name__))
        if kind and kind.on_failure and (state in FINAL or not error.transient):
            self._report_failure(task, kind.on_failure, error)
        self._tasks.save(task)
        if state in FINAL:
            self._wake_alike(task)

    def _wake_alike(self, ended: Task) -> None:
        """Have those looked at that may have waited for this one."""
        known = kinds().get(ended.kind)
        if known is None or not known.wakes_alike:
            return
        for task in list(self._tasks.values()):
            if task.kind == ended.kind and task.state is State.WAITING and task.waiting_for is WaitingFor.TIME:
                woken = self._whole(task)
                if woken is not None:
                    woken.due_at = self._settings.clock()
                    self._tasks.save(woken)
                    self._woken.add(woken.key)

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
        self.end.record(reported.follow_ups)

    def _next(self, task: Task, state: State) -> State:
        if not may_follow(task.state, state):
            log.error("task=%s before=%s after=%s: not allowed", task.key, task.state.value, state.value)
        return state

    # -- how it was left -----------------------------------------------------------------------------------------

    @property
    def left(self) -> LaneState:
        """How the lane stands when its end is written."""
        turns = list(self.turn.earlier)
        if self.turn.is_claimed:
            own = StoredTurn.of(self.turn.document())
            turns += [own] if own else []
        return LaneState(list(self._tasks.values()), turns=turns[-RECENT:])

    @property
    def is_plain(self) -> bool:
        """Whether it is known how it was left: nothing was damaged, written over or missing, and it ended in time."""
        return not (self._state.damaged or self._tasks.is_overwritten or self.missing or self.turn.is_over)

    def _context(self, task: Task) -> Context:
        settings = self._settings
        return Context(
            task, self.turn, self._tasks.but(task.key), self._others.tasks, settings.splunkd, settings.store,
            settings.config, settings.services, settings.clock, self._tasks.view, self._tasks.fill,
            self._others.excuse, self._excuses.covers,
        )  # fmt: skip


#: What those are told whose tasks wait behind another one's: that may be somebody else's.
_COMES_FIRST = "Another task of this case comes first: what became of it is being found out."


def _is_report(task: Task) -> bool:
    kind = kinds().get(task.kind)
    return kind is not None and kind.on_remediation


def _internal(error: Exception, task: Task) -> Unavailable:
    return Unavailable(f"Internal error ({type(error).__name__}) in {task.kind}.", "See the app's log file.")
