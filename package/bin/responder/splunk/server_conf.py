"""What server.conf says of splunkd's TLS, over all layers, read from the files.

splunkd itself cannot be asked: whoever asks it has to trust it first. Nothing but the settings named here is kept of a
file, so no password of it is ever in a variable. Source: Admin Manual, "Configuration file precedence" (global context)
and server.conf specification, [sslConfig].
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

#: The settings that are read, by stanza.
_WANTED: Mapping[str, tuple[str, ...]] = {
    "sslConfig": ("sslRootCAPath", "caPath", "caCertFile", "caTrustStore", "caTrustStorePath", "serverCert"),
    "general": ("serverName",),
    "install": ("state",),
}
Found = dict[tuple[str, str], str]


class SplunkdTls(NamedTuple):
    """Absolute paths, whether or not the files are there."""

    #: Whom splunkd trusts; empty where it trusts the authorities of the operating system alone.
    authorities: str
    #: The file of those that Splunk brings: their private key comes with every installation.
    default_authorities: str
    #: Whether it trusts those of the operating system, and the file they are in; empty for the system's own place.
    system_authorities: bool
    system_file: str
    #: The file with the certificate that splunkd shows. It holds the private key, too.
    certificate: str
    server_name: str


def read() -> SplunkdTls:
    """As splunkd that started this process reads them."""
    home = os.environ.get("SPLUNK_HOME", "")
    etc = os.environ.get("SPLUNK_ETC", "") or os.path.join(home, "etc")
    found = _merged(etc)

    def setting(name: str, default: str = "") -> str:
        return found.get(("sslConfig", name), "") or found.get(("default", name), "") or default

    folder = os.path.expandvars(setting("caPath")) or os.path.join(etc, "auth")
    stores = {word for word in re.split(r"[,\s]+", setting("caTrustStore", "splunk").lower()) if word}
    authorities = _path(folder, setting("sslRootCAPath") or setting("caCertFile", "cacert.pem"))
    return SplunkdTls(
        # A word that is not known takes nothing away.
        authorities=authorities if stores != {"os"} else "",
        default_authorities=os.path.join(etc, "auth", "cacert.pem"),
        system_authorities="os" in stores,
        system_file=_path(folder, setting("caTrustStorePath")) if setting("caTrustStorePath") else "",
        certificate=_path(folder, setting("serverCert", "server.pem")),
        server_name=os.path.expandvars(found.get(("general", "serverName"), "")),
    )


def _path(folder: str, value: str) -> str:
    return os.path.join(folder, os.path.expandvars(value))


def _merged(etc: str) -> Found:
    """The strongest value of each setting: system/local, every app's local, every app's default, system/default.

    Among apps the name that comes first in ASCII wins.
    """
    found: Found = {}
    for path in _layers(etc):
        for key, value in _settings(path).items():
            found.setdefault(key, value)
    return found


def _layers(etc: str) -> Iterator[str]:
    yield os.path.join(etc, "system", "local", "server.conf")
    apps = os.path.join(etc, "apps")
    try:
        names = sorted(name for name in os.listdir(apps) if not name.startswith("."))
    except OSError:
        names = []
    for layer in ("local", "default"):
        for name in names:
            path = os.path.join(apps, name, layer, "server.conf")
            if os.path.isfile(path) and not _disabled(os.path.join(apps, name)):
                yield path
    yield os.path.join(etc, "system", "default", "server.conf")


def _disabled(app: str) -> bool:
    for layer in ("local", "default"):
        state = _settings(os.path.join(app, layer, "app.conf")).get(("install", "state"))
        if state is not None:
            return state.lower() == "disabled"
    return False


def _settings(path: str) -> Found:
    """The wanted settings of one file; none where it cannot be read, as splunkd would have none of it either."""
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            return dict(_parsed(file))
    except OSError:
        return {}


def _parsed(lines: Iterator[str]) -> Iterator[tuple[tuple[str, str], str]]:
    stanza = "default"
    for line in _joined(lines):
        header = re.fullmatch(r"\s*\[(.*)\]\s*", line)
        if header:
            stanza = header.group(1)
            continue
        name, equals, value = line.partition("=")
        # What stands under no stanza, or under [default], is meant for every one.
        known = _WANTED["sslConfig"] if stanza == "default" else _WANTED.get(stanza, ())
        if equals and name.strip() in known:
            yield (stanza, name.strip()), value.strip()


def _joined(lines: Iterator[str]) -> Iterator[str]:
    """Lines without comments; one that ends in a backslash goes on in the next."""
    begun = ""
    for line in lines:
        line = begun + line.rstrip("\r\n")
        if line.endswith("\\"):
            begun = line[:-1]
            continue
        begun = ""
        if not line.lstrip().startswith("#"):
            yield line
    if begun:
        yield begun
