"""How a turn of a lane ends: what follows is recorded, audit events are indexed, and turn and tasks are written."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from ..cases.invocations import document_of
from ..cases.snapshot import CaseSnapshot
from ..cases.states import State
from ..cases.store import End
from ..cases.task import Document, Task
from ..cases.turns import Turn
from ..errors import PutOff, Rejected, ResponderError
from . import retries
from .early_reports import has_nobody_to_tell
from .lane_settings import Settings
from .lane_tasks import LaneTasks

log = logging.getLogger("cloudtrail_responder")


class LaneEnd:
    """Nothing but what is about to be sent is written before ``write``, save what ``write_follow_ups`` says."""

    def __init__(self, settings: Settings, turn: Turn, case: CaseSnapshot, tasks: LaneTasks, runs_on: bool) -> None:
        """``runs_on``: whether what follows is run right after this, by the same process."""
        self._settings = settings
        self._turn = turn
        self._case = case
        self._tasks = tasks
        self._runs_on = runs_on
        self._follow_ups: list[Task] = []
        #: Those of them that are written down with the end of the tasks that they follow from.
        self._unwritten: list[Task] = []
        self._without_turn: set[str] = set()
        #: What a task owes that the caller tells.
        self.tells = ""

    # -- what follows --------------------------------------------------------------------------------------------

    def record(self, follow_ups: Sequence[Task]) -> None:
        """Those that are not recorded yet; the turn keeps anybody else from recording them at the same time."""
        if not follow_ups:
            return
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
    def recorded(self) -> list[Task]:
        """What follows from the tasks of this turn and is recorded."""
        unwritten = {task.key for task in self._unwritten}
        return [task for task in self._follow_ups if task.key not in unwritten]

    def write_follow_ups(self) -> None:
        """By themselves, before anything is written that says that the tasks they follow from have ended."""
        self._settings.store.record_many(self._unwritten)
        self._unwritten = []

    def holds_without_turn(self, task: Task) -> None:
        """The end of a task rests on nothing that somebody else's turn could change."""
        self._without_turn.add(task.key)

    # -- the end -------------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Index the audit events, and write turn and tasks. Raises TurnTaken: then nothing was sent, nothing counts."""
        turn, changed, overwritten = self._turn, self._tasks.changed, self._tasks.is_overwritten
        if not changed and not turn.is_claimed and not overwritten:
            return
        if turn.is_over:
            # Somebody else may have gone on with it: what he writes is newer, whatever we did he looks up.
            log.error("lane=%s turn=%s came to its end too late", turn.lane, turn.number)
            changed, overwritten = [], False
            self.write_follow_ups()
        elif not turn.is_claimed:
            self.write_follow_ups()
            self._claim_or_do_without(changed)
        self._write(changed, self._healed() if overwritten else [])
        self._unwritten = []
        turn.clean()

    def _write(self, changed: Sequence[Task], healed: Sequence[Task]) -> None:
        store, turn = self._settings.store, self._turn
        owed = self._owed([*healed, *changed])
        healed_documents = [task.to_document() for task in healed]
        self._hand_on_audit(changed)
        following = list(map(store.recorded, self._unwritten))

        def documents(indexed: bool) -> list[Document]:
            for task in changed:
                self._index_later(task, indexed)
            own = [turn.released()] if turn.is_claimed and not turn.is_released else []
            # In this order, which is that in which the KV store writes them.
            return [*healed_documents, *following, *map(store.document, changed), *own]

        events = [event for task in changed for event in task.audit]
        try:
            store.end(End(events, self._settings.config.audit_index, documents, owed))
        except Rejected as error:
            # The KV store does not take one of them: the turn still says how they stand.
            log.error("lane=%s: the tasks were not written: %s", turn.lane, error)
            self.write_follow_ups()
            if turn.is_claimed:
                store.save(turn.released())
        except ResponderError:
            # Perhaps some of them were written, and nobody else would record what follows from those.
            self.write_follow_ups()
            raise

    def _hand_on_audit(self, changed: Sequence[Task]) -> None:
        """Give audit events to what follows, where that is run next: they are indexed with its own, in one request.

        They are kept in its document, as they would be in their own task's.
        """
        run_next = (task.key for task in self._follow_ups if not has_nobody_to_tell(task, self._case))
        following = set(run_next) if self._runs_on else set()
        heir = next((task for task in self._unwritten if task.key in following and self._is_admitted(task)), None)
        if heir is None:
            return
        for task in changed:
            heir.audit, task.audit = [*heir.audit, *task.audit], []

    def _is_admitted(self, task: Task) -> bool:
        """Whether nothing keeps a task from being tried at once."""
        try:
            self._settings.admit(task)
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

    def _healed(self) -> list[Task]:
        """Tasks whose documents an older holder has written over, with what only the whole documents have."""
        healed = self._tasks.overwritten()
        for task in healed:
            if task.audit:
                # Its turn came to its end too late to index them.
                task.due_at = task.due_at or self._settings.clock()
        return healed

    def _claim_or_do_without(self, changed: Sequence[Task]) -> None:
        """Nothing was sent. What rests on nothing that could change needs no turn, and is as new as the last one."""
        if all(task.key in self._without_turn for task in changed):
            for task in changed:
                task.turn = self._turn.number - 1
        else:
            self._turn.claim_and_release()

    def _index_later(self, task: Task, indexed: bool) -> None:
        """Audit events that splunkd did not take wait in the task's document."""
        if indexed:
            task.audit = []
        elif task.audit:
            task.due_at = max(task.due_at, self._settings.clock() + retries.FIRST_RETRY)
        self._turn.settled(task)
