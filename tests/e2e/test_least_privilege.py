"""Rights for the playbooks in use, and whether the roles have them: asked of the built app by search commands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.aws import ACCOUNT
from sandbox.world import ANALYST, APP


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


def search(site: Any, spl: str, user: str) -> Any:
    return site.world.rest("POST", "search/jobs", user, data={"search": spl, "exec_mode": "oneshot", "count": 0})


def rows(site: Any, spl: str, user: str) -> list[dict[str, Any]]:
    answer = search(site, spl, user)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_policies_are_for_the_chosen_playbooks_and_their_ceilings(site: Any, kim: str) -> None:
    chosen = "| respondpolicy playbooks=revoke_open_ingress,restart_trail_logging"
    ceilings = {"default_mode": "enforce", "playbook_ceilings": "revoke_open_ingress=simulate"}
    site.world.save("settings", "safety", ceilings)
    files = {row["file"]: row for row in rows(site, chosen, kim)}
    change = json.loads(files["change-1.json"]["text"])
    actions = [action for statement in change["Statement"] for action in statement["Action"]]
    assert "cloudtrail:StartLogging" in actions and "ec2:RevokeSecurityGroupIngress" not in actions
    assert "revoke_open_ingress=simulate" in files["main.tf"]["playbooks"]
    assert {row["format"] for row in files.values()} == {"json", "cloudformation", "terraform"}
    (template,) = rows(site, f"{chosen} mode=enforce format=cloudformation", kim)
    assert "ec2:RevokeSecurityGroupIngress" in template["text"] and "arn:${AWS::Partition}:ec2" in template["text"]
    plain = rows(site, f"{chosen} mode=enforce format=json partition=aws-us-gov", kim)
    assert "arn:aws-us-gov:ec2" in next(row["text"] for row in plain if row["file"] == "change-1.json")


@pytest.mark.extended
@pytest.mark.parametrize(
    ("spl", "said"),
    [
        ("respondpolicy playbooks=no_such_playbook", "There is no playbook 'no_such_playbook'"),
        ("respondpolicy mode=all", "Mode 'all' is not one of simulate, approve, enforce"),
        ("respondpolicy format=yaml", "format is 'yaml'"),
        ("respondpolicy partition=mars", "'mars' is not an AWS partition"),
        ("respondpreflight playbooks=no_such_playbook", "There is no playbook"),
    ],
)
def test_what_there_is_none_of_is_refused(site: Any, kim: str, spl: str, said: str) -> None:
    answer = search(site, f"| {spl}", kim)
    assert answer.status_code == 400 and said in answer.text


def test_the_matrix_says_what_is_missing_until_it_is_granted(site: Any, kim: str) -> None:
    ask = "| respondpreflight playbooks=revoke_open_ingress"
    (cell,) = rows(site, ask, kim)
    assert (cell["account"], cell["entry"], cell["mode"]) == (ACCOUNT, "production", "enforce")
    assert cell["status"] == "missing" and "ec2:RevokeSecurityGroupIngress" in cell["missing"]
    policies = rows(site, "| respondpolicy playbooks=revoke_open_ingress format=json", kim)
    iam, user = site.world.aws.client("iam"), site.estate.responder_key.user
    for row in (row for row in policies if row["role"] in ("change", "read")):
        iam.put_user_policy(UserName=user, PolicyName=row["file"], PolicyDocument=row["text"])
    try:
        (cell,) = rows(site, ask, kim)
        assert (cell["status"], cell["missing"]) == ("ready", "")
        answer = site.world.rest("POST", f"{APP}/health", kim, json={"checks": ["AWS rights"]})
        (line,) = answer.json()["lines"]
        assert line["level"] == "red" and "playbooks that may change something are ready" in line["what"]
    finally:
        for name in iam.list_user_policies(UserName=user)["PolicyNames"]:
            iam.delete_user_policy(UserName=user, PolicyName=name)
    elsewhere = rows(site, f"{ask} accounts=999988887777", kim)
    assert [row["status"] for row in elsewhere] == ["unknown"]
    assert "No AWS account entry for account 999988887777" in elsewhere[0]["note"]


def test_whoever_may_not_view_sees_neither(site: Any) -> None:
    for command in ("respondpolicy", "respondpreflight"):
        answer = search(site, f"| {command}", ANALYST)
        assert answer.status_code == 400 and f"{APP}_view" in answer.text
