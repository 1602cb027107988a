"""Requests to splunkd for a finding: of each alert action, alone and in a batch of 100, in simulate and in enforce.

Counted from splunkd's own log: the one that hands over, and all that the executor made for it. What the worker does
behind the actions (files, the ticket's box, edits of messages, with all that a round asks for anyway) is a row of its
own; what comes minutes later, as the look-up of the second proof does, is not waited for.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench.figures import Figure, table
from bench.site import Site, finding, running

ACTIONS = ("create_ticket", "notify_slack", "remediate")
BATCH = 100
#: As splunkd runs the actions of an alert: one after the other.
OF_ONE_ALERT = ("create_ticket", "remediate", "notify_slack")
#: Seconds after which what was saved counts as settled, secrets too, and need not be read twice.
SETTLED = 61.0
#: Seconds within which what waits for its time belongs to the finding: files, box and edits come three seconds later.
SOON = 5.0
#: Of the worker, for what the executor has left.
ROUNDS = 50


def main(by_path: bool = False) -> list[Figure]:
    figures = []
    for mode in ("simulate", "enforce"):
        with running(mode) as site:
            time.sleep(SETTLED)
            figures += _of_all_three(site, mode, by_path)
            # The first request of a process reads more: it is warm from then on.
            for action in ACTIONS:
                _fired(site, [action], 1)
            figures += [_of_action(site, action, mode, by_path) for action in ACTIONS]
    return figures


def _of_all_three(site: Site, mode: str, by_path: bool) -> list[Figure]:
    cold, warm, warmer = (_fired(site, OF_ONE_ALERT, 1) for _ in range(3))
    many = _fired(site, OF_ONE_ALERT, BATCH)
    if by_path:
        _show(f"all three actions of one alert, one finding, {mode}, in a process that has just started", cold[0], 1)
        _show(f"the same in one that has worked, {mode}", warmer[0], 1)
        _show(f"behind them, by the worker, {mode}", warmer[1], 1)
        _show(f"all three actions of one alert with {BATCH} findings, {mode}, for each", many[0], BATCH)
    least = min((warm, warmer), key=lambda found: found[0].total())
    name = "requests to splunkd, all three actions of one alert"
    each = many[0].total() / BATCH
    return [
        Figure(
            f"{name} with one finding, {mode}",
            f"{least[0].total()}",
            f"in a process that has just started: {cold[0].total()}",
            least[0].total() / cold[0].total(),
            "at most 20",
        ),
        Figure(
            f"the worker's behind them: files, box, edits, {mode}",
            f"{least[1].total()}",
            f"the actions': {least[0].total()}",
            least[1].total() / least[0].total(),
        ),
        Figure(
            f"{name} with {BATCH} findings, {mode}",
            f"{each:.1f} for each",
            f"one finding alone: {least[0].total()}",
            each / least[0].total(),
            "at most 6",
        ),
    ]


def _of_action(site: Site, action: str, mode: str, by_path: bool) -> Figure:
    (one, _), (many, _) = _fired(site, [action], 1), _fired(site, [action], BATCH)
    if by_path:
        _show(f"{action}, {mode}, one finding", one, 1)
        _show(f"{action}, {mode}, {BATCH} findings, for each", many, BATCH)
    each = many.total() / BATCH
    return Figure(
        f"requests to splunkd, {action}, {mode}",
        f"{each:.1f} for each of {BATCH}",
        f"one finding alone: {one.total()}",
        each / one.total(),
    )


def _fired(site: Site, actions: Sequence[str], count: int) -> tuple[Counter[str], Counter[str]]:
    """What actions of one alert ask, and the worker behind them."""
    rows, requests = _findings(site, count), site.requests
    for action in actions:
        site.fire(action, rows)
    return requests.by_path(), _finish(site)


def _findings(site: Site, count: int) -> list[dict[str, Any]]:
    groups = [site.open_group() for _ in range(count)]
    return [finding(group, group=group) for group in groups]


def _finish(site: Site) -> Counter[str]:
    """What the worker asks until nothing is due any more or soon. Raises RuntimeError where that does not end."""
    found: Counter[str] = Counter()
    for _ in range(ROUNDS):
        waits = [float(task["due_at"]) - time.time() for task in site.world.documents("responder_tasks", {"open": 1})]
        soon = [seconds for seconds in waits if seconds <= SOON]
        if not soon:
            return found
        # What comes together is done together, and a round that finds nothing due is no cost of these findings.
        time.sleep(max(0.0, *soon))
        requests = site.requests
        site.work()
        found += requests.by_path()
    raise RuntimeError(f"Tasks are due after {ROUNDS} rounds of the worker.")


def _show(what: str, requests: Counter[str], count: int) -> None:
    print(f"\n{what}: {requests.total() / count:.1f}")
    for path, number in requests.most_common():
        print(f"  {number / count:8.2f}  {path}")


if __name__ == "__main__":
    print(table(main(by_path="--by-path" in sys.argv[1:])))
