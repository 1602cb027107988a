"""How this process has left cases a moment ago: the next action of the same alert need not read them again.

What is remembered may be old, as what is read may be. Of the lane that is worked on it decides nothing: whoever wants
to have an effect claims the next turn there, and whatever another process did has taken that number; then the case is
read. Nothing shows what another process did in the other lanes of the case, which messages tell of. So those count for
a moment only, and then are read again when a message asks for them.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .keys import Lane
from .snapshot import CaseSnapshot, LaneState
from .task import Task

#: Seconds for which it counts, from when the case was read; as for a case that was read and not worked on yet.
KEPT = 20.0
#: And for which the other lanes do: the actions of one alert follow each other within it.
OTHERS_KEPT = 3.0
#: Cases that are remembered, tasks and turns of one (of more only a part is read, too), and of all together.
MOST, MOST_OF_A_CASE, MOST_IN_ALL = 500, 1_000, 10_000


@dataclass(frozen=True)
class _Known:
    #: Monotonic seconds, before it was asked for.
    read_at: float
    #: Each with when it was read, or left.
    lanes: Mapping[str, tuple[float, LaneState]]

    @property
    def size(self) -> int:
        """Tasks and turns."""
        return sum(len(state.tasks) + len(state.turns) for _, state in self.lanes.values())


class KnownCases:
    """Of one process. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cases: OrderedDict[tuple[str, str], _Known] = OrderedDict()
        #: Tasks and turns of all of them.
        self._size = 0

    def get(self, uri: str, case_id: str) -> CaseSnapshot | None:
        """For the caller alone."""
        with self._lock:
            known = self._cases.get((uri, case_id))
        if known is None or not 0 <= time.monotonic() - known.read_at < KEPT:
            return None
        lanes = {name: _copied(state) for name, (_, state) in known.lanes.items()}
        left_at = {name: at for name, (at, _) in known.lanes.items()}
        return CaseSnapshot(case_id, known.read_at, lanes, is_remembered=True, left_at=left_at)

    def left(self, uri: str, case: CaseSnapshot, lane: Lane, state: LaneState, follow_ups: Iterable[Task] = ()) -> None:
        """A lane of a case was left like this, and this was recorded in others of its lanes."""
        if not case.is_complete:
            return
        now, key = time.monotonic(), (uri, case.case_id)
        with self._lock:
            before = self._take(key) or _Known(case.read_at, {})
            lanes = {name: (case.read_at, read) for name, read in case.lanes.items()}
            # Other threads may have left other lanes since this one began.
            lanes.update((name, known) for name, known in before.lanes.items() if known[0] > case.read_at)
            lanes[str(lane)] = now, state
            for task in follow_ups:
                at, other = lanes.get(str(task.lane), (case.read_at, LaneState()))
                if task.key not in other.keys:
                    lanes[str(task.lane)] = at, replace(other, tasks=[*other.tasks, task])
            known = _Known(case.read_at, lanes)
            if known.size <= MOST_OF_A_CASE:
                self._cases[key] = known
                self._size += known.size
            while len(self._cases) > MOST or self._size > MOST_IN_ALL:
                self._take(next(iter(self._cases)))

    def forget(self, uri: str, case_id: str) -> None:
        """Somebody else has worked on it, or nobody knows how it was left."""
        with self._lock:
            self._take((uri, case_id))

    def _take(self, key: tuple[str, str]) -> _Known | None:
        known = self._cases.pop(key, None)
        self._size -= known.size if known else 0
        return known


def is_old(case: CaseSnapshot, lane: Lane) -> bool:
    """Whether what is remembered of a lane is older than what a message may tell of it."""
    return case.is_remembered and time.monotonic() - case.left_at.get(str(lane), case.read_at) >= OTHERS_KEPT


def _copied(state: LaneState) -> LaneState:
    """The tasks themselves are copied by whoever works on them (``CaseReader.lane_to_work_on``)."""
    return LaneState(list(state.tasks), list(state.damaged), list(state.turns), list(state.excuses))
