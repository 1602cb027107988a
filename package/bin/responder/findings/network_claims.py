"""What CloudTrail records say of network ACLs, prefix lists, Lightsail ports and account-wide settings, for claims.

Facts: EC2 API Reference; newer calls have their parameters below a key ``<Operation>Request``, lists are
``{"items": [...]}``, a list, or its only member.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .claims import Claim
from .cloudtrail import CloudTrailRecord
from .instance_claims import under, values_under

PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1", "": "-1"}
_ACL_CALLS = ("CreateNetworkAclEntry", "ReplaceNetworkAclEntry")
_PREFIX_CALLS = ("CreateManagedPrefixList", "ModifyManagedPrefixList")


def called(*names: str, service: str = "ec2") -> Claim:
    """One of these calls was made, and succeeded. For what has no resource but the account."""

    def values_in(record: CloudTrailRecord) -> Iterable[str]:
        made = record.succeeded and record.service == service and record.event_name in names
        return (names[0],) if made else ()

    return Claim("call", names[0], values_in)


# Network ACLs


def acl_entry(entry: Mapping[str, Any]) -> Claim:
    """A call made exactly this entry: see ``entry_text``, and ``call`` says by which call."""
    return Claim("network ACL entry", f"{entry.get('call')} {entry_text(entry)}", _acl_entries)


def entry_text(entry: Mapping[str, Any]) -> str:
    """As in ``acl-1 90 inbound allow tcp 22-22 0.0.0.0/0``: everything that an entry is."""
    protocol = str(entry.get("protocol") or "").lower()
    protocol = PROTOCOLS.get(protocol, protocol)
    ports = ""
    if protocol in ("tcp", "udp"):
        ports = f" {entry.get('from_port')}-{entry.get('to_port')}"
    way = "outbound" if str(entry.get("egress")).lower() == "true" else "inbound"
    action = str(entry.get("action") or "").lower()
    number = entry.get("rule_number")
    return f"{entry.get('network_acl')} {number} {way} {action} {protocol}{ports} {network_text(entry.get('cidr'))}"


def entry_of(record: CloudTrailRecord) -> Mapping[str, Any]:
    """The entry that a call made or replaced, by the names of ``entry_text``."""
    given = record.fields.get("requestParameters")
    asked: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    ports = asked.get("portRange")
    ports = ports if isinstance(ports, Mapping) else {}
    return {
        "call": record.event_name,
        "network_acl": asked.get("networkAclId"),
        "rule_number": asked.get("ruleNumber"),
        "egress": asked.get("egress", False),
        "action": asked.get("ruleAction"),
        "protocol": asked.get("aclProtocol"),
        "from_port": ports.get("from"),
        "to_port": ports.get("to"),
        "cidr": asked.get("cidrBlock") or asked.get("ipv6CidrBlock"),
    }


def _acl_entries(record: CloudTrailRecord) -> Iterator[str]:
    if record.service == "ec2" and record.event_name in _ACL_CALLS and record.succeeded:
        yield f"{record.event_name} {entry_text(entry_of(record))}"


# Prefix lists


def prefix_entry(prefix_list: str, cidr: str) -> Claim:
    """A call added this range to the list."""
    return Claim("prefix list entry", f"{prefix_list} {network_text(cidr)}", _prefix_entries)


def _prefix_entries(record: CloudTrailRecord) -> Iterator[str]:
    if record.service != "ec2" or record.event_name not in _PREFIX_CALLS or not record.succeeded:
        return
    asked, answered = record.fields.get("requestParameters"), record.fields.get("responseElements")
    lists = [*under(("prefixlistid",), asked), *under(("prefixlistid",), answered)]
    added = ("addentry", "addentries", "addentryset", "entry", "entries", "entryset")
    for part in values_under(added, asked):
        for cidr in under(("cidr",), part):
            for name in lists[:1]:
                yield f"{name} {network_text(cidr)}"


# Lightsail


def lightsail_port(instance: str, protocol: str, first: int, last: int) -> Claim:
    """A call opened these ports of the instance."""
    return Claim("open ports", f"{instance} {protocol} {first}-{last}", _lightsail_ports)


def _lightsail_ports(record: CloudTrailRecord) -> Iterator[str]:
    opening = ("OpenInstancePublicPorts", "PutInstancePublicPorts")
    if record.service != "lightsail" or record.event_name not in opening or not record.succeeded:
        return
    asked = record.fields.get("requestParameters")
    instance = next(record.parameters("instanceName"), "")
    for given in values_under(("portinfo", "portinfos"), asked):
        for port in given if isinstance(given, (list, tuple)) else [given]:
            if isinstance(port, Mapping):
                yield f"{instance} {port.get('protocol')} {port.get('fromPort')}-{port.get('toPort')}"


def network_text(cidr: Any) -> str:
    """A range in one spelling; what is none, as it is."""
    try:
        return str(ipaddress.ip_network(str(cidr), strict=False))
    except ValueError:
        return str(cidr)[:100]
