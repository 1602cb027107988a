"""What a user of Splunk may do."""

from __future__ import annotations

from urllib.parse import quote

from ..errors import ConfigurationError, one_line
from .client import Splunkd

#: Whom splunkd names as the owner of what belongs to nobody: no user of it.
NOBODY = "nobody"
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


def with_capability(splunkd: Splunkd, capability: str) -> list[tuple[str, str]]:
    """Users that have a capability, by name, each with the full name (may be empty). Raises a ResponderError."""
    entries = splunkd.get_json("/services/authentication/users", {"output_mode": "json", "count": 0})["entry"]
    found = [
        (one_line(entry["name"]), one_line(entry["content"].get("realname") or ""))
        for entry in entries
        if capability in (entry["content"].get("capabilities") or ())
    ]
    return sorted(found)
