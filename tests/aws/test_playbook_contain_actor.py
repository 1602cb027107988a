"""An actor is contained part by part: in what order, with what left out, and what becomes of the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from responder.errors import NeedsApproval, NotPermitted, RefusedByGuardrail
from responder.findings.actor_calls import ActorCalls, Truncated
from responder.findings.finding import Finding
from responder.remediation.model import Change
from responder.remediation.playbook import Sources
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from tests.aws.every_playbook import PLAYBOOKS
from tests.aws.scenarios import _iam, contain_actor
from tests.aws.support import FaultyAws, Tasks, ticket

CONTAIN = "contain_actor"
PLAYBOOK = next(playbook for playbook in PLAYBOOKS if playbook.id == CONTAIN)
Admin = Callable[..., Any]
#: What the actor acts with comes first.
ORDER = [
    "deactivate_access_key", "deactivate_access_key", "contain_new_user", "end_live_sessions", "end_live_sessions",
    "quarantine_user", "quarantine_role", "revoke_open_ingress", "stop_instance", "stop_lambda_function",
]  # fmt: skip


def plan(tasks: Tasks, finding: Finding) -> list[Change]:
    return PLAYBOOK.plan(finding, tasks.aws, Safety(), tasks.earlier)


def parts(tasks: Tasks, finding: Finding) -> list[str]:
    return [change.resource.part for change in plan(tasks, finding)]


def applied(tasks: Tasks) -> list[str]:
    """Which parts were changed, in order."""
    return [fields["part"] for step, _, fields in tasks.audit if step == "change_applied"]


def state_of(admin: Admin, instance: str) -> str:
    found = admin("ec2").describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    return str(found["State"]["Name"])


def did(fields: Any, *calls: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [contain_actor.recorded(fields, number, *one) for number, one in enumerate(calls)]


@pytest.fixture
def stolen(tasks: Tasks, admin: Admin, name: str) -> Finding:
    return tasks.prepared(CONTAIN, admin, name)


class Killed(BaseException):
    """The process dies here."""


def test_what_the_actor_acts_with_comes_first_and_each_part_says_why(tasks: Tasks, stolen: Finding) -> None:
    changes = plan(tasks, stolen)
    assert [change.resource.part for change in changes] == ORDER
    assert changes[0].resource.id == stolen.access_key_id, "his own key before all others"
    (why,) = changes[8].blast_radius
    assert why.startswith("RunInstances at 20") and stolen.access_key_id in why and contain_actor.ADDRESS in why
    assert tasks.run(stolen, CONTAIN).status == "done" and applied(tasks) == ORDER


def test_nothing_of_the_finding_but_its_caller_is_acted_on(tasks: Tasks, stolen: Finding) -> None:
    """Whoever may save an alert may write any row: what is taken back stands in CloudTrail."""
    tasks.past = ()
    named = replace(stolen, object_category="AWS::EC2::Instance", object_id=stolen.detail["instance"])
    assert parts(tasks, named) == ["deactivate_access_key", "end_live_sessions", "quarantine_user"]
    assert {claim.value for claim in PLAYBOOK.claims(named)} == {stolen.access_key_id, stolen.user_arn}


def test_what_a_guardrail_protects_is_left_out_and_said(tasks: Tasks, admin: Admin, stolen: Finding) -> None:
    admin("ec2").create_tags(Resources=[stolen.detail["instance"]], Tags=[{"Key": "crown", "Value": "jewel"}])
    tasks.safety = replace(tasks.safety, protected_tags=("crown",))
    with pytest.raises(NeedsApproval, match="protected tag 'crown'"):
        tasks.run(stolen, CONTAIN, "approve")
    tasks.decide("approve")
    outcome = tasks.run(stolen, CONTAIN, "approve")
    assert outcome.status == "done" and "protected tag 'crown'" in outcome.message
    assert state_of(admin, stolen.detail["instance"]) == "running"
    assert applied(tasks) == [part for part in ORDER if part != "stop_instance"]


@pytest.mark.parametrize("by", ["name", "tag", "being the responder"])
def test_whoever_is_protected_keeps_what_he_made(tasks: Tasks, admin: Admin, stolen: Finding, by: str) -> None:
    if by == "tag":
        admin("iam").tag_user(UserName=stolen.user, Tags=[{"Key": "break", "Value": "glass"}])
        tasks.safety = replace(tasks.safety, protected_tags=("break=glass",))
    elif by == "name":
        tasks.safety = replace(tasks.safety, protected_principals=(stolen.user_arn,))
    else:
        ours = replace(tasks.aws.account, name="other", access_key_id=stolen.access_key_id)
        tasks.others = {ours: tasks.aws}
    outcome = tasks.run(stolen, CONTAIN)
    assert outcome.status == "refused" and applied(tasks) == []


def test_a_key_that_he_made_for_somebody_protected_saves_nothing_else(tasks: Tasks, stolen: Finding) -> None:
    """Nobody protects himself by making a key for whom the team protects."""
    tasks.safety = replace(tasks.safety, protected_principals=(f"user/{stolen.detail['victim']}",))
    outcome = tasks.run(stolen, CONTAIN)
    assert outcome.status == "done" and f"'user/{stolen.detail['victim']}'" in outcome.message
    assert applied(tasks) == [ORDER[0], *ORDER[2:]]


@pytest.mark.extended
def test_a_part_that_lacks_a_permission_stops_none_of_the_others(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, name: str
) -> None:
    stolen = faulty_tasks.prepared(CONTAIN, admin, name)
    with pytest.raises(NeedsApproval):
        faulty_tasks.run(stolen, CONTAIN, "approve")
    faulty_tasks.decide("approve")
    denied = faulty.add("UpdateAccessKey", code="AccessDenied")
    with pytest.raises(NotPermitted, match="everything else is done") as failure:
        faulty_tasks.run(stolen, CONTAIN, "approve")
    assert applied(faulty_tasks) == ORDER[2:]
    told = faulty_tasks.failed(failure.value, stolen, CONTAIN, "approve")
    verified = [change["part"] for change in told.changes if "verification" in change]
    assert told.status == "failed" and verified == ORDER[2:]
    planned = [change["part"] for change in told.changes if "verification" not in change]
    assert planned == ORDER[:2] and "iam:UpdateAccessKey" in told.message
    denied.times = 0
    assert faulty_tasks.run(stolen, CONTAIN, "approve").status == "done", "what is left needs no new approval"
    assert applied(faulty_tasks) == ORDER[2:] + ORDER[:2]


@pytest.mark.extended
def test_a_part_that_cannot_be_read_is_said_before_people_decide(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, name: str
) -> None:
    stolen = faulty_tasks.prepared(CONTAIN, admin, name)
    denied = faulty.add("GetFunctionConfiguration", code="AccessDeniedException")
    with pytest.raises(NeedsApproval, match="Not done: .*lambda:GetFunctionConfiguration"):
        faulty_tasks.run(stolen, CONTAIN, "approve")
    faulty_tasks.decide("approve")
    with pytest.raises(NotPermitted, match="lambda:GetFunctionConfiguration"):
        faulty_tasks.run(stolen, CONTAIN, "approve")
    assert applied(faulty_tasks) == ORDER[:-1]
    denied.times = 0
    with pytest.raises(NeedsApproval, match="Stop function") as waits:
        faulty_tasks.run(stolen, CONTAIN, "approve")
    waiting = ticket(faulty_tasks.failed(waits.value, stolen, CONTAIN, "approve"))
    assert waiting.startswith("Waiting for approval: nothing more was changed yet.")
    faulty_tasks.decide("reject", by="kim")
    rejected = ticket(faulty_tasks.run(stolen, CONTAIN, "approve"))
    assert rejected.startswith("Rejected by a person: nothing more was changed.")


def test_the_kill_switch_stops_it_between_two_parts(tasks: Tasks, stolen: Finding) -> None:
    def switch_on(step: str) -> None:
        if step == "verified" and len(applied(tasks)) == 3:
            tasks.safety = replace(tasks.safety, kill_switch=True)

    tasks.on_audit = switch_on
    outcome = tasks.run(stolen, CONTAIN)
    assert outcome.status == "refused" and "kill switch" in outcome.message and applied(tasks) == ORDER[:3]
    planned = [change["part"] for change in outcome.changes if "verification" not in change]
    assert planned == ORDER[3:]


@pytest.mark.extended
@pytest.mark.parametrize("sent", [False, True], ids=["before it is sent", "after it was sent"])
def test_killed_at_each_part_it_is_made_once(tasks: Tasks, stolen: Finding, sent: bool) -> None:
    """A part or two a run, which dies at the next, as the worker would take it up again and again."""
    before, left, killed = plan(tasks, stolen), [0], 0

    def strike() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    if sent:
        tasks.on_audit = lambda step: strike() if step == "change_applied" else None
    else:
        tasks.before_send = strike
    while killed <= len(ORDER):
        left[0] = 1
        try:
            assert tasks.run(stolen, CONTAIN).status == "done"
            break
        except Killed:
            killed += 1
    assert killed >= len(ORDER) - 2 and plan(tasks, stolen) == []
    made = [entry.intended for entry in tasks.evidence().entries if entry.is_ours or entry.is_unknown]
    assert [one.resource.part for one in made] == ORDER, "each once, in the same order"
    assert [one.before for one in made] == [step.before for change in before for step in change.steps]


@pytest.mark.extended
def test_what_he_sets_back_after_an_approval_is_nobody_elses_obstacle(
    tasks: Tasks, admin: Admin, stolen: Finding
) -> None:
    with pytest.raises(NeedsApproval):
        tasks.run(stolen, CONTAIN, "approve")
    tasks.decide("approve")
    instance, function = stolen.detail["instance"], stolen.detail["function"]

    def start_again(step: str) -> None:
        if step == "verified" and applied(tasks)[-1] == "stop_instance":
            admin("ec2").start_instances(InstanceIds=[instance])
            raise Killed

    tasks.on_audit = start_again
    with pytest.raises(Killed):
        tasks.run(stolen, CONTAIN, "approve")
    tasks.on_audit = lambda step: None
    outcome = tasks.run(stolen, CONTAIN, "approve")
    assert "set back since" in outcome.message and instance in outcome.message
    reserved = admin("lambda").get_function_concurrency(FunctionName=function)
    assert reserved["ReservedConcurrentExecutions"] == 0 and state_of(admin, instance) == "running"


def test_who_was_made_is_contained_as_a_whole(tasks: Tasks, admin: Admin, stolen: Finding) -> None:
    """What was given to him is taken in that, and not a second time by parts of its own."""
    user, role = stolen.detail["user"], stolen.detail["role"]
    given = contain_actor.key(admin, user)
    policy = admin("iam").create_policy(PolicyName=user, PolicyDocument=_iam.policy(_iam.allow()))["Policy"]["Arn"]
    admin("iam").attach_user_policy(UserName=user, PolicyArn=policy)
    admin("iam").attach_role_policy(RoleName=role, PolicyArn=policy)
    tasks.past = did(
        vars(stolen),
        ("iam", "CreateUser", {"userName": user}, {"user": {"userName": user}}),
        ("iam", "CreateAccessKey", {"userName": user}, {"accessKey": {"accessKeyId": given, "userName": user}}),
        ("iam", "AttachUserPolicy", {"userName": user, "policyArn": policy}),
        ("iam", "CreateRole", {"roleName": role}, {"role": {"roleName": role}}),
        ("iam", "AttachRolePolicy", {"roleName": role, "policyArn": policy}),
    )
    changes = {change.resource.part: change for change in plan(tasks, stolen)}
    assert set(changes) == {*ORDER[:1], *ORDER[2:7]} and f"access key {given}" in changes["contain_new_user"].summary


def test_what_he_did_twice_is_one_change_and_says_nothing_of_how_it_was(
    tasks: Tasks, admin: Admin, stolen: Finding
) -> None:
    victim, allow = stolen.detail["victim"], _iam.policy(_iam.allow())
    admin("iam").put_user_policy(UserName=victim, PolicyName="work", PolicyDocument=allow)
    written = {"userName": victim, "policyName": "work", "policyDocument": allow}
    tasks.past = did(vars(stolen), ("iam", "PutUserPolicy", written), ("iam", "PutUserPolicy", written))
    removed = [change for change in plan(tasks, stolen) if change.resource.part == "remove_inline_policy"]
    assert [step.after for change in removed for step in change.steps] == [None]


def test_of_a_role_session_the_role_is_contained(tasks: Tasks, admin: Admin, stolen: Finding) -> None:
    role = stolen.detail["assumed"]
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/x"
    found = replace(stolen, user_arn=session, access_key_id="ASIAIOSFODNN7EXAMPLE", user_type="AssumedRole")
    changes = plan(tasks, found)
    of_role = [change.resource.part for change in changes if change.resource.id.endswith(f"role/{role}")]
    assert of_role == ["end_live_sessions", "quarantine_role"]


def test_what_a_role_of_identity_center_made_is_taken_back_all_the_same(
    tasks: Tasks, admin: Admin, stolen: Finding
) -> None:
    role = f"AWSReservedSSO_Admin_{stolen.user[-16:]}"
    _iam.role(admin, role)
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/eve"
    outcome = tasks.run(replace(stolen, user_arn=session, access_key_id="ASIAIOSFODNN7EXAMPLE"), CONTAIN)
    assert outcome.status == "done" and "belongs to IAM Identity Center" in outcome.message
    assert "stop_instance" in applied(tasks) and "quarantine_user" not in applied(tasks)


def test_of_root_nothing_is_touched(tasks: Tasks, stolen: Finding) -> None:
    found = replace(stolen, user_arn=f"arn:aws:iam::{ACCOUNT}:root", user_type="Root")
    outcome = tasks.run(found, CONTAIN)
    assert outcome.status == "refused" and "root" in outcome.message and applied(tasks) == []


def test_more_than_is_looked_at_is_said(tasks: Tasks, stolen: Finding) -> None:
    def cut(asked: Any, finding: Finding) -> Any:
        found = tasks.earlier(asked, finding)
        return Truncated(found) if isinstance(asked, ActorCalls) else found

    errors = [str(one.error) for one in PLAYBOOK.examine(stolen, Sources(tasks.aws, Safety(), cut)) if one.error]
    assert len(errors) == 1 and "more calls than are looked at" in errors[0]


def test_a_part_is_held_by_the_ceiling_of_its_own_playbook(tasks: Tasks, admin: Admin, stolen: Finding) -> None:
    tasks.safety = replace(tasks.safety, playbook_ceilings={"stop_instance": "simulate"})
    outcome = tasks.run(stolen, CONTAIN)
    assert outcome.status == "done" and "ceiling of playbook stop_instance is simulate" in outcome.message
    assert applied(tasks) == [part for part in ORDER if part != "stop_instance"]
    assert state_of(admin, stolen.detail["instance"]) == "running"


def test_with_a_part_that_people_have_to_approve_they_approve_all_of_it(tasks: Tasks, stolen: Finding) -> None:
    tasks.safety = replace(tasks.safety, playbook_ceilings={"quarantine_user": "approve"})
    with pytest.raises(NeedsApproval, match="The mode is approve"):
        tasks.run(stolen, CONTAIN)
    assert applied(tasks) == []
    tasks.decide("approve")
    assert tasks.run(stolen, CONTAIN).status == "done" and applied(tasks) == ORDER


def test_other_accounts_that_he_went_to_are_said(tasks: Tasks, stolen: Finding) -> None:
    went = {"assumedRoleUser": {"arn": "arn:aws:sts::444455556666:assumed-role/admin/x"}}
    tasks.past = [*did(vars(stolen), ("sts", "AssumeRole", {}, went)), *tasks.past]
    outcome = tasks.run(stolen, CONTAIN)
    assert outcome.status == "done" and "sessions of roles in other accounts (444455556666)" in outcome.message
    assert applied(tasks) == ORDER


@pytest.mark.extended
def test_what_is_found_later_counts_beside_what_was_done(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, name: str
) -> None:
    """CloudTrail is late: else each try could change as much as the run may in all."""
    stolen = faulty_tasks.prepared(CONTAIN, admin, name)
    late, faulty_tasks.past = faulty_tasks.past[:3], faulty_tasks.past[3:]
    faulty_tasks.safety = replace(faulty_tasks.safety, max_changes_per_run=len(ORDER) - 3)
    denied = faulty.add("UpdateAccessKey", code="AccessDenied")
    with pytest.raises(NotPermitted):
        faulty_tasks.run(stolen, CONTAIN)
    denied.times, faulty_tasks.past = 0, [*late, *faulty_tasks.past]
    with pytest.raises(NeedsApproval, match=f"{len(ORDER) - 3} allowed changes"):
        faulty_tasks.run(stolen, CONTAIN)


@pytest.mark.extended
def test_the_undo_leaves_what_none_can_give_back_and_says_so(tasks: Tasks, admin: Admin, stolen: Finding) -> None:
    victim = stolen.detail["victim"]
    admin("iam").create_login_profile(UserName=victim, Password="Correct-horse-1")
    tasks.past = [*did(vars(stolen), ("iam", "CreateLoginProfile", {"userName": victim}, {})), *tasks.past]
    assert tasks.run(stolen, CONTAIN).status == "done" and "remove_console_login" in applied(tasks)
    undone = tasks.undo()
    assert undone.status == "undone" and "AWS tells nobody the old password" in undone.message
    assert sorted(parts(tasks, stolen)) == sorted(ORDER)


def test_what_is_gone_keeps_nothing_else_from_its_undo(tasks: Tasks, admin: Admin, stolen: Finding) -> None:
    assert tasks.run(stolen, CONTAIN).status == "done"
    admin("ec2").terminate_instances(InstanceIds=[stolen.detail["instance"]])
    undone = tasks.undo()
    assert undone.status == "undone" and "is terminated" in undone.message
    assert parts(tasks, stolen) == [part for part in ORDER if part != "stop_instance"]


@pytest.mark.extended
def test_an_undo_that_is_denied_of_one_part_goes_on_and_is_finished_later(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, name: str
) -> None:
    stolen = faulty_tasks.prepared(CONTAIN, admin, name)
    assert faulty_tasks.run(stolen, CONTAIN).status == "done"
    denied = faulty.add("StartInstances", code="UnauthorizedOperation")
    with pytest.raises(NotPermitted, match="everything else is done.*ec2:StartInstances"):
        faulty_tasks.undo()
    assert parts(faulty_tasks, stolen) == [part for part in ORDER if part != "stop_instance"]
    denied.times = 0
    assert faulty_tasks.undo().status == "undone" and state_of(admin, stolen.detail["instance"]) != "stopped"


@pytest.mark.extended
def test_an_undo_that_the_kill_switch_stops_is_refused_and_goes_on_later(
    tasks: Tasks, admin: Admin, stolen: Finding
) -> None:
    assert tasks.run(stolen, CONTAIN).status == "done"
    safety = tasks.safety

    def switch_on(step: str) -> None:
        tasks.safety = replace(safety, kill_switch=True) if step == "undone" else tasks.safety

    tasks.on_audit = switch_on
    stopped = tasks.undo()
    assert stopped.status == "refused" and "kill switch" in stopped.message
    assert ticket(stopped).startswith("Refused by a guardrail: nothing more was changed.")
    assert [change["part"] for change in stopped.changes if change["made"]] == ORDER[-1:]
    again = tasks.undo()
    assert ticket(again).startswith("Refused by a guardrail: nothing more was changed."), "what is refused at once, too"
    assert parts(tasks, stolen) == ORDER[-1:], "the last part is the first that is taken back"
    tasks.on_audit, tasks.safety = (lambda step: None), safety
    assert tasks.undo().status == "undone" and parts(tasks, stolen) == ORDER


def test_a_finding_without_a_caller_is_refused(tasks: Tasks, finding: Callable[..., Finding]) -> None:
    assert PLAYBOOK.missing(finding(last_time=1.0)) == ["access_key_id"]
    with pytest.raises(RefusedByGuardrail):
        PLAYBOOK.plan(finding(last_time=1.0, access_key_id="AKIAX", user_type="Root"), tasks.aws, Safety())
