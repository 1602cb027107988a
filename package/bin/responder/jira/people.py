"""Who is meant by an e-mail address or a user name, for fields that hold people.

Cloud knows people by account id and shows their address only where they let it; Data Center by user name. A search
matches beginnings, too, so that of its hits only the one that is exactly meant counts. Source: developer.atlassian.com,
"Find users" and "Find users assignable to issues".
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any, Callable, Optional

from ..errors import Forbidden, NotFound
from ..remembered import Remembered
from .connection import JiraConnection

#: Seconds for which an answer is believed.
KNOWN_FOR = 300.0
LONGEST = 255
#: Source: Atlassian, "Account ID" (REST API v3, schema ``User``): at most 128 characters.
_ACCOUNT_ID = re.compile(r"(?:[A-Za-z0-9]{2,10}:)?[0-9a-f-]{24,64}")

Account = Optional[Mapping[str, str]]


class People:
    """The people of one site. Safe to share between threads."""

    def __init__(self, jira: JiraConnection, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._jira = jira
        self._known: Remembered[tuple[Account]] = Remembered(KNOWN_FOR, monotonic=monotonic)

    def account(self, who: str, project: str = "") -> Account:
        """What a field of an issue holds for somebody; None where Jira shows nobody who is exactly meant.

        Nor where our account may look up nobody. ``project``: one of those who can be assigned its tickets. Raises as
        ``JiraConnection.get``.
        """
        who = who.strip()[:LONGEST]
        if self._jira.cloud and _ACCOUNT_ID.fullmatch(who):
            return {"accountId": who}
        if not who or (self._jira.cloud and "@" not in who):
            return None
        known = self._known.get((who, project))
        if known is None:
            known = (self._found(who, project),)
            self._known.put((who, project), known)
        return known[0]

    def _found(self, who: str, project: str) -> Account:
        params: dict[str, Any] = {"query" if self._jira.cloud else "username": who, "maxResults": 50}
        path = "user/assignable/search" if project else "user/search"
        if project:
            params["project"] = project
        try:
            listed = self._jira.get(path, _users, **params)
        except (NotFound, Forbidden):
            # Who may not look people up, or not see the project: a ticket without them is better than none.
            return None
        hits = [user for user in listed if user.get("active", True)]
        meant = [user for user in hits if _is_meant(user, who)]
        if self._jira.cloud and not meant and len(hits) == 1 and not hits[0].get("emailAddress"):
            # The address is hidden, and nobody else matches it.
            meant = hits
        if len(meant) != 1:
            return None
        name = "accountId" if self._jira.cloud else "name"
        return {name: str(meant[0][name])} if meant[0].get(name) else None


def _users(body: Any) -> list[dict[str, Any]]:
    if not isinstance(body, list) or not all(isinstance(user, dict) for user in body):
        raise ValueError("not a list of users")
    return body


def _is_meant(user: Mapping[str, Any], who: str) -> bool:
    return who.casefold() in (str(user.get(name) or "").casefold() for name in ("emailAddress", "name"))
