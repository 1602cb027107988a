"""Killed with -9 at every point and run again: one ticket, one message, one change a finding, and the evidence kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from sandbox.faults import Fault, Faults

#: Requests to strike at: an action makes one of its own, the executor half a dozen and more after that. A lost answer
#: is the more dangerous one, so each of those is tried; in the ordinary run, some.
SLOW = pytest.mark.slow
POINTS = [
    pytest.param("action", "request-lost", range(1, 5), marks=SLOW),
    pytest.param("action", "answer-lost", range(1, 5)),
    pytest.param("executor", "answer-lost", (4, 5, 6, 7), id="executor-answer-lost-at-some"),
    pytest.param("executor", "request-lost", range(2, 19, 2), marks=SLOW),
    pytest.param("executor", "answer-lost", range(2, 19), marks=SLOW, id="executor-answer-lost-at-each"),
]


class KillAt(Faults):
    """Kills a process when the n-th request of anybody arrives, before or after the request has its effect."""

    def __init__(self) -> None:
        super().__init__()
        self._count_lock = threading.Lock()
        self.disarm()

    def disarm(self) -> None:
        self.left, self.before, self.hit = -1, False, ""
        self.kill: Callable[[], None] | None = None

    def arm(self, point: int, kill: Callable[[], None], before: bool) -> None:
        self.left, self.kill, self.before, self.hit = point, kill, before, ""

    def take(self, method: str, path: str) -> Fault | None:
        with self._count_lock:
            self.left -= 1
            if self.left != 0 or self.kill is None:
                return None
            self.hit = f"{method} {path}"
            self.kill()
        return Fault("reset") if self.before else None


def run_until_done(site: Any, action: str, row: dict[str, Any]) -> None:
    """Fire again until everything is done, as the next runs of the alert and the worker would."""
    for _ in range(200):
        if site.world.fire(action, [row]).exit_code == 0:
            return
        time.sleep(0.3)
    raise AssertionError([task["message"] for task in site.tasks()])


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


@pytest.fixture
def killer(site: Any) -> KillAt:
    fault = KillAt()
    site.world.splunkd.faults = site.world.jira.faults = site.world.slack.faults = fault
    return fault


def attempt(site: Any, killer: KillAt, action: str, row: dict[str, Any], victim: str, point: int, before: bool) -> str:
    """One run with the kill armed; gives the request it struck at, empty when the run was over before."""
    processes: list[Any] = []

    def kill() -> None:
        if victim == "action":
            processes[0].kill()
        else:
            for process in site.world.runner.handlers.processes("cloudtrail_responder"):
                if process.busy:
                    process.popen.kill()

    killer.arm(point, kill, before)
    site.world.fire(action, [row], on_start=processes.append)
    hit = killer.hit
    killer.disarm()
    return hit


@pytest.mark.parametrize(("victim", "lost", "points"), POINTS)
class TestKilledAnywhere:
    def test_one_ticket(self, site, killer, victim, lost, points):
        def proved(row: dict[str, Any]) -> bool:
            return sum(row["object_id"] in issue.summary for issue in site.world.jira.issues()) == 1

        assert unproved(site, killer, "create_ticket", victim, lost, points, proved) == []

    @pytest.mark.extended
    def test_one_message(self, site, killer, victim, lost, points):
        def proved(row: dict[str, Any]) -> bool:
            return sum(row["object_id"] in message.text for message in site.messages()) == 1

        assert unproved(site, killer, "notify_slack", victim, lost, points, proved) == []

    @pytest.mark.extended
    def test_one_change_whose_evidence_remembers_the_state_before_it(self, site, killer, victim, lost, points):
        def proved(row: dict[str, Any]) -> bool:
            closed = not site.open_to_world(row["object_id"])
            tasks = site.tasks("remediation.run")
            (task,) = [t["_key"] for t in tasks if row["object_id"] in t["message"]]
            undone = site.world.rest("POST", "cloudtrail_responder/undo", json={"task": task})
            (report,) = undone.json()["reports"]
            if report["waiting_for"] == "approval":
                # Nobody knows whether it was us who closed it: a person decides.
                decision = {"task": report["task"], "decision": "approve"}
                site.world.rest("POST", "cloudtrail_responder/approve", json=decision).raise_for_status()
            return closed and site.open_to_world(row["object_id"])

        assert unproved(site, killer, "remediate", victim, lost, points, proved) == []


def unproved(
    site: Any,
    killer: KillAt,
    action: str,
    victim: str,
    lost: str,
    points: Iterable[int],
    proved: Callable[[dict[str, Any]], bool],
) -> list[str]:
    """Strikes at each point; gives the requests at which a kill left something wrong behind."""
    struck, wrong = [], []
    for point in points:
        row = site.open_ssh()
        struck.append(attempt(site, killer, action, row, victim, point, before=lost == "request-lost"))
        if victim == "executor":
            site.let_turns_end()
        run_until_done(site, action, row)
        if not proved(row):
            wrong.append(f"killed at {struck[-1]}")
    assert sum(map(bool, struck)) >= 3, "the kill never came about"
    return wrong
