"""The endpoint ``record``: findings are handed over; who, when and in which run is what splunkd says."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.faults import Faults

ROW = {"signature_id": "some_detection", "dedup_key": "key", "severity": "low", "event_ids": ["event-1"]}


def body(*rows: Any, **more: Any) -> dict[str, Any]:
    numbered = [{"number": number, "row": row} for number, row in enumerate(rows, 1)]
    given = {"action": "create_ticket", "parameters": {"project": "SEC"}, "rows": numbered, "search_name": "Alert"}
    return {**given, "app": "search", "sid": "scheduler__pat__search__RMD5_at_1_1", **more}


def test_each_row_becomes_a_task_and_a_case(core):
    status, answer = core.post("record", body(ROW, {**ROW, "dedup_key": "other"}))
    assert status == 200
    assert [(row["number"], row["recorded"]) for row in answer["rows"]] == [(1, True), (2, True)]
    assert {task["_key"] for task in core.tasks()} == {row["task"] for row in answer["rows"]}
    assert len(core.documents("responder_cases")) == 2


def test_recorded_twice_is_recorded_once(core):
    first, second = core.post("record", body(ROW))[1], core.post("record", body(ROW))[1]
    assert first["rows"][0]["task"] == second["rows"][0]["task"]
    assert second["rows"][0]["recorded"] is False and len(core.tasks()) == 1


def test_owner_and_run_are_those_of_the_session_whatever_the_body_says(core):
    core.post("record", body(ROW, owner="admin", user="admin", run="r", created_at=5), user="eve")
    (task,) = core.tasks()
    assert task["owner"] == "eve" and task["run"] not in ("r", "") and task["created_at"] > 1_000_000_000


def test_each_session_is_a_run_of_its_own(core):
    core.post("record", body(ROW), user="eve")
    core.post("record", body({**ROW, "dedup_key": "other"}), user="ann")
    assert len({task["run"] for task in core.tasks()}) == 2


def test_a_link_is_built_by_us_and_never_taken_over(core):
    core.save("settings", "general", splunk_web_url="https://splunk.example.com:8000")
    core.post("record", body(ROW, results_link="https://evil.example.net/", sid="scheduler__1"))
    core.post("record", body({**ROW, "dedup_key": "b"}, app="x/../../evil", sid="scheduler__1"))
    core.post("record", body({**ROW, "dedup_key": "c"}, sid='"><script>'))
    links = sorted(task["alert"].rpartition('"results_link": ')[2] for task in core.tasks())
    assert links == ['""}', '""}', '"https://splunk.example.com:8000/app/search/@go?sid=scheduler__1"}']


@pytest.mark.parametrize(
    "row",
    [
        {**ROW, "severity": "urgent"},
        {**ROW, "dedup_key": " \u200b "},
        {**ROW, "detail": '{"a":' * 14_000},
        {"x": "y"},
        "text",
        None,
        5,
        [],
    ],
    ids=lambda row: str(row)[:40],
)
def test_a_row_that_is_no_finding_is_named_and_the_others_are_recorded(core, row):
    status, answer = core.post("record", body(row, ROW))
    assert status == 200
    assert answer["rows"][0]["error"] and "\n" not in answer["rows"][0]["error"]
    assert answer["rows"][1]["recorded"] is True


@pytest.mark.parametrize(
    "more",
    [
        {"rows": "x"},
        {"rows": [5]},
        {"rows": [{}] * 101},
        {"action": "unheard_of"},
        {"action": 5},
        {"parameters": []},
        {"parameters": {"project": ["list"]}},
        {"search_name": 5},
        {"search_name": "x" * 5000},
    ],
    ids=lambda more: str(more)[:40],
)
def test_a_malformed_body_is_refused_with_a_reason(core, more):
    status, answer = core.post("record", body(ROW, **more))
    assert status == 400 and answer["error"] and core.tasks() == []


@pytest.mark.parametrize("payload", ["", "no json", "[]", "5", '{"a":' * 14_000], ids=lambda text: text[:10])
def test_a_body_that_is_no_object_is_refused(core, payload):
    assert core.post("record", payload)[0] == 400


def test_a_wrong_parameter_is_named(core):
    _, answer = core.post("record", body(ROW, parameters={"project": "../x"}))
    assert answer["rows"][0]["kind"] == "ConfigurationError" and "../x" in answer["rows"][0]["error"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", ""])
@pytest.mark.parametrize("endpoint", ["record", "execute", "undo", "retry", "approve"])
def test_only_a_post_does_anything(core, method, endpoint):
    """The capability is asked of those who post; a GET with a body would go past it."""
    assert core.post(endpoint, body(ROW), method=method)[0] == 405 and core.tasks() == []


def test_an_endpoint_that_is_not_there_is_an_answer_too(core):
    assert core.post("nothing", body(ROW))[0] == 404


def test_nobody_may_do_nothing(core):
    assert core.post("record", body(ROW), session={})[0] == 403


def test_a_kv_store_that_fails_is_said_so_that_the_action_keeps_the_results(core):
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("status", path="data/responder_tasks", status=500, count=None)
    assert core.post("record", body(ROW))[0] == 503


def test_an_alert_that_asks_again_gets_the_report_of_what_is_done(core):
    _, answer = core.post("record", body(ROW))
    keys = [row["task"] for row in answer["rows"]]
    for _ in range(2):
        _, executed = core.post("execute", {"tasks": keys})
        assert [report["state"] for report in executed["reports"]] == ["done"]
    assert len(core.jira.created) == 1


@pytest.mark.parametrize(
    "payload", [{"tasks": "key"}, {"tasks": [5]}, {"tasks": ["../../etc"]}, {"tasks": [""]}, {"tasks": ["x"] * 201}],
    ids=lambda payload: str(payload)[:40],
)  # fmt: skip
def test_keys_that_are_none_are_refused(core, payload):
    assert core.post("execute", payload)[0] == 400


def test_a_request_without_system_rights_is_an_answer_too(core):
    status, answer = core.post("execute", {"tasks": [core.record()]}, system_authtoken="wrong")
    assert status == 403 and "wrong" not in answer["error"]
