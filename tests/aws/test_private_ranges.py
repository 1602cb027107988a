"""Playbook ``revoke_open_ingress`` where private ranges are kept: they are let in first, and taken back by undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from responder.errors import Curable, NeedsApproval, Unavailable
from responder.findings.finding import Finding
from responder.remediation import registry

from tests.aws import estates
from tests.aws.support import ENFORCE, FaultyAws, Tasks

PLAYBOOK = registry.get("revoke_open_ingress")
KEEP = replace(ENFORCE, keep_private_ranges=True)
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
Admin = Callable[..., Any]
Find = Callable[..., Finding]


@pytest.fixture
def group(admin: Admin, name: str) -> str:
    return str(admin("ec2").create_security_group(GroupName=name, Description="test")["GroupId"])


def let_in(admin: Admin, group: str, protocol: str, first: int | None, last: int | None, *ranges: str) -> None:
    made: dict[str, Any] = {
        "IpProtocol": protocol,
        "IpRanges": [{"CidrIp": one} for one in ranges if ":" not in one],
        "Ipv6Ranges": [{"CidrIpv6": one} for one in ranges if ":" in one],
    }
    ports = {} if first is None else {"FromPort": first, "ToPort": last}
    admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[{**made, **ports}])


def let_list_in(admin: Admin, group: str, name: str, *ranges: str) -> None:
    """On SSH, by a prefix list of these ranges."""
    lists = [{"PrefixListId": estates.prefix_list(admin, name, *ranges)}]
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": lists}
    admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])


def rules_of(admin: Admin, group: str) -> list[dict[str, Any]]:
    filters = [{"Name": "group-id", "Values": [group]}]
    found = admin("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    return [rule for rule in found if not rule["IsEgress"]]


def ranges_of(admin: Admin, group: str) -> set[str]:
    return {
        f"{one['IpProtocol']} {one.get('FromPort')} {one.get('CidrIpv4') or one.get('CidrIpv6')}"
        for one in rules_of(admin, group)
    }


def opened(admin: Admin, group: str, finding: Find) -> Finding:
    rules = [{"rule_id": rule["SecurityGroupRuleId"]} for rule in rules_of(admin, group)]
    return finding(object_category="AWS::EC2::SecurityGroup", object_id=group, detail={"rules": rules})


def test_private_ranges_are_let_in_before_the_world_goes_and_undo_takes_them_back(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, group: str, finding: Find
) -> None:
    tasks = replace(faulty_tasks, safety=KEEP)
    let_in(admin, group, "tcp", 22, 22, "0.0.0.0/0", "::/0")
    before = ranges_of(admin, group)
    outcome = tasks.run(opened(admin, group, finding), PLAYBOOK.id)
    assert outcome.message.startswith("Authorize tcp 22 from 10.0.0.0/8, tcp 22 from 172.16.0.0/12, ")
    assert f"then revoke tcp 22 from 0.0.0.0/0, tcp 22 from ::/0 from security group {group}." in outcome.message
    assert ranges_of(admin, group) == {f"tcp 22 {one}" for one in (*PRIVATE, "fc00::/7")}
    writes = [call for call in faulty.seen if call.endswith("SecurityGroupIngress")]
    assert writes == ["AuthorizeSecurityGroupIngress"] * 4 + ["RevokeSecurityGroupIngress"] * 2
    again = tasks.run(opened(admin, group, finding), PLAYBOOK.id, task=tasks.task(2))
    assert again.status == "already", "what it has let in is not open to the world"
    assert tasks.undo().status == "undone" and ranges_of(admin, group) == before


def test_a_private_range_that_another_rule_lets_in_is_not_added(
    tasks: Tasks, admin: Admin, group: str, finding: Find
) -> None:
    tasks.safety = KEEP
    let_in(admin, group, "tcp", 20, 30, "10.0.0.0/7")
    let_in(admin, group, "-1", None, None, "172.16.0.0/12")
    let_in(admin, group, "udp", 22, 22, "192.168.0.0/16")
    stays = ranges_of(admin, group)
    let_in(admin, group, "tcp", 22, 22, "0.0.0.0/0")
    assert tasks.run(opened(admin, group, finding), PLAYBOOK.id).status == "done"
    assert ranges_of(admin, group) == {*stays, "tcp 22 192.168.0.0/16"}
    assert tasks.undo().status == "undone" and ranges_of(admin, group) == {*stays, "tcp 22 0.0.0.0/0"}


def test_a_private_range_that_somebody_let_in_anew_is_theirs(
    tasks: Tasks, admin: Admin, group: str, finding: Find
) -> None:
    tasks.safety = KEEP
    let_in(admin, group, "tcp", 22, 22, "0.0.0.0/0")
    assert tasks.run(opened(admin, group, finding), PLAYBOOK.id).status == "done"
    (ours,) = [one["SecurityGroupRuleId"] for one in rules_of(admin, group) if one["CidrIpv4"] == PRIVATE[0]]
    admin("ec2").revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[ours])
    let_in(admin, group, "tcp", 22, 22, PRIVATE[0])
    with pytest.raises(NeedsApproval, match="changed after the remediation"):
        tasks.undo()
    assert ranges_of(admin, group) == {f"tcp 22 {one}" for one in PRIVATE}


def test_a_private_range_that_was_not_let_in_stays_out(tasks: Tasks, admin: Admin, group: str, finding: Find) -> None:
    tasks.safety = KEEP
    let_in(admin, group, "tcp", 22, 22, "128.0.0.0/1", "2000::/3")
    let_in(admin, group, "tcp", 23, 23, "0.0.0.0/1", "128.0.0.0/1")
    assert tasks.run(opened(admin, group, finding), PLAYBOOK.id).status == "done"
    assert ranges_of(admin, group) == {*(f"tcp 22 {one}" for one in PRIVATE[1:]), *(f"tcp 23 {one}" for one in PRIVATE)}


@pytest.mark.slow
def test_parts_that_a_prefix_list_holds_of_a_private_range_add_up(
    tasks: Tasks, admin: Admin, group: str, finding: Find, name: str
) -> None:
    tasks.safety = KEEP
    let_list_in(admin, group, name, "128.0.0.0/1", "10.0.0.0/9", "10.128.0.0/9", "0.0.0.0/5")
    assert tasks.run(opened(admin, group, finding), PLAYBOOK.id).status == "done"
    assert ranges_of(admin, group) == {f"tcp 22 {one}" for one in PRIVATE}


@pytest.mark.slow
def test_all_protocols_and_icmp_are_kept_as_they_were(tasks: Tasks, admin: Admin, group: str, finding: Find) -> None:
    tasks.safety = KEEP
    let_in(admin, group, "icmp", 8, -1, "0.0.0.0/0")
    let_in(admin, group, "-1", None, None, "::/0")
    before = ranges_of(admin, group)
    assert tasks.run(opened(admin, group, finding), PLAYBOOK.id).status == "done"
    assert ranges_of(admin, group) == {*(f"icmp 8 {one}" for one in PRIVATE), "-1 -1 fc00::/7"}
    assert tasks.undo().status == "undone" and ranges_of(admin, group) == before


@pytest.mark.slow
def test_what_a_prefix_list_opened_is_kept_for_the_versions_that_it_holds(
    tasks: Tasks, admin: Admin, group: str, finding: Find, name: str
) -> None:
    tasks.safety = KEEP
    let_list_in(admin, group, name, "::/0")
    assert tasks.run(opened(admin, group, finding), PLAYBOOK.id).status == "done"
    assert ranges_of(admin, group) == {"tcp 22 fc00::/7"}


def test_a_group_that_is_full_does_not_stay_open(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, group: str, finding: Find
) -> None:
    tasks = replace(faulty_tasks, safety=KEEP)
    let_in(admin, group, "tcp", 22, 22, "0.0.0.0/0")
    found = opened(admin, group, finding)
    faulty.add("AuthorizeSecurityGroupIngress", code="RulesPerSecurityGroupLimitExceeded", skip=1)
    with pytest.raises(Unavailable, match="AWS does not show it"):
        tasks.run(found, PLAYBOOK.id)
    assert ranges_of(admin, group) == {"tcp 22 10.0.0.0/8"}
    # Somebody has made room meanwhile, and let one of them in.
    let_in(admin, group, "tcp", 22, 22, "192.168.0.0/16")
    done = tasks.run(found, PLAYBOOK.id)
    revoked = f"Authorize tcp 22 from 10.0.0.0/8, then revoke tcp 22 from 0.0.0.0/0 from security group {group}."
    missing = "Not let in: tcp 22 from 172.16.0.0/12. A group that is full takes no more rules."
    assert (done.status, done.message) == ("done", f"{revoked} {missing}"), "it says what was done, and what was not"


@pytest.mark.parametrize(
    ("code", "error", "says"),
    [
        ("RulesPerSecurityGroupLimitExceeded", Curable, "RulesPerSecurityGroupLimitExceeded"),
        ("InvalidPermission.Duplicate", Unavailable, "AWS does not show the undo yet: .* restore it by hand"),
    ],
)
def test_an_undo_whose_rule_is_not_back_is_not_undone(
    code: str,
    error: type[Exception],
    says: str,
    faulty_tasks: Tasks,
    faulty: FaultyAws,
    admin: Admin,
    group: str,
    finding: Find,
) -> None:
    let_in(admin, group, "tcp", 22, 22, "0.0.0.0/0")
    before = ranges_of(admin, group)
    assert faulty_tasks.run(opened(admin, group, finding), PLAYBOOK.id).status == "done"
    faulty.add("AuthorizeSecurityGroupIngress", code=code)
    for _ in range(2):
        with pytest.raises(error, match=says):
            faulty_tasks.undo()
        assert ranges_of(admin, group) == set()
    faulty.clear()
    assert faulty_tasks.undo().status == "undone" and ranges_of(admin, group) == before


def test_a_plan_that_lets_private_ranges_in_is_another_plan(
    tasks: Tasks, admin: Admin, group: str, finding: Find
) -> None:
    let_in(admin, group, "tcp", 22, 22, "0.0.0.0/0")
    found = opened(admin, group, finding)
    with pytest.raises(NeedsApproval):
        tasks.run(found, PLAYBOOK.id, "approve")
    tasks.decide("approve")
    tasks.safety = KEEP
    with pytest.raises(NeedsApproval, match="changed|another"):
        tasks.run(found, PLAYBOOK.id, "approve")
    assert ranges_of(admin, group) == {"tcp 22 0.0.0.0/0"}
    tasks.decide("approve")
    assert tasks.run(found, PLAYBOOK.id, "approve").status == "done"
    assert ranges_of(admin, group) == {f"tcp 22 {one}" for one in PRIVATE}
