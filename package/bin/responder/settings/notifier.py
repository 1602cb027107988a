"""Entries of the Notifiers tab: where people and programs are notified beside Slack.

All kinds of notifiers have the same fields, so that a further kind needs none of its own. Which kinds there are, the
package ``notifiers`` knows.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from .network import EntryNetwork
from .parsing import LOOPBACK, StanzaReader
from .secret import Secret

#: Characters of an address; servers and proxies take 8,000 and more.
LONGEST_URL = 2_000


@dataclass(frozen=True)
class NotifierEntry:
    """One place to notify (table ``notifier``)."""

    name: str
    #: As in ``Notifier.type``; whether there is such a kind is checked by the registry of notifiers.
    type: str
    #: May hold a credential, whatever the kind: nothing of it is shown.
    webhook_url: Secret = Secret("")
    #: Empty where the kind has none.
    signing_secret: Secret = Secret("")
    network: EntryNetwork = EntryNetwork()

    @classmethod
    def from_conf(cls, name: str, stanza: Mapping[str, str], secrets: Mapping[str, str]) -> NotifierEntry:
        """Raises ConfigurationError naming the field that is missing or malformed."""
        read = StanzaReader(stanza, f"Notifier '{name}'", "Notifiers")
        url = secrets.get("webhook_url", "").strip()
        if not url:
            raise ConfigurationError(f"{read.where}: no webhook URL is saved.", "Enter it on the Notifiers tab.")
        if not is_webhook_address(url):
            # Not the address itself, which may hold a credential.
            raise read.wrong("Webhook URL", "is not an https:// address of a service")
        return cls(
            name=name,
            type=read.text("type"),
            webhook_url=Secret(url),
            signing_secret=Secret(secrets.get("signing_secret", "").strip()),
            network=EntryNetwork.from_conf(read),
        )


def is_webhook_address(url: str) -> bool:
    """Whether requests may go there: https (http to this very host), no user name, no fragment, not link-local.

    An address in a private network is an administrator's choice. Behind a link-local one there is no receiver, but the
    metadata service of a cloud.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_local = parts.scheme == "http" and host in LOOPBACK
    is_plain = url.isascii() and url.isprintable() and not re.search(r"[\s#\\]", url) and "@" not in parts.netloc
    if not (host and is_plain and len(url) <= LONGEST_URL and (is_local or parts.scheme == "https") and port != 0):
        return False
    try:
        return not ipaddress.ip_address(host).is_link_local
    except ValueError:
        # A name.
        return True
