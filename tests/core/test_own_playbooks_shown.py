"""A company's own remediations among the playbooks: how far each may go, and whether its caller may run it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from core_findings import ACCOUNT, finding
from dispatch_targets import Out

RUN = "run_isolate_host"


@pytest.fixture
def out(out: Out) -> Iterator[Out]:
    out.core.user("ana", "user", "cloudtrail_responder_analyst")
    out.core.save("settings", "safety", default_mode="enforce")
    yield out
    out.aws.check_rights(False)


def row(out: Out, playbook: str = RUN) -> dict[str, Any]:
    status, answer = out.core.post("playbooks", {}, user="ana")
    assert status == 200, answer
    (found,) = [one for one in answer["playbooks"] if one["playbook"] == playbook]
    return dict(found)


def cell(out: Out, playbook: str = RUN) -> dict[str, Any]:
    status, answer = out.core.post("preflight", {"accounts": [ACCOUNT], "playbooks": [playbook]}, user="ana")
    assert status == 200, answer
    (found,) = answer["cells"]
    return dict(found)


def may(out: Out, *actions: str) -> None:
    """The entry's user has the right to these, and calls need rights."""
    iam = out.aws.client("iam")
    user = f"u-{len(iam.list_users()['Users'])}-{id(out)}"
    iam.create_user(UserName=user)
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    core = out.core
    core.save("aws_account", "caller", account_id=ACCOUNT, auth_type="access_key", access_key_id=key["AccessKeyId"])
    core.secret("aws_account", "caller", secret_access_key=key["SecretAccessKey"])
    out.aws.check_rights()


def test_what_an_administrator_has_named_a_remediation_is_among_the_playbooks(out: Out) -> None:
    arn, _ = out.function()
    release, _ = out.function()
    out.target("plain", "lambda", arn)
    out.target("release_host", "lambda", release, is_remediation="1")
    out.target("isolate_host", "lambda", arn, is_remediation="1", undo_target="release_host")
    out.core.save("settings", "safety", playbook_ceilings=f"{RUN}=approve")
    found = row(out)
    assert (found["title"], found["mode"], found["ceiling"]) == ("Run isolate_host", "approve", "approve")
    assert (found["own"], found["risk"], found["undoable"]) == (True, "high", True)
    assert arn in found["does"] and found["undo_note"] == "Runs release_host."
    assert row(out, "run_release_host")["undoable"] is False and row(out, "block_public_bucket")["own"] is False
    shown = out.core.post("playbooks", {}, user="ana")[1]["playbooks"]
    assert "run_plain" not in {one["playbook"] for one in shown}


def test_its_ceiling_is_set_from_the_console_like_any_other(out: Out) -> None:
    out.target("isolate_host", "lambda", out.function()[0], is_remediation="1")
    body = {"playbook": RUN, "ceiling": "simulate", "was": ""}
    status, answer = out.core.post("playbook_ceiling", body, user="root")
    assert (status, answer["mode"]) == (200, "simulate") and row(out)["mode"] == "simulate"
    assert out.core.post("playbook_ceiling", {**body, "playbook": "run_nobody"}, user="root")[0] == 400


def test_it_is_ready_where_its_caller_may_run_it(out: Out) -> None:
    may(out, "lambda:InvokeFunction", "lambda:GetFunctionConfiguration", "iam:SimulatePrincipalPolicy")
    out.target("isolate_host", "lambda", out.function()[0], is_remediation="1")
    out.core.save("dispatch", "isolate_host", aws_account="caller")
    found = cell(out)
    assert (found["status"], found["mode"], found["missing"]) == ("ready", "enforce", []), found
    assert "AWS account 'caller'" in found["note"]


