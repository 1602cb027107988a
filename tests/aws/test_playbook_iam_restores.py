"""Playbooks that put back how something was: from AWS or from earlier calls, and never from a guess."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import InvalidFinding
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import SCENARIOS, _iam, finding_of
from tests.aws.scenarios.restore_permissions_boundary import ADMIN, edge
from tests.aws.scenarios.restore_saml_provider import GOOD
from tests.aws.support import UNLIMITED, Connected, Tasks

Find = Callable[..., Finding]
Admin = Callable[..., Any]


def claimed(playbook: str, found: Finding, **record: Any) -> bool:
    one = CloudTrailRecord({"recipientAccountId": ACCOUNT, "eventSource": "iam.amazonaws.com", **record})
    claims = registry.get(playbook).claims(found)
    return bool(claims) and all(claim.value in claim.values_in(one) for claim in claims)


@pytest.mark.parametrize(
    ("playbook", "variant"),
    [
        ("restore_permissions_boundary", "role"),
        ("restore_permissions_boundary", "user"),
        ("restore_password_policy", "weakened"),
        ("restore_password_policy", "deleted"),
        ("restore_oidc_provider", "thumbprint_replaced"),
        ("restore_saml_provider", "replaced"),
        ("restore_default_policy_version", "old_version"),
    ],
)
def test_where_nothing_is_known_of_before_a_person_is_told_what_to_do(
    tasks: Tasks, admin: Admin, name: str, playbook: str, variant: str
) -> None:
    found = tasks.prepared(playbook, admin, name, variant)
    tasks.past = []
    with pytest.raises(InvalidFinding) as caught:
        tasks.run(found, playbook)
    assert caught.value.hint


# Boundaries


def test_the_boundary_of_the_newest_call_counts(tasks: Tasks, admin: Admin, name: str) -> None:
    found = tasks.prepared("restore_permissions_boundary", admin, name)
    removed = _iam.record("DeleteRolePermissionsBoundary", {"roleName": name})
    tasks.past = [removed, *tasks.past]
    with pytest.raises(InvalidFinding, match="had before"):
        tasks.run(found, "restore_permissions_boundary")


def test_a_boundary_that_is_gone_is_not_set(tasks: Tasks, admin: Admin, name: str) -> None:
    found = tasks.prepared("restore_permissions_boundary", admin, name)
    admin("iam").delete_policy(PolicyArn=edge(vars(found)))
    with pytest.raises(InvalidFinding, match="does not exist any more"):
        tasks.run(found, "restore_permissions_boundary")


def test_a_boundary_that_somebody_has_set_since_is_left_alone(tasks: Tasks, admin: Admin, name: str) -> None:
    found = tasks.prepared("restore_permissions_boundary", admin, name)
    admin("iam").put_role_permissions_boundary(RoleName=name, PermissionsBoundary=ADMIN)
    assert tasks.run(found, "restore_permissions_boundary").status == "already"


def test_the_boundary_that_was_set_instead_is_proved(finding: Find) -> None:
    found = finding(object_category="AWS::IAM::Role", object_id="web", detail={"boundary": ""})
    playbook, request = "restore_permissions_boundary", {"roleName": "web"}
    assert claimed(playbook, found, eventName="DeleteRolePermissionsBoundary", requestParameters=request)
    assert not claimed(playbook, found, eventName="GetRole", requestParameters=request)
    replaced = finding(object_category="AWS::IAM::Role", object_id="web", detail={"boundary": ADMIN})
    assert not claimed(playbook, replaced, eventName="DeleteRolePermissionsBoundary", requestParameters=request)


# Versions


def test_a_version_that_somebody_has_set_since_is_left_alone(tasks: Tasks, admin: Admin, name: str) -> None:
    found = tasks.prepared("restore_default_policy_version", admin, name)
    admin("iam").set_default_policy_version(PolicyArn=found.object_id, VersionId="v1")
    assert tasks.run(found, "restore_default_policy_version").status == "already"


def test_a_version_that_is_gone_is_not_guessed(tasks: Tasks, admin: Admin, name: str) -> None:
    found = tasks.prepared("restore_default_policy_version", admin, name, "old_version")
    admin("iam").delete_policy_version(PolicyArn=found.object_id, VersionId="v2")
    with pytest.raises(InvalidFinding, match="not known, or it is gone"):
        tasks.run(found, "restore_default_policy_version")


def test_whoever_has_the_policy_is_asked_about_and_named(tasks: Tasks, admin: Admin, name: str) -> None:
    found = tasks.prepared("restore_default_policy_version", admin, name)
    (change,) = registry.get("restore_default_policy_version").plan(found, tasks.aws, Safety(), tasks.earlier)
    assert change.resource.principals == (f"arn:aws:iam::{ACCOUNT}:user/{name}",)
    simulated = tasks.run(found, "restore_default_policy_version", "simulate")
    assert f"user/{name}" in str(simulated.changes[0]["blast_radius"])


def test_aws_own_policies_have_no_versions_to_choose(connected: Connected, finding: Find) -> None:
    found = finding(object_id="arn:aws:iam::aws:policy/AdministratorAccess", detail={"version_id": "v2"})
    with pytest.raises(InvalidFinding, match="names no managed policy"):
        registry.get("restore_default_policy_version").plan(found, connected.aws, Safety())


# The password policy


def test_no_demand_is_lowered_and_the_rest_is_as_it_was(tasks: Tasks, admin: Admin, name: str) -> None:
    tasks.run(tasks.prepared("restore_password_policy", admin, name), "restore_password_policy")
    policy = admin("iam").get_account_password_policy()["PasswordPolicy"]
    assert (policy["MinimumPasswordLength"], policy["RequireSymbols"], policy["MaxPasswordAge"]) == (14, True, 90)
    assert policy["PasswordReusePrevention"] == 5, "what was stricter now stays"


@pytest.mark.parametrize(
    "wrong",
    [{"minimumPasswordLength": 3}, {"minimumPasswordLength": "x"}, {"requireSymbols": 7}, {"maxPasswordAge": True}],
)
def test_values_that_iam_would_not_take_are_not_restored(
    tasks: Tasks, admin: Admin, name: str, wrong: dict[str, Any]
) -> None:
    found = tasks.prepared("restore_password_policy", admin, name)
    tasks.past = [_iam.record("UpdateAccountPasswordPolicy", {"minimumPasswordLength": 14, **wrong})]
    with pytest.raises(InvalidFinding, match="last 90 days"):
        tasks.run(found, "restore_password_policy")


# Identity providers


def test_a_client_id_that_was_there_before_is_left_to_a_person(tasks: Tasks, admin: Admin, name: str) -> None:
    found = tasks.prepared("restore_oidc_provider", admin, name, "client_added")
    added = {"openIDConnectProviderArn": found.object_id, "clientID": "thief"}
    tasks.past = [_iam.record("AddClientIDToOpenIDConnectProvider", added), *tasks.past]
    with pytest.raises(InvalidFinding, match="was there before"):
        tasks.run(found, "restore_oidc_provider")


def test_what_was_changed_in_the_provider_is_proved(finding: Find) -> None:
    provider, playbook = f"arn:aws:iam::{ACCOUNT}:oidc-provider/login.example.com", "restore_oidc_provider"
    found = finding(object_id=provider, detail={"added_client": "thief"})
    event = "AddClientIDToOpenIDConnectProvider"
    request = {"openIDConnectProviderArn": provider, "clientID": "thief"}
    assert claimed(playbook, found, eventName=event, requestParameters=request)
    assert not claimed(playbook, found, eventName=event, requestParameters={**request, "clientID": "app"})


@pytest.mark.parametrize("document", [GOOD[:-30], GOOD[:500], "x" * 2000])
def test_metadata_that_was_cut_off_is_not_restored(tasks: Tasks, admin: Admin, name: str, document: str) -> None:
    found = tasks.prepared("restore_saml_provider", admin, name)
    request = {"sAMLProviderArn": found.object_id, "sAMLMetadataDocument": document}
    tasks.past = [_iam.record("UpdateSAMLProvider", request)]
    with pytest.raises(InvalidFinding, match="identity provider"):
        tasks.run(found, "restore_saml_provider")


def test_people_see_of_metadata_whom_it_names_and_no_document(tasks: Tasks, admin: Admin, name: str) -> None:
    found = tasks.prepared("restore_saml_provider", admin, name)
    (change,) = registry.get("restore_saml_provider").plan(found, tasks.aws, Safety(), tasks.earlier)
    (step,) = change.steps
    assert step.before[0] == "Entity id https://thief.example.com"
    assert step.after[0] == "Entity id https://idp.example.com" and len(str(step.after)) < 250


# Roles Anywhere


@pytest.mark.parametrize("detail", [{}, {"id": "../profiles"}, {"id": 7}])
def test_what_names_no_anchor_is_refused(connected: Connected, finding: Find, detail: dict[str, Any]) -> None:
    found = finding(object_category="AWS::RolesAnywhere::TrustAnchor", object_id="servers", detail=detail)
    with pytest.raises(InvalidFinding, match="which trust anchor"):
        registry.get("disable_roles_anywhere").plan(found, connected.aws, Safety())


def test_a_profile_that_gives_a_protected_role_is_left_alone(tasks: Tasks, admin: Admin, name: str) -> None:
    fields = finding_of("disable_roles_anywhere", admin, name, "profile")
    tasks.safety = Safety(default_mode="enforce", protected_principals=(f"role/{name}",), **UNLIMITED)
    assert tasks.run(Finding(**fields), "disable_roles_anywhere").status == "refused"
    (change,) = registry.get("disable_roles_anywhere").plan(Finding(**fields), tasks.aws, Safety())
    assert change.steps[0].before is True and SCENARIOS["disable_roles_anywhere"].drift is None
