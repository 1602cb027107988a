"""The ticket that stands for a run hears of the remediations of its rows, which go by the dedup key."""

from __future__ import annotations

from typing import Any

import pytest
from all_succeed import all_succeed
from responder.cases.recording import Recorder
from responder.cases.store import TaskStore
from responder.documents import text
from responder.errors import NeedsApproval, Unavailable
from responder.remediation import runner
from responder.remediation.outcome import Outcome

KEYS = ("AKIAIOSFODNN7EXAMP0", "AKIAIOSFODNN7EXAMP1")
ROWS = [
    {
        "userIdentity.userName": f"mara-{n}",
        "recipientAccountId": "123456789012",
        "eventName": "ListUsers",
        "eventID": f"11111111-2222-4333-8444-{n:012}",
        "access_key_id": key,
    }
    for n, key in enumerate(KEYS)
]
DONE = "Deactivated access key"


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keys of the accounts' access keys that a remediation has acted on, in order."""
    return all_succeed(monkeypatch, "access_key_id", DONE, "deactivate_access_key")


def ask(core: Any, action: str, sid: str = "run-1", rows: Any = ROWS, one_per: str = "run", run: Any = 60) -> list[str]:
    given = {"create_ticket": {"project": "SEC"}, "remediate": {"playbook": "deactivate_access_key"}}.get(action, {})
    numbered = [{"number": number, "row": row} for number, row in enumerate(rows, 1)]
    body = {"action": action, "parameters": {**given, "one_per": one_per}, "rows": numbered, "search_name": "Own alert",
            "app": "search", "sid": sid, "run": run}  # fmt: skip
    status, answer = core.post("record", body)
    assert status == 200, answer
    return [row["task"] for row in answer["rows"]]


def told(core: Any, ticket: int = 1) -> str:
    """What the description of a ticket says."""
    return str(text.render(core.jira.created[ticket - 1].document))


def comments(core: Any) -> str:
    return "\n".join(core.jira.texts)


def assert_each_once(said: str) -> None:
    assert [said.count(f"{DONE} {key}.") for key in KEYS] == [1, 1]


def test_of_a_remediation_that_comes_after_it(core, attempts):
    ask(core, "create_ticket")
    ask(core, "remediate")
    assert sorted(attempts) == list(KEYS) and len(core.jira.created) == 1
    assert_each_once(comments(core))


def test_of_a_remediation_that_came_before_it(core, attempts):
    ask(core, "remediate")
    ask(core, "create_ticket")
    core.later = 7200
    core.work()
    assert_each_once(told(core))
    assert core.jira.texts == []


def test_and_so_does_the_message(core, attempts):
    ask(core, "notify_slack")
    ask(core, "remediate")
    assert len(core.slack.texts) == 3
    assert_each_once("\n".join(core.slack.texts))


@pytest.mark.parametrize("first", ["create_ticket", "remediate"])
def test_the_next_run_that_finds_the_same_events_hears_of_what_is_done_already(core, attempts, first):
    ask(core, "create_ticket")
    ask(core, "remediate")
    before = len(core.jira.texts)
    ask(core, first, "run-2")
    ask(core, "remediate" if first == "create_ticket" else "create_ticket", "run-2")
    assert sorted(attempts) == list(KEYS), "once is enough"
    core.work()
    assert len(core.jira.created) == 2
    assert_each_once(told(core, 2) + "\n".join(core.jira.texts[before:]))


def test_the_next_run_hears_of_the_end_of_what_still_waits(core, attempts, monkeypatch):
    done = runner.run
    waits = Outcome("deactivate_access_key", "approve", "waiting", "It waits for approval.", (), "digest")
    monkeypatch.setattr(runner, "run", lambda *_: (_ for _ in ()).throw(NeedsApproval("The mode is approve.")))
    monkeypatch.setattr(runner, "failed", lambda *_, **__: waits)
    keys: list[str] = []
    for sid in ("run-1", "run-2"):
        ask(core, "create_ticket", sid, ROWS[:1])
        keys += ask(core, "remediate", sid, ROWS[:1])
    core.work()
    assert len(set(keys)) == 1 and comments(core).count("It waits for approval.") == 2
    monkeypatch.setattr(runner, "run", done)
    core.run(keys[0])
    core.later = 7200
    core.work()
    assert comments(core).count(f"{DONE} {KEYS[0]}.") == 2, "both tickets"
    core.later = 20_000
    core.work()
    assert comments(core).count(DONE) == 2 and {task["open"] for task in core.tasks()} == {0}


class Killed(BaseException):
    """The process is gone."""


