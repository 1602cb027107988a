"""Jira has been dead for a while, and 2,000 tickets wait for it: does a message that is recorded now go out at once?

One round of the worker, by the clock of an hour later, when all of them are due again.
"""

from __future__ import annotations

from collections import Counter

from bench.figures import Figure, table
from bench.site import finding, running, tickets_wait

TICKETS = 2_000


def main() -> list[Figure]:
    with running() as site:
        site.world.jira.faults.add("reset", count=None)
        tickets_wait(site, TICKETS)
        # Recorded by an executor that was stopped right after that: the worker finds it behind all the others.
        site.record("notify_slack", [finding("now")])
        jira_before, requests = len(site.world.jira.requests), site.requests
        site.work()
        by_path = requests.by_path()
        sent = len(site.world.slack.messages())
        tried = len(site.world.jira.requests) - jira_before
    return [
        Figure(
            f"messages sent in one round of the worker, {TICKETS:,} tickets behind a dead Jira",
            str(sent),
            "recorded: 1",
            float(sent),
            "1",
        ),
        Figure(
            "requests to splunkd in that round, for each ticket that waits",
            f"{by_path.total() / TICKETS:.2f}",
            f"{_written(by_path)} of {by_path.total()} write",
            None,
            "far below 1",
        ),
        Figure("requests to the dead Jira in that round", str(tried), f"tickets that wait: {TICKETS:,}", None, "a few"),
    ]


def _written(requests: Counter[str]) -> int:
    return sum(number for path, number in requests.items() if not path.startswith("GET "))


if __name__ == "__main__":
    print(table(main()))
