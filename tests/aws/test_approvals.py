"""What people decide about plans in remediations: one plan, in time, within every guardrail."""

from __future__ import annotations

from typing import Any

import pytest
from responder.errors import NeedsApproval, NotFound, RefusedByGuardrail, Rejected, Unavailable
from responder.findings.finding import Finding
from responder.remediation.acting import Acting
from responder.settings.model import Safety

from tests.aws.scenarios import finding_of
from tests.aws.support import UNLIMITED, Tasks, query_error

PLAYBOOK = "deactivate_access_key"


@pytest.fixture
def found(admin: Any, name: str) -> Finding:
    return Finding(**finding_of(PLAYBOOK, admin, name))


def active(admin: Any, found: Finding) -> bool:
    (key,) = admin("iam").list_access_keys(UserName=found.user)["AccessKeyMetadata"]
    return bool(key["Status"] == "Active")


def test_in_mode_approve_nothing_happens_until_a_person_approves_the_plan(
    tasks: Tasks, admin: Any, found: Finding
) -> None:
    for _ in range(2):
        with pytest.raises(NeedsApproval, match=f"waits for approval: Deactivate access key {found.access_key_id}"):
            tasks.run(found, PLAYBOOK, "approve")
    assert active(admin, found) and len(tasks.evidence().plans) == 1 and not tasks.evidence().entries
    tasks.decide("approve")
    outcome = tasks.run(found, PLAYBOOK, "approve")
    assert (outcome.status, outcome.mode) == ("done", "approve") and not active(admin, found)
    times = [outcome.stages[stage] for stage in ("asked", "approved", "changed", "verified")]
    assert times == sorted(times) and outcome.approved_by == "alex"
    assert tasks.undo().status == "undone" and active(admin, found)


def test_nobody_can_approve_what_the_records_contradict(tasks: Tasks, admin: Any, found: Finding) -> None:
    """Whether they did before anybody was asked, or only show it once the plan was approved."""
    with pytest.raises(NeedsApproval):
        tasks.run(found, PLAYBOOK, "approve")
    tasks.decide("approve")
    tasks.contradicted = RefusedByGuardrail("The finding is contradicted.", "Check the search that found it.")
    for key in (tasks.task(), tasks.task(2)):
        assert tasks.run(found, PLAYBOOK, "approve", task=key).status == "refused"
    assert active(admin, found)


def test_who_approves_is_told_that_the_finding_is_not_proved(tasks: Tasks, found: Finding) -> None:
    tasks.unproved = "The finding is not proved: its records are not found."
    with pytest.raises(NeedsApproval, match="The mode is approve. The finding is not proved"):
        tasks.run(found, PLAYBOOK, "approve")


def test_an_approval_is_good_for_one_time(tasks: Tasks, admin: Any, found: Finding, monkeypatch: Any) -> None:
    """What was approved was done, and set back by somebody before the app came to read it again."""
    with pytest.raises(NeedsApproval):
        tasks.run(found, PLAYBOOK, "approve")
    tasks.decide("approve", by="kim")

    def no_answer(*_: Any, **__: Any) -> Any:
        raise Unavailable("AWS does not answer.")

    with monkeypatch.context() as away, pytest.raises(Unavailable):
        away.setattr(Acting, "read_back", no_answer)
        tasks.run(found, PLAYBOOK, "approve")
    admin("iam").update_access_key(UserName=found.user, AccessKeyId=found.access_key_id, Status="Active")
    tasks.later += 86_400
    outcome = tasks.run(found, PLAYBOOK, "approve")
    assert outcome.status == "refused" and "kim approved was done, and was set back" in outcome.message
    assert active(admin, found)


def test_what_waits_shows_the_plan_and_how_it_is_called(tasks: Tasks, found: Finding) -> None:
    with pytest.raises(NeedsApproval) as caught:
        tasks.run(found, PLAYBOOK, "approve")
    outcome = tasks.failed(caught.value, found, PLAYBOOK, "approve")
    plan = tasks.evidence().plan
    assert plan is not None and outcome.plan_digest == plan.digest
    assert (outcome.status, outcome.mode) == ("waiting", "approve")
    (change,) = outcome.changes
    assert change["resource"] == found.access_key_id and change["after"] == {"Status": "Inactive"}


