"""Time that passes only when somebody waits."""

from __future__ import annotations

import threading

from responder.engine.pacing import Clock


class VirtualClock(Clock):
    def __init__(self, time: float = 1_000.0) -> None:
        super().__init__()
        self.time = time
        self.now = lambda: self.time

    def monotonic(self) -> float:
        return self.time

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        self.time += seconds
