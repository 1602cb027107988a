"""More changes than a run may make: the rest waits for a person."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.demo.proof import Proof
from sandbox.demo.stage import Stage

TITLE, ORDER = "The breaker: an alert that finds too much", 40
LIMIT, FOUND = 2, 5


def play(stage: Stage) -> Iterator[Proof]:
    opened = stage.open_groups(FOUND)
    stage.safety(max_changes_per_run=str(LIMIT))
    try:
        stage.remediate(*opened)
    finally:
        stage.safety()
    closed = [one for one in opened if not stage.is_open(one)]
    waiting = [task for task in map(stage.task, opened) if task["waiting_for"] == "approval"]
    holds = (len(closed), len(waiting)) == (LIMIT, FOUND - LIMIT)
    said = waiting[0]["message"] if waiting else "nothing waits"
    yield Proof(f"Of {FOUND} groups {LIMIT} are closed; the others wait for a person", holds, said)
