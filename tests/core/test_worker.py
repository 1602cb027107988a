"""The worker input: finishes what dead executors left, and nothing that stays due hides what lies behind it."""

from __future__ import annotations

from typing import Any

import pytest
from responder.errors import NotPermitted, Unavailable
from responder.inputs import worker

from sandbox.faults import Faults


@pytest.fixture
def work(core, monkeypatch) -> Any:
    """One pass of the worker, with the services of ``core``: gives {task: state}."""
    monkeypatch.setattr("responder.inputs.worker.Services", lambda: core.services)
    return lambda: {r.task: r.state for r in worker.run_once(core.client(), core.clock)}


def test_it_finishes_what_a_dead_executor_left(core, work):
    (key,) = core.record()
    task = core.engine().store.get(key)
    assert task is not None and core.engine().store.claim(task) is not None
    core.services.jira.created.append(core_ticket(key))
    assert work() == {key: "busy"}
    core.later = 181
    assert work() == {key: "done"}
    assert len(core.services.jira.created) == 1, "the dead one had created it"
    assert work() == {}


def core_ticket(marker: str) -> Any:
    from responder.documents.document import Document
    from responder.jira.client import NewTicket

    return NewTicket("SEC", "", "Summary", Document(()), (), marker)


def test_busy_tasks_do_not_hide_those_behind_them(core, work, monkeypatch):
    monkeypatch.setattr(worker, "BATCH", 2)
    for number in range(3):
        (key,) = core.record(number)
        task = core.engine().store.get(key)
        assert task is not None
        core.engine().store.claim(task)
    (free,) = core.record(4)
    assert work()[free] == "done"


def test_tasks_that_fail_do_not_hide_those_behind_them(core, work, monkeypatch):
    monkeypatch.setattr(worker, "BATCH", 2)
    core.services.jira.errors = [(Unavailable("away"), False), (NotPermitted("no"), False), (RuntimeError(), False)]
    for number in range(5):
        core.record(number)
    assert sorted(work().values()) == ["done", "done", "pending", "pending", "pending"]


def test_it_stops_taking_more_when_its_time_is_up(core, work, monkeypatch):
    monkeypatch.setattr(worker, "BATCH", 1)
    monkeypatch.setattr(worker, "LONGEST_RUN", 50.0)
    for number in range(4):
        core.record(number)
    before = core.services.jira.create

    def slow(new: Any) -> Any:
        core.later += 30
        return before(new)

    core.services.jira.create = slow
    assert len(work()) == 2
    assert len(work()) == 2


def test_a_splunkd_that_cannot_be_read_is_said(core, work):
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("status", method="GET", path="storage/collections", status=503, count=None)
    with pytest.raises(Unavailable, match="KV store"):
        work()
