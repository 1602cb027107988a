"""Hosts that are reached without the proxy, in the syntax of the environment variable NO_PROXY.

There is no standard for it. Names are taken as curl and Go's ``net/http`` take them, networks and ports as Go does
(golang.org/x/net/http/httpproxy, ``Config.NoProxy``); what those would pass over in silence is refused here.

    *                       every host
    example.com             the host and all below it
    .example.com            all below it, and not the host itself; also *.example.com
    10.1.2.3, 2001:db8::1   the address
    10.0.0.0/8              every address of the network
    example.com:8443        only this port; an IPv6 address stands in brackets then, as in [2001:db8::1]:8443
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Union
from urllib.parse import urlsplit

from .parsing import parse_list

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(\*?\.)?({_LABEL}(?:\.{_LABEL})*)\.?")
_PORTS = {"http": 80, "https": 443}
Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


@dataclass(frozen=True)
class _Entry:
    """``name`` or ``network``; neither for every host. ``port``: 0 for any."""

    name: str = ""
    is_itself: bool = True
    network: Network | None = None
    port: int = 0

    def covers(self, host: str, port: int) -> bool:
        if self.port not in (0, port):
            return False
        if self.network is not None:
            address = _address(host)
            # An IPv4 address may come in IPv6's clothes: it is in the networks of either.
            return address is not None and any(form in self.network for form in (address, _plain(address)))
        if not self.name:
            return True
        return host.endswith(f".{self.name}") or (self.is_itself and host == self.name)


@dataclass(frozen=True)
class ProxyExceptions:
    """Hosts that are reached directly."""

    entries: tuple[_Entry, ...] = ()

    @classmethod
    def parse(cls, text: str) -> ProxyExceptions:
        """Entries separated by commas or blanks. Raises ValueError, whose text is the entry that is none."""
        return cls(tuple(_entry(word) for word in parse_list(text)))

    def covers(self, url: str) -> bool:
        """Whether the host of an address is reached directly."""
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
        host = (parts.hostname or "").lower().rstrip(".")
        return bool(host) and any(entry.covers(host, port) for entry in self.entries)


def _entry(word: str) -> _Entry:
    if word == "*":
        return _Entry()
    host, port = _split(word)
    if "/" in host:
        if port:
            raise ValueError(word)
        return _Entry(network=_network(host, word))
    if _address(host) is not None:
        return _Entry(network=_network(host, word), port=port)
    found = _NAME.fullmatch(host.lower())
    # A last label of digits alone is an address that is none.
    if found is None or found.group(2).rpartition(".")[2].isdigit() or len(host) > 253:
        raise ValueError(word)
    return _Entry(name=found.group(2), is_itself=found.group(1) is None, port=port)


def _split(word: str) -> tuple[str, int]:
    """Host, without brackets, and port; 0 where there is none."""
    bracketed = re.fullmatch(r"\[([0-9A-Fa-f:.]+)\](?::([0-9]{1,5}))?", word)
    plain = re.fullmatch(r"([^:\[\]]+)(?::([0-9]{1,5}))?", word)
    found = bracketed or plain
    if found is None:
        if _address(word) is None and "/" not in word:
            raise ValueError(word)
        return word, 0
    if bracketed and _address(bracketed.group(1)) is None:
        raise ValueError(word)
    port = int(found.group(2) or 0)
    if port > 65535 or (found.group(2) and not port):
        raise ValueError(word)
    return found.group(1), port


def _network(text: str, word: str) -> Network:
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(word) from None
    plain = _plain(found.network_address)
    if plain is not found.network_address and found.prefixlen >= 96:
        return ipaddress.ip_network(f"{plain}/{found.prefixlen - 96}")
    return found


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for (``::ffff:10.0.0.1``), or the address itself."""
    return getattr(address, "ipv4_mapped", None) or address
