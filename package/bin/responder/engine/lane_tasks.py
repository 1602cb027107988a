"""The tasks of a lane, as its newest turns left them and as this one changes them; and those of the case's others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..cases.excuses import Excuse
from ..cases.keys import Lane
from ..cases.known_cases import is_old
from ..cases.snapshot import CaseReader, CaseSnapshot
from ..cases.store import TaskStore
from ..cases.task import Task
from ..cases.turns import Turn, newest, overlay
from ..handlers.lane_view import LaneView


class LaneTasks(Mapping[str, Task]):
    """By key, oldest first. What has ended is a summary, without finding and audit, until it is asked for whole."""

    def __init__(self, store: TaskStore, reader: CaseReader, turn: Turn) -> None:
        self._store = store
        self._reader = reader
        self._turn = turn
        self._by_key: dict[str, Task] = {}
        self.view = LaneView(())
        self._changed: set[str] = set()
        #: Keys of those whose documents an older holder has written over.
        self._overwritten: set[str] = set()
        #: Tasks that were read whole one by one; those of them that are about no finding.
        self._fetched = 0
        self._without_finding: set[str] = set()

    def load(self, read: Iterable[Task]) -> None:
        """Begin with what was read, as far as the newest turns do not know better."""
        as_read = {task.key: task for task in read}
        self._by_key = {task.key: task for task in overlay(as_read.values(), self._turn.earlier)}
        known_better = (task for key, task in self._by_key.items() if task is not as_read[key])
        self._overwritten = {task.key for task in known_better if _is_written_over(as_read[task.key], task)}
        self.view = LaneView(self._by_key.values())

    def __getitem__(self, key: str) -> Task:
        return self._by_key[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def but(self, key: str) -> Sequence[Task]:
        """The others, without a list for each that asks."""
        return _But(self._by_key, key)

    # -- what this turn changes ----------------------------------------------------------------------------------

    def note(self, task: Task) -> None:
        """A task stands differently; whether that is written down is decided later."""
        self._by_key[task.key] = task
        self.view.changed(task)

    def save(self, task: Task) -> None:
        """Remember how a task stands: in the turn, with the next effect, and in its document, at the end."""
        task.turn = self._turn.number
        self._changed.add(task.key)
        self.note(task)
        self._turn.settled(task)

    def drop(self, key: str) -> None:
        """Of one whose document is damaged: from here on it is not there."""
        self._by_key.pop(key, None)
        self._overwritten.discard(key)
        self.view = LaneView(self._by_key.values())

    def is_changed(self, key: str) -> bool:
        return key in self._changed

    @property
    def changed(self) -> list[Task]:
        """Those that were worked on, oldest first."""
        return [task for key, task in self._by_key.items() if key in self._changed]

    @property
    def is_overwritten(self) -> bool:
        return bool(self._overwritten)

    def overwritten(self) -> list[Task]:
        """Those whose documents an older holder has written over, whole; not those that are written anyway."""
        whole = [self.whole(self._by_key[key]) for key in self._overwritten - self._changed]
        return [task for task in whole if task.finding is not None]

    # -- whole documents -----------------------------------------------------------------------------------------

    def whole(self, task: Task) -> Task:
        """A task with its finding and audit, where only a summary was read. Raises ResponderError."""
        if task.finding is not None or task.created_at == 0 or task.key in self._without_finding:
            return task
        self._fetched += 1
        if self._fetched > 1 and not task.final:
            # Not one request each.
            self.fill()
            task = self._by_key[task.key]
            if task.finding is not None:
                return task
        found = self._store.get(task.key)
        if found is not None and found.finding is None:
            # It is not read again, which would take back what this turn has changed.
            self._without_finding.add(task.key)
        return newest(found, self._turn.earlier) if found else task

    def fill(self) -> None:
        """Read the open tasks of which only summaries were read. Raises ResponderError."""
        missing = {task.key for task in self.values() if not task.final and task.finding is None}
        missing -= self._without_finding
        if not missing:
            return
        read = [task for task in self._reader.open_tasks(self._turn.lane) if task.key in missing]
        for task in overlay(read, self._turn.earlier):
            if task.key not in self._changed:
                self.note(task)


class OtherLanes:
    """The tasks of the other lanes of a case, as they stood when it was read."""

    def __init__(self, reader: CaseReader, case: CaseSnapshot) -> None:
        self._reader = reader
        #: Read again for the sake of these lanes, where it was only remembered.
        self._case = case
        self._excuse: Excuse | None = None
        self._is_read = False

    def tasks(self, family: str) -> Sequence[Task]:
        """As the newest turns of the family's lane have left them. Raises ResponderError."""
        lane = Lane(self._case.case_id, family)
        if is_old(self._case, lane):
            # Its turns cannot show that another process has been there: ours is of another lane.
            self._case = self._reader.read(lane.case_id)
        state = self._reader.lane(self._case, lane)
        return overlay(state.tasks, state.turns)

    def excuse(self) -> Excuse | None:
        """What was said last of whether the case is excused, as it was read. Raises ResponderError.

        Whoever excuses a case takes a turn in its lanes, so that what was read before claims nothing there any more.
        """
        if self._is_read:
            return self._excuse
        self._excuse, self._is_read = self._reader.excuse(self._case), True
        return self._excuse


class _But(Sequence[Task]):
    def __init__(self, tasks: dict[str, Task], but: str) -> None:
        self._tasks = tasks
        self._but = but

    def __iter__(self) -> Iterator[Task]:
        return (task for key, task in self._tasks.items() if key != self._but)

    def __len__(self) -> int:
        return len(self._tasks) - (self._but in self._tasks)

    def __getitem__(self, index: Any) -> Any:
        return list(self)[index]


def _is_written_over(read: Task, newest: Task) -> bool:
    """Whether an older holder has written over the end of a task."""
    return newest.final and (read.state, read.turn) != (newest.state, newest.turn)
