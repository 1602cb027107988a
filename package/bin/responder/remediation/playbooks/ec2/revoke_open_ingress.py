"""Take back the rules that opened a security group to the world, and no others.

Facts: EC2 API Reference, DescribeSecurityGroupRules, RevokeSecurityGroupIngress, AuthorizeSecurityGroupIngress
(several ranges written into one permission are one rule each, with an id of its own; a group has no two rules of the
same protocol, ports and range).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim, ingress_rules
from ....findings.ingress import added_rules
from ....settings.model import USES
from ...made import Made
from ...model import Call, Measured, Observation, Resource, Step, Target, tags_of
from ...named import arn_in, names_no
from ...networks import BROAD, network_of
from ...permission import Permission
from ...playbook import Playbook
from ...sweeping import Part, Signature, View, Wrong
from . import _ec2, _private_ranges, _rules, _users

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

GROUPS = "arn:aws:ec2:*:*:security-group/*"
RULES = "arn:aws:ec2:*:*:security-group-rule/*"
OPENED = Signature("security_group_opened_to_world", "Security group opened to the world", "T1562.007")
#: Groups that are listed in one call, and that are asked about in one: a filter takes so many values.
PAGE, ASKED = 500, 200


def _taken_back(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    rules = added_rules(record.fields)
    for group in record.parameters("groupId") if rules else ():
        yield {"object_category": "AWS::EC2::SecurityGroup", "object_id": group, "detail": {"rules": rules}}


class RevokeOpenIngress(Playbook):
    """Revokes those rules of a security group that the finding is about and that are open to the world now.

    A rule is open to the world when its range holds half of the internet or more (0.0.0.0/0, 0.0.0.0/1, ::/0,
    2000::/3), and when it does so together with other rules of the group for the same port (four times /2). A rule of
    the finding that names a prefix list is open when the list's ranges are. Other rules stay, as do other ranges of the
    same permission. A rule for exactly one port that may be open (Safety tab) stays, too.

    With *Keep private ranges* (Safety tab) it first lets in 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16, or fc00::/7
    of IPv6, for the same ports: each where the revoked rules have let in all of it, and no other rule does. A group
    that is full does not get them: the open rule goes all the same, and the outcome names what was not let in.
    """

    id = "revoke_open_ingress"
    title = "Revoke open ingress"
    accepts = ("AWS::EC2::SecurityGroup",)
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = (
        '`rules`: a list of `{"rule_id", "cidr", "protocol", "from_port", "to_port"}`; `rule_id` is empty where the '
        "event has none"
    )
    services = ("ec2",)
    permissions = (
        Permission("ec2:DescribeSecurityGroups"),
        Permission("ec2:DescribeSecurityGroupRules"),
        Permission("ec2:GetManagedPrefixListEntries", "arn:aws:ec2:*:*:prefix-list/*"),
        Permission("ec2:DescribeNetworkInterfaces", optional=True),
        Permission("ec2:RevokeSecurityGroupIngress", GROUPS),
        Permission("ec2:AuthorizeSecurityGroupIngress", GROUPS),
        Permission("ec2:AuthorizeSecurityGroupIngress", RULES),
        # Tags may be set on the rule that the same call creates, never on what exists.
        Permission(
            "ec2:CreateTags",
            RULES,
            ("StringEquals", "ec2:CreateAction", "AuthorizeSecurityGroupIngress"),
            implied=True,
        ),
    )
    takes_back = (Made("ec2", ("AuthorizeSecurityGroupIngress",), _taken_back),)
    risk = "medium"
    risk_note = (
        "Clients that came in through the open rule can no longer connect; open connections stay up. Ports that "
        "may be open to the world are a setting. Rules that name another group are left alone. Private ranges "
        "that it keeps had been let in by the open rule alone."
    )
    undo_note = (
        "Authorizes the revoked rules again, with their descriptions and tags; they get new rule ids. Then it revokes "
        "the rules for private ranges that it has added."
    )
    measures = (USES,)
    #: Where the same range was let in anew since, that rule is somebody else's.
    identities = ("SecurityGroupRuleId",)
    already = (
        "InvalidSecurityGroupRuleId.NotFound",
        "InvalidPermission.NotFound",
        "InvalidPermission.Duplicate",
    )
    #: Whoever fills the group with rules must not keep it open: without the private ranges, then.
    skips = ("RulesPerSecurityGroupLimitExceeded",)

    sweeps = (OPENED,)

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return ingress_rules(finding.object_id, finding.detail.get("rules"))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _wanted(finding)
        return (Target(_group_in(finding), finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        group, region = _ec2.read_one(_GROUPS, target, aws), target.region
        resource = Resource(
            id=arn_in(aws, "ec2", region, f"security-group/{arn.name_of(target.id)}", str(group["OwnerId"])),
            type="AWS::EC2::SecurityGroup",
            account=str(group["OwnerId"]),
            region=region,
            tags=tags_of(group.get("Tags", ())),
        )
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        rules = aws.read_bulk(_RULES, arn.name_of(resource.id), resource.region)
        return {_rules.aspect_of(rule): rule for rule in rules if not rule.get("IsEgress")}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        wanted, group_id = _wanted(finding), arn.name_of(seen.resource.id)
        counted = {aspect: rule for aspect, rule in seen.state.items() if not _rules.may_be_open(rule, safety)}
        meant = {aspect for aspect, rule in counted.items() if any(_is_meant(one, rule) for one in wanted)}
        held = _rules.held_by(counted, meant, seen.resource.region, aws)
        open_ones = _rules.open_ones(counted, held) & meant
        revoked = {aspect: rule for aspect, rule in counted.items() if aspect in open_ones}
        others = [rule for aspect, rule in seen.state.items() if aspect not in revoked]
        going = [(rule, [o.network for o in _rules.openings_of("", rule, held)]) for rule in revoked.values()]
        kept = _private_ranges.rules_in_place_of(going, others) if safety.keep_private_ranges else []
        added = [(_rules.aspect_of(rule), rule) for rule in kept]
        return [
            *(Step(one, None, rule, _authorize(group_id, rule), _revoke_new(group_id, one)) for one, rule in added),
            *(
                Step(one, rule, None, _revoke(group_id, rule), _authorize(group_id, rule))
                for one, rule in revoked.items()
            ),
        ]

    def ready(self, step: Step, seen: Observation) -> Call:
        """With the id of a rule that had none when it was planned."""
        if step.call.parameters.get("SecurityGroupRuleIds") != [_id_of(step.aspect)]:
            return step.call
        ids = [seen.state[step.aspect]["SecurityGroupRuleId"]]
        return replace(step.call, parameters={**step.call.parameters, "SecurityGroupRuleIds": ids})

    def settings(self, safety: Safety) -> Sequence[str]:
        private = ("lets private ranges in first",) if safety.keep_private_ranges else ()
        return (_rules.ports_that_may_be_open(safety), *private)

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        """The rule is there or not: one that was put back has a new id."""
        return (one is None) == (other is None)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        group = f"security group {arn.name_of(resource.id)}"
        added, revoked = ([step.aspect for step in steps if (step.before is None) is new] for new in (True, False))
        if not revoked:
            return f"Authorize {', '.join(added)} in {group}."
        first = f"Authorize {', '.join(added)}, then revoke" if added else "Revoke"
        return f"{first} {', '.join(revoked)} from {group}."

    def missed(self, resource: Resource, steps: Sequence[Step]) -> str:
        added = [step.aspect for step in steps if step.before is None]
        return f"Not let in: {', '.join(added)}. A group that is full takes no more rules." if added else ""

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        present = [aspect for aspect in aspects if state.get(aspect) is not None]
        return f"Security group {arn.name_of(resource.id)} has {', '.join(present) or 'none of the rules'}."

    def measure(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Measured:
        return Measured(uses=len(_users.interfaces_of(arn.name_of(resource.id), resource.region, aws)))

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        return _users.of_group(arn.name_of(resource.id), resource.region, aws)

    def look(self, view: View) -> Iterator[Part]:
        for groups, cursor in view.pages("ec2", "describe_security_groups", "SecurityGroups", MaxResults=PAGE):
            yield Part(tuple(_open_groups([group for group in groups if _lets_many_in(group)], view)), cursor)


#: Also for a single group it is asked by filter, so no rules means the same.
_RULES = _ec2.by_filter("describe_security_group_rules", "SecurityGroupRules", "group-id", "GroupId")
_GROUPS = _ec2.by_filter("describe_security_groups", "SecurityGroups", "group-id", "GroupId", "GroupIds")


def _group_in(finding: Finding) -> str:
    group = arn.name_of(finding.object_id)
    if not group.startswith("sg-"):
        raise names_no("security group", finding, "id")
    return group


def _wanted(finding: Finding) -> Sequence[Mapping[str, Any]]:
    """The rules the finding is about. One that has neither id nor range would mean every rule, so it means none."""
    listed = finding.detail.get("rules")
    rules = [rule for rule in listed if isinstance(rule, dict)] if isinstance(listed, list) else []
    rules = [rule for rule in rules if rule.get("rule_id") or network_of(rule.get("cidr"))]
    if not rules:
        raise InvalidFinding(
            "The finding does not say which rules were opened.",
            'Let the search set detail to {"rules": [{"rule_id", "cidr", "protocol", "from_port", "to_port"}]}.',
        )
    for rule in rules:
        for name in ("from_port", "to_port"):
            if rule.get(name) not in (None, "") and _rules.port_of(rule[name]) is None:
                raise InvalidFinding(
                    f"The finding's detail has a rule whose {name} is not a port ('{str(rule[name])[:20]}').",
                    "Let the search set it to a number.",
                )
    return rules


# Looking for itself


def _lets_many_in(group: Mapping[str, Any]) -> bool:
    """Whether it is worth asking for the group's rules."""
    permissions = group.get("IpPermissions") or ()
    if any(permission.get("PrefixListIds") for permission in permissions):
        return True
    ranges = (one for p in permissions for one in (*(p.get("IpRanges") or ()), *(p.get("Ipv6Ranges") or ())))
    networks = (network_of(one.get("CidrIp") or one.get("CidrIpv6")) for one in ranges)
    return any(network is not None and network.prefixlen <= BROAD[network.version] for network in networks)


