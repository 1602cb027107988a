"""Whoever asks again is heard: while services are away, while somebody else works, and while something is in doubt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from core_findings import finding
from responder.cases.states import State, WaitingFor
from responder.cases.task import TASKS
from responder.engine import engine
from responder.errors import NotPermitted, PutOff, Rejected, UnknownOutcome
from responder.inputs import worker
from responder.remediation.evidence import EvidenceStore
from responder.remediation.plans import digest_of


@contextmanager
def away(core: Any) -> Iterator[None]:
    """Every service is left alone."""

    def gate(service: str) -> None:
        raise PutOff("Jira is left alone.", "The app comes back to it.", 30)

    with pytest.MonkeyPatch.context() as outage:
        outage.setattr(core.services, "gate", gate)
        yield


def worker_round(core: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    return [report.state for report in worker.run_once(core.client(), core.clock)]


class TestWhatHasFailedIsTakenUpOnceTheServiceIsBack:
    def failed(self, core: Any) -> str:
        core.jira.errors = [(Rejected("Jira refuses the field."), False)]
        key = core.record()
        (report,) = core.run(key)
        assert report.state == "failed"
        return key

    def assert_it_is_done_by_itself(self, core: Any) -> None:
        core.later = 7200
        assert core.work() == ["done"]
        assert len(core.jira.created) == 1

    def test_after_the_next_run_of_the_alert(self, core):
        self.failed(core)
        with away(core):
            core.ask()
        self.assert_it_is_done_by_itself(core)

    def test_after_a_retry(self, core):
        key = self.failed(core)
        with away(core):
            assert core.post("retry", {"task": key})[0] == 200
        self.assert_it_is_done_by_itself(core)

    def test_after_a_setting_was_saved(self, core, monkeypatch):
        worker_round(core, monkeypatch)
        self.failed(core)
        core.save("jira_site", "jira", default_issue_type="Task")
        with away(core):
            worker_round(core, monkeypatch)
        self.assert_it_is_done_by_itself(core)


def test_the_newest_request_counts_however_soon_it_came_after_the_others(core):
    core.jira.projects = {"SEC"}
    with away(core):
        for core.later, project in ((0, "SEC"), (5, "OTHER"), (10, "SEC")):
            core.ask(project=project)
    core.later = 7200
    core.work()
    assert [new.project for new in core.jira.created] == ["SEC"]


def test_the_newest_request_counts_though_another_one_of_its_case_was_in_doubt(core):
    core.jira.projects = {"SEC"}
    core.jira.errors = [(NotPermitted("No."), False)]
    core.ask(finding(1, "event-1"), project="SEC")
    core.later = 60
    core.ask(finding(1, "event-2"), project="OTHER")
    core.later, core.jira.projects = 120, None
    core.jira.errors = [(UnknownOutcome("The answer was lost."), False)]
    core.ask(finding(1, "event-3"), project="THIRD")
    core.later = 130
    core.ask(finding(1, "event-1"), project="SEC")
    for core.later in (7200, 14_400, 28_800):
        core.work()
    assert {new.project for new in core.jira.created} == {"SEC"}


class TestADecisionWhileSomebodyElseWorksOnTheCase:
    def waiting(self, core: Any) -> str:
        key = core.record(1, "remediate", playbook="block_public_bucket", mode="approve")
        document = core.task(key)
        document.state, document.waiting_for = State.WAITING, WaitingFor.APPROVAL
        document.due_at = core.clock() + 3 * 86_400
        core.client().save_many(TASKS, [document.to_document()])
        client = core.client()
        EvidenceStore(client, key, core.clock).plan("block_public_bucket", "approve", [])
        return str(key)

    def test_takes_effect_as_soon_as_the_other_is_done(self, core, monkeypatch):
        key = self.waiting(core)
        turn = core.hold(key)
        monkeypatch.setattr(engine.Engine, "pause", lambda _: turn.release())
        status, answer = core.post("approve", {"task": key, "decision": "approve", "plan": digest_of([])}, user="ana")
        assert status == 200 and answer["reports"][0]["state"] != "busy"

    def test_takes_effect_in_the_next_round_of_the_worker_where_the_other_never_comes_back(self, core, monkeypatch):
        key = self.waiting(core)
        core.hold(key)
        monkeypatch.setattr(engine, "PATIENCE", 0.0)
        _, answer = core.post("approve", {"task": key, "decision": "approve", "plan": digest_of([])}, user="ana")
        assert answer["reports"][0]["state"] == "busy" and answer["decision"] == "approve"
        core.later = 600
        assert "busy" not in worker_round(core, monkeypatch)
        assert core.task(key).due_at < core.clock() + 86_400
        assert worker_round(core, monkeypatch) == [], "once is enough"

    @pytest.mark.parametrize("endpoint", ["retry", "execute"])
    def test_a_retry_and_an_alert_wait_for_the_other_too(self, core, monkeypatch, endpoint):
        core.jira.errors = [(Rejected("Jira refuses the field."), False)]
        key = core.record()
        core.run(key)
        turn = core.hold(key)
        monkeypatch.setattr(engine.Engine, "pause", lambda _: turn.release())
        status, answer = core.post(endpoint, {"task": key, "tasks": [key]})
        assert status == 200 and answer["reports"][0]["state"] == "done"
