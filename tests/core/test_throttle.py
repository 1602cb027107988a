"""The same finding again and again: people hear of it once in its throttle period, and of all of it in the end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from core_findings import finding
from responder.engine.report import TaskReport
from responder.errors import Rejected, Unavailable, UnknownOutcome
from responder.handlers import digest

HOUR = 3600


def again(core: Any, number: int, severity: str = "low", user: str = "mallory", name: str = "create_ticket") -> str:
    """Record the occurrence of a finding that has an hour's throttle; gives its task."""
    now = core.clock()
    about = finding(
        1, f"event-{number}", severity=severity, user=user, first_time=now, last_time=now, throttle_seconds=float(HOUR)
    )
    return core.record(about, name)


def occurs(core: Any, number: int, **more: Any) -> TaskReport:
    (report,) = core.run(again(core, number, **more))
    return report


def test_what_comes_within_the_period_is_reported_when_it_is_over_and_in_one_comment(core):
    occurs(core, 0)
    for number in range(1, 4):
        core.later = number * 600
        report = occurs(core, number)
        assert (report.state, report.waiting_for) == ("waiting", "time")
    assert core.work() == [] and core.jira.texts == []
    core.later = HOUR + 1
    assert set(core.work()) == {"done"}
    (comment,) = core.jira.texts
    assert "3 new events" in comment and all(f"event-{number}" in comment for number in range(1, 4))


def test_what_waits_with_more_events_than_one_message_takes_comes_in_several_and_each_event_once(core, monkeypatch):
    monkeypatch.setattr(digest, "ENOUGH_EVENTS", 3)
    occurs(core, 0)
    for number in range(1, 9):
        occurs(core, number)
    for hour in range(1, 5):
        core.later = hour * (HOUR + 60)
        core.work()
    assert core.jira.listed() == sorted(f"event-{number}" for number in range(9))
    assert [comment.count("event-") for comment in core.jira.texts] == [3, 3, 2]
    assert {task["state"] for task in core.tasks()} == {"done"}


def test_after_a_comment_the_period_begins_anew(core):
    occurs(core, 0)
    core.later = HOUR + 1
    assert occurs(core, 1).state == "done"
    assert occurs(core, 2).state == "waiting"
    core.later = 2 * HOUR
    assert core.work() == []
    core.later = 2 * HOUR + 3
    assert core.work() == ["done"] and len(core.jira.texts) == 2


def test_a_graver_finding_is_reported_at_once_but_only_the_first_time(core):
    occurs(core, 0)
    assert occurs(core, 1, severity="high").state == "done"
    assert occurs(core, 2, severity="high").state == "waiting"
    assert len(core.jira.texts) == 1


def test_a_closed_ticket_is_followed_by_a_new_one_when_the_period_is_over_which_lists_all_that_waited(core):
    occurs(core, 0)
    occurs(core, 1)
    core.jira.closed.add("SEC-1")
    assert occurs(core, 2).state == "waiting"
    core.later = HOUR + 3
    assert set(core.work()) == {"done"}
    assert len(core.jira.created) == 2 and core.jira.listed() == ["event-0", "event-1", "event-2"]


def test_within_the_period_jira_is_asked_nothing(core):
    occurs(core, 0)
    asked = core.jira.asked
    for number in range(1, 4):
        occurs(core, number)
    assert core.jira.asked == asked


def test_the_comment_names_everyone_who_did_it(core):
    occurs(core, 0)
    for number, user in enumerate(("eve", "mallory", "eve", "trent"), 1):
        occurs(core, number, user=user)
    core.later = HOUR + 1
    core.work()
    assert "eve, mallory, trent" in core.jira.texts[0]


def test_several_that_are_tried_at_the_same_moment_are_one_comment(core):
    occurs(core, 0)
    keys = [again(core, number) for number in range(1, 6)]
    core.later = HOUR + 1
    core.jira.slow = 0.3
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(core.run, keys))
    core.later += 120
    core.work()
    assert len(core.jira.texts) == 1
    assert all(core.task(key).final for key in keys)


def test_a_comment_that_failed_is_tried_again_with_the_same_contents(core):
    occurs(core, 0)
    occurs(core, 1)
    occurs(core, 2)
    core.jira.comment_errors = [Unavailable("Jira is down.")] * 2
    core.later = HOUR + 1
    assert set(core.work()) == {"waiting"}
    core.later += 80
    core.work()
    assert core.jira.listed() == ["event-0", "event-1", "event-2"]


def test_a_comment_whose_answer_was_lost_is_looked_up_and_covers_what_it_reported(core):
    occurs(core, 0)
    occurs(core, 1)
    occurs(core, 2)
    core.jira.comment_errors = [UnknownOutcome("No answer from Jira.")]
    core.jira.comment_arrives = True
    core.later = HOUR + 1
    core.work()
    core.later += 200
    core.work()
    assert core.jira.listed() == ["event-0", "event-1", "event-2"]
    assert {task["state"] for task in core.tasks()} == {"done"}


def test_what_came_while_an_answer_was_lost_is_reported_afterwards(core):
    occurs(core, 0)
    occurs(core, 1)
    core.jira.comment_errors, core.jira.comment_arrives = [UnknownOutcome("No answer from Jira.")], True
    core.later = HOUR + 1
    core.work()
    occurs(core, 2)
    core.later += 2 * HOUR
    core.work()
    assert core.jira.listed() == ["event-0", "event-1", "event-2"] and len(core.jira.texts) == 2


def test_when_one_is_refused_for_good_another_reports_it_too(core):
    occurs(core, 0)
    occurs(core, 1)
    occurs(core, 2)
    core.jira.comment_errors = [Rejected("Jira refuses the comment.")]
    core.later = HOUR + 1
    core.work()
    core.later += 60
    core.work()
    assert len(core.jira.texts) == 1


def test_without_a_throttle_each_occurrence_is_reported_as_it_comes(core):
    for number in range(3):
        core.ask(finding(1, f"event-{number}"))
    assert len(core.jira.texts) == 2


def test_slack_is_throttled_alike(core):
    occurs(core, 0, name="notify_slack")
    assert occurs(core, 1, name="notify_slack").state == "waiting"
    core.later = HOUR + 1
    assert core.work() == ["done"] and len(core.slack.texts) == 2


def test_the_audit_of_what_waits_is_indexed_once(core):
    """Its turn has written down what it owes before it was sent; the task's document knows that it was."""
    core.ask(finding(1, "event-1", throttle_seconds=3600.0))
    for event in ("event-2", "event-3"):
        assert core.ask(finding(1, event, throttle_seconds=3600.0)).state == "waiting"
    core.later = 3700
    core.work()
    assert sorted(core.jira.listed()) == ["event-1", "event-2", "event-3"]
    assert core.steps().count("task_recorded") == 3
