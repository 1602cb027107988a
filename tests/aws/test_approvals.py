"""What people decide about plans: the first decision stands, it is about one plan, and damage decides nothing."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from responder.errors import Curable, NeedsApproval, RefusedByGuardrail, Rejected, Unavailable
from responder.findings.finding import Finding
from responder.remediation import approvals
from responder.remediation.acting import Acting
from responder.remediation.approvals import APPROVALS, Decision, find, record
from responder.settings.model import Safety
from responder.splunk.client import Splunkd

from tests.aws.scenarios import finding_of
from tests.aws.support import Tasks, query_error

PLAYBOOK = "deactivate_access_key"


@pytest.fixture
def task() -> str:
    return f"{uuid.uuid4().hex[:20]}.remediate.some"


@pytest.fixture
def found(admin: Any, name: str) -> Finding:
    return Finding(**finding_of(PLAYBOOK, admin, name))


def active(admin: Any, found: Finding) -> bool:
    (key,) = admin("iam").list_access_keys(UserName=found.user)["AccessKeyMetadata"]
    return bool(key["Status"] == "Active")


def test_the_first_decision_stands(kv_store: Splunkd, task: str) -> None:
    first = Decision(task, "plan", "approve", "alex", 1.0)
    assert record(kv_store, first) == first
    assert record(kv_store, Decision(task, "plan", "reject", "pat", 2.0)) == first
    assert find(kv_store, task, "plan") == first
    assert find(kv_store, task, "another plan") is None


def test_of_many_at_once_one_stands(kv_store: Splunkd, task: str) -> None:
    words = [approvals.APPROVE, approvals.REJECT] * 8
    with ThreadPoolExecutor(8) as pool:
        stand = list(
            pool.map(lambda n: record(kv_store, Decision(task, "plan", words[n], f"user-{n}", float(n))), range(16))
        )
    assert len(set(stand)) == 1 and find(kv_store, task, "plan") == stand[0]


def test_what_is_no_decision_is_not_written(kv_store: Splunkd, task: str) -> None:
    with pytest.raises(Rejected, match="neither approve nor reject"):
        record(kv_store, Decision(task, "plan", "yes", "alex", 1.0))
    assert find(kv_store, task, "plan") is None


@pytest.mark.parametrize(
    "damage",
    [
        {"decision": "Approve"},
        {"decision": ""},
        {"at": None},
        {"by": None},
        {"task": "other"},
        {"plan_digest": "other"},
    ],
    ids=str,
)
def test_a_damaged_decision_decides_nothing(kv_store: Splunkd, task: str, damage: dict[str, Any]) -> None:
    document = {**Decision(task, "plan", "approve", "alex", 1.0).to_document(), **damage}
    kv_store.insert(APPROVALS, {name: value for name, value in document.items() if value is not None})
    with pytest.raises(Curable, match="is damaged"):
        find(kv_store, task, "plan")


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
    tasks.safety = Safety(default_mode="enforce", max_changes_per_hour=100_000, max_changes_per_run=0)
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
