"""Playbook ``swap_open_groups``: one interface leaves an open group for a copy; the group and its other users stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from responder.errors import (
    InvalidFinding,
    NeedsApproval,
    NotPermitted,
    RefusedByGuardrail,
    Unavailable,
    UnknownOutcome,
)
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.findings.interface_claims import given
from responder.remediation import registry
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from tests.aws import earlier, estates
from tests.aws.scenarios.swap_open_groups import made_in
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


NONE = "sg-00000000000000000"
KIND = "AWS::EC2::NetworkInterface"
TAG = "CloudTrailResponderWrite"


def about(estate: Estate, finding: Find, tasks: Tasks, *were: str) -> Finding:
    """The event put the interface into the group; before it was in others."""
    group, mine, _ = estate
    tasks.past = (made_in(mine, *(were or (NONE,))),)
    return finding(object_category=KIND, object_id=mine, detail={"groups": [group]})


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
    done = tasks.run(about(estate, finding, tasks), PLAYBOOK.id)
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
    with pytest.raises(NeedsApproval):
        faulty_tasks.run(about(estate, finding, faulty_tasks), PLAYBOOK.id, "approve")
    faulty_tasks.decide("approve")
    faulty.add("AuthorizeSecurityGroupIngress", code="AccessDenied", times=1)
    with pytest.raises(NotPermitted):
        faulty_tasks.run(about(estate, finding, faulty_tasks), PLAYBOOK.id, "approve")
    assert faulty_tasks.run(about(estate, finding, faulty_tasks), PLAYBOOK.id, "approve").status == "done"


@pytest.mark.parametrize("bears", ["nothing", "a key", "our key of another group"])
def test_a_group_of_the_copys_name_that_only_looks_like_ours_is_not_used(
    bears: str, tasks: Tasks, admin: Admin, finding: Find, estate: Estate, name: str
) -> None:
    """Its rules are as ours would be: whoever made it may change them later."""
    group, mine, other = estate
    (shared,) = groups_of(admin, mine)
    key = f"{tasks.task()}:0123456789ab"
    if bears == "our key of another group":
        fields = {"object_id": other, "detail": {"groups": [group]}}
        tasks.past = (made_in(other, NONE),)
        assert tasks.run(finding(object_category=KIND, **fields), PLAYBOOK.id, task=tasks.task(2)).status == "done"
        (key,) = (one["Value"] for one in groups_of(admin, other)[0]["Tags"] if one["Key"] == TAG)
    tags = [] if bears == "nothing" else [{"Key": TAG, "Value": key}]
    trap = copy_by_hand(admin, group, mine, shared["VpcId"], tags)
    refused = tasks.run(about(estate, finding, tasks), PLAYBOOK.id)
    assert refused.status == "refused" and f"({trap}), and no evidence that this app has made it" in refused.message
    assert [one["GroupId"] for one in groups_of(admin, mine)] == [group]


@pytest.mark.parametrize("when", ["before it is made", "once it is made", "after its answer was lost"])
def test_a_group_that_takes_the_place_of_ours_is_not_used(
    when: str, faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, finding: Find, estate: Estate
) -> None:
    """Also where it bears the key of ours, which is public once ours is there."""
    tasks, (group, mine, _) = faulty_tasks, estate
    (shared,) = groups_of(admin, mine)
    traps: list[str] = []

    def trap(**tagged: Any) -> None:
        traps.append(copy_by_hand(admin, group, mine, shared["VpcId"], tagged.get("Tags", [])))

    def instead() -> None:
        (ours,) = named(admin, f"cloudtrail-responder-{mine}-{group}")
        admin("ec2").delete_security_group(GroupId=ours["GroupId"])
        trap(Tags=[one for one in ours["Tags"] if when != "after its answer was lost"])

    errors = {"once it is made": NotPermitted, "after its answer was lost": UnknownOutcome}
    if when == "before it is made":
        tasks.before_send = lambda: trap() if not traps else None
    elif when == "once it is made":
        faulty.add("AuthorizeSecurityGroupIngress", code="AccessDenied", times=1)
    else:
        faulty.add("CreateSecurityGroup", silence=0.1, after=True, times=1)
    if when in errors:
        with pytest.raises(errors[when]):
            tasks.run(about(estate, finding, tasks), PLAYBOOK.id)
        instead()
    refused = tasks.run(about(estate, finding, tasks), PLAYBOOK.id)
    assert refused.status == "refused" and f"({traps[0]}), and no evidence" in refused.message
    assert [one["GroupId"] for one in groups_of(admin, mine)] == [group]


def named(admin: Admin, name: str) -> list[dict[str, Any]]:
    filters = [{"Name": "group-name", "Values": [name]}]
    return list(admin("ec2").describe_security_groups(Filters=filters)["SecurityGroups"])


def copy_by_hand(admin: Admin, group: str, interface: str, vpc: str, tags: list[dict[str, str]]) -> str:
    """A group of the copy's name, with the copy's rules."""
    ec2, name = admin("ec2"), f"cloudtrail-responder-{interface}-{group}"
    tagged = [{"ResourceType": "security-group", "Tags": tags}] if tags else []
    made = ec2.create_security_group(GroupName=name, Description="x", VpcId=vpc, TagSpecifications=tagged)["GroupId"]
    for port, cidr in ((443, "0.0.0.0/0"), (22, "192.0.2.0/24")):
        permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[permission])
    return str(made)


# What the event did


def test_an_open_group_that_it_was_in_before_is_not_left(
    tasks: Tasks, admin: Admin, finding: Find, estate: Estate, name: str
) -> None:
    group, mine, _ = estate
    (shared,) = groups_of(admin, mine)
    ec2 = admin("ec2")
    world = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    former, later = (estates.quarantine(admin, f"{name}-{one}", shared["VpcId"]) for one in ("former", "later"))
    for one in (former, later):
        ec2.authorize_security_group_ingress(GroupId=one, IpPermissions=[world])
    ec2.modify_network_interface_attribute(NetworkInterfaceId=mine, Groups=[group, former, later])
    found = replace(about(estate, finding, tasks, former), detail={"groups": [group, former]})
    assert tasks.run(found, PLAYBOOK.id).status == "done"
    ids = {one["GroupId"] for one in groups_of(admin, mine)}
    assert {former, later} < ids and group not in ids and len(ids) == 3
    assert tasks.undo().status == "undone"
    nothing = replace(found, detail={"groups": [former]})
    assert tasks.run(nothing, PLAYBOOK.id, task=tasks.task(2)).status == "already"


def test_without_a_record_of_its_former_groups_a_person_has_to_look(
    tasks: Tasks, admin: Admin, finding: Find, estate: Estate
) -> None:
    group, mine, _ = estate
    found = about(estate, finding, tasks)
    tasks.past = ()
    with pytest.raises(InvalidFinding, match=f"{mine} is in {group}, open to the world, and it is not known"):
        tasks.run(found, PLAYBOOK.id)
    admin("ec2").modify_network_interface_attribute(
        NetworkInterfaceId=mine, Groups=[estates.quarantine(admin, f"shut-{mine}", groups_of(admin, mine)[0]["VpcId"])]
    )
    assert tasks.run(found, PLAYBOOK.id).status == "already", "where none is open it does not matter"


def test_what_the_same_principal_did_just_before_is_not_how_it_was(
    tasks: Tasks, admin: Admin, finding: Find, estate: Estate
) -> None:
    group, mine, _ = estate
    who = f"arn:aws:iam::{ACCOUNT}:user/builder"
    again = {**made_in(mine, group), "eventTime": "2025-01-05T00:00:00Z"}
    found = replace(about(estate, finding, tasks), user_arn=who, first_time=1736038800.0)
    tasks.past = (again, {**made_in(mine, NONE), "eventTime": "2025-01-02T00:00:00Z"})
    assert tasks.run(found, PLAYBOOK.id).status == "done"


@pytest.mark.parametrize("groups", [None, [], ["sg-*"], ["sg-0123456789abcdef0", "eni-0123456789abcdef0"], 7])
def test_a_finding_that_names_no_groups_is_refused(groups: Any, tasks: Tasks, finding: Find) -> None:
    found = finding(object_category=KIND, object_id="eni-0123456789abcdef0", detail={"groups": groups, "call": "x"})
    with pytest.raises(InvalidFinding, match="does not say which security groups"):
        PLAYBOOK.targets(found, tasks.aws)


def test_the_groups_are_proved_by_the_call_that_gave_them_to_the_interface(finding: Find) -> None:
    interface, groups = "eni-0123456789abcdef0", ["sg-0123456789abcdef0", "sg-0123456789abcdef1"]
    found = finding(object_category=KIND, object_id=interface, detail={"groups": groups})
    asked = {"networkInterfaceId": interface, "groupSet": {"items": [{"groupId": one} for one in groups[:1]]}}
    record = CloudTrailRecord(earlier.call("ec2", "ModifyNetworkInterfaceAttribute", asked))
    elsewhere = CloudTrailRecord(
        earlier.call("ec2", "ModifyNetworkInterfaceAttribute", {**asked, "networkInterfaceId": "eni-0"})
    )
    failed = CloudTrailRecord({**record.fields, "errorCode": "Client.UnauthorizedOperation"})
    _, first, second = PLAYBOOK.claims(found)
    assert first.value in first.values_in(record) and second.value not in second.values_in(record)
    assert not any(first.value in first.values_in(one) for one in (elsewhere, failed))


def test_each_call_that_gives_an_interface_groups_says_which() -> None:
    interface, instance = "eni-1", "i-1"
    listed = {"groupSet": {"items": [{"groupId": "sg-1"}, {"groupId": "sg-2"}]}}
    mine, its = {"networkInterfaceId": interface, **listed}, {"networkInterfaceId": "eni-2", "groupSet": {"items": []}}
    launched = {"instancesSet": {"items": [{"networkInterfaceSet": {"items": [its, mine]}}]}}
    calls = (
        earlier.call("ec2", "ModifyNetworkInterfaceAttribute", mine),
        earlier.call("ec2", "ModifyInstanceAttribute", {"instanceId": instance, **listed}),
        made_in(interface, "sg-1", "sg-2"),
        earlier.call("ec2", "RunInstances", {}, launched),
    )
    for call in calls:
        assert given(CloudTrailRecord(call), interface, instance) == {"sg-1", "sg-2"}, call["eventName"]
        assert given(CloudTrailRecord(call), "eni-3", "i-3") is None, call["eventName"]
    described = {"networkInterfaceId": interface, "description": {"value": "x"}}
    assert given(CloudTrailRecord(earlier.call("ec2", "ModifyNetworkInterfaceAttribute", described)), interface) is None
    assert given(CloudTrailRecord(earlier.call("ec2", "ModifyInstanceAttribute", listed)), interface) is None


# What AWS shows late


@pytest.fixture
def lets_nothing_out(admin: Admin, estate: Estate) -> Estate:
    """Its group has no outbound rule: neither may what takes its place."""
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    admin("ec2").revoke_security_group_egress(GroupId=estate[0], IpPermissions=everything)
    return estate


def read_as(
    answered: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``answered`` makes what AWS shows of what it answers to describe_security_groups."""
    read = tasks.aws.read_all

    def late(items: str, service: str, operation: str, *place: str, **asked: Any) -> list[dict[str, Any]]:
        answer = read(items, service, operation, *place, **asked)
        return answered(answer) if operation == "describe_security_groups" else answer

    monkeypatch.setattr(tasks.aws, "read_all", late)


