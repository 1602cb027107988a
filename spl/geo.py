"""A stand-in for Splunk's IP location database: a few blocks of addresses, placed by us. FICTION.

Splunk's ``iplocation`` reads a database that is part of Splunk and is not here. The blocks below are the ones set
aside for documentation (RFC 5737, RFC 3849), which belong to nobody; the countries are made up so that demo and tests
have some. Whatever else is looked up, real or private, is unknown, and ``iplocation`` then adds nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

Place = Mapping[str, str]

BLOCKS: tuple[tuple[str, Place], ...] = (
    ("192.0.2.0/24", {"City": "Berlin", "Region": "Land Berlin", "Country": "Germany", "lat": "52.5", "lon": "13.4"}),
    ("198.51.100.0/24", {"City": "Hamburg", "Region": "Hamburg", "Country": "Germany", "lat": "53.6", "lon": "10.0"}),
    ("203.0.113.0/24", {"City": "Winnipeg", "Region": "Manitoba", "Country": "Canada", "lat": "49.9", "lon": "-97.1"}),
    ("2001:db8::/33", {"City": "Berlin", "Region": "Land Berlin", "Country": "Germany", "lat": "52.5", "lon": "13.4"}),
    ("2001:db8:8000::/33", {"City": "Regina", "Region": "Saskatchewan", "Country": "Canada", "lat": "50.4",
     "lon": "-104.6"}),
)  # fmt: skip
_NETWORKS = tuple((ipaddress.ip_network(block), place) for block, place in BLOCKS)


def locate(address: str) -> Place | None:
    """City, Region, Country, lat, lon of an address in one of the ``BLOCKS``; None for any other text."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return None
    return next((place for network, place in _NETWORKS if known in network), None)
