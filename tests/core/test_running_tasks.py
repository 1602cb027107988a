"""How tasks are claimed, run, retried and given up, whoever runs them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from responder.cases.case import CASES
from responder.cases.tasks import LEASES, TASKS
from responder.errors import ConfigurationError, NotPermitted, Rejected, Unavailable, UnknownOutcome

from sandbox.faults import Faults


def test_ten_engines_at_once_create_one_ticket(core):
    keys = core.record()
    core.services.jira.slow = 0.2
    start = threading.Barrier(10)

    def run(_: int) -> str:
        start.wait()
        return core.engine().run(keys)[0].state

    with ThreadPoolExecutor(10) as pool:
        states = list(pool.map(run, range(10)))
    assert len(core.services.jira.created) == 1
    assert set(states) <= {"done", "busy"} and "done" in states


def test_ten_search_heads_that_record_the_same_finding_record_one_task(core):
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: core.record(), range(10)))
    assert len(core.documents(TASKS)) == 1


@pytest.mark.parametrize(
    ("error", "needs", "first_retry"),
    [
        (Unavailable("Jira is away."), "later", 30),
        (Unavailable("Jira asks to wait.", retry_after=7), "later", 7),
        (NotPermitted("Jira says no.", "Renew the token."), "person", 300),
        (ConfigurationError("No project."), "person", 300),
    ],
)
def test_what_may_succeed_later_is_tried_later_and_not_before(core, error, needs, first_retry):
    core.services.jira.errors = [(error, False)]
    report = core.run()
    assert (report.state, report.needs) == ("pending", needs)
    assert str(error) in report.message
    core.later = first_retry - 3
    assert worker_states(core) == []
    core.later = first_retry + 3
    assert worker_states(core) == ["done"]
    assert len(core.services.jira.created) == 1


def worker_states(core) -> list[str]:
    """One pass of the worker input over what is due."""
    engine = core.engine()
    return [report.state for report in engine.run(engine.store.due(100))]


def test_the_pause_doubles_up_to_an_hour(core):
    core.services.jira.errors = [(Unavailable("away"), False)] * 12
    keys, pauses = core.record(), []
    for _ in range(12):
        core.engine().run(keys)
        (task,) = core.documents(TASKS)
        pauses.append(round(task["due_at"] - task["updated_at"]))
    assert pauses[:4] == [30, 60, 120, 240] and pauses[-1] == 3600


def test_what_can_never_succeed_is_not_tried_again(core):
    core.services.jira.errors = [(Rejected("Jira refuses the field."), False)]
    report = core.run()
    assert (report.state, report.needs) == ("failed", "person")
    core.later = 10_000_000
    assert worker_states(core) == []


def test_a_task_is_given_up_after_three_days_and_says_so(core):
    core.services.jira.errors = [(Unavailable("away"), False)] * 2
    core.run()
    core.later = 3 * 86_400 + 60
    assert worker_states(core) == ["failed"]
    assert core.documents(TASKS)[0]["message"].startswith("Given up after 3 days")
    assert core.steps()[-1] == "failed"


@pytest.mark.parametrize("happened", [True, False], ids=["it-happened", "it-did-not"])
def test_a_lost_answer_is_looked_up_before_the_ticket_is_created_again(core, happened):
    core.services.jira.errors = [(UnknownOutcome("No answer."), happened)]
    keys = core.record()
    assert core.engine().run(keys)[0].state == "pending"
    assert core.engine().run(keys)[0].state == "pending", "too early: the search index lags"
    core.later = 61
    assert core.engine().run(keys)[0].state == "done"
    assert len(core.services.jira.created) == 1


@pytest.mark.parametrize("error", [Unavailable("Search is away."), NotPermitted("No."), RuntimeError("fault")], ids=str)
def test_a_look_up_that_fails_leaves_the_outcome_unknown(core, error):
    core.services.jira.errors = [(UnknownOutcome("No answer."), True)]
    core.services.jira.find_errors = [error]
    core.run()
    core.later = 61
    assert worker_states(core) == ["pending"]
    core.later = 3600
    assert worker_states(core) == ["done"]
    assert len(core.services.jira.created) == 1


def test_a_process_that_died_is_overtaken_when_its_lease_ends_and_not_before(core):
    keys = core.record()
    engine = core.engine()
    task = engine.store.get(keys[0])
    assert task is not None and engine.store.claim(task) is not None
    assert core.engine().run(keys)[0].state == "busy"
    core.later = engine.store.lease_seconds + 1
    assert core.engine().run(keys)[0].state == "done"


def test_leases_of_finished_tasks_are_swept_away_later_and_those_that_tell_of_a_death_are_kept(core):
    core.run(1)
    core.services.jira.errors = [(Unavailable("away"), False)]
    core.run(2)
    (dying,) = core.record(3)
    task = core.engine().store.get(dying)
    assert task is not None and core.engine().store.claim(task) is not None
    core.engine().store.sweep()
    assert len(core.documents(LEASES)) == 3, "too early: another search head may not have seen the end yet"
    core.later = 90_000
    core.engine().store.sweep()
    assert [lease["task"] for lease in core.documents(LEASES)] == [dying]


@pytest.mark.parametrize(
    "damage",
    [
        {"request": "{broken"},
        {"request": "[]"},
        {"event_ids": "5"},
        {"case_id": "nobody"},
        {"kind": "unknown.kind"},
        {"trail": "[1"},
        {"trail": '[{"time": "soon"}]'},
    ],
    ids=str,
)
def test_a_damaged_task_does_not_keep_the_others_from_being_done(core, damage):
    (broken,), (good,) = core.record(1), core.record(2)
    document = next(d for d in core.documents(TASKS) if d["_key"] == broken)
    core.write(TASKS, {**document, **damage})
    reports = {r.task: r.state for r in core.engine().run([broken, good])}
    assert reports[good] == "done" and reports[broken] != "done"
    core.later = 1
    assert worker_states(core) == [], "it is closed, not tried for ever"


@pytest.mark.parametrize(
    "damage",
    [
        {"finding": "{broken"},
        {"finding": "[]"},
        {"finding": '{"signature_id": "x"}'},
        {"finding": '{"signature_id": "some_detection", "dedup_key": "k", "vendor_region": "example.com/"}'},
        {"finding": '{"signature_id": "some_detection", "dedup_key": "k", "detail": "text"}'},
    ],
    ids=str,
)
def test_a_damaged_case_does_not_keep_the_others_from_being_done(core, damage):
    (broken,), (good,) = core.record(1), core.record(2)
    document = next(d for d in core.documents(CASES) if broken.startswith(d["_key"]))
    core.write(CASES, {**document, **damage})
    reports = {r.task: r for r in core.engine().run([broken, good])}
    assert reports[good].state == "done"
    assert (reports[broken].state, reports[broken].needs) == ("failed", "person")
    core.later = 100_000
    assert worker_states(core) == [], "it is closed, not tried for ever"


def test_a_fault_of_ours_is_one_tasks_trouble(core, monkeypatch):
    (broken,), (good,) = core.record(1), core.record(2)
    submit = core.client().__class__.submit

    def fault(self, events, *where):
        lines = list(events)
        if any(broken in line for line in lines):
            raise RuntimeError("fault")
        submit(self, lines, *where)

    monkeypatch.setattr("responder.splunk.client.Splunkd.submit", fault)
    reports = {r.task: r for r in core.engine().run([broken, good])}
    assert reports[good].state == "done"
    assert (reports[broken].state, reports[broken].needs) == ("pending", "later")
    assert "RuntimeError" in reports[broken].message


def test_a_stored_message_cannot_forge_a_log_line(core):
    (key,) = core.record()
    (document,) = core.documents(TASKS)
    core.write(TASKS, {**document, "state": "done", "message": "ok\n2026-01-01 INFO forged"})
    assert "\n" not in core.engine().run([key])[0].message


def test_audit_events_that_could_not_be_indexed_are_owed_and_come_once(core):
    core.splunkd.faults = Faults()
    rule = core.splunkd.faults.add("status", method="POST", path="receivers/simple", status=500, count=None)
    assert core.run().state == "done"
    assert core.steps() == []
    core.splunkd.faults.clear(rule)
    core.later = 60
    assert worker_states(core) == ["done"]
    assert core.steps() == ["case_opened", "task_recorded", "ticket_created"]
    core.later = 600
    assert worker_states(core) == []


def test_the_worker_finishes_what_nobody_poked(core):
    core.record()
    core.services.jira.errors = []
    assert worker_states(core) == ["done"]
    assert core.steps() == ["case_opened", "task_recorded", "ticket_created"]
