"""Move one network interface from a group that is open to the world to a copy of it without the open rules.

For a group that many use, where to revoke the rule would cut others off, and that somebody has put this interface into.
The copy is the interface's own, made for it and deleted by undo, so nobody else is in it.

Facts: EC2 API Reference, CreateSecurityGroup (a new group lets everything out, over IPv6 too where the VPC has it).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding, RefusedByGuardrail
from ....findings.claims import Claim, texts_of
from ....findings.interface_claims import GIVING, given, put_into
from ....findings.past_calls import PastCalls
from ...last_known import newest, texts
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from . import _interfaces, _rules, _users
from . import _own_groups as own_groups

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
_AWAY = ", taken away"
#: Security groups of one interface, at most (Amazon VPC quotas, "Security groups per network interface").
MOST = 16


class SwapOpenGroups(own_groups.OnOwnGroups):
    """Moves one network interface from security groups that the event put it into to copies without their open rules.

    It leaves a group that is open to the world now. Other groups of the interface stay, also open ones that it was in
    before, and so do the groups that it leaves, for whoever else uses them. Which it was in before, CloudTrail's
    records of the 90 days before in the index say; what the finding's own principal did in the last of them does not
    count. Where they do not say, a person has to look.

    A copy (`cloudtrail-responder-eni-...-sg-...`) has the other inbound rules and all outbound rules. A rule for
    exactly one port that may be open (Safety tab) is copied. A group of that name is used only where the evidence
    proves that the app has made it: a tag (`CloudTrailResponderWrite`) says by which write. Interfaces that a service
    manages cannot be moved. Whatever protects the instance that it is attached to protects the interface, too. The
    interface of an instance whose role is this app's is refused.
    """

    id = "swap_open_groups"
    title = "Move interface out of open groups"
    accepts = ("AWS::EC2::NetworkInterface",)
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = "`groups`: ids of the security groups that the event gave the interface; `object_id` is its id"
    services = ("ec2", "iam")
    permissions = (
        *_interfaces.READ,
        Permission("ec2:GetManagedPrefixListEntries", "arn:aws:ec2:*:*:prefix-list/*"),
        Permission("ec2:AuthorizeSecurityGroupIngress", own_groups.GROUPS),
        Permission("ec2:RevokeSecurityGroupIngress", own_groups.GROUPS),
        *own_groups.PERMISSIONS,
    )
    risk = "medium"
    risk_note = (
        "Clients that came in through the open rule can no longer begin a connection; open ones stay up. Rules of "
        "other groups that name the open group do not count for the interface any more, nor do later changes of it."
    )
    undo_note = "Puts the former groups back, and deletes the copies."
    already = (*own_groups.ALREADY, "InvalidPermission.Duplicate")
    own_prefix = _COPY

    def claims(self, finding: Finding) -> Sequence[Claim]:
        interface = _interfaces.interface_in(finding)
        return (Claim("network interface", interface, texts_of), *put_into(interface, _groups_in(finding)))

    def past_of(self, finding: Finding, seen: Sequence[Observation]) -> PastCalls | None:
        """Also calls that name the instance that it is attached to, and not the interface."""
        instances = tuple(one.state["instance"] for one in seen if one.state["instance"])
        return PastCalls(GIVING, _interfaces.interface_in(finding), instances)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _groups_in(finding)
        return (Target(_interfaces.interface_in(finding), finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, found = _interfaces.read_interface(target, aws)
        return Observation(resource, _state(resource, found, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return _state(resource, _interfaces.described(resource.target, aws), aws)

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        interface, state = arn.name_of(seen.resource.id), seen.state
        now = list(state[own_groups.groups_of(interface)])
        rules = {group: state[_in(group)] for group in _groups_in(finding) if group in now and _in(group) in state}
        wanted = {group: _closed(rules[group], seen.resource.region, aws, safety) for group in rules}
        bad = _added(finding, seen, interface, [group for group in rules if wanted[group] != rules[group]])
        if not bad:
            return ()
        _interfaces.refuse_managed(interface, state)
        steps = [step for group in bad for step in _copied(interface, group, wanted[group], seen)]
        return [
            *steps,
            own_groups.move(interface, now, sorted(_COPY + group if group in bad else group for group in now)),
        ]

    def why_nothing(self, finding: Finding, seen: Observation) -> str:
        return f"{arn.name_of(seen.resource.id)} is in no open group that the event put it into."

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        if aspect.startswith(("inbound", "outbound")):
            # A group that is not there has no rules; what a rule is called does not count.
            return sorted(one or ()) == sorted(other or ())
        return super().same(aspect, one, other)

    def shows(self, aspect: str) -> bool:
        """Not that it does not let out what new groups do: AWS makes that rule with it, and may show it later."""
        return not aspect.endswith(_AWAY)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        interface = arn.name_of(resource.id)
        moved = [step for step in steps if step.aspect == own_groups.groups_of(interface)]
        if not moved:
            return f"Prepare a copy of a security group for network interface {interface}, without open rules."
        left = ", ".join(one for one in moved[0].before if one not in moved[0].after)
        gone = "; ".join(step.call.parameters["Description"] for step in steps if step.aspect.startswith(_COPY))
        return f"Move network interface {interface} out of {left}, to a copy: {gone or 'without open rules'}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        interface = arn.name_of(resource.id)
        copied = [aspect for aspect in aspects if aspect.startswith("inbound") and state.get(aspect)]
        said = [f"{aspect[len('inbound rules of ') :]} lets in {', '.join(state[aspect])}" for aspect in copied]
        groups = ", ".join(state[own_groups.groups_of(interface)])
        return "; ".join([f"{interface} is in {groups}", *said]) + "."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        interface = arn.name_of(resource.id)
        groups = [one for one in state[own_groups.groups_of(interface)] if _may_be_open(state.get(_in(one)) or {})]
        return [
            _interfaces.who_uses(interface, state),
            *(said for group in groups for said in _users.of_group(group, resource.region, aws)),
        ]

    def settings(self, safety: Safety) -> Sequence[str]:
        return (_rules.ports_that_may_be_open(safety),)


# What the finding is about


def _groups_in(finding: Finding) -> tuple[str, ...]:
    """Those that the event gave the interface. Raises InvalidFinding."""
    named = texts(finding.detail.get("groups"))
    if not named or len(named) > MOST or not all(re.fullmatch(r"sg-[0-9a-f]{8,17}", one) for one in named):
        raise InvalidFinding(
            "The finding does not say which security groups the event gave the interface.",
            "Let the search set groups in detail to the ids in groupSet of the event's requestParameters.",
        )
    return named


def _added(finding: Finding, seen: Observation, interface: str, groups: Sequence[str]) -> list[str]:
    """Those of the groups that the interface was not in before the event. Raises InvalidFinding where nobody knows."""
    if not groups:
        return []
    here = [one for one in seen.past if one.region == seen.resource.region]
    former = newest(finding, here, lambda record: given(record, interface, seen.state["instance"]))
    if former is None:
        raise InvalidFinding(
            f"{interface} is in {', '.join(groups)}, open to the world, and it is not known whether it was before the "
            "event: the CloudTrail index has no record of its groups in the 90 days before.",
            "Give it its former groups by hand.",
        )
    return [group for group in groups if group not in former]


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


def _taken_away(lets_out: str) -> str:
    return f"{lets_out}{_AWAY}"


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
        state[_COPY + original] = own_groups.value_of(group)
        # Of a copy that is not there, none of these is so; nor of one that is new, but for what new ones let out.
        for default in _DEFAULTS:
            out = _lets_out(default, original)
            state[out], state[_taken_away(out)] = (True, None) if default in outbound else (None, True)
        state[_outbound(original)] = [one for one in outbound if one not in _DEFAULTS]
        state[_inbound(original)] = list(_rules.rules_in(group["IpPermissions"]))
    listed_as = (_COPY + copies[one] if copies.get(one) else one for one in ids)
    state[own_groups.groups_of(interface)] = sorted(listed_as)
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


def _copied(interface: str, group: str, inbound: Mapping[str, Mapping[str, Any]], seen: Observation) -> list[Step]:
    copy, state = _COPY + group, seen.state
    every = state[f"out of {group}"]
    out = {aspect: rule for aspect, rule in every.items() if aspect not in _DEFAULTS}
    own_groups.refuse_foreign(copy, seen)
    _refuse_changed(group, inbound, out, state)
    steps = []
    if state.get(copy) is None:
        without = ", ".join(one for one in state[_in(group)] if one not in inbound)
        steps.append(own_groups.create(copy, _name(interface, group), f"{group} without {without}", state["vpc"]))
    # Whether the copy is there already or not, as after a stop: what is left of a plan is a part of it.
    for default, rule in _DEFAULTS.items():
        aspect, (authorize, revoke) = _lets_out(default, group), _calls(copy, "egress", [rule])
        if default in every and default == _IPV6 and not state.get(aspect):
            steps.append(Step(aspect, None, True, authorize, revoke))
        if default not in every and (default == _IPV4 or state["has IPv6"] or state.get(aspect)):
            steps.append(Step(_taken_away(aspect), None, True, revoke, authorize))
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


def _refuse_changed(
    group: str, inbound: Mapping[str, Any], out: Mapping[str, Any], state: Mapping[str, Any]
) -> None:
    """Our copy may be there from an earlier attempt, and others may have changed it, or the group, since."""
    for aspect, wanted in ((_inbound(group), inbound), (_outbound(group), out)):
        if state.get(aspect) and sorted(state[aspect]) != sorted(wanted):
            raise RefusedByGuardrail(
                f"The {_COPY}{group} has other rules than {group} without its open ones: one of them was changed.",
                "Look who changed it, and delete the copy.",
            )
