"""When ranges of addresses, alone or together, are the world.

A range that is as wide as half the internet is a known way around a check for ``/0``; so are narrower ones that come to
it together.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Union

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

#: What is routed on the internet, by IP version (IANA: of IPv6, 2000::/3).
INTERNET: dict[int, Network] = {4: ipaddress.ip_network("0.0.0.0/0"), 6: ipaddress.ip_network("2000::/3")}
#: Prefixes longer than these take no part: not even a thousand of them, as many as a group holds, are half of it.
BROAD = {4: 11, 6: 14}
#: As wide, and not on the internet: a rule for one of these has nothing to do with those around it (RFC 1918, 6598).
PRIVATE: tuple[Network, ...] = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "100.64.0.0/10")))
PORTS = 65_536


@dataclass(frozen=True)
class Opening:
    """Where something may come from, and to which ports; ``key`` says whose opening it is."""

    key: Hashable
    network: Network
    #: As EC2 names it: ``tcp``, ``udp``, ``-1`` for all.
    protocol: str
    #: None: every port.
    ports: tuple[int, int] | None = None


def network_of(text: Any) -> Network | None:
    """None for what is no range."""
    try:
        return ipaddress.ip_network(str(text), strict=False) if text else None
    except ValueError:
        return None


def is_world(networks: Iterable[Network]) -> bool:
    """Whether ranges of one IP version together hold at least half of the internet."""
    inside = [part for part in map(_on_the_internet, networks) if part is not None]
    if not inside:
        return False
    whole = INTERNET[inside[0].version].num_addresses
    if 2 * sum(network.num_addresses for network in inside) < whole:
        # Too few even if none overlaps another; merging them is dear.
        return False
    merged: Iterable[Any] = ipaddress.collapse_addresses(inside)
    return bool(2 * sum(network.num_addresses for network in merged) >= whole)


def open_to_world(openings: Iterable[Opening]) -> set[Hashable]:
    """Keys of the openings that are open to the world: by themselves, or with others for one and the same port."""
    found: set[Hashable] = set()
    broad: list[Opening] = []
    for opening in openings:
        if is_world([opening.network]):
            found.add(opening.key)
        elif opening.network.prefixlen <= BROAD[opening.network.version] and not _is_private(opening.network):
            broad.append(opening)
    for protocol in {opening.protocol for opening in broad}:
        for version in INTERNET:
            # An opening for every protocol helps to open each single one.
            together = [o for o in broad if o.protocol in (protocol, "-1") and o.network.version == version]
            found |= _open_together(together)
    return found


def _open_together(openings: list[Opening]) -> set[Hashable]:
    spans = {opening: opening.ports or (0, PORTS - 1) for opening in openings}
    found: set[Hashable] = set()
    # Between two neighboring first ports nothing new opens: looking at each first port is enough.
    for port in {first for first, _ in spans.values()}:
        at_port = [opening for opening, (first, last) in spans.items() if first <= port <= last]
        if is_world([opening.network for opening in at_port]):
            found |= {opening.key for opening in at_port}
    return found


def _is_private(network: Any) -> bool:
    return any(network.version == private.version and network.subnet_of(private) for private in PRIVATE)


def _on_the_internet(network: Network) -> Network | None:
    internet: Any = INTERNET[network.version]
    if network.subnet_of(internet):
        return network
    return internet if internet.subnet_of(network) else None
