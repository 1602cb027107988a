"""Whether a ticket is archived: it can be read, and takes nothing any more.

Jira refuses a change to it as it refuses whoever has no right, and never says why. Data Center tells by a field of the
ticket, both by the ticket's project where all of it is archived. Of a single ticket in Cloud nothing tells but the
search, which leaves it out. So it is found out after a refusal only. Source: Atlassian Support, "Archive a project",
"Archive an issue" (read by a direct link, found by no search, no changes); "Get project" (``archived``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable

from ..errors import Forbidden, ResponderError
from ..http_transport import member, objects
from ..remembered import Remembered
from .connection import JiraConnection
from .failures import FieldsRefused
from .lookup import issue_key, moment, numeric_id
from .model import Archived

#: Seconds for which it is believed: what is archived can be restored.
KNOWN_FOR = 600.0
#: Seconds after which a search has a ticket; by Jira's clock and ours.
INDEXED_AFTER = 3_600.0


class Archives:
    """Of one site. Safe to share between threads."""

    def __init__(self, jira: JiraConnection, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._jira = jira
        #: Tickets by id and by key -> their key.
        self._known: Remembered[str] = Remembered(KNOWN_FOR, monotonic=monotonic)

    def check(self, ticket: str) -> None:
        """Raises Archived, without a request, where it is known of a ticket (its id, or a key)."""
        key = self._known.get(ticket)
        if key is not None:
            raise self._archived(key, is_news=False)

    @contextmanager
    def told_from_refusals(
        self, *tickets: str, refused: tuple[type[ResponderError], ...] = (FieldsRefused, Forbidden)
    ) -> Iterator[None]:
        """Raises Archived in place of what Jira refuses to do with an archived ticket."""
        try:
            yield
        except refused:
            for ticket in tickets:
                self.look(ticket)
            raise

    def look(self, ticket: str) -> None:
        """Ask whether a ticket that takes nothing is archived. Raises Archived; nothing where nobody can say."""
        try:
            key = self._archived_key(ticket)
        except ResponderError:
            # What Jira has refused is said in any case.
            return
        if key:
            raise self._archived(key, is_news=True)

    def _archived(self, key: str, is_news: bool) -> Archived:
        return Archived(f"{self._jira.target}: ticket {key} is archived.", is_news)

    def _archived_key(self, ticket: str) -> str:
        """The ticket's key; empty where it is not archived."""
        number, key, project, created, is_marked = self._jira.get(
            f"issue/{ticket}", _read, fields="project,created,archiveddate"
        )
        # Data Center refuses to search for what it does not find.
        is_searched = self._jira.cloud and time.time() - created > INDEXED_AFTER
        if not (is_marked or is_archived_project(self._jira, project) or (is_searched and not self._is_found(number))):
            return ""
        self._known.put(number, key)
        self._known.put(key, key)
        return key

    def _is_found(self, number: str) -> bool:
        return self._jira.get(
            "search/jql", lambda body: bool(objects(body, "issues")), jql=f"id = {number}", fields="created"
        )


def is_archived_project(jira: JiraConnection, project: str) -> bool:
    """``project``: its id or key. Raises as ``JiraConnection.get``."""
    return jira.get(f"project/{project}", lambda body: _is_true(body, "archived"))


def _is_true(body: Any, name: str) -> bool:
    return isinstance(body, dict) and body.get(name) is True


def _read(body: Any) -> tuple[str, str, str, float, bool]:
    fields = member(body, "fields", dict)
    project = numeric_id(member(fields, "project", dict))
    return numeric_id(body), issue_key(body), project, moment(fields.get("created")), bool(fields.get("archiveddate"))
