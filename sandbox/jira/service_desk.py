"""What Jira Service Management adds to an issue: its request type, and the organizations that see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.jira.model import CustomField, FieldError, Project

#: By the type of the field, its schema.
TYPES: Mapping[str, Mapping[str, str]] = {
    "vp-origin": {"type": "sd-customerrequesttype", "custom": "com.atlassian.servicedesk:vp-origin"},
    "sd-customer-organizations": {
        "type": "array",
        "items": "sd-customerorganization",
        "custom": "com.atlassian.servicedesk:sd-customer-organizations",
    },
}


def portal_key(project: Project, number: str) -> str:
    """How Data Center takes a request type: the key of the portal and that of the type."""
    return f"{project.key.lower()}/{project.request_types[number].lower().replace(' ', '-')}"


def value(field: CustomField, entered: Any, project: Project, version: str) -> Any:
    """A request type's id, or ids of organizations. Raises ``FieldError``.

    REST v2 is taken for Data Center's, which knows a request type by its key only.
    """
    if entered is None:
        return None
    if field.type == "vp-origin":
        if not isinstance(entered, str):
            raise FieldError("Operation value must be a string")
        known = {number if version == "3" else portal_key(project, number): number for number in project.request_types}
        if entered not in known:
            raise FieldError(f"The request type '{entered}' is not valid for this issue type and project.")
        return known[entered]
    if not isinstance(entered, list):
        raise FieldError("Operation value must be an array")
    for index, number in enumerate(entered):
        if not isinstance(number, int):
            raise FieldError(f"Operation value must be a number at array index {index}")
        if str(number) not in project.organizations:
            raise FieldError(f"The organization with ID {number} does not exist.")
    return [str(number) for number in entered]


def shown(field: CustomField, stored: Any, project: Project, rest: str) -> Any:
    """As an issue shows it."""
    if stored is None:
        return None
    if field.type == "vp-origin":
        name = project.request_types[stored]
        return {"requestType": {"id": stored, "name": name, "_links": {"self": f"{rest}/requesttype/{stored}"}}}
    return [{"id": number, "name": project.organizations[number]} for number in stored]
