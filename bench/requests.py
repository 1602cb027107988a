"""Requests to splunkd for a finding: of each alert action, alone and in a batch of 100, in simulate and in enforce.

Counted from splunkd's own log: the one that hands over, and all that the executor and, where something was left, the
worker made for it.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from bench.figures import Figure, table
from bench.site import Site, finding, running

ACTIONS = ("create_ticket", "notify_slack", "remediate")
BATCH = 100
#: As splunkd runs the actions of an alert: one after the other.
OF_ONE_ALERT = ("create_ticket", "remediate", "notify_slack")
#: Seconds after which what was saved counts as settled, and the settings need not be read again.
SETTLED = 3.0
#: Of the worker, for what the executor has left.
ROUNDS = 50


def main(by_path: bool = False) -> list[Figure]:
    figures = []
    for mode in ("simulate", "enforce"):
        with running(mode) as site:
            time.sleep(SETTLED)
            cold, warm, warmer = (_of_one_alert(site) for _ in range(3))
            if by_path:
                _show(f"all three actions of one alert with one finding, {mode}", warmer, 1)
            figures.append(
                Figure(
                    f"requests to splunkd, all three actions of one alert with one finding, {mode}",
                    f"{min(warm.total(), warmer.total())}",
                    f"in a process that has just started: {cold.total()}",
                    min(warm.total(), warmer.total()) / cold.total(),
                    "at most 20" if mode == "simulate" else "",
                )
            )
            # The first request of a process reads more: it is warm from then on.
            for action in ACTIONS:
                _requests(site, action, 1)
            for action in ACTIONS:
                one, many = _requests(site, action, 1), _requests(site, action, BATCH)
                if by_path:
                    _show(f"{action}, {mode}, one finding", one, 1)
                    _show(f"{action}, {mode}, {BATCH} findings, for each", many, BATCH)
                each = many.total() / BATCH
                figures.append(
                    Figure(
                        f"requests to splunkd, {action}, {mode}",
                        f"{each:.1f} for each of {BATCH}",
                        f"one finding alone: {one.total()}",
                        each / one.total(),
                    )
                )
    return figures


def _of_one_alert(site: Site) -> Counter[str]:
    group = site.open_group()
    row, requests = finding(group, group=group), site.requests
    for action in OF_ONE_ALERT:
        site.fire(action, [row])
    found = requests.by_path()
    # Files and the ticket's box are written a little later, in one go for whatever comes meanwhile.
    _finish(site, "all three actions")
    return found


def _requests(site: Site, action: str, count: int) -> Counter[str]:
    rows = []
    for _ in range(count):
        group = site.open_group()
        rows.append(finding(group, group=group))
    requests = site.requests
    site.fire(action, rows)
    return requests.by_path() + _finish(site, action)


def _finish(site: Site, what: str) -> Counter[str]:
    """What the worker asks until no task is open. Raises RuntimeError where that does not end."""
    found: Counter[str] = Counter()
    for _ in range(ROUNDS):
        tasks = site.world.documents("responder_tasks", {"open": 1})
        if not tasks:
            return found
        # What waits for a time is not asked for before: a round that finds nothing due is no cost of these findings.
        time.sleep(max(0.0, min(float(task["due_at"]) for task in tasks) - time.time()))
        requests = site.requests
        site.work()
        found += requests.by_path()
    raise RuntimeError(f"{what}: tasks are open after {ROUNDS} rounds of the worker")


def _show(what: str, requests: Counter[str], count: int) -> None:
    print(f"\n{what}: {requests.total() / count:.1f}")
    for path, number in requests.most_common():
        print(f"  {number / count:8.2f}  {path}")


if __name__ == "__main__":
    print(table(main(by_path="--by-path" in sys.argv[1:])))
