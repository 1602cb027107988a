"""Playbooks that take back what was granted: policies, memberships, trust, passwords, credentials, whole users."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import InvalidFinding, NotFound, RefusedByGuardrail
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import SCENARIOS, _iam, finding_of
from tests.aws.scenarios.remove_outside_trust import OURS, OUTSIDE
from tests.aws.support import Connected, FaultyAws, Tasks

POLICY = "CloudTrailResponder-Quarantine"
Find = Callable[..., Finding]
Admin = Callable[..., Any]


def found_by(playbook: str, admin: Admin, name: str, variant: str = "", **changed: Any) -> Finding:
    return Finding.from_dict({**finding_of(playbook, admin, name, variant), **changed})


def claimed(playbook: str, found: Finding, **record: Any) -> bool:
    one = CloudTrailRecord({"recipientAccountId": ACCOUNT, "eventSource": "iam.amazonaws.com", **record})
    claims = registry.get(playbook).claims(found)
    return bool(claims) and all(claim.value in claim.values_in(one) for claim in claims)


# Policies


def test_a_policy_that_was_attached_before_is_left_to_a_person(tasks: Tasks, admin: Admin, name: str) -> None:
    found = found_by("detach_granted_policy", admin, name)
    attach = {"userName": name, "policyArn": found.detail["policy_arn"]}
    tasks.past = [_iam.record("AttachUserPolicy", attach)]
    with pytest.raises(InvalidFinding, match="granted nothing new"):
        tasks.run(found, "detach_granted_policy")
    tasks.past = [_iam.record("DetachUserPolicy", attach), _iam.record("AttachUserPolicy", attach)]
    assert tasks.run(found, "detach_granted_policy", task=tasks.task(2)).status == "done"
    left = admin("iam").list_attached_user_policies(UserName=name)["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in left] == [f"{name}-usual"]


def test_a_group_of_which_the_responder_is_a_member_is_not_touched(tasks: Tasks, admin: Admin, name: str) -> None:
    found = found_by("detach_granted_policy", admin, name, "group")
    me = tasks.aws.identity().arn.rpartition("/")[2]
    if me not in [user["UserName"] for user in admin("iam").list_users()["Users"]]:
        admin("iam").create_user(UserName=me)
    admin("iam").add_user_to_group(GroupName=name, UserName=me)
    assert tasks.run(found, "detach_granted_policy").status == "refused"
    admin("iam").remove_user_from_group(GroupName=name, UserName=me)


def test_the_policy_is_proved_with_whom_it_was_attached_to(finding: Find) -> None:
    policy = "arn:aws:iam::aws:policy/AdministratorAccess"
    found = finding(object_category="AWS::IAM::User", object_id="jane", detail={"policy_arn": policy})
    attached = {"eventName": "AttachUserPolicy", "requestParameters": {"userName": "jane", "policyArn": policy}}
    assert claimed("detach_granted_policy", found, **attached)
    assert not claimed("detach_granted_policy", found, **{**attached, "errorCode": "AccessDenied"})
    other = {"userName": "jane", "policyArn": f"arn:aws:iam::{ACCOUNT}:policy/mandatory-deny", "note": policy}
    assert not claimed("detach_granted_policy", found, **{**attached, "requestParameters": other})


def test_a_policy_that_only_denies_is_never_taken_away(tasks: Tasks, admin: Admin, name: str) -> None:
    """A real call that quarantined somebody proves no less than one that granted something."""
    deny = _iam.policy({"Effect": "Deny", "Action": "*", "Resource": "*"})
    attached = found_by("detach_granted_policy", admin, name)
    made = admin("iam").create_policy(PolicyName=f"{name}-brake", PolicyDocument=deny)["Policy"]["Arn"]
    admin("iam").attach_user_policy(UserName=name, PolicyArn=made)
    admin("iam").put_user_policy(UserName=name, PolicyName=POLICY, PolicyDocument=deny)
    for playbook, detail in (
        ("detach_granted_policy", {"policy_arn": made}),
        ("remove_inline_policy", {"policy_name": POLICY}),
    ):
        refused = tasks.run(Finding(**{**vars(attached), "detail": detail}), playbook, task=f"{tasks.case}.{playbook}")
        assert refused.status == "refused" and "only denies" in refused.message
    assert admin("iam").list_user_policies(UserName=name)["PolicyNames"] == [POLICY]


def test_an_inline_policy_that_has_changed_since_is_left_alone(tasks: Tasks, admin: Admin, name: str) -> None:
    found = found_by("remove_inline_policy", admin, name)
    admin("iam").put_user_policy(UserName=name, PolicyName="work", PolicyDocument=_iam.policy(_iam.allow("s3:*")))
    assert tasks.run(found, "remove_inline_policy").status == "already"


def test_the_version_before_is_put_back_and_the_plan_is_short(tasks: Tasks, admin: Admin, name: str) -> None:
    found = tasks.prepared("remove_inline_policy", admin, name, "role")
    (change,) = registry.get("remove_inline_policy").plan(found, tasks.aws, Safety(), tasks.earlier)
    assert (change.steps[0].before, change.steps[0].after) == (["Allow * on *"], ["Allow s3:GetObject on *"])
    tasks.run(found, "remove_inline_policy")
    document = admin("iam").get_role_policy(RoleName=name, PolicyName="work")["PolicyDocument"]
    assert document["Statement"][0]["Action"] == "s3:GetObject"


# Groups


@pytest.mark.parametrize("where", ["inline", "managed"])
def test_a_group_that_denies_something_keeps_its_member(tasks: Tasks, admin: Admin, name: str, where: str) -> None:
    found = found_by("remove_user_from_group", admin, name)
    deny = _iam.policy({"Effect": "Deny", "Action": "iam:*", "Resource": "*"})
    if where == "inline":
        admin("iam").put_group_policy(GroupName=found.object_id, PolicyName="brake", PolicyDocument=deny)
    else:
        policy = admin("iam").create_policy(PolicyName=f"{name}-brake", PolicyDocument=deny)["Policy"]["Arn"]
        admin("iam").attach_group_policy(GroupName=found.object_id, PolicyArn=policy)
    refused = tasks.run(found, "remove_user_from_group")
    assert refused.status == "refused" and "brake" in refused.message
    assert admin("iam").list_groups_for_user(UserName=name)["Groups"]


def test_who_was_in_the_group_before_is_left_to_a_person(tasks: Tasks, admin: Admin, name: str) -> None:
    found = found_by("remove_user_from_group", admin, name)
    tasks.past = [_iam.record("AddUserToGroup", {"userName": name, "groupName": found.object_id})]
    with pytest.raises(InvalidFinding, match="changed nothing"):
        tasks.run(found, "remove_user_from_group")


# Trust


def test_of_a_statement_with_others_only_the_outsider_is_taken_out(tasks: Tasks, admin: Admin, name: str) -> None:
    tasks.run(found_by("remove_outside_trust", admin, name, "mixed"), "remove_outside_trust")
    document = admin("iam").get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    assert [s["Principal"]["AWS"] for s in document["Statement"]] == [[f"arn:aws:iam::{ACCOUNT}:root"]]


ANOTHER = "777788889999"


def trusted(admin: Admin, name: str, *statements: dict[str, Any]) -> list[list[str]]:
    """Write a role's trust policy if statements are given; whom it trusts by each."""
    if statements:
        admin("iam").update_assume_role_policy(RoleName=name, PolicyDocument=_iam.policy(*statements))
    found = admin("iam").get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    named = [one["Principal"]["AWS"] for one in found if one["Effect"] == "Allow"]
    return [one if isinstance(one, list) else [one] for one in named]


