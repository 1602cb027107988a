"""Why Jira refused to create a ticket, naming what a person has to change.

Jira's own messages name fields by id (``customfield_10010``) and do not list what would be accepted; the project's
create metadata does. It is read only here, after a refusal.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from ..errors import Curable, ResponderError
from ..http_failures import quote_text
from ..http_transport import objects
from ..remembered import Remembered
from .connection import JiraConnection
from .failures import FieldsRefused

_MAX_PAGES = 10


def explain(
    jira: JiraConnection,
    project: str,
    issue_type: str,
    sent: Mapping[str, Any],
    refusal: FieldsRefused,
    remembered: Remembered[list[dict[str, Any]]],
) -> Curable:
    """The refusal with what is missing or unknown by name; the refusal itself when Jira does not tell.

    ``remembered``: what was read a short while ago, by path. It only words the explanation; Jira itself has refused.
    """

    def read(path: str, cloud_name: str) -> list[dict[str, Any]]:
        found = remembered.get(path)
        if found is None:
            found = _all(jira, path, cloud_name)
            remembered.put(path, found)
        return found

    try:
        types = read(f"issue/createmeta/{project}/issuetypes", "issueTypes")
        chosen = next((t for t in types if str(t.get("name", "")).lower() == issue_type.lower()), None)
        if chosen is None:
            names = quote_text(", ".join(str(t.get("name")) for t in types if not t.get("subtask"))) or "none"
            return Curable(
                f"{jira.target}: project '{project}' has no issue type '{quote_text(issue_type)}'.",
                f"Choose one of: {names}.",
            )
        number = str(chosen.get("id"))
        if not number.isdecimal():
            return refusal
        fields = read(f"issue/createmeta/{project}/issuetypes/{number}", "fields")
    except ResponderError as error:
        return _without_metadata(jira, project, refusal, error)
    return _by_field(jira, project, issue_type, sent, refusal, fields)


def _without_metadata(jira: JiraConnection, project: str, refusal: FieldsRefused, error: ResponderError) -> Curable:
    if "project" in refusal.fields:
        return Curable(
            f"{jira.target}: no tickets can be created in project '{project}': "
            f"{quote_text(refusal.fields['project'])}.",
            "Check the project's key, and that the token's owner may create issues in it.",
        )
    return Curable(refusal.message, f"{refusal.hint} (The project's fields could not be read: {error.message})")


def _by_field(
    jira: JiraConnection,
    project: str,
    issue_type: str,
    sent: Mapping[str, Any],
    refusal: FieldsRefused,
    fields: list[dict[str, Any]],
) -> Curable:
    missing = [
        f"{field.get('name')} ({_id(field)})"
        for field in fields
        if field.get("required") and not field.get("hasDefaultValue") and _id(field) not in sent
    ]
    if missing:
        return Curable(
            f"{jira.target}: project '{project}' requires fields for issue type '{quote_text(issue_type)}' that this "
            f"app does not fill: {quote_text(', '.join(missing))}.",
            "Give them a default in Jira, make them optional, or choose another issue type.",
        )
    known = {_id(field) for field in fields}
    unknown = [name for name in refusal.fields if name in sent and name not in known]
    if unknown:
        return Curable(
            f"{jira.target}: fields are not on the create screen of '{quote_text(issue_type)}' in project "
            f"'{project}': {', '.join(unknown)}.",
            "Add them to the screen in Jira, or choose another issue type.",
        )
    return refusal


def _id(field: Mapping[str, Any]) -> str:
    return str(field.get("fieldId") or field.get("key") or "")


def _all(jira: JiraConnection, path: str, cloud_name: str) -> list[dict[str, Any]]:
    """All entries of paged create metadata (Cloud names its list, Data Center calls it ``values``)."""

    def page(body: Any) -> tuple[list[dict[str, Any]], bool, int]:
        name = cloud_name if isinstance(body, dict) and cloud_name in body else "values"
        entries, total = objects(body, name), body.get("total")
        return entries, body.get("isLast") is True, total if isinstance(total, int) else sys.maxsize

    found: list[dict[str, Any]] = []
    for _ in range(_MAX_PAGES):
        entries, last, total = jira.get(path, page, startAt=len(found), maxResults=50)
        found += entries
        if last or not entries or len(found) >= total:
            break
    return found
