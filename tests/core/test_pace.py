"""How often a service is asked: simulated in virtual time, with lanes that would all like to send at once."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from responder.engine.pace import FULL, Pace
from responder.http_gate import LOST, Limits, Verdict
from responder.jira.rate_limits import LIMITS as JIRA
from responder.slack.rate_limits import CHANNEL

WORKS = Verdict(healthy=True)


@dataclass
class Simulation:
    """Requests go to a service that takes so long and answers so; ``answer`` is asked when one arrives."""

    pace: Pace
    answer: Callable[[float], Verdict]
    seed: int = 1
    now: float = 0.0
    #: When each request arrived, and how many were under way then.
    arrived: list[float] = field(default_factory=list)
    under_way: list[int] = field(default_factory=list)

    def run(self, wanted: int, lanes: int = 64) -> None:
        """Until so many requests have succeeded, sent by so many lanes."""
        chance, succeeded, order = random.Random(self.seed), 0, 0
        waiting, events = lanes, list[tuple[float, int, str, Verdict]]()
        while succeeded < wanted:
            while waiting and self.pace.wait(self.now) == 0:
                self.pace.take(self.now)
                self.pace.sent(self.now)
                waiting, order = waiting - 1, order + 1
                heapq.heappush(events, (self.now + chance.uniform(0.01, 0.1), order, "arrives", WORKS))
            soon = self.pace.wait(self.now)
            if waiting and soon != FULL and (not events or self.now + soon < events[0][0]):
                self.now += soon + 1e-9
                continue
            self.now, _, what, verdict = heapq.heappop(events)
            order += 1
            if what == "arrives":
                self.arrived.append(self.now)
                self.under_way.append(self.pace.under_way)
                later = self.now + chance.uniform(0.05, 1.5)
                heapq.heappush(events, (later, order, "ends", self.answer(self.now)))
            else:
                self.pace.ended(verdict, self.now)
                waiting += 1
                succeeded += verdict.healthy is True and not verdict.limited

    def busiest(self, seconds: float) -> int:
        """The most requests that arrived within so many seconds."""
        window, most = deque[float](), 0
        for moment in self.arrived:
            window.append(moment)
            while window[0] <= moment - seconds:
                window.popleft()
            most = max(most, len(window))
        return most


def test_ten_thousand_tickets_after_an_outage_are_opened_at_the_pace_of_the_site_and_without_a_stampede():
    pace = Pace(JIRA, random.Random(7).random)
    # The last requests of before failed.
    pace.take(0)
    pace.ended(LOST, 0)
    simulation = Simulation(pace, lambda now: WORKS)
    simulation.run(10_000)
    assert len(simulation.arrived) < 10_000 + JIRA.in_flight, "none is sent twice"
    assert max(simulation.under_way) == JIRA.in_flight, "there are 64 lanes"
    # They leave at this distance, and some are on their way for a tenth of a second longer than others.
    for seconds in (1, 10, 60):
        assert simulation.busiest(seconds) <= (seconds + 0.1) / JIRA.interval + 1
    assert simulation.under_way[0] == 1 and max(simulation.under_way[:4]) <= 3, "slow start"
    assert simulation.now < 10_000 / 4, "the pace of eight requests of 0.8 seconds each is nearly reached"


@dataclass
class Allows:
    """A service that counts by the second and answers 429 with ``Retry-After: 1`` beyond its limit."""

    a_second: int
    refused: int = 0
    counts: dict[int, int] = field(default_factory=dict)

    def __call__(self, now: float) -> Verdict:
        self.counts[int(now)] = self.counts.get(int(now), 0) + 1
        if self.counts[int(now)] <= self.a_second:
            return WORKS
        self.refused += 1
        return Verdict(healthy=True, limited=True, hold=1.0)


@pytest.mark.parametrize("a_second", [2, 4])
def test_a_site_that_allows_less_than_we_thought_refuses_few(a_second: int):
    site = Allows(a_second)
    simulation = Simulation(Pace(JIRA, random.Random(7).random), site)
    simulation.run(3_000)
    assert site.refused <= 0.1 * 3_000
    assert simulation.now < 3 * 3_000 / a_second, "and what it allows is made use of"


def test_a_channel_that_enforces_one_a_second_refuses_once_and_then_never_again():
    last = [-1.0]

    def strict(now: float) -> Verdict:
        too_early, last[0] = now - last[0] < 1.0, now
        return Verdict(healthy=True, limited=True, hold=1.0) if too_early else WORKS

    simulation = Simulation(Pace(CHANNEL, random.Random(7).random), strict)
    simulation.run(2_000)
    assert len(simulation.arrived) <= 2_000 + 2


def test_a_short_burst_goes_out_at_once_and_again_after_a_rest():
    pace = Pace(CHANNEL)
    for start in (0.0, 500.0):
        for number in range(20):
            assert pace.wait(start + number * 0.1) == 0
            pace.take(start + number * 0.1)
            pace.ended(WORKS, start + number * 0.1)
        pace.take(start + 2)
        pace.ended(Verdict(healthy=True, limited=True, hold=1.0), start + 2)
        assert pace.interval == CHANNEL.interval


def test_what_a_service_asks_for_is_waited_and_a_little_longer_each_time_by_another_part():
    pace = Pace(Limits(interval=0.1, in_flight=8, begin_with=8), random.Random(7).random)
    waits = set()
    for number in range(20):
        now = number * 1000.0
        pace.take(now)
        pace.ended(Verdict(healthy=True, limited=True, hold=100.0), now)
        assert 100 <= pace.wait(now) <= 120
        waits.add(round(pace.wait(now), 3))
    assert len(waits) > 10


def test_a_rate_that_the_service_tells_is_kept_and_left_again_slowly_when_it_works():
    pace = Pace(JIRA)
    pace.take(0)
    pace.ended(Verdict(healthy=True, rate=2.0), 0)
    assert pace.interval == 0.5
    for _ in range(200):
        pace.take(1)
        pace.ended(WORKS, 1)
    assert pace.interval == JIRA.interval


def test_requests_that_were_refused_together_slow_it_down_once():
    pace = Pace(Limits(interval=1.0, in_flight=8, begin_with=8), lambda: 0.0)
    for _ in range(8):
        pace.take(0)
    for _ in range(8):
        pace.ended(Verdict(healthy=True, limited=True), 100.0)
    assert pace.interval == 1.25 and pace.allowed == 4