def trust_in(*accounts: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": list(accounts)}, "Action": "sts:AssumeRole"}


def test_of_a_statement_for_two_outsiders_each_finding_takes_out_its_own(
    tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    """A finding is about one account; both have the statement as the call wrote it."""
    _iam.role(admin, name)
    first, second = (f"arn:aws:iam::{account}:root" for account in (OUTSIDE, ANOTHER))
    written = trust_in(first, second, ACCOUNT)
    trusted(admin, name, written, OURS)

    def run(outsider: str, number: int) -> str:
        detail = {"statements": [json.dumps(written)], "outside_account": outsider}
        found = finding(object_category="AWS::IAM::Role", object_id=name, detail=detail)
        return tasks.run(found, "remove_outside_trust", task=tasks.task(number)).status

    assert run(OUTSIDE, 1) == "done" and trusted(admin, name)[0] == [second, ACCOUNT]
    assert run(OUTSIDE, 2) == "already" and trusted(admin, name)[0] == [second, ACCOUNT]
    assert run(ANOTHER, 3) == "done" and trusted(admin, name)[0] == [ACCOUNT]
    assert run(ANOTHER, 4) == "already" and trusted(admin, name)[0] == [ACCOUNT]


@pytest.mark.parametrize("outsider", [OUTSIDE, "*"])
def test_a_role_that_was_deleted_since_hides_nobody_and_is_not_written(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, name: str, finding: Find, outsider: str
) -> None:
    """IAM puts its id in its place, and refuses to take a policy that has one."""
    _iam.role(admin, name)
    gone, evil = "AROAEXAMPLEGONE00000A", outsider if outsider == "*" else f"arn:aws:iam::{outsider}:root"
    written = trust_in(evil, f"arn:aws:iam::{OUTSIDE}:role/helper")
    trusted(admin, name, trust_in(evil, gone), trust_in(ACCOUNT, gone), trust_in(gone))
    faulty.add("UpdateAssumeRolePolicy", code="MalformedPolicyDocument", having=b"AROA")
    detail = {"statements": [json.dumps(written)], "outside_account": outsider}
    found = finding(object_category="AWS::IAM::Role", object_id=name, detail=detail)
    assert faulty_tasks.run(found, "remove_outside_trust").status == "done"
    assert trusted(admin, name) == [[ACCOUNT]]
    assert faulty_tasks.undo().status == "undone"
    assert trusted(admin, name) == [[evil], [ACCOUNT]]


def test_everybody_and_a_flag_are_the_same_however_aws_writes_them(
    tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    _iam.role(admin, name)
    flag = "aws:MultiFactorAuthPresent"
    written = {**trust_in(), "Principal": "*", "Condition": {"Bool": {flag: True}}}
    trusted(admin, name, {**trust_in("*"), "Condition": {"Bool": {flag: ["true"]}}}, OURS)
    detail = {"statements": [json.dumps(written)], "outside_account": "*"}
    found = finding(object_category="AWS::IAM::Role", object_id=name, detail=detail)
    assert tasks.run(found, "remove_outside_trust").status == "done"
    assert trusted(admin, name) == [[ACCOUNT]]


def test_where_nobody_is_left_everybody_is_denied(tasks: Tasks, admin: Admin, name: str) -> None:
    tasks.run(found_by("remove_outside_trust", admin, name, "alone"), "remove_outside_trust")
    (statement,) = admin("iam").get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement == {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


@pytest.mark.parametrize(
    ("detail", "says"),
    [
        ({"statements": [json.dumps({"Effect": "Allow", "Truncated": "{..."})]}, "cut off"),
        ({"statements": []}, "no statement"),
        ({"statements": [json.dumps(OURS)], "outside_account": ACCOUNT}, "role's own"),
        ({"statements": [json.dumps(OURS)], "outside_account": "everybody"}, "no account id"),
    ],
)
def test_what_does_not_say_whom_to_take_out_is_refused(
    connected: Connected, finding: Find, detail: dict[str, Any], says: str
) -> None:
    found = finding(object_category="AWS::IAM::Role", object_id="web", detail=detail)
    with pytest.raises(InvalidFinding, match=says):
        registry.get("remove_outside_trust").plan(found, connected.aws, Safety())


def test_a_statement_is_proved_by_the_document_that_was_written(finding: Find) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": [f"arn:aws:iam::{OUTSIDE}:root"]}, "Action": "sts:AssumeRole"}
    detail = {"statements": [json.dumps(trust)], "outside_account": OUTSIDE}
    found = finding(object_category="AWS::IAM::Role", object_id="web", detail=detail)
    # The same by another spelling.
    written = _iam.policy({**trust, "Principal": {"AWS": OUTSIDE}, "Action": ["sts:AssumeRole"]}, OURS)
    request = {"roleName": "web", "policyDocument": written}
    assert claimed("remove_outside_trust", found, eventName="UpdateAssumeRolePolicy", requestParameters=request)
    only_ours = {"roleName": "web", "policyDocument": _iam.policy(OURS)}
    assert not claimed("remove_outside_trust", found, eventName="UpdateAssumeRolePolicy", requestParameters=only_ours)
    of_another = {**request, "roleName": "other"}
    assert not claimed("remove_outside_trust", found, eventName="UpdateAssumeRolePolicy", requestParameters=of_another)


# Credentials


def test_a_credential_that_is_gone_is_nothing_to_do_and_its_sibling_stays(
    tasks: Tasks, admin: Admin, name: str
) -> None:
    found = found_by("deactivate_service_credential", admin, name)
    SCENARIOS["deactivate_service_credential"].remove(admin, vars(found))  # type: ignore[misc]
    with pytest.raises(NotFound):
        registry.get("deactivate_service_credential").plan(found, tasks.aws, Safety())
    left = admin("iam").list_service_specific_credentials(UserName=name)["ServiceSpecificCredentials"]
    assert [one["Status"] for one in left] == ["Active"]


def test_a_credential_is_proved_with_its_owner(finding: Find) -> None:
    found = finding(
        object_category="AWS::IAM::User", object_id="jane", detail={"credential_id": "ACCAEXAMPLE000EXAMPLE"}
    )
    made = {"serviceSpecificCredentialId": "ACCAEXAMPLE000EXAMPLE", "userName": "jane"}
    response = {"serviceSpecificCredential": made}
    playbook, event = "deactivate_service_credential", "CreateServiceSpecificCredential"
    assert claimed(playbook, found, eventName=event, requestParameters={}, responseElements=response)
    other = {"serviceSpecificCredential": {**made, "userName": "john"}}
    assert not claimed(playbook, found, eventName=event, requestParameters={}, responseElements=other)


def test_the_key_that_was_made_is_meant_and_not_the_callers(tasks: Tasks, admin: Admin, name: str) -> None:
    caller = admin("iam").create_user(UserName=f"{name}-caller") and admin("iam").create_access_key(
        UserName=f"{name}-caller"
    )
    mine = caller["AccessKey"]["AccessKeyId"]
    found = found_by("deactivate_access_key", admin, name, "made", access_key_id=mine)
    assert tasks.run(found, "deactivate_access_key").status == "done"
    (left,) = admin("iam").list_access_keys(UserName=f"{name}-caller")["AccessKeyMetadata"]
    (off,) = admin("iam").list_access_keys(UserName=name)["AccessKeyMetadata"]
    assert (left["Status"], off["Status"]) == ("Active", "Inactive")
    response = {"accessKey": {"accessKeyId": found.object_id, "userName": name}}
    assert claimed("deactivate_access_key", found, eventName="CreateAccessKey", responseElements=response)
    assert not claimed("deactivate_access_key", found, eventName="ListAccessKeys", responseElements=response)


# A new user


def test_an_older_user_of_the_name_is_not_contained(tasks: Tasks, admin: Admin, name: str) -> None:
    long_ago = time.time() - 86_400
    found = found_by("contain_new_user", admin, name, first_time=long_ago, last_time=long_ago)
    with pytest.raises(InvalidFinding, match="quarantine_user"):
        tasks.run(found, "contain_new_user")
    assert [key["Status"] for key in admin("iam").list_access_keys(UserName=name)["AccessKeyMetadata"]] == ["Active"]


def test_a_new_user_is_denied_first_and_keeps_only_its_password(tasks: Tasks, admin: Admin, name: str) -> None:
    found = found_by("contain_new_user", admin, name)
    (change,) = registry.get("contain_new_user").plan(found, tasks.aws, Safety())
    assert change.steps[0].call.operation == "put_user_policy" and len(change.steps) == 8
    assert tasks.run(found, "contain_new_user").status == "done"
    iam = admin("iam")
    assert iam.list_user_policies(UserName=name)["PolicyNames"] == ["CloudTrailResponder-Quarantine"]
    assert not iam.list_groups_for_user(UserName=name)["Groups"] and iam.get_login_profile(UserName=name)


def test_a_new_user_whose_policies_leave_no_room_for_the_denial_is_denied_all_the_same(
    tasks: Tasks, admin: Admin, name: str
) -> None:
    found = found_by("contain_new_user", admin, name)
    admin("iam").delete_user_policy(UserName=name, PolicyName="work")
    admin("iam").put_user_policy(UserName=name, PolicyName="filling", PolicyDocument=_iam.filling(2_000))
    assert tasks.run(found, "contain_new_user").status == "done"
    assert admin("iam").list_user_policies(UserName=name)["PolicyNames"] == [POLICY]
    assert tasks.undo().status == "undone"
    assert admin("iam").list_user_policies(UserName=name)["PolicyNames"] == ["filling"]


def test_a_user_whose_policies_leave_no_room_is_quarantined_by_a_boundary_and_gets_its_own_back(
    tasks: Tasks, admin: Admin, name: str
) -> None:
    found = found_by("quarantine_user", admin, name, "full")
    former = "arn:aws:iam::aws:policy/PowerUserAccess"
    admin("iam").put_user_permissions_boundary(UserName=name, PermissionsBoundary=former)

    def boundary() -> str:
        return str(admin("iam").get_user(UserName=name)["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"])

    done = tasks.run(found, "quarantine_user")
    assert done.status == "done" and "fill the 2,048 characters" in done.message
    assert boundary() == "arn:aws:iam::aws:policy/AWSDenyAll"
    assert tasks.run(found, "quarantine_user", task=tasks.task(2)).status == "already"
    assert tasks.undo().status == "undone" and boundary() == former


def test_a_plan_lists_inline_policies_once(tasks: Tasks, connected: Connected, admin: Admin, name: str) -> None:
    found = found_by("quarantine_user", admin, name, "full")
    connected.calls.clear()
    outcome = tasks.run(found, "quarantine_user", "simulate")
    assert "of 2,048 characters" in str(outcome.changes[0]["blast_radius"])
    assert connected.calls.count(("iam", "ListUserPolicies")) == 1


def test_a_role_of_a_service_keeps_its_policies(tasks: Tasks, admin: Admin, name: str, finding: Find) -> None:
    path, role = "/aws-service-role/test.amazonaws.com/", f"AWSServiceRoleFor{name}"
    admin("iam").create_role(RoleName=role, Path=path, AssumeRolePolicyDocument=json.dumps(_iam.TRUST))
    detail = {"policy_name": "work", "policy_arn": f"arn:aws:iam::{ACCOUNT}:policy/x", "statements": [json.dumps(OURS)]}
    found = finding(object_category="AWS::IAM::Role", object_id=role, detail=detail)
    for playbook in ("detach_granted_policy", "remove_inline_policy", "remove_outside_trust"):
        with pytest.raises(RefusedByGuardrail, match="service-linked"):
            registry.get(playbook).plan(found, tasks.aws, Safety())