def _open_groups(groups: Sequence[Mapping[str, Any]], view: View) -> Iterator[Wrong]:
    names = [str(group["GroupId"]) for group in groups]
    for first in range(0, len(names), ASKED):
        asked = names[first : first + ASKED]
        filters = [{"Name": "group-id", "Values": asked}]
        rules = view.aws.read_all(
            "SecurityGroupRules", "ec2", "describe_security_group_rules", view.region, Filters=filters
        )
        for name in asked:
            of_group = [rule for rule in rules if rule.get("GroupId") == name and not rule.get("IsEgress")]
            counted = {_rules.aspect_of(rule): rule for rule in of_group if not _rules.may_be_open(rule, view.safety)}
            found = _rules.open_ones(counted, _rules.held_by(counted, counted, view.region, view.aws))
            if found:
                yield _wrong(name, {aspect: counted[aspect] for aspect in sorted(found)}, view.region)


def _wrong(group: str, rules: Mapping[str, Mapping[str, Any]], region: str) -> Wrong:
    return Wrong(
        OPENED,
        "AWS::EC2::SecurityGroup",
        group,
        region,
        "low" if _is_only_icmp(rules.values()) else "high",
        f"Security group {group} is open to the world: {', '.join(rules)}.",
        {"group_id": group, "rules": [_named(rule) for rule in rules.values()]},
    )


