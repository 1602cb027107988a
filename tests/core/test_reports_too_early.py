"""What became of a remediation before anybody has asked to be told of the case: it waits for its ticket and thread."""

from __future__ import annotations

import json
from typing import Any

import pytest
from all_succeed import all_succeed
from core_findings import finding
from responder.cases import known_cases, left_reports
from responder.cases.left_reports import LeftReports
from responder.cases.snapshot import is_turn
from responder.cases.task import TASKS, Task
from responder.cases.turns import Turn
from responder.errors import Rejected, Unavailable
from responder.remediation import runner

REPORTS = ("slack.remediation", "ticket.remediation")


@pytest.fixture(autouse=True)
def remediated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return all_succeed(monkeypatch, "signature_id", "Stopped", "stop")


def remediate(core: Any) -> None:
    assert core.ask(finding(1), "remediate", playbook="deactivate_access_key", mode="enforce").state == "done"


def states(core: Any) -> dict[str, str]:
    return {task["kind"]: task["state"] for task in core.tasks() if task.get("kind") in REPORTS}


def claims(core: Any, lane: str) -> int:
    """Turns that were taken in a lane."""
    return sum(is_turn(one) and one["lane"].endswith(f".{lane}") for one in core.documents(TASKS))


def test_an_alert_that_notifies_nobody_leaves_them_to_the_worker(core: Any) -> None:
    remediate(core)
    assert states(core) == dict.fromkeys(REPORTS, "recorded") and claims(core, "slack") + claims(core, "ticket") == 0
    core.work()
    assert states(core) == dict.fromkeys(REPORTS, "done") and core.jira.texts == core.slack.texts == []


@pytest.mark.parametrize(("action", "kind", "lane"), [
    ("notify_slack", "slack.remediation", "slack"), ("create_ticket", "ticket.remediation", "ticket"),
])  # fmt: skip
def test_what_is_told_first_says_it_and_settles_the_report_in_its_own_turn(
    core: Any, action: str, kind: str, lane: str
) -> None:
    remediate(core)
    assert core.ask(finding(1), action).state == "done"
    assert states(core)[kind] == "done" and claims(core, lane) == 1
    told = core.slack.texts if lane == "slack" else [f"{one.document}" for one in core.jira.created]
    assert len(told) == 1 and "Stopped" in told[0]
    core.later = 60
    core.work()
    assert len(core.slack.texts) + len(core.jira.created) == 1 and core.jira.texts == []


def test_what_was_told_meanwhile_by_another_process_hears_of_it(core: Any) -> None:
    """It had read the case before the remediation ended, so its message could not say it."""
    key = core.record(finding(1), "notify_slack")
    (recorded,) = core.client().find(TASKS, {"_key": key})
    core.client().delete_where(TASKS, {"_key": key})
    remediate(core)
    core.client().save_many(TASKS, [recorded])
    assert states(core)["slack.remediation"] == "recorded"
    core.work()
    core.later = 60
    core.work()
    assert sum("Stopped" in text for text in core.slack.texts) == 1 and states(core)["slack.remediation"] == "done"


