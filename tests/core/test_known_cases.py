"""Actions of one alert that come one after the other do not read the case again, and overlook nobody in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from core_findings import finding
from responder.cases import known_cases
from responder.cases.recording import Recorder, TaskRequest
from responder.cases.snapshot import CaseSnapshot, LaneState
from responder.cases.task import TASKS, Alert
from responder.cases.turns import StoredTurn
from responder.endpoints import dispatch
from responder.engine.engine import Engine
from responder.findings.finding import Finding
from responder.handlers.action import action
from responder.handlers.registry import requested

from sandbox.faults import Faults
from tests.kv_queries import asked

Ask = Callable[..., str]


def hand_over(core: Any, what: Finding, name: str = "create_ticket", **parameters: str) -> str:
    """One run of an alert action in the warm process; how its task stands after it."""
    row = {**what.to_dict(), "event_ids": list(what.event_ids)}
    chosen = {"project": "SEC", **parameters} if name == "create_ticket" else parameters
    given = {"action": name, "parameters": chosen, "rows": [{"number": 1, "row": row}], "search_name": "Alert"}
    status, answer = core.post("record", {**given, "app": "search", "sid": "scheduler__pat__search__1", "run": 1})
    assert status == 200, answer
    (report,) = answer["reports"]
    return str(report["state"])


def reads_of_the_case(core: Any) -> int:
    log = core.splunkd.home / "var" / "log" / "splunk" / "splunkd.log"
    return sum(one.collection == TASKS and "case_id" in str(one.query) for one in asked(log))


@pytest.fixture
def elsewhere(core: Any) -> Ask:
    """An action of another alert that another process runs, which knows nothing of this one; its state after it."""
    services = type(core.services)()
    services.jira, services.slack = core.jira, core.slack

    def ask(what: Finding, name: str = "create_ticket", **parameters: str) -> str:
        wanted = requested(action(name), what, {"project": "SEC", **parameters})
        assert isinstance(wanted, TaskRequest)
        key, _ = Recorder(core.client(), Alert("Other alert"), "pat", "run-2").record(what, wanted)
        (report,) = Engine(core.client(), services, core.clock).run([key], requested=True)
        return report.state

    return ask


def test_the_second_action_does_not_read_the_case_that_the_first_has_just_left(core, monkeypatch):
    monkeypatch.setattr(known_cases, "OTHERS_KEPT", 20.0)
    assert hand_over(core, finding()) == "done"
    before = reads_of_the_case(core)
    assert hand_over(core, finding(), "notify_slack") == "done"
    assert hand_over(core, finding(1, "event-2")) == "done"
    assert reads_of_the_case(core) == before
    assert "SEC-1" in core.slack.texts[0], "the message links the ticket that the first action opened"
    assert core.jira.listed() == ["event-1", "event-2"] and len(core.jira.created) == 1
    assert len(core.documents("responder_cases")) == 1


def test_what_another_process_did_in_between_is_not_done_twice(core, elsewhere):
    assert hand_over(core, finding()) == "done"
    assert elsewhere(finding(1, "event-2")) == "done"
    # It is remembered here that nobody was told of the second event.
    assert hand_over(core, finding(1, "event-2", "event-3")) == "done"
    assert core.jira.listed() == ["event-1", "event-2", "event-3"]


def test_a_task_that_another_process_has_done_is_known_as_done(core, monkeypatch):
    assert hand_over(core, finding()) == "done"
    row = finding(1, "event-2")
    other = type(core.services)()
    other.jira = core.jira
    with monkeypatch.context() as there:
        there.setattr(dispatch, "SERVICES", other)
        assert hand_over(core, row) == "done"
    assert hand_over(core, row) == "done"
    assert core.jira.listed() == ["event-1", "event-2"]


def test_a_ticket_that_another_process_has_replaced_is_not_linked(core, elsewhere, monkeypatch):
    assert hand_over(core, finding()) == "done"
    core.jira.closed.add("SEC-1")
    assert elsewhere(finding(1, "event-2")) == "done"
    monkeypatch.setattr(known_cases, "OTHERS_KEPT", 0.0)
    assert hand_over(core, finding(1, "event-2"), "notify_slack") == "done"
    assert "SEC-2" in core.slack.texts[-1] and "SEC-1" not in core.slack.texts[-1]


def test_what_an_action_of_the_same_alert_left_a_moment_ago_needs_no_second_look(core, monkeypatch):
    monkeypatch.setattr(known_cases, "OTHERS_KEPT", 20.0)
    assert hand_over(core, finding()) == "done"
    before = reads_of_the_case(core)
    assert hand_over(core, finding(), "notify_slack") == "done"
    assert reads_of_the_case(core) == before and "SEC-1" in core.slack.texts[-1]


def test_a_lane_that_another_process_works_on_is_left_alone(core):
    assert hand_over(core, finding()) == "done"
    core.hold(core.tasks()[0]["_key"])
    # Until its time is over; then it is the worker's.
    assert hand_over(core, finding(1, "event-2")) in ("busy", "recorded")
    assert core.jira.listed() == ["event-1"]


def test_how_a_case_was_left_is_not_remembered_where_its_end_was_not_written(core):
    core.splunkd.faults = Faults()
    rule = core.splunkd.faults.add("status", method="POST", path="responder_tasks/batch_save", status=500, count=None)
    hand_over(core, finding())
    core.splunkd.faults.clear(rule)
    before = reads_of_the_case(core)
    hand_over(core, finding(1, "event-2"))
    assert reads_of_the_case(core) > before
    core.later = 3600
    core.work()
    assert core.jira.listed() == ["event-1", "event-2"]


def test_it_is_remembered_for_a_moment_only(core, monkeypatch):
    assert hand_over(core, finding()) == "done"
    monkeypatch.setattr(known_cases, "KEPT", 0.0)
    before = reads_of_the_case(core)
    assert hand_over(core, finding(1, "event-2")) == "done"
    assert reads_of_the_case(core) > before


def test_two_owners_share_what_is_remembered_and_no_rights(core):
    assert hand_over(core, finding()) == "done"
    (key,) = (task["_key"] for task in core.tasks())
    status, answer = core.post("execute", {"tasks": [key], "run": 1}, user="somebody")
    assert status == 200 and answer["reports"][0]["state"] == "refused"


def test_many_cases_and_large_ones_are_not_kept(core, monkeypatch):
    monkeypatch.setattr(known_cases, "MOST", 2)
    for number in range(1, 4):
        hand_over(core, finding(number))
    known: Any = core.services.cases
    assert len(known._cases) == 2
    monkeypatch.setattr(known_cases, "MOST_OF_A_CASE", 1)
    hand_over(core, finding(3, "event-9"))
    assert len(known._cases) == 1


def test_of_all_cases_together_so_much_is_kept_and_the_newest_of_it(core, monkeypatch):
    hand_over(core, finding(1))
    hand_over(core, finding(2))
    known: Any = core.services.cases
    # Of each case a task and a turn.
    monkeypatch.setattr(known_cases, "MOST_IN_ALL", 4)
    hand_over(core, finding(3))
    hand_over(core, finding(3))
    assert [case_id for _, case_id in known._cases] == [finding(2).case_id, finding(3).case_id]
    known.forget(core.splunkd.uri, finding(3).case_id)
    hand_over(core, finding(4))
    assert [case_id for _, case_id in known._cases] == [finding(2).case_id, finding(4).case_id]


def test_one_more_occurrence_does_not_read_the_hundreds_that_wait_on_its_case(core):
    """300 wait: more than one small page of them."""
    rows = [{"number": n, "row": {**throttled(n).to_dict(), "event_ids": f"event-{n}"}} for n in range(1, 301)]
    for first in range(0, 300, 100):
        given = {"action": "create_ticket", "parameters": {"project": "SEC"}, "rows": rows[first : first + 100]}
        assert core.post("record", {**given, "run": 30})[0] == 200
    before = reads_of_the_case(core)
    assert hand_over(core, throttled(301)) == "waiting"
    assert reads_of_the_case(core) == before


def throttled(number: int) -> Finding:
    return finding(1, f"event-{number}", throttle_seconds=86_400.0)


def test_a_copy_that_lags_does_not_hide_how_this_process_has_left_a_lane():
    def state(*turns: int) -> LaneState:
        documents = ({"_key": f"c.ticket:{number}", "lane": "c.ticket", "number": number} for number in turns)
        return LaneState(turns=[turn for turn in map(StoredTurn.of, documents) if turn])

    read = CaseSnapshot("c", 0.0, {"c.ticket": state(1), "c.slack": state(1, 2)})
    known = CaseSnapshot("c", 0.0, {"c.ticket": state(1, 2), "c.slack": state(1), "c.remediate": state(1)})
    newest = read.no_older_than(known)
    assert {name: lane.last_turn for name, lane in newest.lanes.items()} == {
        "c.ticket": 2,
        "c.slack": 2,
        "c.remediate": 1,
    }
    assert read.no_older_than(None) is read
