"""Which playbooks could do their work in an account: what is said beforehand, and what then happens."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from responder.errors import NotPermitted
from responder.findings.finding import Finding
from responder.remediation import armed, policies, registry
from responder.remediation.playbook import Playbook
from responder.remediation.preflight import MISSING, READY, UNKNOWN, Readiness, preflight
from responder.settings.model import AwsAccount, Safety
from responder.settings.secret import Secret

from sandbox.aws.server import AwsStandIn
from tests.aws.open_groups import Group
from tests.aws.organizations import READER, ROLE, Estate, Tab, entry, roles
from tests.aws.support import FaultyAws, Tasks
from tests.aws.users import user_of_roles

DOCS = Path(__file__).resolve().parents[2] / "docs" / "iam" / "aws"
ENFORCE = Safety(default_mode="enforce")
#: One with calls of EC2 only, one without any.
TWO = ("revoke_open_ingress", "restart_trail_logging")
NOT_SIMULATED = "iam:SimulatePrincipalPolicy"


def documents(name: str) -> list[Any]:
    return [json.loads(path.read_text()) for path in sorted(DOCS.glob(f"{name}-*.json"))]


def without(action: str, given: Sequence[Any]) -> list[Any]:
    """These documents, with one action denied."""
    denied = {"Sid": "Denied", "Effect": "Deny", "Action": action, "Resource": "*"}
    return [*given, {"Version": "2012-10-17", "Statement": [denied]}]


@pytest.fixture
def tab(stand_in: AwsStandIn, admin: Callable[..., Any], name: str) -> Tab:
    """An entry with a role that reads and one that changes, by a user who may assume both."""
    return tab_at(stand_in.url, admin, name)


def tab_at(url: str, admin: Callable[..., Any], name: str) -> Tab:
    return Tab([entry(url, role_arn=ROLE, read_role_arn=READER, **user_of_roles(admin, name))])


def cells(tab: Tab, account_id: str, playbooks: Sequence[str] = (), safety: Safety = ENFORCE) -> list[Readiness]:
    there: AwsAccount = tab.accounts.account_for(account_id)
    return preflight(there, armed.named(playbooks), safety, tab.aws)


def by_id(found: Sequence[Readiness]) -> dict[str, Readiness]:
    return {cell.playbook: cell for cell in found}


@pytest.mark.extended
def test_with_the_shipped_policies_every_playbook_is_ready(
    estate: Estate, tab: Tab, enforced: Callable[[], None]
) -> None:
    """Also by resource and condition, which no other test of rights looks at."""
    mine = estate.account()
    roles(estate.admin(mine), documents("all"), documents("simulate"))
    enforced()
    found = cells(tab, mine)
    assert len(found) == len(registry.every())
    assert [cell for cell in found if cell.status != READY] == []
    assert {(cell.account, cell.entry, cell.mode) for cell in found} == {(mine, "all", "enforce")}


def test_a_right_that_is_missing_is_named_and_then_denied(
    estate: Estate, tab: Tab, tasks: Tasks, finding: Callable[..., Finding], enforced: Callable[[], None], name: str
) -> None:
    mine = estate.account()
    there = estate.admin(mine)
    roles(there, without("ec2:RevokeSecurityGroupIngress", documents("all")), documents("simulate"))
    enforced()
    found = by_id(cells(tab, mine))
    needs = {p.id for p in registry.every() if "ec2:RevokeSecurityGroupIngress" in {x.action for x in p.permissions}}
    assert {name for name, cell in found.items() if cell.status == MISSING} == needs
    assert found["revoke_open_ingress"].missing == ("ec2:RevokeSecurityGroupIngress",)
    group = Group(there("ec2"), name)
    tasks.tab, tasks.aws = tab, tab.aws(tab.accounts.account_for(mine))
    opened = finding(vendor_account=mine, object_id=group.id, detail=group.detail)
    with pytest.raises(NotPermitted, match="ec2:RevokeSecurityGroupIngress"):
        tasks.run(opened, "revoke_open_ingress")
    assert group.is_open


def test_a_right_on_too_few_resources_is_missing(estate: Estate, tab: Tab) -> None:
    mine = estate.account()
    narrow = json.dumps(documents("all")).replace("arn:aws:ec2:*:*:", "arn:aws:ec2:eu-west-1:*:")
    roles(estate.admin(mine), json.loads(narrow), documents("simulate"))
    found = cells(tab, mine, ["revoke_open_ingress"])
    assert found[0].status == MISSING and "ec2:RevokeSecurityGroupIngress" in found[0].missing


def test_the_reading_role_needs_what_plans_need(estate: Estate, tab: Tab) -> None:
    mine = estate.account()
    roles(estate.admin(mine), documents("all"), without("cloudtrail:GetTrailStatus", documents("simulate")))
    (found,) = cells(tab, mine, ["restart_trail_logging"])
    assert (found.status, found.missing) == (MISSING, ("cloudtrail:GetTrailStatus",))


def test_what_may_only_be_simulated_needs_no_right_to_change(estate: Estate, tab: Tab) -> None:
    """By the ceilings of the Safety tab; the role for changes is not even signed in to."""
    mine = estate.account()
    roles(estate.admin(mine), [], documents("simulate"))
    safety = Safety(default_mode="simulate")
    found = cells(tab, mine, TWO, safety)
    assert [(cell.status, cell.mode) for cell in found] == [(READY, "simulate")] * 2
    changing = tab.clients.get(tab.accounts.account_for(mine))
    assert changing is None or changing.calls == []


def test_without_the_simulator_ec2s_calls_are_tried_and_the_rest_is_not_known(
    estate: Estate, tab: Tab, enforced: Callable[[], None], name: str
) -> None:
    mine = estate.account()
    there = estate.admin(mine)
    roles(there, without(NOT_SIMULATED, documents("all")), without(NOT_SIMULATED, documents("simulate")))
    group = Group(there("ec2"), name)
    enforced()
    found = by_id(cells(tab, mine, TWO))
    trail = found["restart_trail_logging"]
    assert trail.status == UNKNOWN and "cloudtrail:StartLogging" in trail.note and NOT_SIMULATED in trail.note
    assert found["revoke_open_ingress"].status != MISSING and group.is_open
    denied = without("ec2:RevokeSecurityGroupIngress", without(NOT_SIMULATED, documents("all")))
    there("iam").put_role_policy(RoleName="Fixer", PolicyName="more", PolicyDocument=json.dumps(denied[-1]))
    (tried,) = cells(tab, mine, ["revoke_open_ingress"])
    assert (tried.status, tried.missing) == (MISSING, ("ec2:RevokeSecurityGroupIngress",))


def test_a_role_that_cannot_be_assumed_is_named(estate: Estate, faulty: FaultyAws, admin: Any, name: str) -> None:
    mine, tab = estate.account(), tab_at(faulty.url, admin, name)
    roles(estate.admin(mine), documents("all"), documents("simulate"))
    # The first is the reading role's.
    faulty.add("AssumeRole", code="AccessDenied", skip=1)
    (found,) = cells(tab, mine, ["revoke_open_ingress"])
    assert found.status == MISSING and f"sts:AssumeRole on {ROLE.replace('{account_id}', mine)}" in found.note
    faulty.clear()
    faulty.add("AssumeRole", code="AccessDenied")
    with pytest.raises(NotPermitted, match="sts:AssumeRole"):
        cells(Tab(tab.rows), mine, ["revoke_open_ingress"])


def test_an_answer_that_fails_is_unknown_and_never_ready(
    estate: Estate, faulty: FaultyAws, admin: Any, name: str
) -> None:
    mine, tab = estate.account(), tab_at(faulty.url, admin, name)
    roles(estate.admin(mine), documents("all"), documents("simulate"))
    faulty.add("SimulatePrincipalPolicy", status=503, body="<html>no</html>")
    assert {cell.status for cell in cells(tab, mine, TWO)} == {UNKNOWN}


def test_the_question_is_about_the_user_where_no_role_is_assumed(
    stand_in: AwsStandIn, admin: Callable[..., Any], name: str
) -> None:
    from tests.aws.support import account

    iam = admin("iam")
    iam.create_user(UserName=name, Path="/apps/")
    for number, document in enumerate(documents("all")):
        iam.put_user_policy(UserName=name, PolicyName=f"p{number}", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    made = account(
        stand_in.url, access_key_id=key["AccessKeyId"], secret_access_key=Secret(key["SecretAccessKey"])
    )
    found = preflight(made, armed.named(TWO), ENFORCE, Tab(()).aws)
    assert {cell.status for cell in found} == {READY}


@pytest.mark.parametrize("playbook", [p for p in registry.every() if p.id in TWO], ids=lambda playbook: playbook.id)
def test_the_questions_are_few(estate: Estate, tab: Tab, playbook: Playbook) -> None:
    """One for each resource and role, whatever the number of actions."""
    mine = estate.account()
    roles(estate.admin(mine), documents("all"), documents("simulate"))
    cells(tab, mine, [playbook.id])
    asked = [call for aws in tab.clients.values() for call in aws.calls if call[1] == "SimulatePrincipalPolicy"]
    reading = {p.resource for p in playbook.permissions if policies.reads(p)}
    assert len(asked) <= len(reading) + len({(p.resource, p.condition) for p in playbook.permissions})
