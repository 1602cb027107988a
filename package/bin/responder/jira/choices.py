"""What can be chosen for tickets of a site: projects, issue types, and which fields a ticket must have. Writes nothing.

Source: developer.atlassian.com, "Get projects paginated", "Get all issue types for user", "Get priorities", "Get all
statuses", "Get issue link types"; Data Center REST API, "Get all projects".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable

from ..documents.document import clean, one_line
from ..errors import Curable
from ..http_transport import objects
from .connection import JiraConnection
from .metadata import CreateMetadata, Field, id_of
from .model import FieldChoice, ProjectChoice

#: Projects, options of a field, and characters of a name that are given.
MOST, OPTIONS, LONGEST = 200, 50, 120
_PAGE = 50
#: Filled by the app in every ticket.
_OURS = ("project", "issuetype", "summary", "description", "labels", "reporter")


class Choices:
    """Of one site. Raises what ``JiraConnection.get`` raises."""

    def __init__(self, jira: JiraConnection, metadata: CreateMetadata) -> None:
        self._jira, self._metadata = jira, metadata

    def projects(self) -> list[ProjectChoice]:
        """Those in which tickets may be created, by key; ``MOST`` at most."""
        if not self._jira.cloud:
            return _projects(self._jira.get("project", lambda body: objects({"values": body}, "values")))

        def page(body: Any) -> tuple[list[dict[str, Any]], bool]:
            return objects(body, "values"), body.get("isLast") is True

        found: list[dict[str, Any]] = []
        while len(found) < MOST:
            entries, is_last = self._jira.get(
                "project/search", page, action="create", startAt=len(found), maxResults=_PAGE
            )
            found += entries
            if is_last or not entries:
                break
        return _projects(found)

    def issue_types(self, project: str) -> list[str]:
        """Names, without those of subtasks."""
        listed = self._metadata.types(project, fresh=True)
        return [_shown(one.get("name")) for one in listed if not one.get("subtask") and one.get("name")]

    def every_issue_type(self) -> list[str]:
        """Names of all that the site has, each once, without those of subtasks."""
        return self._names("issuetype", lambda one: not one.get("subtask"))

    def priorities(self) -> list[str]:
        """Names of all that the site has, the highest first."""
        return self._names("priority", lambda one: True)

    def statuses(self) -> list[str]:
        """Names of all that the site's workflows have."""
        return self._names("status", lambda one: True)

    def link_types(self) -> list[str]:
        """Names of the types of links between tickets. Raises NotFound where the site has links switched off."""
        return self._names("issueLinkType", lambda one: True, "issueLinkTypes")

    def _names(self, path: str, is_wanted: Callable[[dict[str, Any]], bool], within: str = "") -> list[str]:
        """``within``: the member of the answer that has the list; empty where the answer is the list."""
        listed = self._jira.get(path, lambda body: objects(body if within else {"values": body}, within or "values"))
        return list(dict.fromkeys(_shown(one["name"]) for one in listed if one.get("name") and is_wanted(one)))

    def required(self, project: str, issue_type: str) -> list[FieldChoice]:
        """Raises Curable where the project has no such issue type."""
        try:
            screen = self._metadata.fields(project, issue_type, fresh=True)
        except ValueError:
            raise Curable(f"{self._jira.target}: the fields of '{project}' cannot be read.", "Choose others.") from None
        return [
            FieldChoice(id_of(one), _shown(one.get("name")), _options(one))
            for one in screen
            if one.get("required") and not one.get("hasDefaultValue") and id_of(one) not in _OURS
        ]


def _projects(entries: Sequence[Field]) -> list[ProjectChoice]:
    found = [ProjectChoice(_shown(one.get("key")), _shown(one.get("name"))) for one in entries if one.get("key")]
    return sorted(found, key=lambda one: one.key)[:MOST]


def _options(one: Field) -> list[str]:
    allowed = one.get("allowedValues")
    values = [option for option in allowed if isinstance(option, dict)] if isinstance(allowed, list) else []
    return [_shown(value.get("value") or value.get("name")) for value in values[:OPTIONS]]


def _shown(text: Any) -> str:
    return one_line(clean(str(text or "")))[:LONGEST]