def test_what_is_rejected_ends_and_says_by_whom(tasks: Tasks, admin: Any, found: Finding) -> None:
    with pytest.raises(NeedsApproval):
        tasks.run(found, PLAYBOOK, "approve")
    tasks.decide("reject", by="kim")
    outcome = tasks.run(found, PLAYBOOK, "approve")
    assert outcome.status == "rejected" and "rejected by kim" in outcome.message and active(admin, found)


def test_what_was_approved_is_that_plan_and_no_other(tasks: Tasks, admin: Any, name: str, finding: Any) -> None:
    group = admin("ec2").create_security_group(GroupName=name, Description="test")["GroupId"]

    def allow(port: int) -> None:
        world = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[world])

    allow(22)
    found = finding(object_id=group, detail={"rules": [{"cidr": "0.0.0.0/0"}]})
    with pytest.raises(NeedsApproval):
        tasks.run(found, "revoke_open_ingress", "approve")
    tasks.decide("approve")
    allow(3389)
    with pytest.raises(NeedsApproval, match="tcp 3389"):
        tasks.run(found, "revoke_open_ingress", "approve")
    assert tasks.outcomes() == []
    tasks.decide("approve")
    assert tasks.run(found, "revoke_open_ingress", "approve").status == "done"
    assert tasks.outcomes() == ["done", "done"]


def test_what_is_left_of_an_approved_plan_needs_no_new_approval(
    faulty_tasks: Tasks, faulty: Any, admin: Any, name: str, finding: Any
) -> None:
    group = admin("ec2").create_security_group(GroupName=name, Description="test")["GroupId"]
    ports = (22, 3389)
    rules = [{"IpProtocol": "tcp", "FromPort": p, "ToPort": p, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]} for p in ports]
    admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=rules)
    found = finding(object_id=group, detail={"rules": [{"cidr": "0.0.0.0/0"}]})
    with pytest.raises(NeedsApproval):
        faulty_tasks.run(found, "revoke_open_ingress", "approve")
    faulty_tasks.decide("approve")
    faulty.add("RevokeSecurityGroupIngress", status=409, body=query_error("OperationAborted"), skip=1)
    with pytest.raises(Unavailable, match="OperationAborted"):
        faulty_tasks.run(found, "revoke_open_ingress", "approve")
    faulty.clear()
    assert faulty_tasks.run(found, "revoke_open_ingress", "approve").status == "done"


def test_guardrails_come_before_people_and_after_them(tasks: Tasks, admin: Any, found: Finding) -> None:
    tasks.safety = Safety(default_mode="approve", kill_switch=True)
    assert tasks.run(found, PLAYBOOK, "").status == "refused", "nobody is asked for what is forbidden anyway"
    tasks.safety = Safety(default_mode="approve")
    with pytest.raises(NeedsApproval):
        tasks.run(found, PLAYBOOK, "", tasks.task(2))
    tasks.decide("approve", tasks.task(2))
    tasks.safety = Safety(default_mode="approve", protected_principals=(found.user,))
    assert tasks.run(found, PLAYBOOK, "", tasks.task(2)).status == "refused", "what is approved is not allowed"
    assert active(admin, found)


def test_what_is_beyond_the_limits_is_put_off_to_a_person_and_never_dropped(
    tasks: Tasks, admin: Any, found: Finding
) -> None:
    tasks.safety = Safety(default_mode="enforce", max_changes_per_run=0, **UNLIMITED)
    with pytest.raises(NeedsApproval, match="0 of 0 allowed changes"):
        tasks.run(found, PLAYBOOK)
    assert active(admin, found)
    tasks.decide("approve")
    assert tasks.run(found, PLAYBOOK).status == "done" and not active(admin, found)


def test_a_finding_that_is_not_proved_waits_for_a_person(tasks: Tasks, admin: Any, found: Finding) -> None:
    tasks.unproved = "Its CloudTrail records are not found."
    with pytest.raises(NeedsApproval, match="records are not found"):
        tasks.run(found, PLAYBOOK)
    assert tasks.run(found, PLAYBOOK, "simulate", tasks.task(2)).status == "simulated", "simulating needs no proof"
    tasks.decide("approve")
    assert tasks.run(found, PLAYBOOK).status == "done"


