"""Processes that are slow, stopped or killed write what is old by then. What is newer holds, whole, and comes back."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from core_findings import finding
from responder.cases import turns
from responder.cases.outcomes import Remediated
from responder.cases.recording import Recorder
from responder.cases.states import State
from responder.cases.task import TASKS, Alert
from responder.documents import text
from responder.errors import Rejected, Unavailable, UnknownOutcome
from responder.findings.finding import Finding
from responder.handlers.action import action
from responder.handlers.registry import notifications, requested
from responder.splunk.client import Splunkd as Client


def remediate_and_report(core: Any, about: Finding) -> None:
    """What the process of the other action does: the change is made, and ticket and thread are to be told of it."""
    task = core.task(core.record(about, "remediate", playbook="block_public_bucket", mode="enforce"))
    task.state, task.turn, task.due_at = State.DONE, 1, 0.0
    task.outcome = Remediated("block_public_bucket", "enforce", "done", "Blocked the bucket.", (), "", core.clock())
    core.client().save_many(TASKS, [task.to_document()])
    reports = notifications(task, 1, "done")
    core.store().record_many(list(reports))
    core.run(*(report.key for report in reports))


class MeanwhileRemediated(Client):
    """Right after a task is recorded, before its lane is worked on, a remediation ends and is reported."""

    def __init__(self, core: Any, about: Finding) -> None:
        super().__init__(core.splunkd.uri, core.splunkd.system_token, pauses=())
        self._core: Any = core
        self._about = about

    def insert(self, collection: str, document: Any) -> bool:
        if collection == TASKS and "kind" in document and self._core:
            core, self._core = self._core, None
            remediate_and_report(core, self._about)
        return super().insert(collection, document)


@pytest.mark.parametrize("name", ["create_ticket", "notify_slack"])
def test_a_remediation_that_ends_before_its_ticket_is_opened_is_reported_all_the_same(core, name):
    about = finding(1)
    recorder = Recorder(MeanwhileRemediated(core, about), Alert("Alert"), "pat", "run-1")
    wanted = requested(action(name), about, {"project": "SEC"} if name == "create_ticket" else {})
    assert wanted is not None
    (recorded,) = recorder.record_many([(about, wanted)])
    assert not isinstance(recorded, Rejected)
    core.engine().run([recorded.key], requested=True, owner="pat", cases=recorder.cases)
    core.later = 7200
    core.work()
    told = [text.render(new.document) for new in core.jira.created] + core.jira.texts + core.slack.texts
    assert any("Blocked the bucket" in one for one in told)


class TestAFailureThatASlowProcessWroteOver:
    @pytest.fixture
    def failed(self, core) -> str:
        """Recorded over in a case with more open tasks than are read whole."""
        core.jira.errors = [(Rejected("Jira refuses the field."), False)]
        key = core.record(finding(1, "event-0"))
        (recorded,) = core.tasks()
        core.run(key)
        core.write(TASKS, recorded)
        others = [core.record(finding(1, f"event-{n}")) for n in range(1, 31)]
        core.run(others[0])
        return str(key)

    def test_is_a_failure_again_with_its_finding(self, core, failed):
        assert core.task(failed).state is State.FAILED and core.task(failed).finding is not None

    def test_is_taken_up_when_it_is_asked_for(self, core, failed):
        core.ask(finding(1, "event-0"))
        core.work()
        assert "event-0" in core.jira.listed()


def test_a_late_failure_does_not_hide_what_somebody_else_has_done(core):
    """Its turn is removed in time; without it, the older failure would be tried once more."""
    core.ask(finding(1, "event-1"))
    core.later = 100
    key = core.record(finding(1, "event-2"))
    core.later = 4 * 86_400
    status = core.jira.status

    def done_meanwhile(ticket: str) -> Any:
        core.jira.status = status
        core.run(key)
        raise Unavailable("no answer")

    core.jira.status = done_meanwhile
    core.run(key)
    for turn in core.turns():
        core.client().delete_where(TASKS, {"_key": turn["_key"]})
    core.ask(finding(1, "event-2"))
    assert len(core.jira.comments) == 1


class Watch:
    """The clock that turns go by. It may be put forward: the process was stopped."""

    def __init__(self) -> None:
        self.stopped_for = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.stopped_for

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


def test_the_audit_of_what_ended_too_late_is_indexed_by_the_next(core, monkeypatch):
    key, watch = core.record(), Watch()
    with monkeypatch.context() as stopped:
        stopped.setattr(turns, "time", watch)
        core.jira.stopped = [lambda: setattr(watch, "stopped_for", 200.0)]
        core.run(key)
    core.later = 400
    core.run(core.record(finding(1, "event-2")))
    for core.later in (100_000, 200_000):
        core.work()
    assert core.steps().count("ticket_created") == 1


NEWER = "of a newer version"


@pytest.mark.parametrize("damage", [{"number": None}, {"state": NEWER}, {"outcome": f'{{"type": "{NEWER}"}}'}], ids=str)
def test_a_damaged_turn_costs_nobody_a_task(core, damage):
    key = core.record()
    core.run(key)
    (turn,) = core.turns()
    results = json.loads(turn["results"])
    results[key].update(damage, turn=5)
    damaged = {"results": json.dumps(results), **(damage if "number" in damage else {})}
    core.write(TASKS, {**turn, **damaged})
    same_lane, other = core.record(finding(1, "event-2")), core.record(2)
    assert [report.state for report in core.run(same_lane, other)] == ["done", "done"]


def test_what_somebody_elses_task_says_is_not_told_to_those_who_wait_for_it(core):
    core.jira.errors = [(UnknownOutcome("The site of ALICE did not answer."), False)]
    row = {"signature_id": "some_detection", "dedup_key": "key"}
    answers = []
    for user, event in (("alice", "event-1"), ("mallory", "event-2")):
        body = {"action": "create_ticket", "parameters": {"project": "SEC"}, "search_name": "Alert", "app": "a"}
        rows = [{"number": 1, "row": {**row, "event_ids": event}}]
        answers.append(core.post("record", {**body, "sid": "1", "run": 30, "rows": rows}, user=user)[1])
    assert "ALICE" in json.dumps(answers[0]["reports"]) and "ALICE" not in json.dumps(answers[1]["reports"])
    assert "comes first" in answers[1]["reports"][0]["message"]


def test_a_hundred_accounts_are_looked_up_in_a_few_requests(core):
    keys = [core.record(finding(number, vendor_account=f"{number:012d}")) for number in range(100)]
    core.splunkd.requests.clear()
    core.run(*keys)
    asked = [request for request in core.splunkd.requests if request.path.endswith("/responder_accounts")]
    assert len(core.jira.created) == 100 and 0 < len(asked) < 50