def _is_only_icmp(rules: Iterable[Mapping[str, Any]]) -> bool:
    return all(_rules.protocol_of(rule.get("IpProtocol")).startswith("icmp") for rule in rules)


def _named(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as the detection's ``detail`` has it."""
    protocol, first, last, _ = _rules.content_of(rule)
    ports = {"from_port": "" if first is None else str(first), "to_port": "" if last is None else str(last)}
    return {"rule_id": str(rule["SecurityGroupRuleId"]), "cidr": _rules.range_of(rule), "protocol": protocol, **ports}


def _is_meant(wanted: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
    """Whether a rule of the group is the one the finding is about; a field the finding lacks may be anything.

    With an id it is that rule or none: the same range added again has another id, and a finding of its own.
    """
    if wanted.get("rule_id"):
        return bool(wanted["rule_id"] == rule["SecurityGroupRuleId"])
    protocol, first, last, _ = _rules.content_of(rule)
    named = _rules.protocol_of(wanted.get("protocol"))
    if named and named != protocol:
        return False
    if network_of(wanted.get("cidr")) != network_of(_rules.range_of(rule)):
        return False
    if protocol == "-1":
        return True
    return _port_agrees(wanted.get("from_port"), first) and _port_agrees(wanted.get("to_port"), last)


def _port_agrees(wanted: Any, port: int | None) -> bool:
    return wanted is None or wanted == "" or _rules.port_of(wanted) == port


def _revoke(group_id: str, rule: Mapping[str, Any]) -> Call:
    """One call a rule: of several ids in one call, a single one that is gone fails them all."""
    ids = [rule["SecurityGroupRuleId"]]
    return Call("ec2", "revoke_security_group_ingress", {"GroupId": group_id, "SecurityGroupRuleIds": ids})


def _id_of(aspect: str) -> str:
    """Stands in a planned call for the id of a rule that is not there yet."""
    return f"the rule {aspect}"


def _revoke_new(group_id: str, aspect: str) -> Call:
    return _revoke(group_id, {"SecurityGroupRuleId": _id_of(aspect)})


def _authorize(group_id: str, rule: Mapping[str, Any]) -> Call:
    """The rule as it was, with description and tags."""
    parameters: dict[str, Any] = {"GroupId": group_id, "IpPermissions": [_rules.permission_of(rule)]}
    if rule.get("Tags"):
        parameters["TagSpecifications"] = [{"ResourceType": "security-group-rule", "Tags": list(rule["Tags"])}]
    return Call("ec2", "authorize_security_group_ingress", parameters)
