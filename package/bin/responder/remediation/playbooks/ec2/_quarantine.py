"""What playbooks share that move network interfaces to a security group without rules.

Each instance (or interface) gets a group of its own, made when it is isolated and deleted by undo: so undo takes back
exactly what was done, and nobody else's interface is in it. A group belongs to one VPC, and an instance may have
interfaces in two. Fact: EC2 User Guide, "Security group connection tracking" (connections that are tracked live on).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import RefusedByGuardrail
from ...model import Call, Observation, Resource, Step
from . import _own_groups as own_groups

if TYPE_CHECKING:
    from ....aws.client import Aws

TRACKED = "Connections that are open now may live on until they are idle: only traffic that begins anew is cut off."
#: Stands in a planned call for the rules that the group has when the call is made.
EVERY = "every outbound rule"
_OUTBOUND = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
_OUT, _IN = "outbound rules of ", "inbound rules of "
_GROUP = "quarantine group"


def group_name(resource: Resource) -> str:
    return f"cloudtrail-responder-{arn.name_of(resource.id)}"


def _group(vpc: str) -> str:
    return f"{_GROUP} in {vpc}"


def quarantine_state(
    name: str, interfaces: Iterable[tuple[str, str, Sequence[Mapping[str, Any]]]], region: str, aws: Aws
) -> dict[str, Any]:
    """The quarantine groups of that name, and the groups of each interface: ``(id, VPC, groups as AWS lists them)``.

    In the lists of the interfaces a quarantine group goes by its aspect, which is known before it is there.
    """
    filters = [{"Name": "group-name", "Values": [name]}]
    found = aws.read_all("SecurityGroups", "ec2", "describe_security_groups", region, Filters=filters)
    by_vpc = {str(group["VpcId"]): group for group in found}
    state: dict[str, Any] = {}
    for interface, vpc, groups in interfaces:
        made, group = by_vpc.get(vpc), _group(vpc)
        state[group] = own_groups.value_of(made) if made else None
        state[_OUT + group] = list(made["IpPermissionsEgress"]) if made else None
        state[_IN + group] = list(made["IpPermissions"]) if made else None
        own = str(made["GroupId"]) if made else ""
        ids = [str(one["GroupId"]) for one in groups]
        state[own_groups.groups_of(interface)] = sorted(group if one == own else one for one in ids)
    return state


class Quarantine(own_groups.OnOwnGroups):
    """What both do alike."""

    own_prefix = _GROUP

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        if aspect.startswith(_OUT):
            # It has none, or is not closed yet: not there, or with whatever rules.
            return bool((one == []) == (other == []))
        return super().same(aspect, one, other)

    def shows(self, aspect: str) -> bool:
        """Not that it has no outbound rules: AWS makes one with the group, and may show it later."""
        return not aspect.startswith(_OUT)

    def ready(self, step: Step, seen: Observation) -> Call:
        call = super().ready(step, seen)
        if call.parameters.get("IpPermissions") != EVERY:
            return call
        rules = seen.state.get(_OUT + str(step.call.parameters["GroupId"])) or _OUTBOUND
        return replace(call, parameters={**call.parameters, "IpPermissions": rules})

    def quarantine_steps(self, vpcs: Mapping[str, str], seen: Observation) -> list[Step]:
        """``vpcs``: by interface."""
        listed = {one: list(seen.state[own_groups.groups_of(one)]) for one in vpcs}
        moving = [one for one in vpcs if listed[one] != [_group(vpcs[one])]]
        steps = [
            step
            for vpc in sorted(set(vpcs.values()))
            for step in _close(vpc, seen, is_used=any(vpcs[one] == vpc for one in moving))
        ]
        return steps + [own_groups.move(one, listed[one], [_group(vpcs[one])]) for one in moving]

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        moved = {aspect: state[aspect] for aspect in sorted(state) if aspect.startswith("groups of ")}
        said = [f"{aspect[len('groups of ') :]} is in {', '.join(groups)}" for aspect, groups in moved.items()]
        open_ones = [one for one in sorted(state) if one.startswith((_OUT, _IN)) and state[one]]
        return f"{', '.join(said)}; {group_name(resource)} has " + ("rules." if open_ones else "no rules.")


def _close(vpc: str, seen: Observation, is_used: bool) -> list[Step]:
    """``is_used``: whether an interface is about to be moved there."""
    group, state = _group(vpc), seen.state
    outbound = state[_OUT + group]
    if is_used or outbound:
        own_groups.refuse_foreign(group, seen)
    if state[_IN + group]:
        raise RefusedByGuardrail(
            f"Somebody has given the {group} rules that let something in.",
            "Look who did, and delete the rules.",
        )
    steps = []
    if state[group] is None:
        name = group_name(seen.resource)
        steps.append(
            own_groups.create(group, name, "Quarantine, without rules (CloudTrail Responder for Splunk)", vpc)
        )
    if outbound != [] or is_used:
        revoke = Call("ec2", "revoke_security_group_egress", {"GroupId": group, "IpPermissions": EVERY})
        authorize = Call("ec2", "authorize_security_group_egress", {"GroupId": group, "IpPermissions": _OUTBOUND})
        # What is not believed (``shows``) is no rule before.
        steps.append(Step(_OUT + group, outbound or None, [], revoke, authorize))
    return steps
