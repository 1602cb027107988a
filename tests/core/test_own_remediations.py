"""A company's own remediations: behind the ceilings, approvals and evidence of any playbook."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from core_findings import ACCOUNT, finding
from dispatch_targets import Out

from sandbox.aws.server import AwsStandIn

RUN = "run_isolate_host"


@pytest.fixture(scope="module")
def stand_in() -> Iterator[AwsStandIn]:
    with AwsStandIn() as started:
        yield started


@pytest.fixture
def out(core: Any, stand_in: AwsStandIn) -> Iterator[Out]:
    with Out.on(core, stand_in) as made:
        yield made


def about(number: int = 1, **more: Any) -> Any:
    fields = {"object_category": "AWS::EC2::Instance", "object_id": f"i-{number}", "vendor_region": "us-east-1"}
    return finding(number, **{**fields, **more})


def run(out: Out, mode: str = "", **more: Any) -> Any:
    return out.core.ask(about(**more), "remediate", playbook=RUN, mode=mode)


def outcome(out: Out, kind: str = "remediation.run") -> dict[str, Any]:
    (task,) = [task for task in out.core.tasks() if task["kind"] == kind]
    return dict(json.loads(task["outcome"] or "{}"))


def isolates(out: Out, code: Any = None, **fields: str) -> Any:
    arn, got = out.function(code)
    out.target("isolate_host", "lambda", arn, is_remediation="1", **fields)
    return got


def test_simulation_shows_what_would_be_run_with_which_payload_and_runs_nothing(out):
    got = isolates(out)
    report = run(out, "simulate")
    assert report.state == "done" and "Simulated: would run Lambda function arn:aws:lambda" in report.message
    assert '"object_id":"i-1"' in report.message and got == []


def test_it_is_run_once_and_verified_by_its_answer(out):
    got = isolates(out, lambda payload: "isolated")
    assert run(out).state == "done" and run(out).state == "done"
    (invocation,) = got
    assert invocation.type == "RequestResponse" and invocation.payload["data"]["finding"]["object_id"] == "i-1"
    done = outcome(out)
    assert (done["status"], done["playbook"]) == ("done", RUN)
    assert done["changes"][0]["verification"] == {"ok": True, "observed": "isolate_host: succeeded."}
    assert {"planned", "change_applied", "verified", "remediation_done"} <= set(out.core.steps())


def test_only_what_the_records_prove_reaches_it(out):
    got = isolates(out)
    row = {"eventName": "RunInstances", "object_id": "i-other"}
    run(out, row=row, detail={"target": "i-other"}, reason="i-other", src_country="i-other")
    assert "i-other" not in json.dumps(got[0].payload)


def test_in_mode_approve_a_person_decides_about_exactly_this_payload(out):
    got = isolates(out)
    out.core.save("settings", "safety", default_mode="approve")
    asked = run(out)
    assert (asked.state, asked.waiting_for) == ("waiting", "approval") and got == []
    (key,) = [task["_key"] for task in out.core.tasks() if task["kind"] == "remediation.run"]
    decision = {"task": key, "decision": "approve", "plan": outcome(out)["plan_digest"]}
    status, answer = out.core.post("approve", decision, user="alex")
    out.core.run(key)
    assert status == 200, answer
    assert len(got) == 1 and outcome(out)["status"] == "done"


def test_ceilings_protection_and_the_kill_switch_hold(out):
    got = isolates(out)
    out.core.save("settings", "safety", playbook_ceilings=f"{RUN}=simulate")
    assert "Simulated" in run(out, number=1).message
    out.core.save("settings", "safety", playbook_ceilings="", protected_resources="i-2")
    assert run(out, number=2).state == "refused"
    out.core.save("settings", "safety", protected_resources="", protected_principals="alice")
    assert run(out, number=3, user_arn=f"arn:aws:iam::{ACCOUNT}:user/alice").state == "refused"
    out.core.save("settings", "safety", protected_principals="", kill_switch="1")
    assert run(out, number=4).state == "refused" and got == []


def test_a_lost_answer_of_a_function_is_asked_for_again_with_the_same_id(out):
    got = isolates(out)
    out.faulty.add("Invoke", status=502, after=True, times=1)
    assert run(out).state != "done"
    out.work_later()
    first, again = got
    assert first.payload["id"] == again.payload["id"] and outcome(out)["status"] == "done"


def test_a_function_that_fails_is_not_run_again_by_itself(out):
    def code(payload: Any) -> None:
        raise RuntimeError("no such host")

    got = isolates(out, code)
    run(out)
    for _ in range(4):
        out.work_later()
    assert len(got) == 1 and "no such host" in outcome(out)["message"]
    assert outcome(out)["status"] == "failed"


def test_a_runbook_is_started_once_and_done_when_its_execution_is(out):
    runbook = out.runbook()
    template = {"message": "template", "template": "User = {object_id}"}
    out.target("isolate_host", "ssm_automation", runbook, is_remediation="1", **template)
    out.faulty.add("StartAutomationExecution", status=502, after=True, times=1)
    assert run(out).state != "done"
    (automation,) = out.automations(runbook)
    assert automation["parameters"] == {"User": ["i-1"]}
    out.work_later()
    assert outcome(out).get("status") != "done" and len(out.automations(runbook)) == 1
    automation["shown"]["AutomationExecutionStatus"] = "Success"
    out.work_later()
    out.work_later()
    assert outcome(out)["status"] == "done" and len(out.automations(runbook)) == 1


def test_undo_runs_the_target_that_takes_it_back(out):
    release, released = out.function()
    out.target("release_host", "lambda", release, is_remediation="1")
    got = isolates(out, undo_target="release_host")
    run(out)
    (key,) = [task["_key"] for task in out.core.tasks() if task["kind"] == "remediation.run"]
    out.core.user("sam", "admin")
    _, answer = out.core.post("undo", {"task": key}, user="sam")
    assert outcome(out, "remediation.undo")["status"] == "undone", answer
    assert len(got) == 1 and [one.payload["id"] for one in released] == [f"{got[0].payload['id']}-undo"]


def test_a_finding_that_names_the_id_of_the_undo_is_run_and_not_taken_for_it(out):
    release, released = out.function()
    out.target("release_host", "lambda", release, is_remediation="1")
    got = isolates(out, undo_target="release_host")
    planned = run(out, "simulate").message
    (own_id,) = re.findall(r'"id":"([^"]+)"', planned)
    assert run(out, user=f"{own_id}-undo", object_id=f"{own_id}-undo").state == "done"
    assert [one.payload["id"] for one in got] == [own_id] and not released
    assert run(out, user=f"{own_id}-undo", object_id=f"{own_id}-undo").state == "done" and len(got) == 1


def test_without_a_target_that_takes_it_back_an_undo_says_that_a_person_has_to(out):
    got = isolates(out)
    run(out)
    (key,) = [task["_key"] for task in out.core.tasks() if task["kind"] == "remediation.run"]
    out.core.post("undo", {"task": key})
    assert "Run isolate_host cannot be undone" in outcome(out, "remediation.undo")["message"] and len(got) == 1


@pytest.mark.parametrize("name", ["nobody", "plain"])
def test_what_no_administrator_has_named_a_remediation_is_no_playbook(out, name):
    arn, got = out.function()
    out.target("plain", "lambda", arn)
    report = out.core.ask(about(), "remediate", playbook=f"run_{name}")
    assert (report.state, report.waiting_for) == ("waiting", "person") and got == []
    assert f"There is no playbook 'run_{name}'" in report.message
