"""Guardrails decide on what AWS says right before each write, on every attempt: never on a finding or an old plan."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import ConfigurationError, NotPermitted
from responder.findings.finding import Finding
from responder.remediation import own_calls, runner
from responder.settings.model import Safety

from tests.aws.support import ENFORCE, UNLIMITED, Connected, FaultyAws, Tasks, query_error, ticket

OPEN = "revoke_open_ingress"
PROTECTED = Safety(default_mode="enforce", protected_tags=("hands=off",), **UNLIMITED)
Find = Callable[..., Finding]
Admin = Callable[..., Any]
Connect = Callable[..., Connected]


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
    assert [change["made"] for change in outcome.changes] == [True, False], "what was not done is told from what was"
    said = ticket(outcome)
    assert said.startswith("Refused by a guardrail: nothing more was changed.")
    assert said.count("\nChange: Revoke") == said.count("\nPlanned change: Revoke") == 1


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
        tasks.safety = Safety(default_mode="enforce", kill_switch=True, **UNLIMITED)

    tasks.before_send = switch
    outcome = tasks.run(found, OPEN)
    assert outcome.status == "refused" and "kill switch" in outcome.message and rules_left(admin, group) == 1


def test_undo_keeps_the_guardrails_of_now(tasks: Tasks, admin: Admin, group: str, found: Finding) -> None:
    tasks.run(found, OPEN)
    protect(admin, group)
    tasks.safety = PROTECTED
    outcome = tasks.undo()
    assert outcome.status == "refused" and "protected tag" in outcome.message and rules_left(admin, group) == 0
    assert ticket(outcome).startswith("Refused by a guardrail: nothing was changed.")
    tasks.safety = Safety(default_mode="enforce", **UNLIMITED)
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
    there.safety = Safety(default_mode="enforce", protected_resources=(arn,), **UNLIMITED)
    assert there.run(found, OPEN).status == "refused"
    there.safety = Safety(default_mode="enforce", **UNLIMITED)
    assert there.run(found, OPEN).changes[0]["resource"] == arn


# The Safety tab, right before a write is sent


KILLED = dataclasses.replace(ENFORCE, kill_switch=True)


def test_a_kill_switch_counts_for_a_write_that_waits_for_its_turn_at_aws(
    faulty_tasks: Tasks, connect: Connect, faulty: FaultyAws, admin: Admin, found: Finding
) -> None:
    """AWS throttles it, and while it waits, somebody switches the switch: it is not sent again."""
    aws = connect(faulty.url, attempts=5).aws
    tasks = dataclasses.replace(faulty_tasks, aws=aws)

    def switch(_: float) -> None:
        tasks.safety = KILLED

    aws.sleep = switch
    faulty.add("RevokeSecurityGroupIngress", status=503, body=query_error("RequestLimitExceeded"), times=1)
    outcome = tasks.run(found, OPEN)
    assert outcome.status == "refused" and "the kill switch is on" in outcome.message
    assert faulty.seen.count("RevokeSecurityGroupIngress") == 1 and rules_left(admin, found.object_id) == 2
    assert tasks.outcomes() == ["not_done"]


@pytest.mark.parametrize("back", [False, True], ids=["forth", "undo"])
def test_a_kill_switch_counts_for_a_write_whose_evidence_is_being_written(
    tasks: Tasks, admin: Admin, found: Finding, monkeypatch: pytest.MonkeyPatch, back: bool
) -> None:
    """Whatever is slow between the guardrails and the write, it is asked after it."""
    if back:
        assert tasks.run(found, OPEN).status == "done"
    before = rules_left(admin, found.object_id)
    know_call = own_calls.know_call

    def slowly(*call: Any) -> None:
        know_call(*call)
        tasks.safety = KILLED

    monkeypatch.setattr(own_calls, "know_call", slowly)
    outcome = tasks.undo() if back else tasks.run(found, OPEN)
    assert outcome.status == "refused" and "the kill switch is on" in outcome.message
    assert rules_left(admin, found.object_id) == before


def test_the_turn_is_checked_after_the_kill_switch(tasks: Tasks, admin: Admin, found: Finding) -> None:
    """To read the tab may take long, and nothing slow stands between the check of the turn and the write."""
    asked: list[str] = []
    ports = tasks.ports()

    def safety() -> Safety:
        asked.append("tab")
        return tasks.safety

    def turn() -> None:
        asked.append("turn")

    monitored = dataclasses.replace(ports, safety=safety, before_send=turn)
    assert runner.run(tasks._request(found, OPEN, "enforce", "", "sid"), monitored).status == "done"
    turns = [number for number, what in enumerate(asked) if what == "turn"]
    assert len(turns) == 2 and all(asked[number - 1] == "tab" for number in turns)


def test_a_safety_tab_that_cannot_be_read_right_before_a_write_stops_it(
    tasks: Tasks, admin: Admin, found: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports, is_written = tasks.ports(), list[bool]()

    def safety() -> Safety:
        if is_written:
            raise ConfigurationError("The Safety tab cannot be read.")
        return tasks.safety

    know_call = own_calls.know_call

    def note(*call: Any) -> None:
        know_call(*call)
        is_written.append(True)

    monkeypatch.setattr(own_calls, "know_call", note)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        runner.run(tasks._request(found, OPEN, "enforce", "", "sid"), dataclasses.replace(ports, safety=safety))
    assert rules_left(admin, found.object_id) == 2 and tasks.outcomes() == ["not_done"]


# The region that a finding names


@pytest.mark.parametrize("mode", ["simulate", "enforce"])
def test_where_nothing_may_be_changed_nothing_is_asked(
    connect: Connect, stand_in: Any, tasks: Tasks, found: Finding, mode: str
) -> None:
    """A policy of the organization may forbid it, and whoever wrote the finding chose the region."""
    scoped = connect(stand_in.url, regions=("us-east-1", "eu-west-1"))
    outcome = Tasks(tasks.documents, scoped.aws).run(dataclasses.replace(found, vendor_region="ap-south-1"), OPEN, mode)
    assert outcome.status == "refused"
    assert "region ap-south-1 is not in scope of account entry 'main'" in outcome.message
    assert scoped.calls == []


def test_a_region_that_is_none_ends_in_one_line(tasks: Tasks, connected: Connected, found: Finding) -> None:
    with pytest.raises(ConfigurationError, match="'us-east-99' is not an AWS region of partition aws"):
        tasks.run(dataclasses.replace(found, vendor_region="us-east-99"), OPEN)
    assert connected.calls == []