def test_what_the_same_process_has_told_meanwhile_hears_of_it_at_once(
    core: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS takes its time, and the alert's next action does not wait for it."""
    run = runner.run

    def slow(request: Any, ports: Any) -> Any:
        assert core.ask(finding(1), "notify_slack").state == "done"
        return run(request, ports)

    monkeypatch.setattr(runner, "run", slow)
    remediate(core)
    assert ["Stopped" in text for text in core.slack.texts] == [False, True]


def test_what_is_being_told_meanwhile_is_followed_by_the_report(core: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The actions of an alert run side by side: the message is under way when the remediation ends."""
    post = core.slack.post

    def slow(*arguments: Any, **more: Any) -> Any:
        monkeypatch.setattr(core.slack, "post", post)
        remediate(core)
        assert states(core)["slack.remediation"] == "recorded"
        return post(*arguments, **more)

    monkeypatch.setattr(core.slack, "post", slow)
    assert core.ask(finding(1), "notify_slack").state == "done"
    assert ["Stopped" in text for text in core.slack.texts] == [False, True]
    assert states(core)["slack.remediation"] == "done"


def test_a_thread_that_cannot_be_begun_keeps_the_report_waiting(core: Any) -> None:
    remediate(core)
    core.slack.errors.append(Unavailable("away"))
    assert core.ask(finding(1), "notify_slack").state == "waiting"
    for core.later in (600, 1200):
        core.work()
    assert sum("Stopped" in text for text in core.slack.texts) == 1 and states(core)["slack.remediation"] == "done"


@pytest.mark.parametrize("by_another_process", [False, True])
def test_what_was_told_while_aws_took_its_time_hears_of_it_at_once(
    core: Any, monkeypatch: pytest.MonkeyPatch, by_another_process: bool
) -> None:
    """AWS takes longer than what a process remembers of a case counts."""
    run = runner.run

    def slow(request: Any, ports: Any) -> Any:
        own = core.services
        if by_another_process:
            core.services = type(own)()
            core.services.slack = own.slack
        assert core.ask(finding(1), "notify_slack").state == "done"
        core.services = own
        monkeypatch.setattr(known_cases, "OTHERS_KEPT" if by_another_process else "KEPT", 0.0)
        return run(request, ports)

    monkeypatch.setattr(runner, "run", slow)
    remediate(core)
    assert ["Stopped" in text for text in core.slack.texts] == [False, True]


def test_a_report_that_is_recorded_again_keeps_the_audit_events_that_it_owes(
    core: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process was stopped that had given it the events of the remediation; then that fails once more."""

    def fails(request: Any, ports: Any) -> Any:
        raise Rejected("Denied.")

    monkeypatch.setattr(runner, "run", fails)
    core.ask(finding(1), "notify_slack")
    key = core.record(finding(1), "remediate", playbook="deactivate_access_key", mode="enforce")
    core.engine().run([key], requested=True, follow_ups=False)
    (report,) = (task for task in core.tasks() if task.get("kind") == "slack.remediation")
    event = {"id": "owed-1", "time": core.clock(), "step": "owed_event"}
    core.write(TASKS, {**report, "audit": json.dumps([event])})
    core.ask(finding(1), "remediate", playbook="deactivate_access_key", mode="enforce")
    assert [task["state"] for task in core.tasks() if task["_key"] == report["_key"]] == ["done"]
    assert core.steps().count("owed_event") == 1


@pytest.mark.parametrize("holds_on", [False, True])
def test_a_report_is_not_left_to_somebody_who_has_ended_his_turn(
    core: Any, monkeypatch: pytest.MonkeyPatch, holds_on: bool
) -> None:
    """Others were in the lane each time between the look and the claim; nobody would take up what is left then."""
    assert core.ask(finding(1), "notify_slack").state == "done"
    claim, others = Turn._claim, list[Turn]()

    def late(turn: Turn) -> None:
        if turn.lane.family == "slack" and len(others) < 2:
            others.append(turn)
            with pytest.MonkeyPatch.context() as undisturbed:
                undisturbed.setattr(Turn, "_claim", claim)
                other = core.next_turn(turn.lane)
                if len(others) < 2 or not holds_on:
                    other.release()
        claim(turn)

    monkeypatch.setattr(Turn, "_claim", late)
    remediate(core)
    assert len(others) == 2
    assert [("Stopped" in text) for text in core.slack.texts] == ([False] if holds_on else [False, True])
    lane = str(others[0].lane)
    assert len(core.services.left_reports.take_lane(core.splunkd.uri, lane)) == holds_on


def left(number: int) -> Task:
    return Task(f"{'a' * 20}.slack.{number:016x}", "slack.remediation", {})


def test_what_was_left_is_forgotten_once_nobody_can_be_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes to the lane next month does not run what the worker has ended long ago."""
    reports = LeftReports()
    reports.leave("uri", [left(1)])
    monkeypatch.setattr(left_reports, "KEPT", 0.0)
    assert reports.take_lane("uri", str(left(1).lane)) == []


def test_no_more_is_remembered_than_so_many_reports_be_they_of_one_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_reports, "MOST", 3)
    reports = LeftReports()
    reports.leave("uri", [left(number) for number in range(5)])
    reports.leave("other", [left(1)])
    kept = reports.take_lane("uri", str(left(1).lane))
    assert [task.key for task in kept] == [left(number).key for number in (3, 4)]
    assert reports.take("other", [left(1)]) and not reports.take("other", [left(1)])
