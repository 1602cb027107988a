"""Rules of security groups as EC2 describes them: what they say, which are the world's, and the calls' form of them.

Facts: EC2 API Reference, SecurityGroupRule (-1 is every protocol; protocols go by number, too), IpPermission (several
sources written into one permission are one rule each), GetManagedPrefixListEntries.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Optional

from ....errors import NotFound
from ...networks import Network, Opening, network_of, open_to_world

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....settings.model import Safety

PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
#: Protocol, first port, last port, range: what tells one rule of a group from another.
Content = tuple[str, Optional[int], Optional[int], str]


def range_of(rule: Mapping[str, Any]) -> str:
    return str(rule.get("CidrIpv4") or rule.get("CidrIpv6") or "")


def may_be_open(rule: Mapping[str, Any], safety: Safety) -> bool:
    """Exactly one port, and one that may be open. A range that holds it is not exactly it."""
    protocol, first, last, _ = content_of(rule)
    return protocol in ("tcp", "udp") and first is not None and first == last and first in safety.allowed_open_ports


def openings_of(aspect: str, rule: Mapping[str, Any], held: Mapping[str, Sequence[Network]]) -> list[Opening]:
    """None for a rule that names another group, or a prefix list that was not asked for."""
    network = network_of(range_of(rule))
    networks = held.get(str(rule.get("PrefixListId")), ()) if network is None else [network]
    protocol, first, last, _ = content_of(rule)
    if protocol in ("tcp", "udp") and first is not None and last is not None:
        return [Opening(aspect, one, protocol, (first, last)) for one in networks]
    # Types of ICMP are no ports, and protocols known by number have none: only the same ones add up.
    return [Opening(aspect, one, "-1" if protocol == "-1" else f"{protocol} {first} {last}") for one in networks]


def held_by(counted: Mapping[str, Any], meant: Collection[str], region: str, aws: Aws) -> dict[str, Sequence[Network]]:
    """What the prefix lists hold that rules name which are meant; of others it is not asked."""
    lists = {str(counted[aspect]["PrefixListId"]) for aspect in meant if counted[aspect].get("PrefixListId")}
    return {name: _networks_in(name, region, aws) for name in sorted(lists)}


def open_ones(counted: Mapping[str, Any], held: Mapping[str, Sequence[Network]]) -> set[Any]:
    """Which of a group's rules are open to the world."""
    return open_to_world(one for aspect, rule in counted.items() for one in openings_of(aspect, rule, held))


def _networks_in(prefix_list: str, region: str, aws: Aws) -> list[Network]:
    try:
        entries = aws.read_all("Entries", "ec2", "get_managed_prefix_list_entries", region, PrefixListId=prefix_list)
    except NotFound:
        # A list that is gone lets nobody in.
        return []
    return [network for network in (network_of(entry.get("Cidr")) for entry in entries) if network is not None]


def protocol_of(value: Any) -> str:
    text = "" if value is None else str(value).lower()
    return PROTOCOLS.get(text, text)


def port_of(value: Any) -> int | None:
    """Ports come as numbers or texts; a rule for all protocols says -1 or nothing."""
    text = str(value)
    return int(text) if re.fullmatch(r"-1|[0-9]{1,5}", text) else None


def content_of(rule: Mapping[str, Any]) -> Content:
    protocol, source = protocol_of(rule.get("IpProtocol")), _source(rule)
    if protocol == "-1":
        return protocol, None, None, source
    return protocol, port_of(rule.get("FromPort")), port_of(rule.get("ToPort")), source


def _source(rule: Mapping[str, Any]) -> str:
    """The range in one spelling, the prefix list, or the other group."""
    network = network_of(range_of(rule))
    if network is not None:
        return str(network)
    other = (rule.get("ReferencedGroupInfo") or {}).get("GroupId")
    return str(rule.get("PrefixListId") or other or "an unknown source")


def aspect_of(rule: Mapping[str, Any]) -> str:
    """As in ``tcp 22 from 0.0.0.0/0``: the content of a rule, for people and to find it again."""
    protocol, first, last, network = content_of(rule)
    if not range_of(rule):
        group = rule.get("ReferencedGroupInfo") or {}
        network = str(rule.get("PrefixListId") or group.get("GroupId") or rule.get("SecurityGroupRuleId"))
    if protocol == "-1":
        return f"all traffic from {network}"
    ports = f"{first}" if first == last else f"{first}-{last}"
    return f"{protocol} {ports} from {network}"


def permission_of(rule: Mapping[str, Any]) -> dict[str, Any]:
    """An IpPermission that says what the rule says, with its description."""
    named = rule.get("ReferencedGroupInfo") or {}
    if rule.get("PrefixListId"):
        kind, source = "PrefixListIds", {"PrefixListId": str(rule["PrefixListId"])}
    elif named:
        kind, source = "UserIdGroupPairs", {key: str(named[key]) for key in ("GroupId", "UserId") if named.get(key)}
    elif rule.get("CidrIpv6"):
        kind, source = "Ipv6Ranges", {"CidrIpv6": range_of(rule)}
    else:
        kind, source = "IpRanges", {"CidrIp": range_of(rule)}
    if rule.get("Description"):
        source["Description"] = str(rule["Description"])
    permission: dict[str, Any] = {"IpProtocol": rule["IpProtocol"], kind: [source]}
    if protocol_of(rule["IpProtocol"]) != "-1":
        permission.update({name: rule[name] for name in ("FromPort", "ToPort") if rule.get(name) is not None})
    return permission


def rules_in(permissions: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The single rules of a group's permissions, by what they say, in that order; without ids."""
    found = {}
    for permission in permissions:
        ports = {name: permission[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in permission}
        for source in _sources_in(permission):
            rule = {**ports, **source}
            found[aspect_of(rule)] = rule
    return dict(sorted(found.items()))


def _sources_in(permission: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for kind, key, name in (
        ("IpRanges", "CidrIp", "CidrIpv4"),
        ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
        ("PrefixListIds", "PrefixListId", "PrefixListId"),
        ("UserIdGroupPairs", "GroupId", "ReferencedGroupInfo"),
    ):
        for one in permission.get(kind) or ():
            group = {name: {part: str(one[part]) for part in ("GroupId", "UserId") if one.get(part)}}
            source = group if key == "GroupId" else {name: str(one[key])}
            yield {**source, **({"Description": str(one["Description"])} if one.get("Description") else {})}


def ports_that_may_be_open(safety: Safety) -> str:
    return f"ports that may be open: {', '.join(map(str, safety.allowed_open_ports)) or 'none'}"
