"""Guardrails decide on what AWS says right before each write, on every attempt: never on a finding or an old plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import NotPermitted
from responder.findings.finding import Finding
from responder.settings.model import Safety

from tests.aws.support import Connected, FaultyAws, Tasks, query_error

OPEN = "revoke_open_ingress"
PROTECTED = Safety(default_mode="enforce", protected_tags=("hands=off",))
Find = Callable[..., Finding]
Admin = Callable[..., Any]


@pytest.fixture
def group(admin: Admin, name: str) -> str:
    made = str(admin("ec2").create_security_group(GroupName=name, Description="test")["GroupId"])
    rules = [
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        for port in (22, 3389)
    ]
    admin("ec2").authorize_security_group_ingress(GroupId=made, IpPermissions=rules)
    return made


@pytest.fixture
def found(group: str, finding: Find) -> Finding:
    return finding(object_id=group, detail={"rules": [{"cidr": "0.0.0.0/0"}]})


def protect(admin: Admin, group: str) -> None:
    admin("ec2").create_tags(Resources=[group], Tags=[{"Key": "hands", "Value": "off"}])


def rules_left(admin: Admin, group: str) -> int:
    filters = [{"Name": "group-id", "Values": [group]}]
    rules = admin("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    return sum(not rule["IsEgress"] for rule in rules)


def test_a_tag_that_was_set_between_plan_and_retry_counts(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, group: str, found: Finding
) -> None:
    faulty_tasks.safety = PROTECTED
    faulty.add("RevokeSecurityGroupIngress", status=403, body=query_error("UnauthorizedOperation"))
    with pytest.raises(NotPermitted):
        faulty_tasks.run(found, OPEN)
    faulty.clear()
    protect(admin, group)
    outcome = faulty_tasks.run(found, OPEN)
    assert outcome.status == "refused" and "protected tag" in outcome.message
    assert rules_left(admin, group) == 2


def test_a_tag_that_is_set_between_two_writes_counts_for_the_second(
    tasks: Tasks, admin: Admin, group: str, found: Finding
) -> None:
    tasks.safety = PROTECTED
    tasks.before_send = lambda: protect(admin, group)
    outcome = tasks.run(found, OPEN)
    assert outcome.status == "refused" and "protected tag" in outcome.message
    assert rules_left(admin, group) == 1 and tasks.outcomes() == ["done"]
    assert "verification" not in outcome.changes[1], "what was not done is told from what was"


def test_a_plan_that_grew_old_before_the_first_write_is_read_anew(
    tasks: Tasks, admin: Admin, group: str, found: Finding
) -> None:
    """As where the KV store takes nine seconds."""
    tasks.safety = PROTECTED

    def slow(step: str) -> None:
        if step == "planned":
            protect(admin, group)
            tasks.later += 9

    tasks.on_audit = slow
    assert tasks.run(found, OPEN).status == "refused" and rules_left(admin, group) == 2


def test_a_clock_that_is_set_back_makes_no_fact_fresh(tasks: Tasks, admin: Admin, group: str, found: Finding) -> None:
    tasks.safety = PROTECTED

    def back(step: str) -> None:
        if step == "planned":
            protect(admin, group)
            tasks.later -= 3600

    tasks.on_audit = back
    assert tasks.run(found, OPEN).status == "refused" and rules_left(admin, group) == 2


def test_the_kill_switch_stops_between_two_writes(tasks: Tasks, admin: Admin, group: str, found: Finding) -> None:
    def switch() -> None:
        tasks.safety = Safety(default_mode="enforce", max_changes_per_hour=100_000, kill_switch=True)

    tasks.before_send = switch
    outcome = tasks.run(found, OPEN)
    assert outcome.status == "refused" and "kill switch" in outcome.message and rules_left(admin, group) == 1


def test_undo_keeps_the_guardrails_of_now(tasks: Tasks, admin: Admin, group: str, found: Finding) -> None:
    tasks.run(found, OPEN)
    protect(admin, group)
    tasks.safety = PROTECTED
    outcome = tasks.undo()
    assert outcome.status == "refused" and "protected tag" in outcome.message and rules_left(admin, group) == 0
    tasks.safety = Safety(default_mode="enforce")
    assert tasks.undo().status == "undone" and rules_left(admin, group) == 2


def test_a_group_of_another_account_is_refused_by_its_owner(
    connect: Callable[..., Connected], tasks: Tasks, faulty: FaultyAws, group: str, found: Finding
) -> None:
    """A shared group is shown here; the finding says that it is ours."""
    shared = Tasks(tasks.documents, connect(faulty.url).aws)
    answer = (
        "<DescribeSecurityGroupsResponse><securityGroupInfo><item><ownerId>999988887777</ownerId>"
        f"<groupId>{group}</groupId></item></securityGroupInfo></DescribeSecurityGroupsResponse>"
    )
    faulty.add("DescribeSecurityGroups", status=200, body=answer)
    outcome = shared.run(found, OPEN)
    assert outcome.status == "refused" and "in account 999988887777" in outcome.message


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_the_partition_is_that_of_the_caller(
    connect: Callable[..., Connected], tasks: Tasks, admin: Admin, stand_in: Any, name: str, finding: Find, region: str
) -> None:
    """Also in partitions that no list of regions of ours knows."""
    partition = "aws-cn" if region.startswith("cn") else "aws-us-gov"
    group = admin("ec2", region).create_security_group(GroupName=name, Description="test")["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    admin("ec2", region).authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    there = Tasks(tasks.documents, connect(stand_in.url, default_region=region).aws)
    found = finding(object_id=group, vendor_region=region, detail={"rules": [{"cidr": "0.0.0.0/0"}]})
    arn = f"arn:{partition}:ec2:{region}:123456789012:security-group/{group}"
    there.safety = Safety(default_mode="enforce", protected_resources=(arn,))
    assert there.run(found, OPEN).status == "refused"
    there.safety = Safety(default_mode="enforce")
    assert there.run(found, OPEN).changes[0]["resource"] == arn
