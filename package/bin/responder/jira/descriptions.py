"""Writes a case's box in a ticket's description, and finds out where it may not.

Who cannot edit a ticket can still create and comment on it. So a right that is missing is a fact about the project,
found out once and remembered for a while, and no failure of each edit.
"""

from __future__ import annotations

from typing import Any, Callable

from ..documents.document import Panel
from ..errors import Forbidden
from ..http_guard import Guard
from ..http_transport import member
from ..remembered import Remembered
from . import adf, wiki
from .check import EDIT, has_permission
from .connection import JiraConnection
from .failures import FieldsRefused
from .lookup import issue_key
from .model import NotEditable

#: Seconds for which it is believed that the tickets of a project may not be edited.
KNOWN_FOR = 3600.0


class Descriptions:
    """Of one site. Safe to share between threads."""

    def __init__(self, jira: JiraConnection, monotonic: Callable[[], float]) -> None:
        self._jira = jira
        #: Project -> what is said of it.
        self._closed = Remembered[str](KNOWN_FOR, monotonic=monotonic)

    def check(self, key: str) -> None:
        """Raises NotEditable, without a request, where it is known that a ticket (its key) may not be edited."""
        known = self._closed.get(_project(key))
        if known is not None:
            raise NotEditable(known, _GRANT, is_news=False)

    def put_panel(self, key: str, panel: Panel, before_send: Guard) -> str:
        """As ``Tickets.put_panel``."""
        path = f"issue/{key}"
        # As it is called now: it may have been moved to another project.
        named, read = self._jira.get(path, _description, fields="description")
        placed = adf.place(read, panel) if self._jira.cloud else wiki.place(read, panel)
        if placed.status != "written":
            return placed.status
        try:
            self._jira.submit(path, {"fields": {"description": placed.description}}, before_send, "PUT")
        except (Forbidden, FieldsRefused) as refusal:
            raise self._refused(named, refusal) from None
        return placed.status

    def _refused(self, key: str, refusal: Forbidden | FieldsRefused) -> NotEditable:
        """Jira words a missing right as it likes (403, or a field that is not on the screen), so it is asked for it.

        For the project: that one ticket cannot be edited, because of its status or its size, says nothing of others.
        """
        project = _project(key)
        about = {"projectKey": project, **({"permissions": EDIT} if self._jira.cloud else {})}
        granted = self._jira.get("mypermissions", lambda body: member(body, "permissions", dict), **about)
        if has_permission(granted, EDIT):
            hint = "Put Description on the edit screen. A status may forbid edits, and the text may be too long."
            return NotEditable(
                f"{self._jira.target}: the description of ticket {key} cannot be edited ({refusal.message})", hint
            )
        said = f"{self._jira.target}: the token's owner may not edit the tickets of project '{project}'."
        self._closed.put(project, said)
        return NotEditable(said, _GRANT)


_GRANT = "Grant the permission Edit issues, so that tickets show the current state of their case."


def _project(key: str) -> str:
    return key.rpartition("-")[0]


def _description(body: Any) -> tuple[str, Any]:
    """The ticket's key, and its description: None where it is empty.

    Raises ValueError where the field is missing: that is no ticket as we asked for it.
    """
    fields = member(body, "fields", dict)
    if "description" not in fields:
        raise ValueError("no description in the answer")
    return issue_key(body), fields["description"]
