"""Move one network interface from a group that is open to the world to a copy of it without the open rules.

For a group that many use, where to revoke the rule would cut others off, and that somebody has put this interface into.
The copy is the interface's own, made for it and deleted by undo, so nobody else is in it.

Facts: EC2 API Reference, CreateSecurityGroup (a new group lets everything out, over IPv6 too where the VPC has it; a
name never begins with ``sg-``), ModifyNetworkInterfaceAttribute (Groups replaces the list, which is never empty).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import RefusedByGuardrail, Unavailable
from ....findings.claims import Claim, texts_of
from ...permission import Permission
from ...playbook import Call, Observation, Playbook, Resource, Step, Target
from . import _interfaces, _quarantine, _rules, _users

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

#: What a new group lets out, by what it says: the second only where the VPC has IPv6.
_DEFAULTS = {
    "all traffic to 0.0.0.0/0": {"IpProtocol": "-1", "CidrIpv4": "0.0.0.0/0"},
    "all traffic to ::/0": {"IpProtocol": "-1", "CidrIpv6": "::/0"},
}
_IPV4, _IPV6 = _DEFAULTS
_COPY = "copy of "


class SwapOpenGroups(Playbook):
    """Moves one network interface from each security group that is open to the world to a copy without the open rules.

    Other groups of the interface stay, and so do the groups that it leaves, for whoever else uses them. A copy
    (`cloudtrail-responder-eni-...-sg-...`) has the other inbound rules and all outbound rules. A rule for exactly one
    port that may be open (Safety tab) is copied. Interfaces that a service manages cannot be moved. Whatever protects
    the instance that it is attached to protects the interface, too. The interface of an instance whose role is this
    app's is refused.
    """

    id = "swap_open_groups"
    title = "Move interface out of open groups"
    accepts = ("AWS::EC2::NetworkInterface",)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the interface's id"
    services = ("ec2", "iam")
    permissions = (
        *_interfaces.READ,
        Permission("ec2:GetManagedPrefixListEntries", "arn:aws:ec2:*:*:prefix-list/*"),
        Permission("ec2:AuthorizeSecurityGroupIngress", _quarantine.GROUPS),
        Permission("ec2:RevokeSecurityGroupIngress", _quarantine.GROUPS),
        *_quarantine.PERMISSIONS,
    )
    risk = "medium"
    risk_note = (
        "Clients that came in through the open rule can no longer begin a connection; open ones stay up. Rules of "
        "other groups that name the open group do not count for the interface any more, nor do later changes of it. It "
        "does more than the event did: the interface leaves every group that is open to the world, also those that it "
        "was in before. So no detection recommends it."
    )
    undo_note = "Puts the former groups back, and deletes the copies."
    already = (*_quarantine.ALREADY, "InvalidPermission.Duplicate")

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (Claim("network interface", _interfaces.interface_in(finding), texts_of),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (Target(_interfaces.interface_in(finding), finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, found = _interfaces.read_interface(target, aws)
        return Observation(resource, _state(resource, found, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return _state(resource, _interfaces.described(resource.target, aws), aws)

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        interface, state = arn.name_of(seen.resource.id), seen.state
        now = list(state[_quarantine.groups_of(interface)])
        rules = {group: state[_in(group)] for group in now if _in(group) in state}
        wanted = {group: _closed(rules[group], seen.resource.region, aws, safety) for group in rules}
        bad = [group for group in rules if wanted[group] != rules[group]]
        if not bad:
            return ()
        _interfaces.refuse_managed(interface, state)
        steps = [step for group in bad for step in _copied(interface, group, wanted[group], state)]
        then = sorted(_COPY + group if group in bad else group for group in now)
        return [*steps, Step(_quarantine.groups_of(interface), now, then, _to(interface, then), _to(interface, now))]

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        if aspect.startswith(_COPY):
            return (one is None) == (other is None)
        if aspect.startswith(("inbound", "outbound")):
            # A group that is not there has no rules; what a rule is called does not count.
            return sorted(one or ()) == sorted(other or ())
        if aspect.startswith("all traffic to"):
            # Before the copy is there nobody knows what it will be made with.
            return one is None or other is None or bool(one) == bool(other)
        return bool(one == other)

    def ready(self, step: Step, state: Mapping[str, Any]) -> Call:
        """With the ids of the copies, which are not known before they are made."""
        parameters = dict(step.call.parameters)
        if "Groups" in parameters:
            parameters["Groups"] = [_id(one, state) for one in parameters["Groups"]]
        elif "GroupId" in parameters:
            parameters["GroupId"] = _id(str(parameters["GroupId"]), state)
        return replace(step.call, parameters=parameters)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        interface = arn.name_of(resource.id)
        moved = [step for step in steps if step.aspect == _quarantine.groups_of(interface)]
        if not moved:
            return f"Prepare a copy of a security group for network interface {interface}, without open rules."
        left = ", ".join(one for one in moved[0].before if one not in moved[0].after)
        gone = "; ".join(step.call.parameters["Description"] for step in steps if step.aspect.startswith(_COPY))
        return f"Move network interface {interface} out of {left}, to a copy: {gone or 'without open rules'}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        interface = arn.name_of(resource.id)
        copied = [aspect for aspect in aspects if aspect.startswith("inbound") and state.get(aspect)]
        said = [f"{aspect[len('inbound rules of ') :]} lets in {', '.join(state[aspect])}" for aspect in copied]
        groups = ", ".join(state[_quarantine.groups_of(interface)])
        return "; ".join([f"{interface} is in {groups}", *said]) + "."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        interface = arn.name_of(resource.id)
        groups = [one for one in state[_quarantine.groups_of(interface)] if _may_be_open(state.get(_in(one)) or {})]
        user = state.get("used by") or "nothing that AWS names"
        return [
            f"{interface} is used by {user}.",
            *(said for group in groups for said in _users.of_group(group, resource.region, aws)),
        ]

    def settings(self, safety: Safety) -> Sequence[str]:
        return (_rules.ports_that_may_be_open(safety),)


# State


def _name(interface: str, group: str) -> str:
    return f"cloudtrail-responder-{interface}-{group}"


def _in(group: str) -> str:
    return f"rules of {group}"


def _inbound(group: str) -> str:
    return f"inbound rules of {_COPY}{group}"


def _outbound(group: str) -> str:
    return f"outbound rules of {_COPY}{group}"


def _lets_out(default: str, group: str) -> str:
    return f"{default} out of {_COPY}{group}"


def _state(resource: Resource, found: Mapping[str, Any], aws: Aws) -> dict[str, Any]:
    """In the list of the interface a copy goes by what it is a copy of, which is known before it is there."""
    interface, region = arn.name_of(resource.id), resource.region
    ids = sorted(str(one["GroupId"]) for one in found["Groups"])
    listed = {
        str(group["GroupId"]): group
        for filters in (
            # Of its own VPC: a name may be used in each.
            [
                {"Name": "group-name", "Values": [_name(interface, "sg-*")]},
                {"Name": "vpc-id", "Values": [str(found["VpcId"])]},
            ],
            [{"Name": "group-id", "Values": ids}],
        )
        for group in aws.read_all("SecurityGroups", "ec2", "describe_security_groups", region, Filters=filters)
    }
    copies = {key: _copied_from(interface, str(group["GroupName"])) for key, group in listed.items()}
    state: dict[str, Any] = {**_interfaces.use_of(found), "has IPv6": bool(found.get("Ipv6Addresses"))}
    for key, group in listed.items():
        outbound = {
            aspect.replace(" from ", " to "): rule
            for aspect, rule in _rules.rules_in(group["IpPermissionsEgress"]).items()
        }
        if not copies[key]:
            state[_in(key)], state[f"out of {key}"] = _rules.rules_in(group["IpPermissions"]), outbound
            continue
        original = copies[key]
        state[_COPY + original] = {"GroupId": key, "GroupName": group["GroupName"]}
        state.update({_lets_out(one, original): one in outbound for one in _DEFAULTS})
        state[_outbound(original)] = [one for one in outbound if one not in _DEFAULTS]
        state[_inbound(original)] = list(_rules.rules_in(group["IpPermissions"]))
    state[_quarantine.groups_of(interface)] = sorted(_COPY + copies[one] if copies.get(one) else one for one in ids)
    return state


def _copied_from(interface: str, name: str) -> str:
    """The group that a group of this name is a copy of; empty where it is none of the interface."""
    found = re.fullmatch(re.escape(_name(interface, "")) + r"(sg-[0-9a-f]{8,17})", name)
    return found.group(1) if found else ""


# Steps


def _closed(
    rules: Mapping[str, Mapping[str, Any]], region: str, aws: Aws, safety: Safety
) -> dict[str, Mapping[str, Any]]:
    """Without those that are open to the world."""
    counted = {aspect: rule for aspect, rule in rules.items() if not _rules.may_be_open(rule, safety)}
    open_ones = _rules.open_ones(counted, _rules.held_by(counted, counted, region, aws))
    return {aspect: rule for aspect, rule in rules.items() if aspect not in open_ones}


def _may_be_open(rules: Mapping[str, Mapping[str, Any]]) -> bool:
    """Without asking what prefix lists hold."""
    return any(rule.get("PrefixListId") for rule in rules.values()) or bool(_rules.open_ones(rules, {}))


def _copied(
    interface: str, group: str, inbound: Mapping[str, Mapping[str, Any]], state: Mapping[str, Any]
) -> list[Step]:
    copy, every = _COPY + group, state[f"out of {group}"]
    out = {aspect: rule for aspect, rule in every.items() if aspect not in _DEFAULTS}
    _refuse_foreign(_name(interface, group), group, inbound, out, state)
    steps = []
    if state.get(copy) is None:
        tags = [{"Key": "CreatedBy", "Value": "CloudTrail Responder"}]
        create = {
            "GroupName": _name(interface, group),
            "Description": f"{group} without {', '.join(one for one in state[_in(group)] if one not in inbound)}"[:255],
            "VpcId": state["vpc"],
            "TagSpecifications": [{"ResourceType": "security-group", "Tags": tags}],
        }
        made = Call("ec2", "create_security_group", create)
        undo = Call("ec2", "delete_security_group", {"GroupId": copy})
        steps.append(Step(copy, None, {"GroupName": create["GroupName"]}, made, undo))
    # Whether the copy is there already or not, as after a stop: what is left of a plan is a part of it.
    for default, rule in _DEFAULTS.items():
        aspect = _lets_out(default, group)
        now, (authorize, revoke) = state.get(aspect), _calls(copy, "egress", [rule])
        if default in every and (now is False or (now is None and default == _IPV6)):
            steps.append(Step(aspect, None, True, authorize, revoke))
        if default not in every and (now or (now is None and (default == _IPV4 or state["has IPv6"]))):
            steps.append(Step(aspect, None, False, revoke, authorize))
    for aspect, way, rules in ((_outbound(group), "egress", out), (_inbound(group), "ingress", inbound)):
        if rules and not state.get(aspect):
            steps.append(Step(aspect, None, list(rules), *_calls(copy, way, list(rules.values()))))
    return steps


def _calls(copy: str, way: str, rules: Sequence[Mapping[str, Any]]) -> tuple[Call, Call]:
    """To have these rules, and to have them no more; ``way``: ingress or egress."""
    permissions = [_rules.permission_of(rule) for rule in rules]
    authorize, revoke = (
        Call("ec2", f"{verb}_security_group_{way}", {"GroupId": copy, "IpPermissions": permissions})
        for verb in ("authorize", "revoke")
    )
    return authorize, revoke


def _refuse_foreign(
    name: str, group: str, inbound: Mapping[str, Any], out: Mapping[str, Any], state: Mapping[str, Any]
) -> None:
    """Whoever knows the name must not have made the group before, with rules of his own."""
    for aspect, wanted in ((_inbound(group), inbound), (_outbound(group), out)):
        if state.get(aspect) and sorted(state[aspect]) != sorted(wanted):
            raise RefusedByGuardrail(
                f"There is a security group {name} with other rules than {group}, so it is not this app's copy.",
                "Look who made it, and delete it or its rules.",
            )


def _to(interface: str, groups: Sequence[str]) -> Call:
    parameters = {"NetworkInterfaceId": interface, "Groups": list(groups)}
    return Call("ec2", "modify_network_interface_attribute", parameters)


def _id(value: str, state: Mapping[str, Any]) -> str:
    if not value.startswith(_COPY):
        return value
    group = state.get(value)
    if group is None:
        raise Unavailable("AWS does not show the copy of the security group yet.", "It is read again.", 0)
    return str(group["GroupId"])