def test_a_kill_while_the_next_run_is_recorded_leaves_no_ticket_without_its_remediation(core, attempts, monkeypatch):
    ask(core, "create_ticket")
    ask(core, "remediate")
    more = [{**ROWS[0], "eventID": f"11111111-2222-4333-8444-{n:012}", "access_key_id": f"{KEYS[0][:-1]}{n}"}
            for n in (7, 8, 9)]  # fmt: skip
    ask(core, "create_ticket", "run-2", [*ROWS, *more])
    plain = Recorder._write

    def dies(recorder: Any, tasks: Any) -> Any:
        plain(recorder, tasks)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(Recorder, "_write", dies)
        with pytest.raises(Killed):
            ask(core, "remediate", "run-2", [*ROWS, *more], run=None)
    for core.later in (60, 600, 1200):
        core.work()
    said = told(core, 2) + comments(core)
    assert all(f"{DONE} {key}" in said for key in (*KEYS, *(row["access_key_id"] for row in more)))
    assert len(core.jira.created) == 2 and comments(core).count(f"{DONE} {KEYS[0]}.") == 2


def test_a_damaged_remediation_of_a_row_keeps_no_ticket_from_being_opened(core, attempts, caplog):
    keys = ask(core, "remediate")
    (damaged,) = (task for task in core.tasks() if task["_key"] == keys[0])
    core.write("responder_tasks", {**damaged, "outcome": "no json"})
    ask(core, "create_ticket")
    for core.later in (60, 600, 1200):
        core.work()
    assert len(core.jira.created) == 1 and f"{DONE} {KEYS[1]}." in told(core)
    assert keys[0] in caplog.text and "damaged" in caplog.text


def test_the_ticket_of_a_run_says_of_a_remediation_what_its_turn_says(core, attempts):
    (key,) = ask(core, "remediate", rows=ROWS[:1], one_per="run")
    (written,) = (task for task in core.tasks() if task["_key"] == key)
    # A process that was stopped has written over how it ended.
    core.write("responder_tasks", {**written, "outcome": "", "state": "recorded", "turn": 0, "open": 1})
    ask(core, "create_ticket", rows=ROWS[:1])
    assert f"{DONE} {KEYS[0]}." in told(core)


@pytest.mark.parametrize("one_per", ["", "run"])
def test_each_remediation_is_noted_once_on_its_finding_however_often_it_is_asked_for(core, attempts, one_per):
    queue = core.splunkd.install_enterprise_security("8.1.0")
    findings = [f"3f0e2c1a-0000-4000-8000-00000000bee{n}@@notable@@time176726160{n}" for n in (5, 6)]
    for one in findings:
        queue.add_finding(one)
    core.user("pat", "cloudtrail_responder", "ess_analyst")
    rows = [{**row, "event_id": one} for row, one in zip(ROWS, findings)]
    for sid in ("run-1", "run-2", "run-3"):
        ask(core, "create_ticket", sid, rows, one_per)
        ask(core, "remediate", sid, rows, one_per)
    for core.later in (60, 600, 1200):
        core.work()
    noted = [[note for note in queue.comments(one) if "deactivate_access_key" in note] for one in findings]
    assert [len(notes) for notes in noted] == [1, 1]


def test_a_kill_between_the_reports_and_the_remediations_own_end_tells_nobody_twice(core, attempts, monkeypatch):
    ask(core, "create_ticket", rows=ROWS[:1])
    (key,) = ask(core, "remediate", rows=ROWS[:1], run=None)

    def killed(*_: Any) -> Any:
        raise Unavailable("The process is gone.")

    with monkeypatch.context() as dying:
        dying.setattr(TaskStore, "end", killed)
        core.run(key)
    reports = [task for task in core.tasks() if task["kind"] == "ticket.remediation"]
    assert len(reports) == 2, "of its own case and of the run's"
    for core.later in (3600, 7200, 20_000):
        core.work()
    assert comments(core).count(DONE) == 1
    assert {task["open"] for task in core.tasks()} == {0}


def test_an_undo_is_told_of_too(core, attempts, monkeypatch):
    ask(core, "create_ticket", rows=ROWS[:1])
    (key,) = ask(core, "remediate", rows=ROWS[:1])
    undone = Outcome("deactivate_access_key", "undo", "undone", "Activated it again.", (), "")
    monkeypatch.setattr("responder.handlers.remediation.undoing.undo", lambda *_: undone)
    assert core.post("undo", {"task": key})[0] == 200
    assert comments(core).count("Activated it again.") == 1


def test_of_an_ordinary_alert_nothing_else_is_recorded_and_nothing_else_is_read(core, attempts, monkeypatch):
    monkeypatch.setattr("responder.handlers.run_reports.CaseReader", "nothing reads")
    for sid in ("run-1", "run-2"):
        ask(core, "create_ticket", sid, ROWS[:1], one_per="")
        ask(core, "remediate", sid, ROWS[:1], one_per="")
    kinds = sorted(task["kind"] for task in core.tasks())
    assert kinds == ["remediation.run", "slack.remediation", "ticket.finding", "ticket.remediation", "ticket.state"]
