"""Playbook ``revoke_open_ingress``: exactly the rules of the finding that are open to the world, and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Optional

import pytest
from responder.errors import InvalidFinding, NotFound
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.settings.model import Safety

from tests.aws import estates
from tests.aws.support import UNLIMITED, Connected, Tasks

PLAYBOOK = registry.get("revoke_open_ingress")
GROUP = "AWS::EC2::SecurityGroup"
Find = Callable[..., Finding]
Rule = tuple[str, Optional[int], Optional[int], str]


@pytest.fixture
def group(admin: Callable[..., Any], name: str) -> str:
    """An empty security group with a tag."""
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "env", "Value": "test"}]}]
    created = admin("ec2").create_security_group(GroupName=name, Description="test", TagSpecifications=tags)
    return str(created["GroupId"])


def permission(protocol: str, first: int | None, last: int | None, *ranges: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "IpProtocol": protocol,
        "IpRanges": [{"CidrIp": r, "Description": f"from {r}"} for r in ranges if ":" not in r],
        "Ipv6Ranges": [{"CidrIpv6": r} for r in ranges if ":" in r],
    }
    return made if first is None else {**made, "FromPort": first, "ToPort": last}


def rules_of(admin: Callable[..., Any], group: str) -> list[dict[str, Any]]:
    filters = [{"Name": "group-id", "Values": [group]}]
    found = admin("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    return [rule for rule in found if not rule["IsEgress"]]


def ranges_of(admin: Callable[..., Any], group: str) -> list[str]:
    """As in ``tcp 22 0.0.0.0/0``."""
    return sorted(
        f"{r['IpProtocol']} {r.get('FromPort')} {r.get('CidrIpv4') or r.get('CidrIpv6')}"
        for r in rules_of(admin, group)
    )


def opened(group: str, finding: Find, rules: Iterable[dict[str, Any]], **fields: Any) -> Finding:
    return finding(object_category=GROUP, object_id=group, detail={"rules": list(rules)}, **fields)


def test_one_range_of_a_mixed_permission_goes_and_comes_back(
    tasks: Tasks, admin: Callable[..., Any], group: str, finding: Find
) -> None:
    admin("ec2").authorize_security_group_ingress(
        GroupId=group, IpPermissions=[permission("tcp", 22, 22, "0.0.0.0/0", "10.0.0.0/8", "::/0")]
    )
    before = ranges_of(admin, group)
    # CloudTrail may give ports as texts.
    found = opened(group, finding, [{"cidr": "0.0.0.0/0", "protocol": "tcp", "from_port": "22", "to_port": "22"}])
    (change,) = PLAYBOOK.plan(found, tasks.aws, Safety())
    assert change.resource.id == f"arn:aws:ec2:us-east-1:123456789012:security-group/{group}"
    assert "tcp 22 from 0.0.0.0/0" in change.summary and change.resource.tags == {"env": "test"}
    assert ranges_of(admin, group) == before

    outcome = tasks.run(found, PLAYBOOK.id)
    assert outcome.changes[0]["verification"]["ok"]
    assert ranges_of(admin, group) == ["tcp 22 10.0.0.0/8", "tcp 22 ::/0"]
    assert PLAYBOOK.plan(found, tasks.aws, Safety()) == []

    assert tasks.undo().status == "undone"
    assert ranges_of(admin, group) == before
    assert [r["Description"] for r in rules_of(admin, group) if r.get("CidrIpv4") == "0.0.0.0/0"] == ["from 0.0.0.0/0"]


def test_ipv6_and_all_protocols(tasks: Tasks, admin: Callable[..., Any], group: str, finding: Find) -> None:
    everything = [permission("-1", None, None, "0.0.0.0/0", "::/0"), permission("udp", 53, 53, "::/0")]
    admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=everything)
    before = ranges_of(admin, group)
    # Of all protocols CloudTrail gives no ports; of IPv6 it may write the long form.
    found = opened(group, finding, [{"cidr": "0.0.0.0/0", "protocol": "-1"}, {"cidr": "0::0/0", "protocol": "17"}])
    assert tasks.run(found, PLAYBOOK.id).status == "done"
    assert ranges_of(admin, group) == ["-1 -1 ::/0"]
    assert tasks.undo().status == "undone" and ranges_of(admin, group) == before


def test_a_rule_id_means_that_rule_or_none(tasks: Tasks, admin: Callable[..., Any], group: str, finding: Find) -> None:
    ports = [permission("tcp", port, port, "0.0.0.0/0") for port in (22, 3389)]
    admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=ports)
    ssh = next(rule for rule in rules_of(admin, group) if rule["FromPort"] == 22)
    known = {"rule_id": ssh["SecurityGroupRuleId"]}
    gone = {"rule_id": "sgr-00000000000000000", "cidr": "0.0.0.0/0"}
    assert PLAYBOOK.plan(opened(group, finding, [gone]), tasks.aws, Safety()) == []
    tasks.run(opened(group, finding, [known, gone]), PLAYBOOK.id)
    assert ranges_of(admin, group) == ["tcp 3389 0.0.0.0/0"]


def test_a_rule_that_is_named_but_not_open_to_the_world_stays(
    connected: Connected, admin: Callable[..., Any], group: str, finding: Find
) -> None:
    near = permission("tcp", 22, 22, "10.0.0.0/8", "203.0.113.0/24", "fd00::/8")
    admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[near])
    named = [{"rule_id": rule["SecurityGroupRuleId"]} for rule in rules_of(admin, group)]
    assert PLAYBOOK.plan(opened(group, finding, named), connected.aws, Safety()) == []


@pytest.mark.extended
@pytest.mark.parametrize(
    "ranges",
    [
        ("0.0.0.0/1", "128.0.0.0/1", "2000::/3"),
        ("0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"),
        ("2000::/4", "3000::/4"),
        tuple(f"{first}.0.0.0/8" for first in range(11, 60)) + ("64.0.0.0/2", "128.0.0.0/2"),
    ],
    ids=["halves", "quarters", "IPv6", "many"],
)
def test_ranges_that_together_are_the_world_are_the_world(
    tasks: Tasks, admin: Callable[..., Any], group: str, finding: Find, ranges: tuple[str, ...]
) -> None:
    admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[permission("tcp", 22, 22, *ranges)])
    tasks.run(opened(group, finding, [{"cidr": one} for one in ranges]), PLAYBOOK.id)
    assert rules_of(admin, group) == []


def test_ranges_of_different_rules_add_up_for_the_port_they_share(
    tasks: Tasks, admin: Callable[..., Any], group: str, finding: Find
) -> None:
    rules = [
        permission("tcp", 1, 30, "0.0.0.0/2", "64.0.0.0/3"),
        permission("tcp", 22, 22, "128.0.0.0/2"),
        permission("-1", None, None, "192.0.0.0/3"),
        permission("tcp", 23, 80, "224.0.0.0/3", "10.0.0.0/8", "198.51.100.0/24"),
        permission("udp", 22, 22, "96.0.0.0/3"),
    ]
    admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=rules)
    everything = [{"cidr": rule.get("CidrIpv4")} for rule in rules_of(admin, group)]
    tasks.run(opened(group, finding, everything), PLAYBOOK.id)
    assert ranges_of(admin, group) == [
        # Nobody else is let in from next door, and UDP has less than half of the internet.
        "tcp 23 10.0.0.0/8",
        "tcp 23 198.51.100.0/24",
        "udp 22 96.0.0.0/3",
    ]


def test_only_exactly_one_allowed_port_may_be_open(
    tasks: Tasks, admin: Callable[..., Any], group: str, finding: Find
) -> None:
    open_ports = [permission("tcp", *ports, "0.0.0.0/0") for ports in ((443, 443), (80, 443), (8443, 8443))]
    open_ports.append(permission("icmp", 80, 80, "0.0.0.0/0"))
    admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=open_ports)
    found = opened(group, finding, [{"cidr": "0.0.0.0/0"}])
    tasks.safety = Safety(default_mode="enforce", allowed_open_ports=(443, 80), **UNLIMITED)
    tasks.run(found, PLAYBOOK.id)
    assert ranges_of(admin, group) == ["tcp 443 0.0.0.0/0"]
    assert len(PLAYBOOK.plan(found, tasks.aws, Safety(allowed_open_ports=()))) == 1


@pytest.mark.parametrize("port", ["²", "٢٢", "22.0", "-2", "ssh", "022222", True, [22], {"port": 22}], ids=str)
def test_what_is_no_port_is_named_and_nothing_is_revoked(
    connected: Connected, group: str, finding: Find, port: Any
) -> None:
    found = opened(group, finding, [{"cidr": "0.0.0.0/0", "protocol": "tcp", "from_port": port, "to_port": 22}])
    with pytest.raises(InvalidFinding, match="from_port is not a port"):
        PLAYBOOK.plan(found, connected.aws, Safety())
    assert connected.calls == []


def test_a_rule_edited_to_something_harmless_after_planning_stays(
    tasks: Tasks, admin: Callable[..., Any], group: str, finding: Find
) -> None:
    """By id alone it would be lost: AWS keeps the id of a rule that is edited."""
    admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[permission("tcp", 22, 22, "0.0.0.0/0")])

    def edit(step: str) -> None:
        if step == "planned":
            ids = [rule["SecurityGroupRuleId"] for rule in rules_of(admin, group)]
            admin("ec2").revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=ids)
            near = permission("tcp", 22, 22, "10.0.0.0/8")
            admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[near])
            tasks.later += 10

    tasks.on_audit = edit
    assert tasks.run(opened(group, finding, [{"cidr": "0.0.0.0/0"}]), PLAYBOOK.id).status == "already"
    assert ranges_of(admin, group) == ["tcp 22 10.0.0.0/8"]


def test_tags_of_a_rule_come_back_with_it(
    connected: Connected, admin: Callable[..., Any], group: str, finding: Find
) -> None:
    tags = [{"ResourceType": "security-group-rule", "Tags": [{"Key": "ticket", "Value": "SEC-1"}]}]
    admin("ec2").authorize_security_group_ingress(
        GroupId=group, IpPermissions=[permission("tcp", 22, 22, "0.0.0.0/0")], TagSpecifications=tags
    )
    (change,) = PLAYBOOK.plan(opened(group, finding, [{"cidr": "0.0.0.0/0"}]), connected.aws, Safety())
    assert change.steps[0].undo and change.steps[0].undo.parameters["TagSpecifications"] == tags


def test_a_group_that_is_gone_is_not_found(connected: Connected, finding: Find) -> None:
    with pytest.raises(NotFound, match="sg-00000000000000000"):
        PLAYBOOK.plan(opened("sg-00000000000000000", finding, [{"cidr": "0.0.0.0/0"}]), connected.aws, Safety())


@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"rules": []},
        {"rules": "all"},
        {"rules": [{}]},
        {"rules": [{"protocol": "tcp"}]},
        {"rules": [{"cidr": "world"}]},
    ],
)
def test_a_finding_that_names_no_rule_revokes_none(
    connected: Connected, group: str, finding: Find, detail: dict[str, Any]
) -> None:
    """A rule without id and range would match every rule of the group."""
    with pytest.raises(InvalidFinding, match="detail|rules"):
        PLAYBOOK.plan(finding(object_id=group, detail=detail), connected.aws, Safety())
    assert connected.calls == []


def test_a_group_name_is_no_group_id(connected: Connected, finding: Find) -> None:
    with pytest.raises(InvalidFinding, match="security group"):
        PLAYBOOK.plan(opened("default", finding, [{"cidr": "0.0.0.0/0"}]), connected.aws, Safety())


# Prefix lists, and who uses the group


def with_prefix_list(admin: Callable[..., Any], name: str, group: str, *ranges: str) -> list[dict[str, Any]]:
    """The rules of the group, which names a new prefix list with these ranges for SSH."""
    lists = [{"PrefixListId": estates.prefix_list(admin, name, *ranges), "Description": "x"}]
    named = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": lists}
    admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[named])
    return rules_of(admin, group)


def test_a_prefix_list_that_holds_the_world_is_the_world(
    tasks: Tasks, admin: Callable[..., Any], name: str, group: str, finding: Find
) -> None:
    (rule,) = with_prefix_list(admin, name, group, "0.0.0.0/1", "128.0.0.0/1")
    found = opened(group, finding, [{"rule_id": rule["SecurityGroupRuleId"]}])
    outcome = tasks.run(found, PLAYBOOK.id)
    assert outcome.status == "done" and f"from {rule['PrefixListId']}" in outcome.message
    assert rules_of(admin, group) == []
    tasks.undo()
    assert [one["PrefixListId"] for one in rules_of(admin, group)] == [rule["PrefixListId"]]


def test_a_prefix_list_of_offices_stays(
    connected: Connected, admin: Callable[..., Any], name: str, group: str, finding: Find
) -> None:
    (rule,) = with_prefix_list(admin, name, group, "192.0.2.0/24", "198.51.100.0/24")
    found = opened(group, finding, [{"rule_id": rule["SecurityGroupRuleId"]}])
    assert PLAYBOOK.plan(found, connected.aws, Safety()) == []


def test_who_uses_the_group_is_said(
    connected: Connected, admin: Callable[..., Any], name: str, group: str, finding: Find
) -> None:
    ec2 = admin("ec2")
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission("tcp", 22, 22, "0.0.0.0/0")])
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    for description in ("ELB app/web/0123456789abcdef", "RDSNetworkInterface", "RDSNetworkInterface"):
        ec2.create_network_interface(SubnetId=subnet, Groups=[group], Description=description)
    other = ec2.create_security_group(GroupName=f"{name}-other", Description="x")["GroupId"]
    pairs = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "UserIdGroupPairs": [{"GroupId": group}]}]
    ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=pairs)
    (change,) = PLAYBOOK.plan(opened(group, finding, [{"cidr": "0.0.0.0/0"}]), connected.aws, Safety())
    said = " ".join(PLAYBOOK.blast_radius(change.resource, {}, connected.aws))
    assert "3 network interfaces" in said and "2 of RDS database, 1 of load balancer" in said and other in said
