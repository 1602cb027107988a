"""How often one service is asked: its rate, how many requests are under way, and what it says about both.

Pure reckoning: nothing waits here, and time is handed in. The rate falls when the service says that it was asked too
often and rises again slowly. The number of requests under way begins small, doubles with each round of successes up to
half of what once was too much, and then grows by one a round (slow start, as in RFC 5681).
"""

from __future__ import annotations

import math
import random
from typing import Callable

from ..http_gate import Limits, Verdict

#: Until something ends, nothing more may be sent.
FULL = math.inf
#: How much slower after each "too often", and how much of that is made up for with each success.
SLOWER, RECOVERY = 1.25, 0.98
#: A wait that a service asks for is prolonged by up to this part of it, so that not all come back at once.
JITTER = 0.2
#: Seconds to wait where a service says "too often" and not for how long.
USUAL_HOLD = 1.0
#: Seconds without any request after which a service takes a burst again.
RESTED = 120.0


class Pace:
    """Of one service or channel, in one process. Not thread-safe."""

    def __init__(self, limits: Limits, chance: Callable[[], float] = random.random) -> None:
        self._limits = limits
        self._chance = chance
        self.interval = self._least = limits.interval if limits.at_first is None else limits.at_first
        #: When the next may be sent, and until when nothing may.
        self._next = self._held_until = 0.0
        self.under_way = 0
        self.allowed = float(limits.begin_with)
        self._threshold = float(limits.in_flight)
        self._limited_at = 0.0

    def wait(self, now: float) -> float:
        """Seconds until a request may be sent; 0 for now, ``FULL`` when others must end first."""
        if self.under_way >= max(1, int(self.allowed)):
            return FULL
        return max(0.0, self._next - now, self._held_until - now)

    def held(self, now: float) -> float:
        """Seconds for which the service wants to be left alone."""
        return max(0.0, self._held_until - now)

    def take(self, now: float) -> None:
        """The next request's turn has come."""
        self.under_way += 1
        if self.under_way == 1 and now - self._next > RESTED and self._limits.at_first is not None:
            self.interval = self._least = self._limits.at_first
        self._next = max(self._next, now) + self.interval

    def sent(self, now: float) -> None:
        """It is sent now, perhaps a while after its turn had come: the next one keeps its distance from this moment."""
        self._next = max(self._next, now + self.interval)

    def ended(self, verdict: Verdict, now: float) -> None:
        self.under_way -= 1
        if self._limits.in_flight == 1:
            # By then it had arrived: however long requests are on their way, they arrive at this distance.
            self._next = max(self._next, now + self.interval)
        if verdict.hold is not None or verdict.limited:
            hold = USUAL_HOLD if verdict.hold is None else verdict.hold
            self._held_until = max(self._held_until, now + hold * (1 + JITTER * self._chance()))
        if verdict.limited:
            self._slow_down(now)
        elif verdict.healthy:
            self._speed_up()
        elif verdict.healthy is False:
            self.begin_again()
        if verdict.rate:
            self._end_burst()
            self.interval = min(max(self.interval, 1 / verdict.rate), self._limits.slowest)

    def begin_again(self) -> None:
        """As few as in the beginning: for a service that was away."""
        self._end_burst()
        self._threshold = max(1.0, self.allowed / 2)
        self.allowed = 1.0

    def _slow_down(self, now: float) -> None:
        # Several that were under way together are told the same thing once each.
        if now - self._limited_at < self.interval:
            return
        self._limited_at = now
        if not self._end_burst():
            slower = self.interval * SLOWER * (1 + JITTER * self._chance())
            self.interval = min(slower, self._limits.slowest)
        self._threshold = self.allowed = max(1.0, self.allowed / 2)

    def _end_burst(self) -> bool:
        """Fall back to the pace that is known to be allowed. Whether that is slower than it was."""
        if self._least >= self._limits.interval:
            return False
        self._least = self._limits.interval
        self.interval = max(self.interval, self._least)
        return True

    def _speed_up(self) -> None:
        self.interval = max(self._least, self.interval * RECOVERY)
        step = 1.0 if self.allowed < self._threshold else 1 / self.allowed
        self.allowed = min(float(self._limits.in_flight), self.allowed + step)
