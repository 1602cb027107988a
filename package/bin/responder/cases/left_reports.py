"""Reports that this process has left to whoever tells people of their cases first (``engine/early_reports.py``)."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence

from .task import Task
from .turns import LEASE_SECONDS

#: Reports that are remembered, and seconds for which: as long as whoever tells people may be at it. The worker comes
#: upon the others, and what it has ended may be gone when the lane has its next turn.
MOST, KEPT = 1_000, LEASE_SECONDS


class LeftReports:
    """Of one process. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: Each with when it was left, first left first, of each splunkd.
        self._left: OrderedDict[tuple[str, str], tuple[float, Task]] = OrderedDict()
        #: Their keys by lane.
        self._lanes: dict[tuple[str, str], set[str]] = {}

    def leave(self, uri: str, tasks: Sequence[Task]) -> None:
        with self._lock:
            for task in tasks:
                self._take(uri, task.key)
                self._left[uri, task.key] = time.monotonic(), task
                self._lanes.setdefault((uri, str(task.lane)), set()).add(task.key)
            self._drop_old()

    def take(self, uri: str, tasks: Sequence[Task]) -> list[Task]:
        """Those of them that nobody has taken yet; they are the caller's then."""
        with self._lock:
            self._drop_old()
            left = [self._take(uri, task.key) for task in tasks]
        return [task for task in left if task is not None]

    def take_lane(self, uri: str, lane: str) -> list[Task]:
        """All that were left to a lane."""
        with self._lock:
            self._drop_old()
            left = [self._take(uri, key) for key in sorted(self._lanes.get((uri, lane), ()))]
        return [task for task in left if task is not None]

    def _drop_old(self) -> None:
        now = time.monotonic()
        while self._left:
            (uri, key), (at, _) = next(iter(self._left.items()))
            if len(self._left) <= MOST and now - at < KEPT:
                return
            self._take(uri, key)

    def _take(self, uri: str, key: str) -> Task | None:
        _, task = self._left.pop((uri, key), (0.0, None))
        if task is not None:
            lane = uri, str(task.lane)
            self._lanes[lane].discard(key)
            if not self._lanes[lane]:
                del self._lanes[lane]
        return task
