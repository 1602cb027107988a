"""One request to Jira's REST API, as the operations see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request

from sandbox.jira.model import JiraError, Project
from sandbox.jira.site import Site
from sandbox.jira.store import Store
from sandbox.jira.views import View


@dataclass(frozen=True)
class Call:
    """One request to the REST API, with what its handler needs."""

    site: Site
    request: Request
    version: str
    store: Store
    view: View

    def body(self) -> dict[str, Any]:
        """The JSON object in the request. Raises ``JiraError`` 400."""
        body = self.request.get_json(silent=True, force=True)
        if not isinstance(body, dict):
            raise JiraError(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        if self.request.mimetype != "application/json":
            raise JiraError(415)
        return body

    def number(self, name: str, default: int, most: int = 10**9) -> int:
        """A whole number of the query string. Raises ``JiraError`` 400."""
        text = self.request.args.get(name, str(default))
        if not text.isdigit():
            raise JiraError(400, f"The value '{text}' is not a number for '{name}'.")
        return min(int(text), most)

    def page(self, values: Sequence[Any], usual: int = 50, most: int = 100) -> dict[str, Any]:
        """The part of a list that the query string asks for. Raises ``JiraError`` 400."""
        start, size = self.number("startAt", 0), self.number("maxResults", usual, most)
        return {
            "startAt": start,
            "maxResults": size,
            "total": len(values),
            "isLast": start + size >= len(values),
            "values": values[start : start + size],
        }

    def names(self, name: str, default: str = "") -> list[str]:
        """A list of the query string, given repeated or with commas."""
        values = self.request.args.getlist(name) or [default]
        return [part.strip() for value in values for part in value.split(",") if part.strip()]

    def issue(self, id_or_key: str) -> dict[str, Any]:
        """The issue. Raises ``JiraError`` 404 where there is none or its project may not be seen."""
        found = self.store.issue(id_or_key)
        if found is None or not self.site.projects[found["project"]].may_browse:
            raise JiraError(
                404,
                "Issue does not exist or you do not have permission to see it."
                if self.site.cloud
                else "Issue Does Not Exist",
            )
        return found

    def project(self, id_or_key: str) -> Project:
        """The project. Raises ``JiraError`` 404."""
        found = self.site.projects.get(id_or_key.upper())
        if id_or_key.isdigit() and 0 <= int(id_or_key) - 10000 < len(self.site.projects):
            found = list(self.site.projects.values())[int(id_or_key) - 10000]
        if found is None or not found.may_browse:
            raise JiraError(404, f"No project could be found with key '{id_or_key}'.")
        return found
