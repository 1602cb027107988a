"""Why Jira refused to create a ticket, in words that name what a person has to change.

Jira's own messages name fields by id (``customfield_10010``) and do not list what would be accepted; the project's
create metadata does. It is read only here, after a refusal.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional
from urllib.parse import quote

from ..errors import Rejected, ResponderError
from ..http_failures import quoted
from .connection import FieldsRefused, JiraConnection


def explain(
    jira: JiraConnection, project: str, issue_type: str, sent: Mapping[str, Any], refusal: FieldsRefused
) -> Rejected:
    """The refusal with what is missing or unknown by name; the refusal itself when Jira does not tell."""
    try:
        types = _all(jira, f"issue/createmeta/{quote(project, safe='')}/issuetypes", "issueTypes")
        chosen = next((t for t in types if str(t.get("name", "")).lower() == issue_type.lower()), None)
        if chosen is None:
            names = quoted(", ".join(str(t.get("name")) for t in types if not t.get("subtask"))) or "none"
            return Rejected(
                f"{jira.where}: project '{project}' has no issue type '{issue_type}'.", f"Choose one of: {names}."
            )
        path = f"issue/createmeta/{quote(project, safe='')}/issuetypes/{quote(str(chosen['id']), safe='')}"
        fields = _all(jira, path, "fields")
    except ResponderError as error:
        return _without_metadata(jira, project, refusal, error)
    return _by_field(jira, project, issue_type, sent, refusal, fields)


def _without_metadata(jira: JiraConnection, project: str, refusal: FieldsRefused, error: ResponderError) -> Rejected:
    if "project" in refusal.fields:
        return Rejected(
            f"{jira.where}: no tickets can be created in project '{project}': {quoted(refusal.fields['project'])}.",
            "Check the project's key, and that the token's owner may create issues in it.",
        )
    return Rejected(refusal.message, f"{refusal.hint} (The project's fields could not be read: {error.message})")


def _by_field(
    jira: JiraConnection,
    project: str,
    issue_type: str,
    sent: Mapping[str, Any],
    refusal: FieldsRefused,
    fields: List[Dict[str, Any]],
) -> Rejected:
    missing = [
        f"{field.get('name')} ({_id(field)})"
        for field in fields
        if field.get("required") and not field.get("hasDefaultValue") and _id(field) not in sent
    ]
    if missing:
        return Rejected(
            f"{jira.where}: project '{project}' requires fields for issue type '{issue_type}' that this app does not "
            f"fill: {quoted(', '.join(missing))}.",
            "Give them a default in Jira, make them optional, or choose another issue type.",
        )
    known = {_id(field) for field in fields}
    unknown = [name for name in refusal.fields if name in sent and name not in known]
    if unknown:
        return Rejected(
            f"{jira.where}: fields are not on the create screen of '{issue_type}' in project '{project}': "
            f"{', '.join(unknown)}.",
            "Add them to the screen in Jira, or choose another issue type.",
        )
    return refusal


def _id(field: Mapping[str, Any]) -> str:
    return str(field.get("fieldId") or field.get("key") or "")


def _all(jira: JiraConnection, path: str, cloud_key: str) -> List[Dict[str, Any]]:
    """All entries of paged create metadata (Cloud names its list, Data Center calls it ``values``)."""
    found: List[Dict[str, Any]] = []
    for _ in range(10):
        page = jira.get(path, startAt=len(found), maxResults=50)
        entries: Optional[Any] = page.get(cloud_key) or page.get("values")
        found += entries or []
        if not entries or page.get("isLast", False) or len(found) >= int(page.get("total") or 0):
            break
    return found
