"""What playbooks share that move network interfaces to a security group without rules.

Each instance (or interface) gets a group of its own, made when it is isolated and deleted by undo: so undo takes back
exactly what was done, and nobody else's interface is in it. A group belongs to one VPC, and an instance may have
interfaces in two. Facts: EC2 API Reference, CreateSecurityGroup (a new group lets everything out; a name is unique
within a VPC and never begins with ``sg-``), ModifyNetworkInterfaceAttribute (Groups replaces the whole list);
EC2 User Guide, "Security group connection tracking" (connections that are tracked live on).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import RefusedByGuardrail, Unavailable
from ...permission import Permission
from ...playbook import Call, Playbook, Resource, Step

if TYPE_CHECKING:
    from ....aws.client import Aws

GROUPS = "arn:aws:ec2:*:*:security-group/*"
PERMISSIONS = (
    Permission("ec2:DescribeSecurityGroups"),
    Permission("ec2:CreateSecurityGroup", GROUPS),
    Permission("ec2:CreateSecurityGroup", "arn:aws:ec2:*:*:vpc/*"),
    # Tags may be set on the group that the same call creates, never on what exists.
    Permission("ec2:CreateTags", GROUPS, ("StringEquals", "ec2:CreateAction", "CreateSecurityGroup"), implied=True),
    Permission("ec2:RevokeSecurityGroupEgress", GROUPS),
    Permission("ec2:AuthorizeSecurityGroupEgress", GROUPS),
    Permission("ec2:DeleteSecurityGroup", GROUPS),
    Permission("ec2:ModifyNetworkInterfaceAttribute", GROUPS),
    Permission("ec2:ModifyNetworkInterfaceAttribute", "arn:aws:ec2:*:*:instance/*"),
    Permission("ec2:ModifyNetworkInterfaceAttribute", "arn:aws:ec2:*:*:network-interface/*"),
)
#: Somebody else made the group meanwhile, or emptied it.
ALREADY = ("InvalidGroup.Duplicate", "InvalidPermission.NotFound")
TRACKED = "Connections that are open now may live on until they are idle: only traffic that begins anew is cut off."
#: Stands in a planned call for the rules that the group has when the call is made.
EVERY = "every outbound rule"
_OUTBOUND = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
_INBOUND = "inbound rules of "


def group_name(resource: Resource) -> str:
    return f"cloudtrail-responder-{arn.name_of(resource.id)}"


def _group(vpc: str) -> str:
    return f"quarantine group in {vpc}"


def _outbound(vpc: str) -> str:
    return f"outbound rules of {_group(vpc)}"


def groups_of(interface: str) -> str:
    """The aspect of the state that an interface's groups are."""
    return f"groups of {interface}"


def quarantine_state(
    name: str, interfaces: Iterable[tuple[str, str, Sequence[Mapping[str, Any]]]], region: str, aws: Aws
) -> dict[str, Any]:
    """The quarantine groups of that name, and the groups of each interface: ``(id, VPC, groups as AWS lists them)``.

    In the lists of the interfaces the quarantine group goes by its name, which is known before it is there.
    """
    filters = [{"Name": "group-name", "Values": [name]}]
    found = aws.read_all("SecurityGroups", "ec2", "describe_security_groups", region, Filters=filters)
    by_vpc = {str(group["VpcId"]): group for group in found}
    state: dict[str, Any] = {}
    for interface, vpc, groups in interfaces:
        made = by_vpc.get(vpc)
        state[_group(vpc)] = {"GroupId": made["GroupId"], "GroupName": name} if made else None
        state[_outbound(vpc)] = list(made["IpPermissionsEgress"]) if made else None
        state[_INBOUND + _group(vpc)] = list(made["IpPermissions"]) if made else None
        own = str(made["GroupId"]) if made else ""
        ids = [str(group["GroupId"]) for group in groups]
        state[groups_of(interface)] = sorted(name if one == own else one for one in ids)
    return state


