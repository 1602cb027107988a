"""How outgoing connections are made: the Proxy tab, the CA bundles, and what an entry says for itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from ..errors import ConfigurationError
from .parsing import StanzaReader
from .proxy_exceptions import ProxyExceptions
from .secret import Secret

PROXY_CHOICES = ("default", "none")


@dataclass(frozen=True)
class EntryNetwork:
    """What an account, a site or a workspace says for itself."""

    #: Whether it is reached without any proxy, whatever the Proxy tab says.
    is_direct: bool = False
    #: Path of a PEM file with further authorities to trust for it.
    ca_bundle: str = ""

    @classmethod
    def from_conf(cls, read: StanzaReader) -> EntryNetwork:
        """Raises ConfigurationError."""
        choice = read.choice("proxy", "Proxy", PROXY_CHOICES, "default")
        return cls(is_direct=choice == "none", ca_bundle=read.text("ca_bundle"))


@dataclass(frozen=True)
class Http:
    """For Jira, Slack and AWS alike, until ``on`` makes it one entry's. TLS is always verified."""

    proxy_url: Secret = Secret("")
    exceptions: ProxyExceptions = ProxyExceptions()
    #: Whether no proxy is used at all, not even one of the environment.
    is_direct: bool = False
    #: Paths of PEM files with authorities that are trusted beside the public ones.
    ca_bundles: tuple[str, ...] = ()
    connect_timeout: float = 5.0
    read_timeout: float = 20.0

    @classmethod
    def from_conf(cls, proxy: Mapping[str, str], secrets: Mapping[str, str], general: Mapping[str, str]) -> Http:
        """Stanzas ``proxy`` and ``general``; raises ConfigurationError for a proxy that cannot be used."""
        read = StanzaReader(proxy, "Proxy", "Proxy")
        bundle = StanzaReader(general, "General", "General").text("ca_bundle")
        return cls(
            proxy_url=Secret(_proxy_url(read, secrets)),
            exceptions=_exceptions(read),
            ca_bundles=(bundle,) if bundle else (),
        )

    def on(self, network: EntryNetwork) -> Http:
        """For the connections of one entry."""
        more = (network.ca_bundle,) if network.ca_bundle and network.ca_bundle not in self.ca_bundles else ()
        direct = self.is_direct or network.is_direct
        return replace(self, is_direct=direct, ca_bundles=(*self.ca_bundles, *more))

    @property
    def is_decided(self) -> bool:
        """Whether the settings say which proxy to use; if not, the environment of splunkd may."""
        return self.is_direct or bool(self.proxy_url)

    def proxy_for(self, url: str) -> str:
        """The proxy, with its credentials, by which an address is reached; empty for none."""
        return "" if self.is_direct or self.exceptions.covers(url) else self.proxy_url.reveal()


def _proxy_url(read: StanzaReader, secrets: Mapping[str, str]) -> str:
    if not read.flag("proxy_enabled", "Enable"):
        return ""
    host = read.text("proxy_url")
    if not host:
        raise ConfigurationError(
            "The proxy is enabled but has no host.", "Enter 'Host' on the Proxy tab, or disable the proxy."
        )
    if not re.fullmatch(r"[A-Za-z0-9._:\[\]-]+", host):
        raise read.wrong("Host", "is not a host name or address")
    scheme = read.choice("proxy_type", "Proxy type", ("http", "socks4", "socks5"), "http")
    if scheme == "socks5" and read.flag("proxy_rdns", "Resolve names at the proxy"):
        scheme = "socks5h"
    login = ""
    if read.text("proxy_username"):
        password = quote(secrets.get("proxy_password", ""), safe="")
        login = f"{quote(read.text('proxy_username'), safe='')}:{password}@"
    port = f":{read.number('proxy_port', 'Port', 0, 1, 65535)}" if read.text("proxy_port") else ""
    return f"{scheme}://{login}{host}{port}"


def _exceptions(read: StanzaReader) -> ProxyExceptions:
    try:
        return ProxyExceptions.parse(read.text("proxy_exceptions"))
    except ValueError as error:
        problem = f"has the entry '{str(error)[:60]}', which is no host, suffix or network"
        raise read.wrong("No proxy for", problem) from None
