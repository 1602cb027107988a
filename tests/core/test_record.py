"""The endpoint ``record``: findings are handed over; who, when and in which run is what splunkd says."""

from __future__ import annotations

import gc
import json
import time
import tracemalloc
from types import SimpleNamespace
from typing import Any

import pytest
from responder.endpoints import execute
from responder.engine import engine
from responder.errors import Unavailable

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
    core.post("record", body(ROW, owner="admin", user="admin", run=0, created_at=5), user="eve")
    (task,) = core.tasks()
    assert task["owner"] == "eve" and task["run"] not in ("0", "") and task["created_at"] > 1_000_000_000


def test_each_session_is_a_run_of_its_own(core):
    core.post("record", body(ROW), user="eve")
    core.post("record", body({**ROW, "dedup_key": "other"}), user="ann")
    assert len({task["run"] for task in core.tasks()}) == 2


def test_a_link_is_built_by_us_and_never_taken_over(core):
    core.save("settings", "general", splunk_web_url="https://splunk.example.com:8000")
    core.post("record", body(ROW, results_link="https://evil.example.net/", sid="scheduler__1"))
    core.post("record", body({**ROW, "dedup_key": "b"}, app="x/../../evil", sid="scheduler__1"))
    core.post("record", body({**ROW, "dedup_key": "c"}, sid='"><script>'))
    links = sorted(json.loads(task["alert"])["results_link"] for task in core.tasks())
    assert links == ["", "", "https://splunk.example.com:8000/app/search/@go?sid=scheduler__1"]


@pytest.mark.parametrize(
    "row",
    [
        {**ROW, "signature_id": "Not A Name"},
        {**ROW, "dedup_key": " \u200b "},
        {**ROW, "detail": '{"a":' * 14_000},
        {},
        {"x": ""},
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


@pytest.mark.parametrize("more", [{"jira_site": "x" * 70_000}, {"issue_type": "x" * 201}, {"labels": "x" * 201}])
def test_a_parameter_that_is_too_long_is_refused_and_named_in_one_line(core, more):
    status, answer = core.post("record", body(ROW, parameters={"project": "SEC", **more}))
    assert status == 400 and core.tasks() == []
    assert next(iter(more))[:40] in answer["error"] and len(answer["error"]) < 200 and "\n" not in answer["error"]
    longest = {"project": "SEC", "issue_type": "x" * 200, "_cam": "what Enterprise Security reads" * 20}
    assert core.post("record", body(ROW, parameters=longest))[0] == 200


@pytest.mark.parametrize("payload", ["", "no json", "[]", "5", '{"a":' * 14_000], ids=lambda text: text[:10])
def test_a_body_that_is_no_object_is_refused(core, payload):
    assert core.post("record", payload)[0] == 400


def test_a_wrong_parameter_is_named(core):
    _, answer = core.post("record", body(ROW, parameters={"project": "../x"}))
    assert answer["rows"][0]["kind"] == "ConfigurationError" and "../x" in answer["rows"][0]["error"]


@pytest.mark.extended
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


class TestToRunWhatIsRecorded:
    """``run``: one request for both, however it ends."""

    def test_a_report_comes_with_each_task(self, core):
        status, answer = core.post("record", body(ROW, {**ROW, "dedup_key": "other"}, {}, run=60))
        assert status == 200
        assert [row["number"] for row in answer["rows"]] == [1, 2, 3]
        assert [report["task"] for report in answer["reports"]] == [row["task"] for row in answer["rows"][:2]]
        assert {report["state"] for report in answer["reports"]} == {"done"} and len(core.jira.created) == 2

    def test_without_it_nothing_is_run(self, core):
        _, answer = core.post("record", body(ROW))
        assert "reports" not in answer and core.jira.created == []

    def test_two_rows_of_one_task_are_reported_on_once(self, core):
        _, answer = core.post("record", body(ROW, ROW, run=60))
        assert [row["recorded"] for row in answer["rows"]] == [True, False]
        assert len(answer["reports"]) == 1 and len(core.jira.created) == 1

    def test_repeated_it_gives_the_same_reports_and_creates_nothing_more(self, core):
        first, second = core.post("record", body(ROW, run=60))[1], core.post("record", body(ROW, run=60))[1]
        assert first["reports"] == second["reports"]
        assert len(core.jira.created) == 1 and core.jira.comments == []

    def test_what_there_is_no_time_for_is_recorded_and_says_so(self, core):
        _, answer = core.post("record", body(ROW, run=0))
        assert [report["state"] for report in answer["reports"]] == ["recorded"]
        assert core.jira.created == [] and core.work() == ["done"]

    def test_it_stops_beginning_when_the_time_is_over(self, core, monkeypatch):
        now = [0.0]
        create = core.jira.create

        def slow(*given: Any, **more: Any) -> Any:
            now[0] += 10
            return create(*given, **more)

        core.jira.create = slow
        start = time.monotonic()
        clock = SimpleNamespace(monotonic=lambda: start + now[0], sleep=time.sleep)
        monkeypatch.setattr(execute, "time", clock)
        monkeypatch.setattr(engine, "time", clock)
        monkeypatch.setattr(engine, "PARALLEL", 1)
        rows = [{**ROW, "dedup_key": f"key-{n}"} for n in range(6)]
        _, answer = core.post("record", body(*rows, run=30))
        states = [report["state"] for report in answer["reports"]]
        assert states == ["done"] * 3 + ["recorded"] * 3 and len(core.tasks()) == 6

    @pytest.mark.parametrize("error", [Unavailable("away"), RuntimeError("secret detail")])
    def test_what_goes_wrong_then_does_not_take_back_that_it_is_recorded(self, core, monkeypatch, error):
        def fail(*_: Any) -> None:
            raise error

        monkeypatch.setattr(execute, "Engine", fail)
        status, answer = core.post("record", body(ROW, run=60))
        assert status == 200 and answer["rows"][0]["recorded"] is True
        (report,) = answer["reports"]
        assert report["state"] == "recorded" and report["message"] and "secret" not in report["message"]

    @pytest.mark.parametrize("seconds", ["60", True, -1, 301, [], {}])
    def test_a_time_that_is_none_is_refused(self, core, seconds):
        assert core.post("record", body(ROW, run=seconds))[0] == 400
        assert core.post("execute", {"tasks": [], "run": seconds})[0] == 400
        assert core.tasks() == []


@pytest.mark.extended
def test_handing_over_a_hundred_batches_leaves_nothing_behind_in_the_process(core):
    """It lives as long as splunkd does."""

    def hand_over(number: int) -> None:
        rows = [{**ROW, "dedup_key": f"key-{number}-{n}", "detail": json.dumps({"text": "x" * 500})} for n in range(2)]
        assert core.post("record", body(*rows, run=0, sid=f"scheduler__{number}"))[0] == 200

    for number in range(10):
        hand_over(number)
    filters = (tracemalloc.Filter(True, "*/responder/*"),)
    tracemalloc.start()
    try:
        gc.collect()
        before = tracemalloc.take_snapshot().filter_traces(filters)
        for number in range(10, 110):
            hand_over(number)
        gc.collect()
        after = tracemalloc.take_snapshot().filter_traces(filters)
    finally:
        tracemalloc.stop()
    grown = sum(difference.size_diff for difference in after.compare_to(before, "filename"))
    assert grown < 100 * 500, "less than the shortest of its texts for each batch"
