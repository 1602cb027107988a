"""The worker input: finishes what dead executors left, and nothing that stays due hides what lies behind it."""

from __future__ import annotations

from typing import Any

import pytest
from core_findings import finding
from responder.documents.document import Document
from responder.engine import due
from responder.errors import NotPermitted, Unavailable
from responder.inputs import worker
from responder.jira.client import NewTicket
from responder.splunk.client import Splunkd as Client

from sandbox.faults import Faults


@pytest.fixture
def work(core, monkeypatch) -> Any:
    """One pass of the worker, with the services of ``core``: gives {task: state}."""
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    return lambda: {r.task: r.state for r in worker.run_once(core.client(), core.clock)}


def test_it_finishes_what_a_dead_executor_left(core, work):
    key = core.record()
    turn = core.hold(key)
    from responder.cases.task import Attempt

    where = {"site": "jira", "project": "SEC"}
    turn.send(Attempt(key, "create", core.clock(), event_ids=("event-1",), where=where))
    core.jira.created.append(NewTicket("SEC", "", "Summary", Document(()), (), key))
    assert work() == {key: "busy"}
    core.later = 185
    assert work() == {key: "done"}
    assert len(core.jira.created) == 1, "the dead one had created it"
    assert work() == {}


def test_busy_tasks_do_not_hide_those_behind_them(core, work, monkeypatch):
    monkeypatch.setattr(due, "PAGE", 2)
    for number in range(3):
        core.hold(core.record(number))
    free = core.record(4)
    assert work()[free] == "done"


def test_tasks_that_fail_do_not_hide_those_behind_them(core, work, monkeypatch):
    monkeypatch.setattr(due, "PAGE", 2)
    core.jira.errors = [(Unavailable("away"), False), (NotPermitted("no"), False), (RuntimeError(), False)]
    for number in range(5):
        core.record(number)
    assert sorted(work().values()) == ["done", "done", "unknown", "waiting", "waiting"]


def test_a_splunkd_that_cannot_be_read_is_reported(core, work):
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("status", method="GET", path="storage/collections", status=503, count=None)
    with pytest.raises(Unavailable, match="KV store"):
        work()


def test_audit_events_that_could_not_be_indexed_are_owed_and_come_once(core, work):
    core.splunkd.faults = Faults()
    rule = core.splunkd.faults.add("status", method="POST", path="receivers/simple", status=500, count=None)
    assert core.ask().state == "done"
    assert core.steps() == []
    core.splunkd.faults.clear(rule)
    core.later = 60
    work()
    assert core.steps() == ["task_recorded", "ticket_created"]
    core.later = 600
    assert work() == {}
    assert core.steps() == ["task_recorded", "ticket_created"]


class Counting(Client):
    """Counts the bytes splunkd answers."""

    read = 0

    def request(self, *args: Any, **more: Any) -> tuple[int, bytes]:
        status, data = super().request(*args, **more)
        self.read += len(data)
        return status, data


def test_what_was_found_before_is_not_read_again_in_full(core):
    for occurrence in range(30):
        core.ask(finding(1, f"event-{occurrence}", detail={"text": "x" * 20_000}))
    counting = Counting(core.splunkd.uri, core.splunkd.system_token, pauses=())
    key = core.record(finding(1, "event-30"), client=counting)
    core.engine(counting).run([key])
    assert counting.read < 30 * 4_000, "each of the 30 holds a finding of 20 kB"
    assert len(core.jira.comments) == 30
