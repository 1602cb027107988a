"""What a person decided is in the audit, whatever stops the process that writes it down."""

from __future__ import annotations

from typing import Any

import pytest
from responder.cases.states import State, WaitingFor
from responder.cases.task import TASKS
from responder.engine import answering, engine
from responder.errors import Unavailable
from responder.inputs import worker
from responder.remediation.approvals import APPROVALS
from responder.remediation.evidence import EvidenceStore
from responder.remediation.plans import digest_of
from responder.splunk.client import Splunkd

PLAN = digest_of([])
AUDIT = 'search index=main sourcetype="cloudtrail_responder:audit" (step=approved OR step=rejected)'


class Killed(BaseException):
    """No handler of ours catches it: the process is gone."""


@pytest.fixture
def waiting(core: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A remediation that waits for an approval; its lane is held by somebody who never comes back."""
    key = core.record(1, "remediate", playbook="block_public_bucket", mode="approve")
    task = core.task(key)
    task.state, task.waiting_for, task.due_at = State.WAITING, WaitingFor.APPROVAL, core.clock() + 3 * 86_400
    core.client().save_many(TASKS, [task.to_document()])
    client = core.client()
    EvidenceStore(client, key, core.clock).plan("block_public_bucket", "approve", [])
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    return str(key)


def decide(core: Any, key: str, decision: str = "approve", user: str = "ana") -> dict[str, Any]:
    status, answer = core.post("approve", {"task": key, "decision": decision, "plan": PLAN}, user=user)
    assert status == 200, answer
    return dict(answer)


def killed(*_: Any, **__: Any) -> Any:
    raise Killed


def audited(core: Any) -> list[tuple[str, str]]:
    """Id and author of each event."""
    return [(str(row["id"]), str(row["by"])) for row in core.splunkd.search(f"{AUDIT} | table id by").rows]


def test_the_worker_sends_what_a_process_that_died_could_not(core, waiting, monkeypatch):
    with monkeypatch.context() as dying, pytest.raises(Killed):
        dying.setattr(Splunkd, "submit", killed)
        core.post("approve", {"task": waiting, "decision": "approve", "plan": PLAN}, user="ana")
    assert audited(core) == [] and len(core.documents(APPROVALS)) == 1
    worker.run_once(core.client(), core.clock)
    assert [by for _, by in audited(core)] == ["ana"]
    worker.run_once(core.client(), core.clock)
    assert len(audited(core)) == 1, "once is enough"


def test_the_worker_sends_what_the_index_did_not_take(core, waiting, monkeypatch):
    def away(*_: Any, **__: Any) -> Any:
        raise Unavailable("The index does not answer.")

    with monkeypatch.context() as outage:
        outage.setattr(Splunkd, "submit", away)
        assert decide(core, waiting, "reject")["decision"] == "reject", "the decision counts all the same"
        worker.run_once(core.client(), core.clock)
    assert audited(core) == []
    worker.run_once(core.client(), core.clock)
    assert [by for _, by in audited(core)] == ["ana"]


def test_sent_twice_it_has_the_same_id(core, waiting, monkeypatch):
    """It was sent, and the process died before it could write that down."""
    with monkeypatch.context() as dying, pytest.raises(Killed):
        dying.setattr(answering, "Engine", killed)
        core.post("approve", {"task": waiting, "decision": "approve", "plan": PLAN}, user="ana")
    worker.run_once(core.client(), core.clock)
    events = audited(core)
    assert len(events) == 2 and len(set(events)) == 1


def test_it_is_sent_once_where_the_decision_has_to_wait_for_somebody_else(core, waiting, monkeypatch):
    core.hold(waiting)
    monkeypatch.setattr(engine, "PATIENCE", 0.0)
    assert decide(core, waiting)["reports"][0]["state"] == "busy"
    core.later = 600
    worker.run_once(core.client(), core.clock)
    assert len(audited(core)) == 1


def test_whoever_comes_second_is_not_written_down_as_the_one_who_decided(core, waiting, monkeypatch):
    core.hold(waiting)
    monkeypatch.setattr(engine, "PATIENCE", 0.0)
    decide(core, waiting, "approve", "ana")
    status, answer = core.post("approve", {"task": waiting, "decision": "reject"}, user="pat")
    assert status == 409 and "ana has approved it already" in answer["error"]
    assert [by for _, by in audited(core)] == ["ana"]
