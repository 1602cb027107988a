"""A company's own remediations: behind the ceilings, approvals and evidence of any playbook."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from core_findings import ACCOUNT, finding
from dispatch_targets import ASSUME, REGION, Out

from sandbox.aws.doubles.lambda_invocations import invocations_of
from sandbox.aws.server import client

RUN = "run_isolate_host"


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


TOOLS = "444455556666"


@pytest.fixture
def elsewhere(out: Out) -> tuple[str, Any]:
    """ARN of a function in an account of tools, which an entry of its own calls, and what it gets."""
    role = f"arn:aws:iam::{TOOLS}:role/runner"
    out.core.save(
        "aws_account", "tools", account_id=TOOLS, auth_type="access_key", access_key_id="AKIATEST000", role_arn=role
    )
    out.core.secret("aws_account", "tools", secret_access_key="secret")
    given = out.aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    iam, functions = (
        client(out.aws.url, service, REGION, given["AccessKeyId"], given["SecretAccessKey"])
        for service in ("iam", "lambda")
    )
    name = f"f-{uuid.uuid4().hex[:12]}"
    runs_as = iam.create_role(RoleName=name, AssumeRolePolicyDocument=ASSUME)["Role"]["Arn"]
    function = functions.create_function(
        FunctionName=name, Runtime="python3.13", Role=runs_as, Handler="x.y", Code={"ZipFile": b"x"}
    )
    got = invocations_of(out.aws.world(account=TOOLS)).setdefault(function["FunctionName"], [])
    return function["FunctionArn"], got


def known_calls(out: Out) -> set[tuple[str, str]]:
    """Account and operation of the calls that searches take for the app's own."""
    return {(one["account_id"], one["operation"]) for one in out.core.documents("responder_own_calls")}


def test_its_call_counts_as_the_apps_own_in_the_account_that_makes_it_and_in_no_other(out, elsewhere):
    """The account that the finding is about makes no such call: there, somebody else's must not pass for the app's."""
    arn, got = elsewhere
    out.core.save("dispatch", "isolate_host", type="lambda", aws_account="tools", arn=arn, is_remediation="1")
    report = run(out)
    assert report.state == "done" and len(got) == 1, report.message
    assert known_calls(out) == {(TOOLS, "invoke")}
    caller = f"arn:aws:sts::{TOOLS}:assumed-role/runner/"
    own = [one for one in out.core.documents("responder_own_principals") if one["account_id"] == TOOLS]
    assert any(str(one["own_principal"]).startswith(caller) for one in own)
    (done,) = [json.loads(one["body"]) for one in out.core.documents("responder_evidence") if one["kind"] == "done"]
    assert done["account"] == TOOLS
    assert any(caller in event for event in applied(out))


def applied(out: Out) -> list[str]:
    spl = 'search index=main sourcetype="cloudtrail_responder:audit" step=change_applied'
    return [str(row["_raw"]) for row in out.core.splunkd.search(spl).rows]


def test_what_is_dispatched_counts_as_the_apps_own_call_in_the_same_way(out, elsewhere):
    arn, got = elsewhere
    out.core.save("dispatch", "soc", type="lambda", aws_account="tools", arn=arn)
    assert out.dispatch(target="soc").state == "done" and len(got) == 1
    assert known_calls(out) == {(TOOLS, "invoke")}


def test_a_target_of_another_partition_than_its_account_says_so(out):
    arn = "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:isolate"
    out.target("isolate_host", "lambda", arn, is_remediation="1")
    report = run(out)
    assert (report.state, report.waiting_for) == ("waiting", "person")
    assert "is in partition aws-us-gov, and AWS account 'production' acts in aws" in report.message


@pytest.mark.parametrize(("partition", "region"), [("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-north-1")])
def test_it_runs_in_other_partitions(out, partition, region):
    """By a state machine and a runbook, whose executions are looked up by names that are made of their ARNs."""
    out.core.save("aws_account", "production", default_region=region)
    machine = out.aws.client("stepfunctions", region).create_state_machine(
        name=f"m-{uuid.uuid4().hex[:12]}", definition="{}", roleArn=f"arn:{partition}:iam::{ACCOUNT}:role/x"
    )["stateMachineArn"]
    assert machine.startswith(f"arn:{partition}:")
    out.target("isolate_host", "step_functions", machine, is_remediation="1")
    out.faulty.add("StartExecution", status=502, after=True, times=1)
    arn = f"arn:{partition}:iam::{ACCOUNT}:user/alice"
    report = run(out, vendor_region=region, user_arn=arn)
    (execution,) = out.aws.client("stepfunctions", region).list_executions(stateMachineArn=machine)["executions"]
    assert execution["executionArn"].startswith(f"arn:{partition}:"), report.message
    out.work_later()
    out.aws.client("stepfunctions", region).stop_execution(executionArn=execution["executionArn"])
    out.work_later()
    assert "ABORTED" in outcome(out)["message"], "it is found again, and was not started twice"
    assert known_calls(out) == {(ACCOUNT, "start_execution")}
