"""What splunkd serves TLS with: what server.conf [sslConfig] names, or certificates of its own, made under home.

Source: server.conf specification, [sslConfig]: certificates are generated at the start where there are none, and paths
that are not absolute are relative to ``caPath``.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from .certificates import Authority
from .confs import Confs


@dataclass
class Tls:
    """``ca_file`` is what a client must trust."""

    ca_file: Path
    context: ssl.SSLContext


def make(folder: Path) -> Tls:
    """Use the certificates in ``folder`` (etc/auth), or make them."""
    folder.mkdir(parents=True, exist_ok=True)
    ca, server = folder / "cacert.pem", folder / "server.pem"
    if not (ca.exists() and server.exists()):
        authority = Authority.made()
        authority.issue(server)
        authority.write(ca)
    return Tls(ca, serving(server))


def configured(home: Path, confs: Confs) -> Tls:
    """As server.conf has it over all layers. ``ca_file`` is there only where a setting names it or it was made here."""
    stanza = confs.get("server", None, "sslConfig")
    values = stanza.values if stanza else {}

    def path(name: str) -> Path:
        value = values[name]
        for variable, meant in (("$SPLUNK_HOME", str(home)), ("$SPLUNK_ETC", str(home / "etc"))):
            value = value.replace(variable, meant)
        return folder / value if name != "caPath" else Path(value)

    folder = path("caPath")
    certificate = path("serverCert")
    authorities = path("sslRootCAPath") if values.get("sslRootCAPath") else path("caCertFile")
    own = home / "etc" / "auth"
    if certificate == own / "server.pem":
        made = make(own)
        return Tls(authorities if values.get("sslRootCAPath") else made.ca_file, made.context)
    return Tls(authorities, serving(certificate))


def serving(certificate: Path) -> ssl.SSLContext:
    """A server's context with the certificate and key of one file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate)
    return context
