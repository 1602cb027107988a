"""Events that Jira's webhooks have brought into an index. One says "look now" about a ticket, and nothing else.

Whoever has the token can forge one. Of its body only a key is read, by its form; whether there is such a ticket of
ours, our own record says; and what happened, Jira is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from ..jira.model import KEY
from ..json_limits import bounded_json
from ..settings.model import JiraSite
from ..splunk.client import Splunkd
from ..splunk.search import search
from . import jira_tickets

log = logging.getLogger("cloudtrail_responder")

#: Seconds before the first look from which events count: between two rounds nobody looks.
BEFORE = 60.0
#: Seconds by which the times of events may be wrong, and seconds that a search may take.
ANY_TIME, LONGEST = 86_400.0, 10
#: Events that one look reads, and tickets that are read because of them.
MANY, MOST = 200, 5


class Heard:
    """What one round of one process has heard about a site."""

    def __init__(self, splunkd: Splunkd, site: JiraSite) -> None:
        self._splunkd = splunkd
        self._site = site
        self._since = splunkd.now() - BEFORE
        self._owed: dict[str, str] = {}

    def new(self) -> Iterator[tuple[str, str]]:
        """Case and id of each ticket of ours that an event since the last look names. Raises a ResponderError."""
        now = self._splunkd.now()
        spl = f'search index="{self._site.answers.webhook_index}" | head {MANY} | table _raw'
        rows = search(self._splunkd, spl, now - ANY_TIME, now + ANY_TIME, LONGEST, index_earliest=self._since)
        self._since = now - 1.0
        for key in sorted({key for row in rows if (key := key_in(row.get("_raw")))})[:MOST]:
            found = jira_tickets.case_of_key(self._splunkd, self._site.name, key)
            if found is not None:
                self._owed[found[1]] = found[0]
        yield from [(case, number) for number, case in self._owed.items()]

    def done(self, number: str) -> None:
        self._owed.pop(number, None)


def key_in(raw: Any) -> str:
    """The key that an event names, in the form of one; else empty.

    As a rule of Jira Automation sends it (``{"key": ...}``), or as an administrator's webhook does
    (``{"issue": {"key": ...}}``).
    """
    try:
        body = bounded_json(raw) if isinstance(raw, str) else None
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    issue = body.get("issue")
    key = issue.get("key") if isinstance(issue, dict) else body.get("key")
    return key if isinstance(key, str) and KEY.fullmatch(key) else ""
