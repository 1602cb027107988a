"""Security groups that playbooks make for one instance or interface: how they are made, named in calls, known again.

In a plan a group goes by the aspect of the state that it is, which is known before the group is there. Its name is
anybody's: it is used only where our evidence proves that we have made it (``Observation.own``). Facts: EC2 API
Reference, CreateSecurityGroup (a new group lets everything out; a name is unique within a VPC and never begins with
``sg-``), ModifyNetworkInterfaceAttribute (Groups replaces the list, which is never empty).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ....errors import RefusedByGuardrail, Unavailable
from ...model import KEY_OF_WRITE, Call, Mark, Observation, Step, tags_of
from ...permission import Permission
from ...playbook import Playbook

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
#: Somebody else made a group of the name meanwhile, or emptied ours.
ALREADY = ("InvalidGroup.Duplicate", "InvalidPermission.NotFound")
#: The tag that says by which write of ours a group was made.
_WRITE = "CloudTrailResponderWrite"


def groups_of(interface: str) -> str:
    """The aspect of the state that an interface's groups are."""
    return f"groups of {interface}"


def value_of(group: Mapping[str, Any]) -> dict[str, str]:
    """A group of such a name, ours or not, as an aspect of the state."""
    write = tags_of(group.get("Tags", ())).get(_WRITE, "")
    return {"GroupId": str(group["GroupId"]), "GroupName": str(group["GroupName"]), "Write": write}


def create(aspect: str, name: str, description: str, vpc: str) -> Step:
    tags = [{"Key": "CreatedBy", "Value": "CloudTrail Responder"}, {"Key": _WRITE, "Value": KEY_OF_WRITE}]
    asked = {
        "GroupName": name,
        "Description": description[:255],
        "VpcId": vpc,
        "TagSpecifications": [{"ResourceType": "security-group", "Tags": tags}],
    }
    made = Call("ec2", "create_security_group", asked)
    return Step(aspect, None, {"GroupName": name}, made, Call("ec2", "delete_security_group", {"GroupId": aspect}))


def move(interface: str, before: list[str], after: list[str]) -> Step:
    """``before`` and ``after`` as in the state, where a group of ours goes by its aspect."""

    def to(groups: list[str]) -> Call:
        parameters = {"NetworkInterfaceId": interface, "Groups": groups}
        return Call("ec2", "modify_network_interface_attribute", parameters)

    return Step(groups_of(interface), before, after, to(after), to(before))


class OnOwnGroups(Playbook):
    fills = True
    identities = ("GroupId",)
    #: What the aspects begin with that are groups made by this playbook.
    own_prefix: str

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        if aspect.startswith(self.own_prefix):
            return (one is None) == (other is None)
        return bool(one == other)

    def marks(self, state: Mapping[str, Any]) -> Mapping[str, Mark]:
        found = {aspect: group for aspect, group in state.items() if aspect.startswith(self.own_prefix) and group}
        return {aspect: Mark(group["Write"], group["GroupId"]) for aspect, group in found.items()}

    def named_by(self, call: Call, answer: Mapping[str, Any]) -> str:
        return str(answer["GroupId"]) if call.operation == "create_security_group" else ""

    def ready(self, step: Step, seen: Observation) -> Call:
        """With the ids of own groups, which are not known before they are made."""
        parameters = dict(step.call.parameters)
        if "Groups" in parameters:
            parameters["Groups"] = [self._id(one, seen) for one in parameters["Groups"]]
        elif "GroupId" in parameters:
            parameters["GroupId"] = self._id(str(parameters["GroupId"]), seen)
        return replace(step.call, parameters=parameters)

    def _id(self, name: str, seen: Observation) -> str:
        if not name.startswith(self.own_prefix):
            return name
        if seen.state.get(name) is None:
            raise Unavailable(f"AWS does not show the {name} yet.", "It is read again.", 0)
        refuse_foreign(name, seen)
        return str(seen.state[name]["GroupId"])


def refuse_foreign(aspect: str, seen: Observation) -> None:
    """Raises RefusedByGuardrail where there is a group of our name that we have not made."""
    group = seen.state.get(aspect)
    if group is not None and aspect not in seen.own:
        named = f"{group['GroupName']} ({group['GroupId']})"
        raise RefusedByGuardrail(
            f"There is a security group {named}, and no evidence that this app has made it.",
            "Look who made it and what uses it, delete it, then retry.",
        )
