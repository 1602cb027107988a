"""Playbooks ``end_live_sessions`` and ``quarantine_...``: whom they are about, and from when on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from responder.errors import Curable, InvalidFinding, NeedsApproval, RefusedByGuardrail
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.remediation.playbooks.iam.end_live_sessions import deny_before
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import _iam
from tests.aws.support import Connected, Tasks

Find = Callable[..., Finding]
Admin = Callable[..., Any]
PLAYBOOK = registry.get("end_live_sessions")
POLICY = "CloudTrailResponder-EndSessions"


@pytest.fixture
def role(admin: Admin, name: str) -> dict[str, Any]:
    return _iam.role(admin, name)


def denied_before(admin: Admin, role: str) -> float:
    """Epoch seconds: sessions that began earlier are denied."""
    document = admin("iam").get_role_policy(RoleName=role, PolicyName=POLICY)["PolicyDocument"]
    (statement,) = document["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", "*", "*")
    text = statement["Condition"]["DateLessThan"]["aws:TokenIssueTime"]
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()


def test_the_time_is_that_of_the_write_and_the_plan_stays_the_same(
    tasks: Tasks, admin: Admin, role: dict[str, Any], name: str, finding: Find
) -> None:
    found = finding(**role, last_time=time.time() - 3600)
    for later in (0.0, 120.0):
        tasks.later = later
        with pytest.raises(NeedsApproval):
            tasks.run(found, PLAYBOOK.id, "approve")
    plan = tasks.evidence().plan
    assert plan is not None and len(tasks.evidence().plans) == 1, "people read one plan"
    assert "the time of the write" in plan.changes[0].steps[0].after
    tasks.decide("approve")
    tasks.later = 300.0
    assert tasks.run(found, PLAYBOOK.id, "approve").status == "done"
    assert 0 <= tasks.clock() - denied_before(admin, name) < 10


@pytest.mark.parametrize("mode", ["simulate", "enforce"])
def test_where_inline_policies_leave_no_room_it_says_how_much_is_missing_and_what_else_would_do(
    tasks: Tasks, admin: Admin, role: dict[str, Any], name: str, finding: Find, mode: str
) -> None:
    iam, found = admin("iam"), finding(**role, last_time=time.time() - 60)
    iam.put_role_policy(RoleName=name, PolicyName="filling", PolicyDocument=_iam.filling(10_200))
    size = len(json.dumps(deny_before("2026-11-28T21:48:01Z"), separators=(",", ":")))
    with pytest.raises(Curable, match=f"needs {size - 40} more characters .* leave of 10,240") as caught:
        tasks.run(found, PLAYBOOK.id, mode)
    assert "quarantine_role" in caught.value.hint and tasks.evidence().entries == []
    iam.put_role_policy(RoleName=name, PolicyName="filling", PolicyDocument=_iam.filling(10_240 - size))
    assert tasks.run(found, PLAYBOOK.id).status == "done", "to the last character"
    tasks.later = 600.0
    later = finding(**role, last_time=time.time() + 300)
    assert tasks.run(later, PLAYBOOK.id, task=tasks.task(2)).status == "done", "its own policy takes no more room"


def test_a_later_finding_moves_the_time_on_and_an_earlier_one_never_back(
    tasks: Tasks, admin: Admin, role: dict[str, Any], name: str, finding: Find
) -> None:
    now = time.time()
    assert tasks.run(finding(**role, last_time=now - 60), PLAYBOOK.id).status == "done"
    first = denied_before(admin, name)
    assert tasks.run(finding(**role, last_time=now - 3600), PLAYBOOK.id, task=tasks.task(2)).status == "already"
    assert denied_before(admin, name) == first
    tasks.later = 600.0
    assert tasks.run(finding(**role, last_time=now + 300), PLAYBOOK.id, task=tasks.task(3)).status == "done"
    assert denied_before(admin, name) > first + 300


def test_new_sessions_and_other_policies_are_left_alone(
    tasks: Tasks, admin: Admin, role: dict[str, Any], name: str, finding: Find
) -> None:
    admin("iam").put_role_policy(RoleName=name, PolicyName="work", PolicyDocument=_iam.policy(_iam.allow("s3:*")))
    tasks.run(finding(**role, last_time=time.time() - 60), PLAYBOOK.id)
    assert denied_before(admin, name) <= tasks.clock()
    assert set(admin("iam").list_role_policies(RoleName=name)["PolicyNames"]) == {"work", POLICY}
    assert tasks.undo().status == "undone"
    assert admin("iam").list_role_policies(RoleName=name)["PolicyNames"] == ["work"]


def test_roles_that_iam_lets_nobody_change_are_refused_with_what_to_do(
    tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    sso = f"AWSReservedSSO_{name}"
    path = "/aws-reserved/sso.amazonaws.com/"
    admin("iam").create_role(RoleName=sso, Path=path, AssumeRolePolicyDocument=json.dumps(_iam.TRUST))
    linked = f"AWSServiceRoleFor{name}"
    path = "/aws-service-role/test.amazonaws.com/"
    admin("iam").create_role(RoleName=linked, Path=path, AssumeRolePolicyDocument=json.dumps(_iam.TRUST))
    for role, advice in ((sso, "assignment"), (linked, "service")):
        session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/jane@example.com"
        for playbook in (PLAYBOOK, registry.get("quarantine_role")):
            with pytest.raises(RefusedByGuardrail) as caught:
                playbook.plan(finding(user_arn=session, last_time=1.0), tasks.aws, Safety())
            assert advice in caught.value.hint


@pytest.mark.parametrize(
    ("fields", "error", "advice"),
    [
        ({"user_type": "Root", "access_key_id": "AKIAIOSFODNN7EXAMPLE"}, RefusedByGuardrail, "Sign in as root"),
        ({"user_arn": f"arn:aws:iam::{ACCOUNT}:root"}, RefusedByGuardrail, "Sign in as root"),
        ({"user_arn": f"arn:aws:sts::{ACCOUNT}:federated-user/x"}, InvalidFinding, "user who made that call"),
        ({"user_arn": "arn:aws:sts::444455556666:assumed-role/x/y"}, InvalidFinding, "its own account"),
        ({"access_key_id": "ASIAIOSFODNN7EXAMPLE"}, InvalidFinding, "user_arn"),
        ({"object_category": "AWS::IAM::Role", "object_id": "a/b?c"}, InvalidFinding, "Correct"),
    ],
)
def test_what_has_no_sessions_to_end_is_refused_unread(
    connected: Connected, finding: Find, fields: dict[str, Any], error: type[Exception], advice: str
) -> None:
    with pytest.raises(error, match=advice):
        PLAYBOOK.plan(finding(**fields, last_time=1.0), connected.aws, Safety())
    assert not [call for call in connected.calls if call[0] != "sts"]


def test_without_a_time_it_is_not_known_what_is_early_enough(
    connected: Connected, finding: Find, role: dict[str, Any]
) -> None:
    with pytest.raises(InvalidFinding, match="last_time"):
        PLAYBOOK.plan(finding(**role), connected.aws, Safety())


@pytest.mark.parametrize("playbook", ["end_live_sessions", "quarantine_user"])
def test_the_responder_never_locks_itself_out(tasks: Tasks, admin: Admin, finding: Find, playbook: str) -> None:
    me = tasks.aws.identity().arn.rpartition("/")[2]
    if me not in [user["UserName"] for user in admin("iam").list_users()["Users"]]:
        admin("iam").create_user(UserName=me)
    found = finding(object_category="AWS::IAM::User", object_id=me, last_time=time.time())
    refused = tasks.run(found, playbook)
    assert refused.status == "refused" and "the responder itself" in refused.message
    assert admin("iam").list_user_policies(UserName=me)["PolicyNames"] == []


def test_a_role_is_not_quarantined_by_the_playbook_for_users(
    connected: Connected, finding: Find, role: dict[str, Any]
) -> None:
    with pytest.raises(InvalidFinding, match="role"):
        registry.get("quarantine_user").plan(finding(**role), connected.aws, Safety())


def record(**fields: Any) -> CloudTrailRecord:
    return CloudTrailRecord({"recipientAccountId": ACCOUNT, "eventSource": "s3.amazonaws.com", **fields})


def is_proved(found: Finding, *records: CloudTrailRecord) -> bool:
    return all(any(claim.value in claim.values_in(one) for one in records) for claim in PLAYBOOK.claims(found))


def test_the_principal_is_proved_by_who_called_or_was_changed(finding: Find) -> None:
    session = {"type": "AssumedRole", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/web/i-1", "accountId": ACCOUNT}
    called = record(userIdentity=session)
    changed = record(eventSource="iam.amazonaws.com", requestParameters={"roleName": "web"}, userIdentity={})
    mentioned = record(requestParameters={"bucketName": "web"}, userIdentity={"accountId": ACCOUNT})
    abroad = record(userIdentity={**session, "accountId": "444455556666"})
    found = finding(user_arn=session["arn"])
    assert is_proved(found, called) and is_proved(found, changed)
    assert not is_proved(found, mentioned) and not is_proved(found, abroad)
    assert not is_proved(finding(object_category="AWS::IAM::Role", object_id="other"), called, changed, mentioned)