def test_the_action_that_its_caller_lacks_is_named(out: Out) -> None:
    may(out, "states:DescribeStateMachine", "iam:SimulatePrincipalPolicy")
    out.target("isolate_host", "step_functions", out.machine(), is_remediation="1")
    out.core.save("dispatch", "isolate_host", aws_account="caller")
    found = cell(out)
    assert (found["status"], found["missing"]) == ("missing", ["states:DescribeExecution", "states:StartExecution"])
    out.core.save("settings", "safety", playbook_ceilings=f"{RUN}=simulate")
    found = cell(out)
    assert (found["mode"], found["missing"]) == ("simulate", ["states:DescribeExecution"]), "it only looks then"


def test_the_health_page_says_whether_those_that_may_change_something_can_be_run(out: Out) -> None:
    may(out, "states:DescribeStateMachine", "iam:SimulatePrincipalPolicy")
    for name in ("isolate_host", "only_looks"):
        out.target(name, "step_functions", out.machine(), is_remediation="1")
        out.core.save("dispatch", name, aws_account="caller")
    out.core.save("settings", "safety", playbook_ceilings="run_only_looks=simulate")
    (line,) = out.core.post("health", {"checks": ["Own remediations"]}, user="ana")[1]["lines"]
    assert line["level"] == "red" and line["what"].startswith(f"Playbook {RUN}: It cannot be run.")
    assert "Missing: states:DescribeExecution, states:StartExecution." in line["what"]


def test_a_target_that_is_not_there_is_missing_and_says_what_to_do(out: Out) -> None:
    arn, _ = out.function()
    out.target("isolate_host", "lambda", f"{arn}-gone", is_remediation="1")
    found = cell(out)
    assert found["status"] == "missing" and "Dispatch tab" in found["note"]


def test_one_that_cannot_be_used_is_shown_with_the_reason(out: Out) -> None:
    out.target("isolate_host", "lambda", "no arn", is_remediation="1")
    assert "not an ARN" in row(out)["does"]
    found = cell(out)
    assert found["status"] == "missing" and "not an ARN" in found["note"]


@pytest.mark.slow
def test_all_playbooks_are_asked_about_with_ones_own(out: Out) -> None:
    out.target("isolate_host", "lambda", out.function()[0], is_remediation="1")
    cells = out.core.post("preflight", {"accounts": [ACCOUNT]}, user="ana")[1]["cells"]
    assert RUN in {one["playbook"] for one in cells} and len(cells) > 50
    assert out.core.post("preflight", {"playbooks": ["run_nobody"]}, user="ana")[0] == 400


def test_a_person_chooses_it_for_a_case_and_sees_its_payload_before_it_runs(out: Out) -> None:
    out.core.user("bob", "cloudtrail_responder", "cloudtrail_responder_analyst")
    arn, got = out.function(lambda payload: "isolated")
    out.target("isolate_host", "lambda", arn, is_remediation="1")
    out.target("broken", "lambda", arn, is_remediation="1", undo_target="gone")
    about = finding(1, object_category="AWS::EC2::Instance", object_id="i-1", vendor_region="us-east-1")
    out.core.ask(about, "remediate", playbook=RUN, mode="simulate")
    case = {"case": about.case_id, "playbook": RUN}

    status, answer = out.core.post("case_playbooks", case, user="bob")
    assert status == 200, answer
    offered = {one["playbook"]: one for one in answer["playbooks"]}
    assert (offered[RUN]["why_not"], offered[RUN]["mode"], offered[RUN]["risk"]) == ("", "enforce", "high")
    assert "gone" in offered["run_broken"]["why_not"]
    status, plan = out.core.post("remediation_plan", case, user="bob")
    assert status == 200 and '"object_id":"i-1"' in plan["message"] and got == [], plan
    for endpoint in ("remediation_plan", "remediate"):
        for unusable in ("run_broken", "run_plain"):
            status, answer = out.core.post(endpoint, {**case, "playbook": unusable}, user="bob")
            assert status == 400 and len(answer["error"].splitlines()) == 1, answer

    status, answer = out.core.post("remediate", {**case, "mode": "enforce"}, user="bob")
    assert status == 200 and answer["reports"][0]["state"] == "done" and len(got) == 1, answer