def test_a_ceiling_lowers_what_the_alert_asks_for_and_says_so(tasks: Tasks, admin: Any, found: Finding) -> None:
    tasks.safety = Safety(default_mode="simulate")
    outcome = tasks.run(found, PLAYBOOK, "enforce")
    assert (outcome.status, outcome.mode) == ("simulated", "simulate")
    assert "asks for enforce" in outcome.message and active(admin, found)


def test_a_mode_that_was_lowered_stops_what_is_under_way_and_shows_what_was_done(
    faulty_tasks: Tasks, faulty: Any, admin: Any, found: Finding
) -> None:
    faulty.add("ListAccessKeys", status=400, body=query_error("Throttling"), skip=1)
    with pytest.raises(Unavailable, match="throttles"):
        faulty_tasks.run(found, PLAYBOOK)
    faulty.clear()
    admin("iam").update_access_key(UserName=found.user, AccessKeyId=found.access_key_id, Status="Active")
    faulty_tasks.safety = Safety(default_mode="simulate")
    outcome = faulty_tasks.run(found, PLAYBOOK)
    assert outcome.status == "refused" and "mode is simulate now" in outcome.message
    assert active(admin, found) and len(outcome.changes) == 1


APPROVE: dict[str, Any] = {"default_mode": "approve", **UNLIMITED}
HOUR = 3600.0


def waits(tasks: Tasks, found: Finding, match: str = "waits for approval") -> NeedsApproval:
    with pytest.raises(NeedsApproval, match=match) as caught:
        tasks.run(found, PLAYBOOK, "")
    return caught.value


def test_a_plan_that_nobody_answers_in_time_is_not_done_and_says_so(
    tasks: Tasks, admin: Any, found: Finding
) -> None:
    tasks.safety = Safety(**APPROVE, approval_hours=4)
    first = waits(tasks, found, "It waits until 20.. *")
    assert first.due_in == pytest.approx(2 * HOUR, abs=60), "people are reminded at half of the time"
    tasks.later = 3 * HOUR
    again = waits(tasks, found)
    assert again.due_in == pytest.approx(HOUR, abs=60)
    assert tasks.failed(again, found, PLAYBOOK, "").status == "still_waiting"
    tasks.later = 4 * HOUR + 60
    over = tasks.run(found, PLAYBOOK, "")
    assert over.status == "expired" and "nobody answered within 4 hours" in over.message
    assert active(admin, found) and tasks.outcomes() == []


def test_what_nobody_answered_is_asked_about_anew_when_somebody_asks_again(
    tasks: Tasks, admin: Any, found: Finding
) -> None:
    tasks.safety = Safety(**APPROVE, approval_hours=1)
    waits(tasks, found)
    tasks.later = 2 * HOUR
    assert tasks.run(found, PLAYBOOK, "").status == "expired"
    tasks.asked_at = tasks.clock()
    waits(tasks, found)
    assert len(tasks.evidence().plans) == 2 and tasks.evidence().plans[0].ask != tasks.evidence().plans[1].ask
    tasks.decide("approve")
    assert tasks.run(found, PLAYBOOK, "").status == "done"


def test_an_answer_to_what_is_over_counts_for_nothing_that_is_asked_later(
    tasks: Tasks, admin: Any, found: Finding
) -> None:
    """The same plan, asked about twice: the approval of the first asking comes too late."""
    tasks.safety = Safety(**APPROVE, approvals_needed=2, approval_hours=1)
    waits(tasks, found)
    tasks.decide("approve", by="kim")
    tasks.later = 2 * HOUR
    assert tasks.run(found, PLAYBOOK, "").status == "expired"
    tasks.asked_at = tasks.clock()
    waits(tasks, found)
    tasks.decide("approve", by="pat")
    waits(tasks, found, "1 more approval after that of pat")
    assert active(admin, found)


def test_two_approvals_are_of_two_people(tasks: Tasks, admin: Any, found: Finding) -> None:
    tasks.safety = Safety(**APPROVE, approvals_needed=2)
    waits(tasks, found, "It needs 2 approvals")
    assert tasks.decide("approve", by="kim").missing == 1
    assert tasks.decide("approve", by="kim").missing == 1
    assert tasks.decide("approve", by="KIM@example.com").missing == 1, "the same person by another name"
    waits(tasks, found, "1 more approval after that of kim")
    assert tasks.decide("approve", by="pat").by == "kim and pat"
    assert tasks.run(found, PLAYBOOK, "").status == "done"


