"""What has failed, was given up or waits for a person is listed with its reason, and tried again, one or many."""

from __future__ import annotations

from typing import Any

import pytest
from responder.cases.states import State, WaitingFor
from responder.cases.task import TASKS
from responder.endpoints import retry
from responder.engine.retries import GIVE_UP_AFTER
from responder.errors import NotPermitted, Rejected, Unavailable


def failed(core: Any, *numbers: int, error: type[Exception] = Rejected) -> list[str]:
    keys = []
    for number in numbers:
        core.jira.errors = [(error("Jira refuses it."), False)]
        keys.append(core.record(number))
        core.run(keys[-1])
    return keys


def listed(core: Any, **body: Any) -> list[dict[str, Any]]:
    status, answer = core.post("failures", body)
    assert status == 200, answer
    rows: list[dict[str, Any]] = answer["failures"]
    return rows


def test_the_list_says_which_service_why_and_since_when(core: Any) -> None:
    (refused,), (waits,) = failed(core, 1), failed(core, 2, error=NotPermitted)
    rows = {row["task"]: row for row in listed(core)}
    assert set(rows) == {refused, waits}
    assert (rows[refused]["state"], rows[refused]["service"]) == ("failed", "jira:jira")
    assert rows[refused]["reason"] == "has failed: it cannot be done as it is"
    assert (rows[waits]["state"], rows[waits]["message"]) == ("waiting", "Jira refuses it.")
    assert rows[waits]["reason"].startswith("waits for a setting") and rows[waits]["requested_at"] > 0
    assert [row["task"] for row in listed(core, service="jira", state="waiting")] == [waits]
    assert [row["task"] for row in listed(core, service="jira:jira", state="failed")] == [refused]
    assert listed(core, service="slack") == listed(core, service="none") == []


def test_all_that_has_failed_for_a_service_is_tried_again_and_the_audit_says_who_asked(core: Any) -> None:
    failed(core, 1, 2, 3)
    (waits,) = failed(core, 4, error=NotPermitted)
    status, answer = core.post("retry", {"service": "jira:jira", "state": "failed"}, user="ana")
    assert status == 200 and answer["left"] == 0
    assert [report["state"] for report in answer["reports"]] == ["done"] * 3
    assert len(core.jira.created) == 3 and core.task(waits).state is State.WAITING
    asked = 'search index=main sourcetype="cloudtrail_responder:audit" step=retry_requested | table by task'
    rows = core.splunkd.search(asked).rows
    assert {row["by"] for row in rows} == {"ana"} and len({row["task"] for row in rows}) == 3


def test_a_limit_leaves_the_rest_and_says_how_many(core: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "BATCH", 2)
    failed(core, *range(5))
    status, answer = core.post("retry", {"state": "failed", "limit": 3})
    assert status == 200 and (len(answer["reports"]), answer["left"]) == (3, 2)
    assert len(core.jira.created) == 3
    answer = core.post("retry", {"state": "failed"})[1]
    assert (len(answer["reports"]), answer["left"]) == (2, 0)


@pytest.mark.parametrize("error", [Rejected, NotPermitted], ids=["failed", "waiting"])
def test_what_stays_as_it_is_leaves_the_next_search_to_the_others(core: Any, error: type[Exception]) -> None:
    core.later = -3600.0
    keys = failed(core, 1, 2, 3, error=error)
    core.jira.errors = [(error("Jira refuses it."), False) for _ in keys]
    tried = [core.post("retry", {"service": "jira", "limit": 1})[1]["reports"][0]["task"] for _ in keys]
    assert sorted(tried) == sorted(keys)


def test_what_was_given_up_has_three_days_anew(core: Any) -> None:
    core.jira.errors = [(Unavailable("Jira does not answer."), False) for _ in range(20)]
    key = core.record()
    task = core.task(key)
    core.write(TASKS, {**task.to_document(), "created_at": task.created_at - GIVE_UP_AFTER - 60})
    core.run(key)
    assert core.task(key).state is State.FAILED
    (row,) = listed(core)
    assert row["reason"] == "was given up after three days"
    answer = core.post("retry", {"service": "jira", "state": "failed"})[1]
    assert [report["state"] for report in answer["reports"]] == ["waiting"]
    core.later = GIVE_UP_AFTER - 3600
    core.work()
    assert core.task(key).waiting_for is WaitingFor.SERVICE, "it is not given up yet"


def test_nothing_that_waits_for_an_approval_or_is_an_undo_is_retried_with_the_others(core: Any) -> None:
    keys = [core.record(number, "remediate", playbook="block_public_bucket") for number in (1, 2)]
    asks, undo = map(core.task, keys)
    asks.state, asks.waiting_for = State.WAITING, WaitingFor.APPROVAL
    undo.kind, undo.state, undo.updated_at, undo.due_at = "remediation.undo", State.FAILED, core.clock(), 0.0
    core.client().save_many(TASKS, [asks.to_document(), undo.to_document()])
    before = core.tasks()
    for state in ("failed", "waiting"):
        answer = core.post("retry", {"state": state})[1]
        assert (answer["reports"], answer["left"]) == ([], 0)
    assert core.tasks() == before
    assert [row["task"] for row in listed(core)] == [undo.key], "it is shown all the same"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"service": ""},
        {"service": 5},
        {"service": 'jira" OR 1=1'},
        {"service": "x" * 300},
        {"state": "done"},
        {"state": "failed", "limit": 0},
        {"state": "failed", "limit": 1001},
        {"state": "failed", "limit": True},
        {"state": "failed", "limit": "5"},
        {"task": 1, "state": "failed"},
    ],
    ids=str,
)
def test_a_request_that_names_nothing_or_nonsense_is_refused_and_tries_nothing(core: Any, body: Any) -> None:
    failed(core, 1)
    status, answer = core.post("retry", body)
    assert status == 400 and answer["error"]
    assert core.jira.created == []


@pytest.mark.parametrize("body", [{"service": "a b"}, {"state": "refused"}, {"service": []}], ids=str)
def test_a_list_of_nonsense_is_refused(core: Any, body: Any) -> None:
    assert core.post("failures", body)[0] == 400


def test_a_damaged_task_is_listed_and_stops_no_other(core: Any) -> None:
    (damaged, whole) = failed(core, 1, 2)
    document = next(one for one in core.tasks() if one["_key"] == damaged)
    core.write(TASKS, {**document, "finding": "{"})
    answer = core.post("retry", {"state": "failed"})[1]
    assert [report["task"] for report in answer["reports"]] == [whole]
    assert damaged in [row["task"] for row in listed(core)]
    assert core.task(whole).state is State.DONE
