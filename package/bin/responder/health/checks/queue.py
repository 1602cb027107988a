"""What is owed: due tasks and the oldest of them, and what waits for approvals."""

from __future__ import annotations

from collections.abc import Iterable

from ...cases.task import TASKS
from ..line import Check, Line, amber, green, red, span
from ..surroundings import Surroundings

#: Tasks that are counted; more are "more than".
MOST = 1000
#: Seconds for which a task may be due: a few rounds of the worker; then hours.
OLD, VERY_OLD = 600.0, 6 * 3600.0


def look(about: Surroundings) -> Iterable[Line]:
    now = about.splunkd.now()
    due = about.splunkd.find(
        TASKS, {"due_at": {"$gt": 0, "$lte": now}}, sort="due_at", limit=MOST, fields="_key,due_at"
    )
    yield _due(len(due), now - float(due[0]["due_at"]) if due else 0.0)
    waiting = about.splunkd.find(
        TASKS, {"waiting_for": "approval"}, sort="created_at", limit=MOST, fields="_key,created_at"
    )
    if waiting:
        since = span(now - float(waiting[0].get("created_at") or now))
        said = f"Tasks that wait for an approval: {_count(len(waiting))}, the oldest for {since}."
        yield amber(said, "Answer what | respondwaiting shows.")


def _due(count: int, oldest: float) -> Line:
    if not count:
        return green("Nothing is due.")
    said = f"Due tasks: {_count(count)}, the oldest for {span(oldest)}."
    if oldest > VERY_OLD:
        return red(said, "Look at the lines of worker, breakers and services.")
    return amber(said, "The worker is behind, or a service is slow.") if oldest > OLD else green(said)


def _count(count: int) -> str:
    return f"{MOST} or more" if count >= MOST else str(count)


CHECK = Check("Queue", 23, look)