@pytest.mark.parametrize("who", ["owner", "OWNER@example.com"])
def test_with_four_eyes_the_owner_of_the_alert_cannot_approve_but_reject(
    tasks: Tasks, admin: Any, found: Finding, who: str
) -> None:
    tasks.safety = Safety(**APPROVE, four_eyes=True)
    waits(tasks, found)
    with pytest.raises(Rejected, match="Four eyes"):
        tasks.decide("approve", by=who)
    assert tasks.decide("reject", by=who).rejected
    assert tasks.run(found, PLAYBOOK, "").status == "rejected"


def test_with_four_eyes_the_actor_cannot_approve(tasks: Tasks, admin: Any, found: Finding) -> None:
    tasks.safety = Safety(**APPROVE, four_eyes=True)
    waits(tasks, found)
    with pytest.raises(Rejected, match="Four eyes"):
        tasks.decide("approve", by=f"{found.user}@example.com")
    assert active(admin, found)


def test_four_eyes_that_are_switched_on_later_count_for_what_was_approved_before(
    tasks: Tasks, admin: Any, found: Finding
) -> None:
    tasks.safety = Safety(**APPROVE)
    waits(tasks, found)
    tasks.decide("approve", by="owner")
    tasks.safety = Safety(**APPROVE, four_eyes=True)
    waits(tasks, found)
    assert active(admin, found)


def test_a_plan_that_changed_says_what_differs_from_what_was_shown(
    tasks: Tasks, admin: Any, name: str, finding: Any
) -> None:
    group = admin("ec2").create_security_group(GroupName=name, Description="test")["GroupId"]

    def allow(port: int) -> None:
        world = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[world])

    allow(22)
    found = finding(object_id=group, detail={"rules": [{"cidr": "0.0.0.0/0"}]})
    with pytest.raises(NeedsApproval) as first:
        tasks.run(found, "revoke_open_ingress", "approve")
    allow(3389)
    with pytest.raises(NeedsApproval, match="changed since it was shown: tcp 3389 from .* is planned, too"):
        tasks.run(found, "revoke_open_ingress", "approve")
    assert "changed since" not in str(first.value)


def test_a_playbook_with_a_delay_waits_for_a_no(tasks: Tasks, admin: Any, found: Finding) -> None:
    tasks.safety = Safety(default_mode="enforce", playbook_delays={PLAYBOOK: 10}, **UNLIMITED)
    said = waits(tasks, found, "It is done at 20.. *")
    assert said.due_in == pytest.approx(600, abs=10) and active(admin, found)
    assert tasks.failed(said, found, PLAYBOOK, "").status == "waiting"
    tasks.later = 601
    assert tasks.run(found, PLAYBOOK, "").status == "done" and not active(admin, found)


def test_a_no_within_the_delay_stops_it_and_a_yes_hastens_it(tasks: Tasks, admin: Any, found: Finding) -> None:
    tasks.safety = Safety(default_mode="enforce", playbook_delays={PLAYBOOK: 10}, **UNLIMITED)
    waits(tasks, found)
    tasks.decide("reject", by="kim")
    tasks.later = 700
    assert tasks.run(found, PLAYBOOK, "").status == "rejected" and active(admin, found)
    with pytest.raises(NeedsApproval):
        tasks.run(found, PLAYBOOK, "", tasks.task(2))
    tasks.decide("approve", tasks.task(2), by="kim")
    assert tasks.run(found, PLAYBOOK, "", tasks.task(2)).status == "done"


def test_an_undo_that_nobody_answers_in_time_undoes_nothing(tasks: Tasks, admin: Any, name: str) -> None:
    found = tasks.prepared("block_public_bucket", admin, name)
    tasks.run(found, "block_public_bucket")
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    half = {block: number < 2 for number, block in enumerate(names)}
    admin("s3").put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=half)
    with pytest.raises(NeedsApproval, match="It waits until"):
        tasks.undo()
    tasks.later = 5 * HOUR
    over = tasks.undo()
    assert over.status == "expired" and "nobody answered" in over.message
    assert admin("s3").get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"] == half


def test_nothing_is_undone_where_nothing_was_done(tasks: Tasks, found: Finding) -> None:
    waits_first = Safety(**APPROVE)
    tasks.safety = waits_first
    waits(tasks, found)
    with pytest.raises(NotFound, match="nothing to undo"):
        tasks.undo()
