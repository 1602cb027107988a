"""Playbooks that cut instances and interfaces off or stop them: what is special about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from responder.errors import InvalidFinding, NotFound, RefusedByGuardrail
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.findings.instance_claims import instances_in
from responder.remediation import registry
from responder.settings.model import Safety

from tests.aws import estates
from tests.aws.scenarios import finding_of
from tests.aws.support import UNLIMITED, Connected, Tasks

ISOLATE, SWAP, STOP = (registry.get(one) for one in ("isolate_instance", "swap_interface_groups", "stop_instance"))
Admin = Callable[..., Any]
Find = Callable[..., Finding]
INSTANCE = "AWS::EC2::Instance"


def groups(admin: Admin, instance: str) -> list[list[str]]:
    return [[group["GroupName"] for group in one["Groups"]] for one in estates.interfaces_of(admin, instance)]


def named(admin: Admin, name: str) -> list[dict[str, Any]]:
    filters = [{"Name": "group-name", "Values": [name]}]
    return list(admin("ec2").describe_security_groups(Filters=filters)["SecurityGroups"])


# Isolation


def test_an_isolated_instance_has_no_rule_and_no_role(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of("isolate_instance", admin, name))
    before = groups(admin, finding.object_id)
    assert tasks.run(finding, ISOLATE.id).status == "done"
    own = f"cloudtrail-responder-{finding.object_id}"
    assert groups(admin, finding.object_id) == [[own]]
    (group,) = named(admin, own)
    assert group["IpPermissions"] == [] and group["IpPermissionsEgress"] == []
    filters = [{"Name": "instance-id", "Values": [finding.object_id]}]
    asked = admin("ec2").describe_iam_instance_profile_associations(Filters=filters)
    assert asked["IamInstanceProfileAssociations"] == []

    assert tasks.undo().status == "undone"
    assert groups(admin, finding.object_id) == before and named(admin, own) == [], "and its group is gone"


def test_each_vpc_of_an_instance_has_a_group_of_its_own(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of("isolate_instance", admin, name, "in_two_networks"))
    tasks.run(finding, ISOLATE.id)
    own = f"cloudtrail-responder-{finding.object_id}"
    assert groups(admin, finding.object_id) == [[own], [own]]
    assert len({group["VpcId"] for group in named(admin, own)}) == 2


@pytest.mark.parametrize("lets", ["nothing", "something in", "everything out"])
def test_a_group_of_its_name_that_this_app_has_not_made_is_not_used(
    lets: str, tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    """The name is anybody's, and whoever made the group may give it rules later."""
    instance = estates.instance(admin, name)
    vpc, ec2 = estates.interfaces_of(admin, instance)[0]["VpcId"], admin("ec2")
    group = estates.quarantine(admin, f"cloudtrail-responder-{instance}", vpc)
    world = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    if lets == "something in":
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=world)
    if lets == "everything out":
        ec2.authorize_security_group_egress(GroupId=group, IpPermissions=world)
    before = groups(admin, instance)
    outcome = tasks.run(finding(object_id=instance, object_category=INSTANCE), ISOLATE.id)
    assert outcome.status == "refused" and f"({group}), and no evidence that this app has made it" in outcome.message
    assert groups(admin, instance) == before


def test_a_group_that_another_remediation_has_made_is_used_again(
    tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    instance = estates.instance(admin, name)
    before, found = groups(admin, instance), finding(object_id=instance, object_category=INSTANCE)
    assert tasks.run(found, ISOLATE.id).status == "done"
    (interface,) = estates.interfaces_of(admin, instance)
    other = estates.quarantine(admin, name, interface["VpcId"])
    admin("ec2").modify_network_interface_attribute(NetworkInterfaceId=interface["NetworkInterfaceId"], Groups=[other])
    assert tasks.run(found, ISOLATE.id, task=tasks.task(2)).status == "done"
    assert groups(admin, instance) == [[f"cloudtrail-responder-{instance}"]] != before


def test_our_group_that_somebody_has_opened_is_not_used(tasks: Tasks, admin: Admin, name: str, finding: Find) -> None:
    instance = estates.instance(admin, name)
    found = finding(object_id=instance, object_category=INSTANCE)
    assert tasks.run(found, ISOLATE.id).status == "done"
    (group,) = named(admin, f"cloudtrail-responder-{instance}")
    world = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    admin("ec2").authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=world)
    outcome = tasks.run(found, ISOLATE.id, task=tasks.task(2))
    assert outcome.status == "refused" and "rules that let something in" in outcome.message


def test_who_misses_an_isolated_instance_is_said(connected: Connected, admin: Admin, name: str, finding: Find) -> None:
    """A plan says so; the name of the group is anybody's."""
    instance = estates.instance(admin, name, tags=[{"Key": "aws:autoscaling:groupName", "Value": "web"}])
    (change,) = ISOLATE.plan(finding(object_id=instance, object_category=INSTANCE), connected.aws, Safety())
    state = ISOLATE.state(change.resource, connected.aws)
    said = " ".join(ISOLATE.blast_radius(change.resource, state, connected.aws))
    assert "1 network interface;" in said and "Auto Scaling group web" in said and "may live on" in said


@pytest.mark.parametrize("playbook", [ISOLATE, STOP], ids=lambda one: one.id)
def test_the_apps_own_host_is_not_touched(playbook: Any, tasks: Tasks, admin: Admin, name: str, finding: Find) -> None:
    instance = estates.instance_with_profile(admin, name)
    own = replace(tasks.aws.account, name="other", role_arn=f"arn:aws:iam::123456789012:role/{name}")
    tasks.others = {own: tasks.aws}
    outcome = tasks.run(finding(object_id=instance, object_category=INSTANCE), playbook.id)
    assert outcome.status == "refused" and "the responder itself" in outcome.message


