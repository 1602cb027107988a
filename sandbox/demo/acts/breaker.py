"""More changes than an hour may have: the rest waits for a person, and so does everything until an admin resets it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sandbox.demo.proof import Proof
from sandbox.demo.stage import Opened, Stage

TITLE, ORDER = "The breaker: an alert that finds too much", 40
#: How many changes the hour still has room for, and how many groups are found open.
ROOM, FOUND = 2, 5


def play(stage: Stage) -> Iterator[Proof]:
    *opened, later, last = stage.open_groups(FOUND + 2)
    used = int(_of_all(stage.search("| respondchangelimits"))["used"])
    stage.safety(max_changes_per_hour=str(used + ROOM))
    try:
        stage.remediate(*opened)
    finally:
        stage.safety()
    closed = [one for one in opened if not stage.is_open(one)]
    waiting = [task for task in map(stage.task, opened) if task["waiting_for"] == "approval"]
    holds = (len(closed), len(waiting)) == (ROOM, FOUND - ROOM)
    said = waiting[0]["message"] if waiting else "nothing waits"
    yield Proof(f"Of {FOUND} groups {ROOM} are closed; the others wait for a person", holds, said)

    yield _stopped(stage, later)
    limit = _of_all(stage.administer("| respondchangelimits reset=all"))
    stage.remediate(last)
    holds = limit["state"] == "open" and not stage.is_open(last)
    yield Proof("An administrator resets it, and changes are made again", holds, f"the limit is {limit['state']} again")


def _stopped(stage: Stage, opened: Opened) -> Proof:
    stage.remediate(opened)
    task = stage.task(opened)
    holds = stage.is_open(opened) and task["waiting_for"] == "approval"
    return Proof("A higher limit alone resets nothing: the next change waits, too", holds, task["message"])


def _of_all(limits: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The limit on all changes of an hour."""
    (limit,) = [row for row in limits if row.get("scope") == "all"]
    return limit
