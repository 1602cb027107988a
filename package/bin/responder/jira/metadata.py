"""What a project takes when a ticket is created: its issue types, and the fields on the screen of one of them.

Source: developer.atlassian.com, "Get create metadata issue types for a project" and "Get create field metadata for a
project and issue type id"; Data Center has the same pair since 8.4.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ..errors import Curable
from ..http_failures import quote_text
from ..http_transport import objects
from ..remembered import Remembered
from .connection import JiraConnection

#: Seconds for which it is believed.
KNOWN_FOR = 300.0
_MAX_PAGES = 20
#: What fields take whose values are objects of Assets (formerly Insight), known by ids of a database of their own.
ASSETS = "objects of Assets, which the app cannot fill"

Field = Mapping[str, Any]


class CreateMetadata:
    """Of one site. Safe to share between threads."""

    def __init__(self, jira: JiraConnection, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._jira = jira
        self._read: Remembered[list[dict[str, Any]]] = Remembered(KNOWN_FOR, monotonic=monotonic)

    def fields(self, project: str, issue_type: str, fresh: bool = False) -> list[dict[str, Any]]:
        """The fields of a create screen. Raises Curable where the project has no such type, and as ``get`` does.

        ValueError where the answer names a type that cannot be asked about. ``fresh``: as of now.
        """
        types = self.types(project, fresh)
        chosen = next((t for t in types if str(t.get("name", "")).lower() == issue_type.lower()), None)
        if chosen is None:
            names = quote_text(", ".join(str(t.get("name")) for t in types if not t.get("subtask"))) or "none"
            raise Curable(
                f"{self._jira.target}: project '{project}' has no issue type '{quote_text(issue_type)}'.",
                f"Choose one of: {names}.",
            )
        number = str(chosen.get("id"))
        if not number.isdecimal():
            raise ValueError("not the id of an issue type")
        return self._listed(f"issue/createmeta/{project}/issuetypes/{number}", "fields", fresh)

    def types(self, project: str, fresh: bool = False) -> list[dict[str, Any]]:
        """The issue types of a project. Raises as ``get``."""
        return self._listed(f"issue/createmeta/{project}/issuetypes", "issueTypes", fresh)

    def _listed(self, path: str, cloud_name: str, fresh: bool) -> list[dict[str, Any]]:
        found = None if fresh else self._read.get(path)
        if found is None:
            found = self._all(path, cloud_name)
            self._read.put(path, found)
        return found

    def _all(self, path: str, cloud_name: str) -> list[dict[str, Any]]:
        """All entries of all pages (Cloud names its list, Data Center calls it ``values``)."""

        def page(body: Any) -> tuple[list[dict[str, Any]], bool, int]:
            name = cloud_name if isinstance(body, dict) and cloud_name in body else "values"
            entries, total = objects(body, name), body.get("total")
            return entries, body.get("isLast") is True, total if isinstance(total, int) else sys.maxsize

        found: list[dict[str, Any]] = []
        for _ in range(_MAX_PAGES):
            entries, last, total = self._jira.get(path, page, startAt=len(found), maxResults=50)
            found += entries
            if last or not entries or len(found) >= total:
                break
        return found


def id_of(field: Field) -> str:
    return str(field.get("fieldId") or field.get("key") or "")


def name_of(field: Field) -> str:
    """As people are shown it, in one line."""
    return f"{quote_text(str(field.get('name')))} ({id_of(field)})"


def is_asset(field: Field) -> bool:
    """Source: Atlassian, "Assets REST API" (Cloud: ``cmdb-object-cftype``), Insight's types on Data Center."""
    schema = field.get("schema")
    kind = f"{schema.get('items')} {schema.get('custom')}" if isinstance(schema, dict) else ""
    return any(part in kind for part in ("cmdb-object", ":rlabs-customfield-"))


def missing(fields: Sequence[Field], given: Mapping[str, Any]) -> list[str]:
    """Fields that a ticket must have, that Jira does not fill and that are not given."""
    return [
        f"{name_of(field)}: {ASSETS}" if is_asset(field) else name_of(field)
        for field in fields
        if field.get("required") and not field.get("hasDefaultValue") and id_of(field) not in given
    ]


def not_filled(target: str, project: str, issue_type: str, names: list[str]) -> Curable:
    return Curable(
        f"{target}: project '{project}' requires fields for issue type '{quote_text(issue_type)}' that this "
        f"app does not fill: {quote_text(', '.join(names))}.",
        "Fill them by 'Other fields' on the Jira sites tab, give them a default in Jira, make them optional, or choose "
        "another issue type.",
    )
