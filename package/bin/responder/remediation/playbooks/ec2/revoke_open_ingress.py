"""Take back the rules that opened a security group to the world, and no others.

Facts: EC2 API Reference, DescribeSecurityGroupRules, RevokeSecurityGroupIngress, AuthorizeSecurityGroupIngress
(several ranges written into one permission are one rule each, with an id of its own).
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ....aws import arn
from ....errors import InvalidFinding, Rejected
from ...playbook import Call, Change, Permission, Playbook, Verification
from ...steps import read_back, require, tags_of

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

GROUPS = "arn:aws:ec2:*:*:security-group/*"
RULES = "arn:aws:ec2:*:*:security-group-rule/*"
#: A range with a prefix this short, by IP version, is the world: /0, its two halves, and all of IPv6 that is routed.
WORLD = {4: 1, 6: 3}
PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
#: Protocol, first port, last port, range: what tells one rule of a group from another.
Content = Tuple[str, Optional[int], Optional[int], str]


class RevokeOpenIngress(Playbook):
    """Revokes those rules of a security group that the finding is about and that are open to the world now.

    Open to the world is 0.0.0.0/0, ::/0, and what amounts to them (the halves 0.0.0.0/1 and 128.0.0.0/1; 2000::/3).
    Other rules stay, also other ranges of the same permission. A rule for exactly one port that may be open (Safety
    tab) stays too.
    """

    id = "revoke_open_ingress"
    title = "Revoke open ingress"
    accepts = ("AWS::EC2::SecurityGroup",)
    needs = ("vendor_account", "vendor_region", "object_id", "detail")
    permissions = (
        Permission("ec2:DescribeSecurityGroups"),
        Permission("ec2:DescribeSecurityGroupRules"),
        Permission("ec2:RevokeSecurityGroupIngress", GROUPS),
        Permission("ec2:AuthorizeSecurityGroupIngress", GROUPS),
        Permission("ec2:AuthorizeSecurityGroupIngress", RULES),
        # Tags may be set on the rule that the same call creates, never on what exists.
        Permission("ec2:CreateTags", RULES, ("StringEquals", "ec2:CreateAction", "AuthorizeSecurityGroupIngress")),
    )
    risk = "medium"
    risk_note = (
        "Clients that came in by the open rule can no longer connect; connections that are open live on. Ports that "
        "may be open to the world are a setting. Rules that name a prefix list or another group are left alone."
    )

    def plan(self, finding: Finding, aws: Aws, safety: Safety) -> List[Change]:
        require(self, finding)
        group_id, wanted, region = _group_of(finding), _wanted(finding), finding.vendor_region
        group = aws.read("ec2", "describe_security_groups", region, GroupIds=[group_id])["SecurityGroups"][0]
        if group["OwnerId"] != aws.account.account_id:
            raise Rejected(f"{group_id} is shared by account {group['OwnerId']}.", "Remediate it in that account.")
        rules = [
            rule
            for rule in _ingress(aws, group_id, region)
            if _open_to_world(rule) and not _allowed(rule, safety) and any(_is_meant(w, rule) for w in wanted)
        ]
        if not rules:
            return []
        said = ", ".join(_say(rule) for rule in rules)
        return [
            Change(
                resource=f"arn:{arn.partition_of(region)}:ec2:{region}:{aws.account.account_id}:security-group/{group_id}",
                resource_type="AWS::EC2::SecurityGroup",
                account=aws.account.account_id,
                region=region,
                summary=f"Revoke {said} from security group {group_id}.",
                before={"Rules": rules},
                after={"Rules": []},
                calls=tuple(_revoke(group_id, rule) for rule in rules),
                undo_calls=tuple(_authorize(group_id, rule) for rule in rules),
                tags=tags_of(group.get("Tags", ())),
            )
        ]

    def apply(self, change: Change, aws: Aws) -> None:
        # By id alone, a rule that was meanwhile edited to something harmless would be lost.
        unchanged = {(r["SecurityGroupRuleId"], _content(r)) for r in _ingress(aws, _group_in(change), change.region)}
        for call, rule in zip(change.calls, change.before["Rules"]):
            if (rule["SecurityGroupRuleId"], _content(rule)) in unchanged:
                gone = ("InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound")
                aws.call(call.service, call.operation, change.region, gone, **call.parameters)

    def verify(self, change: Change, aws: Aws) -> Verification:
        return _await(change, aws, present=False)

    def undo(self, change: Change, aws: Aws) -> None:
        """Authorizes the revoked rules again, with their descriptions and tags; they get new rule ids."""
        for call in change.undo_calls:
            aws.call(call.service, call.operation, change.region, ("InvalidPermission.Duplicate",), **call.parameters)

    def verify_undone(self, change: Change, aws: Aws) -> Verification:
        return _await(change, aws, present=True)


def _group_of(finding: Finding) -> str:
    named = arn.parse(finding.object_id)
    group = named.name if named else finding.object_id
    if not group.startswith("sg-"):
        raise InvalidFinding(
            f"The finding names no security group ('{finding.object_id[:80]}').",
            "Let the search set object_id to its id.",
        )
    return group


def _wanted(finding: Finding) -> Sequence[Mapping[str, Any]]:
    """The rules the finding is about. One that has neither id nor range would mean every rule, so it means none."""
    listed = finding.detail.get("rules")
    rules = [rule for rule in listed if isinstance(rule, dict)] if isinstance(listed, list) else []
    rules = [rule for rule in rules if rule.get("rule_id") or _network(rule.get("cidr"))]
    if not rules:
        raise InvalidFinding(
            "The finding does not say which rules were opened.",
            'Let the search set detail to {"rules": [{"rule_id", "cidr", "protocol", "from_port", "to_port"}]}.',
        )
    return rules


def _ingress(aws: Aws, group_id: str, region: str) -> List[Dict[str, Any]]:
    filters = [{"Name": "group-id", "Values": [group_id]}]
    rules = aws.read_all("SecurityGroupRules", "ec2", "describe_security_group_rules", region, Filters=filters)
    return [rule for rule in rules if not rule.get("IsEgress")]


def _range(rule: Mapping[str, Any]) -> str:
    return str(rule.get("CidrIpv4") or rule.get("CidrIpv6") or "")


def _network(text: Any) -> Any:
    try:
        return ipaddress.ip_network(str(text), strict=False) if text else None
    except ValueError:
        return None


def _open_to_world(rule: Mapping[str, Any]) -> bool:
    network = _network(_range(rule))
    return network is not None and network.prefixlen <= WORLD[network.version]


def _allowed(rule: Mapping[str, Any], safety: Safety) -> bool:
    """Exactly one port, and one that may be open. A range that holds it is not exactly it."""
    protocol, first, last, _ = _content(rule)
    return protocol in ("tcp", "udp") and first is not None and first == last and first in safety.allowed_open_ports


def _is_meant(wanted: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
    """Whether a rule of the group is the one the finding tells of; a field the finding lacks may be anything.

    With an id it is that rule or none: the same range added again has another id, and a finding of its own.
    """
    if wanted.get("rule_id"):
        return bool(wanted["rule_id"] == rule["SecurityGroupRuleId"])
    protocol, first, last, _ = _content(rule)
    asked = _protocol(wanted.get("protocol"))
    if asked and asked != protocol:
        return False
    if _network(wanted.get("cidr")) != _network(_range(rule)):
        return False
    if protocol == "-1":
        return True
    return _port_agrees(wanted.get("from_port"), first) and _port_agrees(wanted.get("to_port"), last)


def _protocol(value: Any) -> str:
    text = "" if value is None else str(value).lower()
    return PROTOCOLS.get(text, text)


def _port(value: Any) -> Optional[int]:
    """Ports come as numbers or texts; a rule for all protocols says -1 or nothing."""
    return int(value) if str(value).lstrip("-").isdigit() else None


def _port_agrees(wanted: Any, port: Optional[int]) -> bool:
    return wanted is None or wanted == "" or _port(wanted) == port


def _content(rule: Mapping[str, Any]) -> Content:
    protocol = _protocol(rule.get("IpProtocol"))
    if protocol == "-1":
        return protocol, None, None, str(_network(_range(rule)))
    return protocol, _port(rule.get("FromPort")), _port(rule.get("ToPort")), str(_network(_range(rule)))


def _say(rule: Mapping[str, Any]) -> str:
    protocol, first, last, network = _content(rule)
    if protocol == "-1":
        return f"all traffic from {network}"
    ports = f"{first}" if first == last else f"{first}-{last}"
    return f"{protocol} {ports} from {network}"


def _revoke(group_id: str, rule: Mapping[str, Any]) -> Call:
    """One call a rule: of several ids in one call, a single one that is gone fails them all."""
    ids = [rule["SecurityGroupRuleId"]]
    return Call("ec2", "revoke_security_group_ingress", {"GroupId": group_id, "SecurityGroupRuleIds": ids})


def _authorize(group_id: str, rule: Mapping[str, Any]) -> Call:
    """The rule as it was, with description and tags."""
    version = "Ipv6Ranges" if rule.get("CidrIpv6") else "IpRanges"
    source = {"CidrIpv6" if rule.get("CidrIpv6") else "CidrIp": _range(rule)}
    if rule.get("Description"):
        source["Description"] = rule["Description"]
    permission: Dict[str, Any] = {"IpProtocol": rule["IpProtocol"], version: [source]}
    if _protocol(rule["IpProtocol"]) != "-1":
        permission.update(FromPort=rule["FromPort"], ToPort=rule["ToPort"])
    parameters: Dict[str, Any] = {"GroupId": group_id, "IpPermissions": [permission]}
    if rule.get("Tags"):
        parameters["TagSpecifications"] = [{"ResourceType": "security-group-rule", "Tags": list(rule["Tags"])}]
    return Call("ec2", "authorize_security_group_ingress", parameters)


def _group_in(change: Change) -> str:
    return change.resource.rpartition("/")[2]


def _await(change: Change, aws: Aws, present: bool) -> Verification:
    """Compares by content: a rule that is put back has a new id."""
    wanted = {_content(rule) for rule in change.before["Rules"]}
    group_id = _group_in(change)

    def read() -> Dict[str, Any]:
        return {"Rules": [r for r in _ingress(aws, group_id, change.region) if _content(r) in wanted]}

    def say(state: Mapping[str, Any]) -> str:
        said = ", ".join(_say(rule) for rule in state["Rules"]) or "none of the rules"
        return f"Security group {group_id} has {said}."

    def right(state: Mapping[str, Any]) -> bool:
        return {_content(rule) for rule in state["Rules"]} == (wanted if present else set())

    return read_back(aws, read, right, say)
