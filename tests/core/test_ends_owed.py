"""Whatever dies or comes late: every result that was invoked ends in the action's log, and once."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from core_findings import findings
from responder.actions import endpoint
from responder.actions.row_log import RowLog
from responder.endpoints import record
from responder.engine.share_claims import ShareClaims
from responder.errors import Unavailable
from responder.inputs import invocation_ends, retention, worker

from sandbox.faults import Faults
from tests import cim

NAME, SID = "responder_create_ticket", "scheduler__1"


class Killed(BaseException):
    """The process is gone."""


def dies(*_: Any, **__: Any) -> Any:
    raise Killed


def statuses(core: Any) -> dict[str, tuple[str, ...]]:
    """Statuses of the results of the run, by rid."""
    return {one.keys[4]: one.statuses for one in cim.invocations(cim.lines(core.splunkd.home, NAME))}


def work(core: Any, monkeypatch: Any, later: float = 0.0) -> None:
    core.later += later
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    worker.run_once(core.client(), core.clock)


@pytest.mark.parametrize("count", [1, 2, 5], ids=["in its task", "two", "a batch"])
def test_a_restart_while_tasks_are_run_leaves_no_result_without_an_end(core, fire, monkeypatch, count):
    def both_die(self: Any, body: Any, left: float) -> Any:
        with monkeypatch.context() as dying:
            dying.setattr(record, "run_recorded", dies)
            with pytest.raises(Killed):
                core.post("record", {**body, "run": 30}, "analyst")
        raise Killed

    monkeypatch.setattr(endpoint.Endpoints, "record_and_run", both_die)
    monkeypatch.setattr(endpoint.Endpoints, "execute", dies)
    monkeypatch.setattr(RowLog, "close", lambda *_: None)
    with pytest.raises(Killed):
        fire(findings(count))
    for _ in range(3):
        work(core, monkeypatch, 3600)
    assert statuses(core) == {str(number): ("success",) for number in range(count)}
    assert core.documents("responder_invocations") == [] and not any(task["owed"] for task in core.tasks())


def test_a_single_new_result_is_one_write_with_its_task(core, fire):
    core.splunkd.requests.clear()
    fire(findings(1))
    assert statuses(core) == {"0": ("success",)}
    assert not [request for request in core.splunkd.requests if "responder_invocations" in request.path]


def test_a_single_result_that_waits_ends_once(core, fire, monkeypatch):
    core.jira.errors += [(Unavailable("Jira is away."), False)]
    fire(findings(1))
    assert len(core.documents("responder_invocations")) == 1
    for _ in range(3):
        work(core, monkeypatch, 3600)
    assert statuses(core) == {"0": ("pending", "success")} and core.documents("responder_invocations") == []


def test_an_answer_that_comes_too_late_takes_nothing_from_what_a_later_request_owes(core, fire, monkeypatch):
    late: dict[str, Any] = {}

    def impatient(self: Any, body: Any, left: float) -> Any:
        late["body"] = {**body, "run": 30}
        raise endpoint.Unanswered("timed out")

    def execute(self: Any, tasks: Any, left: float) -> Any:
        # Here the first request comes to its end: one result is done, the other one waits for Jira.
        core.jira.errors += [(Unavailable("Jira is away."), False)]
        core.post("record", late["body"], "analyst")
        raise endpoint.Unanswered("busy")

    monkeypatch.setattr(endpoint.Endpoints, "record_and_run", impatient)
    monkeypatch.setattr(endpoint.Endpoints, "execute", execute)
    fire(findings(2))
    for _ in range(3):
        work(core, monkeypatch, 3600)
    assert statuses(core) == {"0": ("pending", "success"), "1": ("pending", "success")}
    assert core.documents("responder_invocations") == []


def test_what_was_ended_elsewhere_and_is_recorded_once_more_ends_once(core, fire, monkeypatch):
    monkeypatch.setattr("responder.actions.endpoint.Splunkd.__init__.__defaults__", (30.0, ()))
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("reset_after", path="cloudtrail_responder/record", count=None)
    core.jira.errors += [(Unavailable("Jira is away."), False)] * 2
    fire(findings(2))
    core.splunkd.faults = Faults()
    core.later = 600
    core.work()
    elsewhere = ShareClaims(core.client(), core.clock, 60.0)
    invocation_ends.write(core.client(), core.clock() + 30, elsewhere)
    assert set(statuses(core).values()) == {("pending", "success")}
    # The worker of this search head takes up what was spooled.
    for _ in range(2):
        work(core, monkeypatch, 60)
    assert set(statuses(core).values()) == {("pending", "success")}
    assert core.documents("responder_invocations") == []


def test_an_end_waits_until_the_log_can_be_written(core, fire, monkeypatch):
    core.jira.errors += [(Unavailable("Jira is away."), False)]
    fire(findings(1))
    plain = os.open

    def no_room(path: Any, *more: Any, **options: Any) -> int:
        if str(path).endswith("_modalert.log"):
            raise OSError(28, "No space left on device")
        return plain(path, *more, **options)

    with monkeypatch.context() as full:
        full.setattr("responder.log_file.os.open", no_room)
        work(core, full, 3600)
    assert statuses(core) == {"0": ("pending",)}
    work(core, monkeypatch, 3600)
    assert statuses(core) == {"0": ("pending", "success")}


def test_what_was_told_is_noted_for_a_day(core, fire, monkeypatch):
    core.jira.errors += [(Unavailable("Jira is away."), False)]
    fire(findings(1))
    work(core, monkeypatch, 3600)
    marks = [mark["_key"] for mark in core.documents("responder_marks") if mark["_key"].startswith("ended:")]
    assert len(marks) == 1
    retention.run_when_due(core.client(), lambda: core.clock() + 2 * 86_400)
    assert not {mark["_key"] for mark in core.documents("responder_marks")} & set(marks)


@pytest.mark.parametrize("owed", ["no json", "[]", '{"_key": "x"}'])
def test_what_a_task_owes_and_cannot_be_read_keeps_nothing_from_being_done(core, monkeypatch, owed):
    key = core.record()
    (document,) = core.tasks()
    core.write("responder_tasks", {**document, "owed": owed})
    assert [report.state for report in core.run(key)] == ["done"]
    assert core.documents("responder_invocations") == [] and core.tasks()[0]["owed"] == ""


def test_what_cannot_be_handed_to_the_worker_keeps_its_task_open(core, fire, monkeypatch):
    body = {"action": "create_ticket", "parameters": {"project": "SEC"}, "search_name": "Alert", "app": "search",
            "sid": SID, "rows": [{"number": 1, "row": findings(1)[0]}], "invocation": {"digest_mode": "1"}}  # fmt: skip
    with monkeypatch.context() as dying:
        dying.setattr(record, "run_recorded", dies)
        with pytest.raises(Killed):
            core.post("record", {**body, "run": 30})
    core.splunkd.faults = Faults()
    rule = core.splunkd.faults.add("status", path="responder_invocations/batch_save", status=500, count=None)
    (key,) = (task["_key"] for task in core.tasks())
    core.run(key)
    assert core.tasks()[0]["open"] == 1
    core.splunkd.faults.clear(rule)
    core.later = 3600
    core.work()
    assert len(core.jira.created) == 1
    (owed,) = core.documents("responder_invocations")
    assert [task for task, _ in json.loads(owed["rows"])] == [key]


def test_a_claim_that_somebody_else_has_taken_over_is_left_to_him(core):
    now = [1000.0]
    slow, other = (ShareClaims(core.client(), lambda: now[0], 60.0) for _ in range(2))
    assert slow.take("jira")
    now[0] += 61
    assert other.take("jira")
    assert not slow.keep("jira")
    slow.release("jira")
    assert not slow.take("jira") and other.keep("jira")
