"""Playbook ``swap_open_groups``: one interface leaves an open group for a copy; the group and its other users stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from responder.errors import NeedsApproval, NotPermitted, RefusedByGuardrail
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from tests.aws import estates
from tests.aws.support import ENFORCE, FaultyAws, Tasks

PLAYBOOK = registry.get("swap_open_groups")
Admin = Callable[..., Any]
Find = Callable[..., Finding]
Estate = tuple[str, str, str]


@pytest.fixture
def estate(admin: Admin, name: str) -> Estate:
    """A group with a port that may be open, an office, and the world on SSH; an interface in it, and another."""
    vpc, subnet = estates.network(admin)
    ec2 = admin("ec2")
    group = str(ec2.create_security_group(GroupName=name, Description="shared", VpcId=vpc)["GroupId"])
    for port, cidr in ((443, "0.0.0.0/0"), (22, "192.0.2.0/24"), (22, "0.0.0.0/0")):
        permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    mine, other = (
        str(ec2.create_network_interface(SubnetId=subnet, Groups=[group])["NetworkInterface"]["NetworkInterfaceId"])
        for _ in range(2)
    )
    return group, mine, other


def about(interface: str, finding: Find) -> Finding:
    return finding(object_category="AWS::EC2::NetworkInterface", object_id=interface)


def groups_of(admin: Admin, interface: str) -> list[dict[str, Any]]:
    """Whole."""
    ec2 = admin("ec2")
    (found,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"]
    return list(ec2.describe_security_groups(GroupIds=[one["GroupId"] for one in found["Groups"]])["SecurityGroups"])


def ranges(group: dict[str, Any], way: str = "IpPermissions") -> set[str]:
    return {f"{one.get('FromPort')} {inner['CidrIp']}" for one in group[way] for inner in one["IpRanges"]}


def test_the_copy_lacks_the_open_rule_alone_and_nobody_else_is_moved(
    tasks: Tasks, admin: Admin, finding: Find, estate: Estate
) -> None:
    group, mine, other = estate
    done = tasks.run(about(mine, finding), PLAYBOOK.id)
    assert f"out of {group}, to a copy: {group} without tcp 22 from 0.0.0.0/0." in done.message
    (copy,) = groups_of(admin, mine)
    assert copy["GroupId"] != group and copy["GroupName"] == f"cloudtrail-responder-{mine}-{group}"
    assert ranges(copy) == {"443 0.0.0.0/0", "22 192.0.2.0/24"} and ranges(copy, "IpPermissionsEgress") == {
        "None 0.0.0.0/0"
    }
    (shared,) = groups_of(admin, other)
    assert shared["GroupId"] == group and ranges(shared) == {"443 0.0.0.0/0", "22 192.0.2.0/24", "22 0.0.0.0/0"}
    assert tasks.undo().status == "undone"
    assert [one["GroupId"] for one in groups_of(admin, mine)] == [group]
    names = [
        {"Name": "group-name", "Values": ["cloudtrail-responder-eni-*"]},
        {"Name": "vpc-id", "Values": [copy["VpcId"]]},
    ]
    assert admin("ec2").describe_security_groups(Filters=names)["SecurityGroups"] == [], "the copy is gone"


def test_what_is_left_of_an_approved_plan_after_a_refusal_needs_no_new_approval(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, finding: Find, estate: Estate
) -> None:
    _, mine, _ = estate
    with pytest.raises(NeedsApproval):
        faulty_tasks.run(about(mine, finding), PLAYBOOK.id, "approve")
    faulty_tasks.decide("approve")
    faulty.add("AuthorizeSecurityGroupIngress", code="AccessDenied", times=1)
    with pytest.raises(NotPermitted):
        faulty_tasks.run(about(mine, finding), PLAYBOOK.id, "approve")
    assert faulty_tasks.run(about(mine, finding), PLAYBOOK.id, "approve").status == "done"


def test_a_group_of_the_copys_name_with_rules_of_somebody_elses_is_not_used(
    tasks: Tasks, admin: Admin, finding: Find, estate: Estate
) -> None:
    group, mine, _ = estate
    (shared,) = groups_of(admin, mine)
    trap = estates.quarantine(admin, f"cloudtrail-responder-{mine}-{group}", shared["VpcId"])
    world = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "198.51.100.0/24"}]}
    admin("ec2").authorize_security_group_ingress(GroupId=trap, IpPermissions=[world])
    refused = tasks.run(about(mine, finding), PLAYBOOK.id)
    assert refused.status == "refused" and "not this app's copy" in refused.message
    assert [one["GroupId"] for one in groups_of(admin, mine)] == [group]


def test_a_group_of_the_copys_name_in_another_vpc_is_not_used(
    tasks: Tasks, admin: Admin, finding: Find, estate: Estate
) -> None:
    group, mine, _ = estate
    elsewhere, _ = estates.network(admin)
    estates.quarantine(admin, f"cloudtrail-responder-{mine}-{group}", elsewhere)
    assert tasks.run(about(mine, finding), PLAYBOOK.id).status == "done"
    (copy,) = groups_of(admin, mine)
    assert copy["VpcId"] != elsewhere and ranges(copy) == {"443 0.0.0.0/0", "22 192.0.2.0/24"}


def test_a_copy_without_what_new_groups_let_out_over_ipv6_is_planned_where_the_interface_has_it(
    tasks: Tasks, admin: Admin, finding: Find, estate: Estate
) -> None:
    group, mine, _ = estate
    target = PLAYBOOK.targets(about(mine, finding), tasks.aws)[0]
    seen = PLAYBOOK.read(target, tasks.aws)
    with_ipv6 = type(seen)(seen.resource, {**seen.state, "has IPv6": True})
    closed = f"all traffic to ::/0 out of copy of {group}"
    steps = PLAYBOOK.steps(about(mine, finding), with_ipv6, tasks.aws, Safety())
    (revoke,) = [step for step in steps if step.aspect == closed]
    assert revoke.call.operation == "revoke_security_group_egress" and revoke.after is False
    assert not PLAYBOOK.same(closed, True, False) and PLAYBOOK.same(closed, None, True)
    plain = PLAYBOOK.steps(about(mine, finding), seen, tasks.aws, Safety())
    assert closed not in [step.aspect for step in plain]


def test_what_a_service_manages_is_refused(tasks: Tasks, admin: Admin, finding: Find, estate: Estate) -> None:
    _, mine, _ = estate
    seen = PLAYBOOK.read(PLAYBOOK.targets(about(mine, finding), tasks.aws)[0], tasks.aws)
    managed = type(seen)(seen.resource, {**seen.state, "managed by": "amazon-elb"})
    with pytest.raises(RefusedByGuardrail, match="amazon-elb, which alone can change it"):
        PLAYBOOK.steps(about(mine, finding), managed, tasks.aws, Safety())


@pytest.mark.parametrize("playbook", [PLAYBOOK.id, "swap_interface_groups"])
def test_what_protects_an_instance_protects_its_interface(
    playbook: str, tasks: Tasks, admin: Admin, name: str, finding: Find, estate: Estate
) -> None:
    group, mine, _ = estate
    instance, ec2 = estates.instance_with_profile(admin, name), admin("ec2")
    ec2.attach_network_interface(NetworkInterfaceId=mine, InstanceId=instance, DeviceIndex=1)
    # A tag of the same key on the interface hides none of the instance's.
    for one, value in ((instance, "prod"), (mine, "test")):
        ec2.create_tags(Resources=[one], Tags=[{"Key": "env", "Value": value}])
    protections: tuple[dict[str, Any], ...] = (
        {"protected_resources": (instance,)},
        {"protected_resources": (f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/{instance}",)},
        {"protected_tags": ("env=prod",)},
        {"protected_tags": ("env=test",)},
        {"protected_principals": (f"arn:aws:iam::{ACCOUNT}:role/{name}",)},
    )
    for number, protected in enumerate(protections):
        tasks.safety = replace(ENFORCE, **protected)
        refused = tasks.run(about(mine, finding), playbook, task=tasks.task(number))
        assert refused.status == "refused" and "protected" in refused.message, protected
    tasks.safety = ENFORCE
    own = replace(tasks.aws.account, name="other", role_arn=f"arn:aws:iam::{ACCOUNT}:role/{name}")
    tasks.others = {own: tasks.aws}
    host = tasks.run(about(mine, finding), playbook, task=tasks.task(len(protections)))
    assert host.status == "refused" and "the responder itself" in host.message
    assert [one["GroupId"] for one in groups_of(admin, mine)] == [group]
