"""What waits for people: who may answer, until when, and what becomes of it, by the app's endpoints."""

from __future__ import annotations

from typing import Any

import pytest
from core_findings import finding
from responder.cases.states import State, WaitingFor
from responder.cases.task import TASKS
from responder.endpoints import approve
from responder.engine.report import TaskReport
from responder.inputs import worker
from responder.remediation.evidence import EvidenceStore
from responder.remediation.playbook import Call, Change, Resource, Step

PLAN = Change(
    Resource("bucket", "AWS::S3::Bucket", "123456789012", "eu-central-1"),
    "Block public access to bucket.",
    (Step("PublicAccessBlock", None, "all", Call("s3", "put_public_access_block")),),
    blast_radius=("It is a website.",),
)


@pytest.fixture
def waiting(core: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A remediation with a plan that waits; pat owns the alert."""
    key = core.record(finding(1, user="mallory"), "remediate", playbook="block_public_bucket", mode="approve")
    task = core.task(key)
    task.state, task.waiting_for, task.due_at = State.WAITING, WaitingFor.APPROVAL, core.clock() + 7200
    core.client().save_many(TASKS, [task.to_document()])
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    return str(key)


@pytest.fixture
def shown(core: Any, waiting: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(approve, "Engine", lambda *_: Runs())
    show(core, waiting)
    return waiting


def show(core: Any, key: str, ago: float = 0.0) -> None:
    """Keep the plan, as a run of the task does."""
    client = core.client()
    EvidenceStore(client, key, lambda: core.clock() - ago).plan("block_public_bucket", "approve", [PLAN])


class Runs:
    """Stands for the engine: what is done with a decision is tested in tests/aws."""

    def run(self, keys: Any, **_: Any) -> list[TaskReport]:
        return [TaskReport(key, "remediation.run", "done", "Done.") for key in keys]


def decide(core: Any, body: dict[str, Any], user: str = "ana") -> tuple[int, Any]:
    return core.post("approve", body, user=user)


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
    monkeypatch.setattr(approve, "Engine", lambda *_: Runs())
    show(core, waiting, ago=5 * 3600)
    status, answer = decide(core, {"task": waiting, "decision": "approve"})
    assert status != 200 and "time to answer was over" in str(answer)
    assert decide(core, {"task": waiting, "decision": "reject"})[0] == 200


def test_what_has_no_plan_yet_cannot_be_decided(core: Any, waiting: str) -> None:
    status, answer = decide(core, {"task": waiting, "decision": "approve"})
    assert status != 200 and "no plan" in str(answer)


def test_whoever_may_approve_may_stop_everything_and_only_administrators_start_it(core: Any) -> None:
    assert core.post("kill_switch", {})[1]["state"] == "off"
    status, answer = core.post("kill_switch", {"state": "on"}, user="ana")
    assert status == 200 and answer["state"] == "on" and answer["by"] == "ana"
    assert core.post("kill_switch", {"state": "off"}, user="ana")[0] != 200
    assert core.post("kill_switch", {})[1]["state"] == "on"
    assert core.post("allow_changes", {}, user="root")[1]["state"] == "off"
    assert core.steps() == ["kill_switch_on", "kill_switch_off"]


def test_the_kill_switch_leaves_the_rest_of_the_safety_tab_as_it_is(core: Any) -> None:
    core.save("settings", "safety", protected_accounts="111122223333", default_mode="approve")
    core.post("kill_switch", {"state": "on"})
    stanza = core.client().get_json("configs/conf-cloudtrail_responder_settings/safety", {"output_mode": "json"})
    content = stanza["entry"][0]["content"]
    assert content["protected_accounts"] == "111122223333" and content["default_mode"] == "approve"
    assert content["saved_at"]