def test_a_protected_tag_of_the_instance_counts(tasks: Tasks, admin: Admin, name: str, finding: Find) -> None:
    instance = estates.instance(admin, name, tags=[{"Key": "env", "Value": "prod"}])
    tasks.safety = Safety(default_mode="enforce", protected_tags=("env=prod",), **UNLIMITED)
    for playbook in (ISOLATE, STOP):
        assert tasks.run(finding(object_id=instance), playbook.id, task=playbook.id).status == "refused"


# One interface


def test_what_a_service_manages_is_refused(connected: Connected, admin: Admin, name: str, finding: Find) -> None:
    _, subnet = estates.network(admin)
    made = admin("ec2").create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]
    interface = made["NatGatewayAddresses"][0]["NetworkInterfaceId"]
    seen = SWAP.read(SWAP.targets(finding(object_id=interface), connected.aws)[0], connected.aws)
    # moto does not say whose it is; AWS does.
    managed = replace(seen, state={**seen.state, "managed by": "amazon-nat"})
    with pytest.raises(RefusedByGuardrail, match="amazon-nat"):
        SWAP.steps(finding(object_id=interface), managed, connected.aws, Safety())


# Stopping


def test_stop_protection_is_respected(tasks: Tasks, admin: Admin, name: str, finding: Find) -> None:
    instance = estates.instance(admin, name, DisableApiStop=True)
    outcome = tasks.run(finding(object_id=instance), STOP.id)
    assert outcome.status == "refused" and "stop protection" in outcome.message


def test_what_cannot_be_stopped_is_said(connected: Connected, admin: Admin, name: str, finding: Find) -> None:
    instance = estates.instance(admin, name)
    found = finding(object_id=instance)
    seen = STOP.read(STOP.targets(found, connected.aws)[0], connected.aws)
    spot = replace(seen, state={**seen.state, "cannot be stopped": "it is a spot instance"})
    with pytest.raises(RefusedByGuardrail, match="spot instance"):
        STOP.steps(found, spot, connected.aws, Safety())


@pytest.mark.parametrize(("kind", "lost"), [("i4i.large", True), ("m5d.large", True), ("m5.large", False)])
def test_the_loss_of_local_disks_is_said(
    connected: Connected, admin: Admin, name: str, finding: Find, kind: str, lost: bool
) -> None:
    instance = estates.instance(admin, name, InstanceType=kind)
    (change,) = STOP.plan(finding(object_id=instance), connected.aws, Safety())
    said = " ".join(STOP.blast_radius(change.resource, STOP.state(change.resource, connected.aws), connected.aws))
    assert ("is lost" in said) is lost


# What the finding names


@pytest.mark.parametrize("playbook", [ISOLATE, STOP], ids=lambda one: one.id)
def test_a_terminated_instance_is_gone(
    playbook: Any, connected: Connected, admin: Admin, name: str, finding: Find
) -> None:
    instance = estates.instance(admin, name)
    admin("ec2").terminate_instances(InstanceIds=[instance])
    with pytest.raises(NotFound, match="terminated"):
        playbook.plan(finding(object_id=instance), connected.aws, Safety())


@pytest.mark.parametrize("named", ["", "p4d.24xlarge", "i-1", "i-*", "i-0123456789abcdefg", "sg-0123456789abcdef0"])
def test_what_is_no_instance_is_said(connected: Connected, finding: Find, named: str) -> None:
    with pytest.raises(InvalidFinding, match="no instance"):
        STOP.targets(finding(object_id=named), connected.aws)
    assert connected.calls == []


def test_too_many_instances_are_a_persons_decision(connected: Connected, finding: Find) -> None:
    many = [f"i-{number:017x}" for number in range(51)]
    with pytest.raises(InvalidFinding, match="50 at most"):
        STOP.targets(finding(object_id=many[0], detail={"instances": many}), connected.aws)


def test_each_instance_that_detail_names_is_claimed(finding: Find) -> None:
    ids = ["i-0123456789abcdef0", "i-0123456789abcdef1"]
    found = finding(object_id=ids[0], detail={"instances": " ".join(ids)})
    assert [claim.value for claim in STOP.claims(found)] == ids


def record(**fields: Any) -> CloudTrailRecord:
    return CloudTrailRecord.parse(json.dumps({"eventSource": "ec2.amazonaws.com", **fields}))


def test_an_instance_is_proved_by_its_launch_its_parameter_or_its_credentials() -> None:
    launch = record(responseElements={"instancesSet": {"items": [{"instanceId": "i-1"}]}})
    parameter = record(requestParameters={"ModifyInstanceMetadataOptionsRequest": {"InstanceId": "i-1"}})
    session = {"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/app/i-1"}
    delivered = record(userIdentity={**session, "sessionContext": {"ec2RoleDelivery": "2.0"}})
    assert all("i-1" in instances_in(one) for one in (launch, parameter, delivered))


def test_a_name_that_somebody_chose_proves_no_instance() -> None:
    """Whoever assumes a role names the session, and whoever tags something names what he likes."""
    chosen = record(userIdentity={"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/app/i-1"})
    tag = record(requestParameters={"tagSet": {"items": [{"key": "instanceId", "value": "i-1"}]}})
    failed = record(errorCode="Client.UnauthorizedOperation", requestParameters={"instanceId": "i-1"})
    elsewhere = record(eventSource="s3.amazonaws.com", requestParameters={"instanceId": "i-1"})
    assert not any("i-1" in instances_in(one) for one in (chosen, tag, failed, elsewhere))
