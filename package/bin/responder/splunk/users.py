"""What a user of Splunk may do."""

from __future__ import annotations

from urllib.parse import quote

from ..errors import ConfigurationError
from .client import Splunkd

#: As splunkd calls the user whom alerts of nobody run as. It may do everything, and has no entry of its own.
SYSTEM = "splunk-system-user"


def may(splunkd: Splunkd, user: str, capability: str) -> bool:
    return user == SYSTEM or capability in capabilities(splunkd, user)


def capabilities(splunkd: Splunkd, user: str) -> frozenset[str]:
    """The capabilities of a user, with those of its roles; none for a user that does not exist."""
    if not user:
        return frozenset()
    path = f"/services/authentication/users/{quote(user, safe='')}"
    try:
        entry = splunkd.get_json(path, {"output_mode": "json"})["entry"][0]
    except ConfigurationError:
        return frozenset()
    return frozenset(str(name) for name in entry["content"].get("capabilities") or ())
