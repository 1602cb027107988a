"""What waits for people: who may answer, until when, and what becomes of it, by the app's endpoints."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import asked_plan
import pytest
from asked_plan import PLAN, Runs, show
from responder.cases.states import WaitingFor
from responder.cases.task import TASKS
from responder.engine import answering, decisions
from responder.inputs import worker
from responder.remediation.approvals import MANY, close, unsettled
from responder.remediation.evidence import EvidenceStore
from responder.remediation.model import Call, Step
from responder.remediation.plans import digest_of
from responder.remediation.verdicts import APPROVALS, Decision, Policy
from responder.settings.reader import Configuration


@pytest.fixture
def waiting(core: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A remediation with a plan that waits; pat owns the alert."""
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    return asked_plan.waiting(core)


@pytest.fixture
def shown(core: Any, waiting: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(answering, "Engine", lambda *_: Runs())
    show(core, waiting)
    return waiting


def decide(core: Any, body: dict[str, Any], user: str = "ana") -> tuple[int, Any]:
    """About the plan that was shown, which whoever approves must name."""
    return core.post("approve", {"plan": digest_of([PLAN]), **body}, user=user)


def test_what_waits_is_listed_with_its_plan(core: Any, shown: str) -> None:
    status, answer = core.post("waiting", {})
    assert status == 200
    (one,) = answer["waiting"]
    assert one["task"] == shown and one["playbook"] == "block_public_bucket" and one["missing"] == 1
    assert one["summary"] == [PLAN.summary] and one["blast_radius"] == ["It is a website."]
    assert one["ends_at"] == pytest.approx(one["asked_at"] + 4 * 3600) and one["approved_by"] == []


def test_a_case_with_one_that_waits_needs_no_key(core: Any, shown: str) -> None:
    case = shown.partition(".")[0]
    status, answer = decide(core, {"case": case, "decision": "reject"})
    assert status == 200 and answer["decision"] == "reject" and answer["reports"][0]["task"] == shown
    assert decide(core, {"case": "0" * 20, "decision": "approve"})[0] == 404
    assert decide(core, {"case": "../../x", "decision": "approve"})[0] in (400, 409, 422)


def test_the_second_of_two_approvals_decides(core: Any, shown: str) -> None:
    core.save("settings", "safety", approvals_needed="2")
    status, first = decide(core, {"task": shown, "decision": "approve"}, "ana")
    assert status == 200 and (first["decision"], first["missing"], first["reports"]) == ("", 1, [])
    assert core.post("waiting", {})[1]["waiting"][0]["approved_by"] == ["ana"]
    status, second = decide(core, {"task": shown, "decision": "approve"}, "kim")
    assert second["decision"] == "approve" and second["by"] == "ana and kim" and second["reports"]
    assert core.steps().count("approved") == 2


def test_with_four_eyes_neither_owner_nor_actor_can_approve(core: Any, shown: str) -> None:
    core.save("settings", "safety", four_eyes="1")
    for user in ("pat", "mallory"):
        status, answer = decide(core, {"task": shown, "decision": "approve"}, user)
        assert status != 200 and "Four eyes" in str(answer)
    assert decide(core, {"task": shown, "decision": "approve"}, "ana")[0] == 200


def test_an_approval_after_the_time_is_refused_and_a_rejection_is_not(
    core: Any, waiting: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(answering, "Engine", lambda *_: Runs())
    show(core, waiting, ago=5 * 3600)
    status, answer = decide(core, {"task": waiting, "decision": "approve"})
    assert status != 200 and "time to answer was over" in str(answer)
    assert decide(core, {"task": waiting, "decision": "reject"})[0] == 200


def test_what_has_no_plan_yet_cannot_be_decided(core: Any, waiting: str) -> None:
    status, answer = decide(core, {"task": waiting, "decision": "approve"})
    assert status != 200 and "no plan" in str(answer)


def test_an_answer_that_its_run_has_not_read_stays_open(core: Any, shown: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(Runs, "waiting_for", "approval")
    assert decide(core, {"task": shown, "decision": "approve"})[0] == 200
    assert [one["open"] for one in core.documents(APPROVALS)] == [1]
    show(core, shown, ago=-1)
    client = core.client()
    decisions.settle(client, unsettled(client), Configuration(client), ())
    assert [one["open"] for one in core.documents(APPROVALS)] == [0], "another plan is asked about: it is over"


def test_an_answer_that_does_not_count_is_no_success(core: Any, shown: str) -> None:
    assert decide(core, {"task": shown, "decision": "approve"}, "ana")[0] == 200
    assert decide(core, {"task": shown, "decision": "approve"}, "kim")[0] == 200, "it stands"
    status, answer = decide(core, {"task": shown, "decision": "reject"}, "kim")
    assert status == 409 and "ana has approved it already" in answer["error"]


def test_an_answer_after_the_end_is_told_so(core: Any, shown: str) -> None:
    (one,) = core.post("waiting", {})[1]["waiting"]
    client = core.client()
    plan = EvidenceStore(client, shown, core.clock).load().plan
    assert plan is not None
    close(client, shown, plan.ask, one["plan"], Policy(), core.clock())
    for decision in ("approve", "reject"):
        status, answer = decide(core, {"task": shown, "decision": decision})
        assert status == 409 and "too late" in answer["error"]


def test_nobody_approves_what_he_has_not_seen(core: Any, shown: str) -> None:
    status, answer = decide(core, {"task": shown, "decision": "approve", "plan": ""})
    assert status == 400 and "Name plan=" in answer["error"]
    other = replace(PLAN, steps=(Step("PublicAccessBlock", None, "some", Call("s3", "delete_bucket")),))
    client = core.client()
    EvidenceStore(client, shown, lambda: core.clock() + 1).plan("block_public_bucket", "approve", [other])
    assert decide(core, {"task": shown, "decision": "approve"})[0] == 409
    assert decide(core, {"task": shown, "decision": "reject", "plan": ""})[0] == 200, "a no needs no reading"


def copies(core: Any, task: str, number: int) -> None:
    """So many other cases wait, which were recorded before."""
    whole = core.task(task)
    documents = []
    for place in range(number):
        case = f"{place:020x}"
        key, created = f"{case}.remediate.{place:016x}", whole.created_at - 1000 + place / 1000
        documents.append({**whole.to_document(), "_key": key, "case_id": case, "created_at": created})
    core.client().save_many(TASKS, documents)


def test_many_that_wait_hide_none(core: Any, shown: str) -> None:
    copies(core, shown, 600)
    assert shown in [one["task"] for one in core.post("waiting", {})[1]["waiting"]]
    assert decide(core, {"case": shown.partition(".")[0], "decision": "reject"})[0] == 200


def test_one_that_cannot_be_read_hides_none(core: Any, shown: str) -> None:
    copies(core, shown, 1)
    damaged = f"{0:020x}.remediate.{0:016x}"
    core.client().insert("responder_evidence", {"_key": "x", "task": damaged, "kind": "planned", "version": 2})
    status, answer = core.post("waiting", {})
    rows = {one["task"]: one for one in answer["waiting"]}
    assert status == 200 and "is damaged" in rows[damaged]["message"] and rows[shown]["plan"]


@pytest.mark.parametrize("waits_for", [WaitingFor.APPROVAL, WaitingFor.TIME])
def test_a_retry_hastens_nothing_that_waits_for_an_answer_or_its_time(
    core: Any, shown: str, waits_for: WaitingFor
) -> None:
    task = core.task(shown)
    task.waiting_for = waits_for
    core.client().save_many(TASKS, [task.to_document()])
    status, answer = core.post("retry", {"task": shown}, user="ana")
    assert status == 409 and answer["error"]


def test_more_answers_than_are_read_at_a_time_hide_none(core: Any, shown: str) -> None:
    """As where the audit index has been broken for long."""
    for number in range(1, MANY + 5):
        answer = Decision(shown, "plan", f"ask-{number}", "reject", "kim", float(number), number=1, audit="{}")
        core.client().save_many(APPROVALS, [answer.to_document()])
    assert len(unsettled(core.client())) == MANY + 4