def is_new(group: dict[str, Any]) -> bool:
    return str(group["GroupName"]).startswith("cloudtrail-responder-")


@pytest.mark.parametrize("playbook", [PLAYBOOK.id, "swap_interface_groups"])
def test_an_outbound_rule_of_a_new_group_that_aws_does_not_show_yet_is_taken_away_all_the_same(
    playbook: str, tasks: Tasks, admin: Admin, finding: Find, lets_nothing_out: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EC2 makes the rule with the group, and may show the group first."""
    group, mine, _ = lets_nothing_out
    late: list[dict[str, Any]] = []

    def without_its_rule(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(late) >= 3:
            return groups
        late.extend(filter(is_new, groups))
        return [{**one, "IpPermissionsEgress": []} if is_new(one) else one for one in groups]

    read_as(without_its_rule, tasks, monkeypatch)
    assert tasks.run(about(lets_nothing_out, finding, tasks), playbook).status == "done" and late
    (moved,) = groups_of(admin, mine)
    assert moved["GroupId"] != group and moved["IpPermissionsEgress"] == []
    assert tasks.undo().status == "undone" and [one["GroupId"] for one in groups_of(admin, mine)] == [group]


@pytest.mark.parametrize("playbook", [PLAYBOOK.id, "swap_interface_groups"])
def test_a_group_that_aws_does_not_show_yet_is_waited_for(
    playbook: str, tasks: Tasks, admin: Admin, finding: Find, lets_nothing_out: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, mine, _ = lets_nothing_out
    read_as(lambda groups: [one for one in groups if not is_new(one)], tasks, monkeypatch)
    with pytest.raises(Unavailable, match="AWS does not show the .* yet"):
        tasks.run(about(lets_nothing_out, finding, tasks), playbook)
    assert [one["GroupId"] for one in groups_of(admin, mine)] == [group]
    monkeypatch.undo()
    assert tasks.run(about(lets_nothing_out, finding, tasks), playbook).status == "done"
    (moved,) = groups_of(admin, mine)
    assert moved["GroupId"] != group and moved["IpPermissionsEgress"] == []


def test_a_group_of_the_copys_name_in_another_vpc_is_not_used(
    tasks: Tasks, admin: Admin, finding: Find, estate: Estate
) -> None:
    group, mine, _ = estate
    elsewhere, _ = estates.network(admin)
    estates.quarantine(admin, f"cloudtrail-responder-{mine}-{group}", elsewhere)
    assert tasks.run(about(estate, finding, tasks), PLAYBOOK.id).status == "done"
    (copy,) = groups_of(admin, mine)
    assert copy["VpcId"] != elsewhere and ranges(copy) == {"443 0.0.0.0/0", "22 192.0.2.0/24"}


def test_a_copy_without_what_new_groups_let_out_over_ipv6_is_planned_where_the_interface_has_it(
    tasks: Tasks, admin: Admin, finding: Find, estate: Estate
) -> None:
    group, mine, _ = estate
    target = PLAYBOOK.targets(about(estate, finding, tasks), tasks.aws)[0]
    seen = PLAYBOOK.read(target, tasks.aws)
    seen = replace(seen, past=tuple(map(CloudTrailRecord, tasks.past)))
    with_ipv6 = replace(seen, state={**seen.state, "has IPv6": True})
    closed = f"all traffic to ::/0 out of copy of {group}, taken away"
    steps = PLAYBOOK.steps(about(estate, finding, tasks), with_ipv6, tasks.aws, Safety())
    (revoke,) = [step for step in steps if step.aspect == closed]
    assert revoke.call.operation == "revoke_security_group_egress" and revoke.after is True
    assert not PLAYBOOK.same(closed, None, True), "a copy that is not shown is not closed"
    plain = PLAYBOOK.steps(about(estate, finding, tasks), seen, tasks.aws, Safety())
    assert closed not in [step.aspect for step in plain]


def test_what_a_service_manages_is_refused(tasks: Tasks, admin: Admin, finding: Find, estate: Estate) -> None:
    _, mine, _ = estate
    seen = PLAYBOOK.read(PLAYBOOK.targets(about(estate, finding, tasks), tasks.aws)[0], tasks.aws)
    past = tuple(map(CloudTrailRecord, tasks.past))
    managed = replace(seen, state={**seen.state, "managed by": "amazon-elb"}, past=past)
    with pytest.raises(RefusedByGuardrail, match="amazon-elb, which alone can change it"):
        PLAYBOOK.steps(about(estate, finding, tasks), managed, tasks.aws, Safety())


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
        refused = tasks.run(about(estate, finding, tasks), playbook, task=tasks.task(number))
        assert refused.status == "refused" and "protected" in refused.message, protected
    tasks.safety = ENFORCE
    own = replace(tasks.aws.account, name="other", role_arn=f"arn:aws:iam::{ACCOUNT}:role/{name}")
    tasks.others = {own: tasks.aws}
    host = tasks.run(about(estate, finding, tasks), playbook, task=tasks.task(len(protections)))
    assert host.status == "refused" and "the responder itself" in host.message
    assert [one["GroupId"] for one in groups_of(admin, mine)] == [group]
