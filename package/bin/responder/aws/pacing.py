"""How many calls to one AWS service are under way at once: as many as AWS takes, and no more.

Additive increase, multiplicative decrease, as TCP does it: each call that is answered while others wait makes room
for a part of another one; a throttled call halves what may be under way and holds everybody back for a moment. So of
32 threads that are throttled together 16 try again, and not before the pause is over.
"""

from __future__ import annotations

import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

#: Calls under way: at the beginning, at most, and after any throttling.
START, MOST, LEAST = 32, 64, 1
#: Seconds that everybody waits after a throttled call; doubled each time that it happens again.
PAUSE, LONGEST_PAUSE = 1.0, 16.0
#: Services and regions that are remembered. Findings name regions, so there may be many.
REMEMBERED = 256


class Pace:
    """Shared by all threads that call one service of one account in one region."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._window = float(START)
        self._under_way = 0
        self._slowed_at = float("-inf")
        self._resume_at = float("-inf")
        self._in_a_row = 0

    @property
    def window(self) -> int:
        """Calls that may be under way now."""
        return int(self._window)

    @property
    def is_idle(self) -> bool:
        return self._under_way == 0

    def enter(self, sleep: Callable[[float], None]) -> float:
        """Wait until one more call may go out; returns when it began, for ``leave``."""
        waited_until = float("-inf")
        while True:
            with self._changed:
                now, resume_at = self._clock(), self._resume_at
                if resume_at <= max(now, waited_until):
                    if self._under_way < self.window:
                        self._under_way += 1
                        return now
                    self._changed.wait()
                    continue
            # Whoever sleeps by another clock (a test) has waited all the same.
            sleep(resume_at - now)
            waited_until = resume_at

    def leave(self, began: float, throttled: bool) -> None:
        with self._changed:
            if began >= self._slowed_at:
                # What was under way before says nothing about the pace since then.
                if throttled:
                    self._slow_down()
                else:
                    self._speed_up()
            self._under_way -= 1
            self._changed.notify_all()

    def _slow_down(self) -> None:
        self._window = max(float(LEAST), self._window / 2)
        pause = min(PAUSE * 2**self._in_a_row, LONGEST_PAUSE) * random.uniform(0.5, 1.0)
        self._in_a_row += 1
        now = self._clock()
        # The very next call counts again, whatever the resolution of the clock.
        self._slowed_at, self._resume_at = now + 1e-6, now + pause

    def _speed_up(self) -> None:
        self._in_a_row = 0
        if self._under_way >= self.window:
            self._window = min(float(MOST), self._window + 1 / self._window)


_paces: OrderedDict[Hashable, Pace] = OrderedDict()
_lock = threading.Lock()


def of(*what: Hashable) -> Pace:
    """The pace of one account, service and region (and endpoint), the same for the whole process."""
    with _lock:
        pace = _paces.setdefault(what, Pace())
        _paces.move_to_end(what)
        for other in list(_paces)[: max(0, len(_paces) - REMEMBERED)]:
            if _paces[other].is_idle and other != what:
                del _paces[other]
        return pace
