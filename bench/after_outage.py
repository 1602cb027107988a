"""``python -m bench.after_outage [--tickets N]``: Jira is back after hours, and thousands of tickets are to be opened.

Jira takes a burst of requests, then ten a second, and refuses what comes beyond that; the worker comes by round after
round. Counted are requests for each ticket, how many came in the busiest second, and how much of Jira's pace was used.
At its full size this takes as long as Jira allows: 10,000 tickets are a quarter of an hour and more.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections import Counter

from bench.figures import Figure, table
from bench.site import Site, running, tickets_wait
from sandbox.faults import Fault
from sandbox.jira import JiraStandIn
from sandbox.loopback import Exchange
from sandbox.world import APP

TICKETS = 10_000
#: Requests that Jira takes at once, and a second after that.
BURST, RATE = 50, 10.0
#: Rounds without a new ticket after which something is wrong.
PATIENCE = 5


class Limited(JiraStandIn):
    """Takes a burst of requests and then some a second; refuses the others with 429 and ``Retry-After``.

    Source: developer.atlassian.com, "Rate limiting".
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._left, self._at = float(BURST), time.monotonic()
        self.begin()

    def begin(self) -> None:
        """Count from now on."""
        self.refused = 0
        #: Requests by second.
        self.seconds: Counter[int] = Counter()

    def fault_of(self, exchange: Exchange) -> Fault | None:
        with self._lock:
            now = time.monotonic()
            self._left, self._at = min(float(BURST), self._left + (now - self._at) * RATE), now
            self.seconds[int(now)] += 1
            if self._left < 1:
                self.refused += 1
                return Fault("rate_limit", 429, headers={"Retry-After": "1"})
            self._left -= 1
        return super().fault_of(exchange)


def main(tickets: int = TICKETS) -> list[Figure]:
    with running() as site, Limited() as jira:
        _takes_the_place(site, jira)
        # The worker has seen these settings before the outage.
        site.work()
        jira.stop()
        tickets_wait(site, tickets)
        jira.start()
        jira.begin()
        requests, began = site.requests, time.monotonic()
        opened, rounds, without = 0, 0, 0
        while opened < tickets and without < PATIENCE:
            site.work()
            rounds += 1
            now = jira.issue_count
            without = 0 if now > opened else without + 1
            opened = now
        seconds, asked = time.monotonic() - began, jira.seconds.total()
        busiest, refused, splunkd = max(jira.seconds.values()), jira.refused, requests.count
    if opened != tickets:
        raise RuntimeError(f"{opened} tickets were opened, not {tickets}")
    allowed = max(1.0, (tickets - BURST) / RATE)
    return [
        Figure(
            f"requests to Jira for each of {tickets:,} tickets after an outage",
            f"{asked / tickets:.2f}",
            "opened: 1",
            asked / tickets,
            "at most 1.1",
        ),
        Figure("of these, refused because they came too early", str(refused), f"tickets: {tickets:,}", None, "few"),
        Figure(
            "requests to Jira in the busiest second",
            str(busiest),
            f"Jira takes {BURST} at once",
            busiest / BURST,
            "at most 1.3",
        ),
        Figure(
            f"time until all of them are open, in {rounds} rounds",
            f"{seconds:,.0f} s",
            f"at {RATE:.0f} a second: {allowed:,.0f} s",
            seconds / allowed,
            "at most 2",
        ),
        Figure("requests to splunkd for each of them", f"{splunkd / tickets:.1f}", "", None, "at most 3"),
    ]


def _takes_the_place(site: Site, jira: JiraStandIn) -> None:
    """Of the sandbox's own."""
    site.world.jira.stop()
    site.world.jira = jira
    path = f"{APP}_jira_site/jira"
    site.world.rest("POST", path, data=site.world.jira_form()).raise_for_status()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=TICKETS)
    print(table(main(parser.parse_args().tickets)))
