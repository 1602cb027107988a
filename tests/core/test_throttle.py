"""The same finding again and again: people hear of it once in its throttle period, and of all of it in the end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from responder.cases.case import Alert, Wish, record
from responder.cases.tasks import TaskStore
from responder.engine.engine import Report
from responder.errors import InvalidFinding, Rejected, Unavailable, UnknownOutcome
from responder.findings.finding import Finding

HOUR = 3600
SLACK = Wish("slack", "slack.post", "slack.reply")


def again(core: Any, number: int, wish: Wish | None = None, severity: str = "low", user: str = "mallory") -> list[str]:
    """Record the occurrence of a finding that has an hour's throttle; gives the tasks to run."""
    now = core.clock()
    finding = Finding(
        "some_detection", "Some detection", severity, "key", user=user, event_ids=(f"event-{number}",),
        first_time=now, last_time=now, throttle_seconds=HOUR,
    )  # fmt: skip
    store = TaskStore(core.client(), core.clock)
    wish = wish or Wish("ticket", "ticket.create", "ticket.comment")
    return record(core.client(), store, finding, wish, Alert(), now)[0]


def seen(core: Any, number: int, **more: Any) -> Report:
    (report,) = core.engine().run(again(core, number, **more))
    return report


def due(core: Any) -> list[str]:
    """What the worker runs now, and how each task ended."""
    return [report.state for report in core.engine().run_due()]


def test_what_comes_within_the_period_is_told_when_it_is_over_and_in_one_comment(core):
    seen(core, 0)
    for number in range(1, 4):
        core.later = number * 600
        report = seen(core, number)
        assert (report.state, report.needs) == ("pending", "time")
    assert due(core) == [] and core.services.jira.said == []
    core.later = HOUR + 1
    assert sorted(due(core)) == ["done", "skipped", "skipped"]
    (comment,) = core.services.jira.said
    assert "3 new events" in comment and all(f"event-{number}" in comment for number in range(1, 4))


def test_after_a_comment_the_period_begins_anew(core):
    seen(core, 0)
    core.later = HOUR + 1
    assert seen(core, 1).state == "done"
    assert seen(core, 2).state == "pending"
    core.later = 2 * HOUR
    assert due(core) == []
    core.later = 2 * HOUR + 2
    assert due(core) == ["done"] and len(core.services.jira.said) == 2


def test_a_graver_finding_is_told_at_once_but_only_the_first_time(core):
    seen(core, 0)
    assert seen(core, 1, severity="high").state == "done"
    assert seen(core, 2, severity="high").state == "pending"
    assert len(core.services.jira.said) == 1


def test_a_closed_ticket_is_followed_by_a_new_one_at_once_which_then_hears_what_waited(core):
    seen(core, 0)
    seen(core, 1)
    core.services.jira.closed.add("SEC-1")
    assert seen(core, 2).state == "done"
    assert len(core.services.jira.created) == 2 and core.services.jira.said == []
    core.later = HOUR + 1
    assert due(core) == ["done"] and "event-1" in core.services.jira.said[0]


def test_the_comment_names_everyone_who_did_it(core):
    seen(core, 0)
    for number, user in enumerate(("eve", "mallory", "eve", "trent"), 1):
        seen(core, number, user=user)
    core.later = HOUR + 1
    due(core)
    assert "eve, mallory, trent" in core.services.jira.said[0]


def test_two_that_are_tried_at_the_same_moment_tell_once(core):
    seen(core, 0)
    keys = [again(core, number)[0] for number in range(1, 6)]
    core.later = HOUR + 1
    core.services.jira.slow_comment = 0.3
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda key: core.engine().run([key]), keys))
    core.later += 120
    due(core)
    assert len(core.services.jira.said) == 1
    assert all(core.task(key).final for key in keys)


def test_a_comment_that_failed_is_tried_again_with_the_same_contents(core):
    seen(core, 0)
    seen(core, 1)
    seen(core, 2)
    core.services.jira.comment_errors = [Unavailable("Jira is down.")]
    core.later = HOUR + 1
    assert due(core) == ["pending", "pending"]
    core.later += 60
    due(core)
    (comment,) = core.services.jira.said
    assert "event-1" in comment and "event-2" in comment


def test_a_comment_whose_answer_was_lost_is_looked_up_and_covers_what_it_told(core):
    seen(core, 0)
    seen(core, 1)
    seen(core, 2)
    core.services.jira.comment_errors = [UnknownOutcome("No answer from Jira.")]
    core.services.jira.comment_arrives = True
    core.later = HOUR + 1
    due(core)
    core.later += 200
    due(core)
    assert len(core.services.jira.said) == 1
    assert [task["state"] for task in core.documents("responder_tasks")].count("pending") == 0


def test_when_the_one_that_should_tell_is_refused_for_good_another_tells(core):
    seen(core, 0)
    seen(core, 1)
    seen(core, 2)
    core.services.jira.comment_errors = [Rejected("Jira refuses the comment.")]
    core.later = HOUR + 1
    due(core)
    core.later += 60
    due(core)
    (comment,) = core.services.jira.said
    assert ("event-1" in comment) != ("event-2" in comment), "the one that was refused is not told of"


def test_a_damaged_task_keeps_nobody_from_being_told(core):
    seen(core, 0)
    keys = [*again(core, 1), *again(core, 2)]
    core.engine().run(keys)
    (damaged,) = (d for d in core.documents("responder_tasks") if d["_key"] == keys[1])
    core.write("responder_tasks", {**damaged, "request": '{"finding": {"severity": "none at all"}}'})
    core.later = HOUR + 1
    due(core)
    assert len(core.services.jira.said) == 1 and "event-1" in core.services.jira.said[0]


def test_a_thread_in_slack_is_throttled_alike(core):
    seen(core, 0, wish=SLACK)
    for number in (1, 2):
        assert seen(core, number, wish=SLACK).state == "pending"
    core.later = HOUR + 1
    assert sorted(due(core)) == ["done", "skipped"]
    first, reply = core.services.slack.said
    assert "2 new events" in reply


@pytest.mark.parametrize("wrong", ["-1", "soon", "86401"])
def test_a_period_that_is_none_makes_the_row_no_finding(wrong):
    row = {"signature_id": "some_detection", "dedup_key": "key", "throttle_seconds": wrong}
    with pytest.raises(InvalidFinding, match="throttle_seconds"):
        Finding.from_row(row)
