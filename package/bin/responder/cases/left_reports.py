"""Reports that this process has left to whoever tells people of their cases first (``engine/early_reports.py``)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from .task import Task

#: Lanes whose reports are remembered; the worker comes upon the others.
MOST = 1_000


class LeftReports:
    """Of one process. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: By lane, of each splunkd.
        self._left: OrderedDict[tuple[str, str], dict[str, Task]] = OrderedDict()

    def leave(self, uri: str, tasks: Sequence[Task]) -> None:
        with self._lock:
            for task in tasks:
                self._left.setdefault((uri, str(task.lane)), {})[task.key] = task
            while len(self._left) > MOST:
                self._left.popitem(last=False)

    def take(self, uri: str, tasks: Sequence[Task]) -> list[Task]:
        """Those of them that nobody has taken yet; they are the caller's then."""
        with self._lock:
            left = (self._left.get((uri, str(task.lane)), {}).pop(task.key, None) for task in tasks)
            return [task for task in left if task is not None]

    def take_lane(self, uri: str, lane: str) -> list[Task]:
        """All that were left to a lane."""
        with self._lock:
            return list(self._left.pop((uri, lane), {}).values())
