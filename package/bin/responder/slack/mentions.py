"""Whom a message mentions: ids as administrators have entered them, and members that Slack names for an address.

Nothing of a finding gets here. Source: docs.slack.dev, "Formatting message text" (mentions).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import Curable, NotFound, NotPermitted
from ..http_failures import quote_text
from ..remembered import Remembered
from . import colleagues
from .connection import SlackConnection

#: A member (also of an Enterprise Grid) or a user group.
ID = re.compile(r"[UWS][A-Z0-9]{6,30}", re.ASCII)
#: Seconds for which an address stands for the same member, and one that nobody has, or may look up, for nobody.
KNOWN_FOR = 300.0


class Mentions:
    """Those of one workspace. Safe to share between threads."""

    def __init__(self, slack: SlackConnection) -> None:
        self._slack = slack
        self._by_email: Remembered[tuple[str, str]] = Remembered(KNOWN_FOR)

    def ids(self, wanted: Sequence[str], may_ask: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Ids, each once; and a sentence for each entry that names nobody. ``may_ask``: with a bot token.

        What Slack does not let the app look up keeps nobody from the message. Raises Unavailable.
        """
        found: list[str] = []
        notes: list[str] = []
        for entry in wanted:
            if ID.fullmatch(entry):
                number, why = entry, ""
            else:
                number, why = self._member(entry) if may_ask else ("", "a webhook cannot look members up")
            if number:
                found.append(number)
            else:
                notes.append(f"Nobody was mentioned for '{quote_text(entry)[:80]}': {why}.")
        return tuple(dict.fromkeys(found)), tuple(notes)

    def _member(self, email: str) -> tuple[str, str]:
        """Id of a member, or else why there is none."""
        known = self._by_email.get(email)
        if known is None:
            why = "Slack knows no such member"
            try:
                known = colleagues.by_email(self._slack, email), why
            except NotPermitted as error:
                known = "", error.message.rstrip(".")
            except (Curable, NotFound):
                known = "", why
            self._by_email.put(email, known)
        return known


def markup(ids: Sequence[str]) -> str:
    """The mentions as Slack reads them; whatever is no id is left out."""
    return " ".join(f"<!subteam^{one}>" if one[0] == "S" else f"<@{one}>" for one in ids if ID.fullmatch(one))
