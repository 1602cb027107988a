"""Ends a process of the app at a request of its choice, as a power cut would."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

from sandbox.faults import Fault, Faults


class KillAt(Faults):
    """Kills when a request arrives, before it has its effect or after."""

    def __init__(self, method: str, path: str, before: bool, kill: Callable[[], None]) -> None:
        super().__init__()
        self._wanted, self._before, self._kill = (method, path), before, kill
        self._once = threading.Lock()

    def take(self, method: str, path: str) -> Fault | None:
        if method == self._wanted[0] and re.search(self._wanted[1], path) and self._once.acquire(blocking=False):
            if self._before:
                self._kill()
                return Fault("reset")
            # Killed behind the effect, and before the answer.
            return Fault("reset_after") if not self._kill() else None
        return None
