"""Rules for private ranges that take the place of those that are open to the world, for the same ports.

Facts: RFC 1918 and RFC 4193; EC2 API Reference, IpPermission (ICMP has types in the place of ports; -1 is all of them).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...networks import Network, network_of

RANGES: tuple[Any, ...] = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
)
_DESCRIPTION = "Private range, kept by CloudTrail Responder"


def rules_in_place_of(
    revoked: Iterable[tuple[Mapping[str, Any], Sequence[Network]]], others: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Rules as EC2 describes them, without ids, for what ``revoked`` lets in and none of ``others``, which stay, does.

    ``revoked``: rules, and the networks they let in. Of a private range that they let in a part of, there is no rule.
    """
    by_ports: dict[tuple[tuple[str, Any], ...], list[Network]] = {}
    for rule, networks in revoked:
        ports = tuple((name, rule[name]) for name in ("IpProtocol", "FromPort", "ToPort") if name in rule)
        by_ports.setdefault(ports, []).extend(networks)
    found: list[dict[str, Any]] = []
    for ports, held in by_ports.items():
        for private in _private_in(held):
            wanted = {**dict(ports), f"CidrIpv{private.version}": str(private), "Description": _DESCRIPTION}
            if not any(_lets_in(one, wanted) for one in (*others, *found)):
                found.append(wanted)
    return found


def _private_in(held: Sequence[Network]) -> Iterator[Any]:
    """The private ranges that networks hold, alone or together."""
    for version in (4, 6):
        of_version: Iterable[Any] = [network for network in held if network.version == version]
        merged = list(ipaddress.collapse_addresses(of_version))
        for private in RANGES:
            if private.version == version and any(private.subnet_of(network) for network in merged):
                yield private


def _lets_in(rule: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether one rule lets in all that another one would, so that this one says nothing new."""
    network, inner = (network_of(one.get("CidrIpv4") or one.get("CidrIpv6")) for one in (rule, wanted))
    if network is None or inner is None or network.version != inner.version:
        return False
    if network.prefixlen > inner.prefixlen or inner.network_address not in network:
        return False
    if str(rule["IpProtocol"]) == "-1":
        return True
    if str(rule["IpProtocol"]) != str(wanted["IpProtocol"]):
        return False
    (first, last), (inner_first, inner_last) = _ports(rule), _ports(wanted)
    if str(rule["IpProtocol"]) in ("tcp", "udp"):
        return first <= inner_first and inner_last <= last
    # Of ICMP, a type and a code: the same, or all.
    return (first, last) in ((inner_first, inner_last), (-1, -1))


def _ports(rule: Mapping[str, Any]) -> tuple[int, int]:
    return int(rule.get("FromPort", -1)), int(rule.get("ToPort", -1))
