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
#: As wide, and not on the internet: a rule for one of these has nothing to do with those around it.
#: RFC 1918, 4193, 6598.
PRIVATE: tuple[Network, ...] = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "100.64.0.0/10", "fc00::/7")))
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
    return 2 * _held(inside) >= whole


def open_to_world(openings: Iterable[Opening]) -> set[Hashable]:
    """Keys of the openings that are open to the world: by themselves, or with others for one and the same port."""
    found: set[Hashable] = set()
    alone: list[Opening] = []
    broad: list[Opening] = []
    for opening in openings:
        if is_world([opening.network]):
            found.add(opening.key)
            alone.append(opening)
        elif opening.network.prefixlen <= BROAD[opening.network.version] and not _is_private(opening.network):
            broad.append(opening)
    for protocol in {opening.protocol for opening in broad}:
        for version in INTERNET:
            # An opening for every protocol helps to open each single one.
            together = [o for o in broad if o.protocol in (protocol, "-1") and o.network.version == version]
            beside = [o for o in alone if o.protocol in (protocol, "-1") and o.network.version == version]
            found |= _open_together(together, beside)
    return found


def _open_together(openings: list[Opening], beside: list[Opening]) -> set[Hashable]:
    """``beside``: what is open to the world by itself."""
    spans = {opening: _span(opening) for opening in openings}
    found: set[Hashable] = set()
    # Between two neighboring first ports nothing new opens: looking at each first port is enough.
    for port in {first for first, _ in spans.values()}:
        at_port = [opening for opening, (first, last) in spans.items() if first <= port <= last]
        ranges = [opening.network for opening in at_port]
        halves = [opening.network for opening in beside if _span(opening)[0] <= port <= _span(opening)[1]]
        if is_world(ranges) or (halves and _is_rest_of(halves, ranges)):
            found |= {opening.key for opening in at_port}
    return found


def _span(opening: Opening) -> tuple[int, int]:
    return opening.ports or (0, PORTS - 1)


def _is_rest_of(halves: list[Network], ranges: list[Network]) -> bool:
    """Whether ranges are most of what one half of the internet leaves out: the other half but for private ranges is
    a little less than a half. Beside all of the internet a range is nothing of its own."""
    inside = [part for part in map(_on_the_internet, (*halves, *ranges)) if part is not None]
    whole = INTERNET[inside[0].version].num_addresses
    open_alone = _held([part for part in map(_on_the_internet, halves) if part is not None])
    return open_alone < whole and 4 * _held(inside) >= 3 * whole


def _held(inside: list[Network]) -> int:
    """Addresses in ranges of one IP version together."""
    merged: Iterable[Any] = ipaddress.collapse_addresses(inside)
    return sum(network.num_addresses for network in merged)


def _is_private(network: Any) -> bool:
    return any(network.version == private.version and network.subnet_of(private) for private in PRIVATE)


def _on_the_internet(network: Network) -> Network | None:
    internet: Any = INTERNET[network.version]
    if network.subnet_of(internet):
        return network
    return internet if internet.subnet_of(network) else None