class Quarantine(Playbook):
    """What both do alike."""

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        if aspect.startswith("quarantine group"):
            return bool((one is None) == (other is None))
        if aspect.startswith("outbound rules"):
            # It has none, or is not closed yet: not there, or with whatever rules.
            return bool((one == []) == (other == []))
        return bool(one == other)

    def ready(self, step: Step, state: Mapping[str, Any]) -> Call:
        """With the id of the quarantine group, which is not known before it is made."""
        parameters = dict(step.call.parameters)
        for name in ("GroupId", "Groups"):
            value = parameters.get(name)
            if isinstance(value, list):
                parameters[name] = [_id(one, state) for one in value]
            elif value is not None:
                parameters[name] = _id(str(value), state)
        if parameters.get("IpPermissions") == EVERY:
            vpc = str(step.call.parameters["GroupId"]).rpartition(" ")[2]
            parameters["IpPermissions"] = state.get(_outbound(vpc)) or _OUTBOUND
        return replace(step.call, parameters=parameters)

    def quarantine_steps(self, resource: Resource, vpcs: Mapping[str, str], state: Mapping[str, Any]) -> list[Step]:
        """``vpcs``: by interface."""
        name = group_name(resource)
        moving = [one for one in vpcs if state[groups_of(one)] != [name]]
        steps = [step for vpc in sorted(set(vpcs.values())) for step in _close(name, vpc, state)]
        return steps + [_move(one, vpcs[one], name, state[groups_of(one)]) for one in moving]

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        name = group_name(resource)
        moved = {aspect: state[aspect] for aspect in sorted(state) if aspect.startswith("groups of ")}
        said = [f"{aspect[len('groups of ') :]} is in {', '.join(groups)}" for aspect, groups in moved.items()]
        open_ones = [one for one in sorted(state) if one.startswith(("outbound", _INBOUND)) and state[one]]
        return f"{', '.join(said)}; {name} has " + ("rules." if open_ones else "no rules.")


def _close(name: str, vpc: str, state: Mapping[str, Any]) -> list[Step]:
    group, outbound = _group(vpc), _outbound(vpc)
    if state[_INBOUND + group]:
        raise RefusedByGuardrail(
            f"There is a security group {name} in {vpc} that lets something in, so it is not this app's.",
            "Look who made it, and delete it or its rules.",
        )
    steps = []
    if state[group] is None:
        tags = [{"Key": "CreatedBy", "Value": "CloudTrail Responder"}]
        create = {
            "GroupName": name,
            "Description": "Quarantine, without rules (CloudTrail Responder for Splunk)",
            "VpcId": vpc,
            "TagSpecifications": [{"ResourceType": "security-group", "Tags": tags}],
        }
        made = Call("ec2", "create_security_group", create)
        steps.append(
            Step(group, None, {"GroupName": name}, made, Call("ec2", "delete_security_group", {"GroupId": group}))
        )
    if state[outbound] != []:
        revoke = Call("ec2", "revoke_security_group_egress", {"GroupId": group, "IpPermissions": EVERY})
        authorize = Call("ec2", "authorize_security_group_egress", {"GroupId": group, "IpPermissions": _OUTBOUND})
        steps.append(Step(outbound, state[outbound], [], revoke, authorize))
    return steps


def _move(interface: str, vpc: str, name: str, before: Sequence[str]) -> Step:
    def to(groups: Sequence[str]) -> Call:
        ids = [_group(vpc) if one == name else one for one in groups]
        return Call("ec2", "modify_network_interface_attribute", {"NetworkInterfaceId": interface, "Groups": ids})

    return Step(groups_of(interface), list(before), [name], to([name]), to(before))


def _id(value: str, state: Mapping[str, Any]) -> str:
    if not value.startswith("quarantine group"):
        return value
    group = state.get(value)
    if group is None:
        raise Unavailable("AWS does not show the quarantine group yet.", "It is read again.", 0)
    return str(group["GroupId"])
