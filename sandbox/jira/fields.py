"""The fields of an issue: which are on a project's screen, and what Jira takes in them when creating and editing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandbox.jira import adf, field_types, service_desk
from sandbox.jira.model import (
    ISSUE_TYPE_IDS,
    ME,
    PRIORITIES,
    CustomField,
    FieldError,
    JiraError,
    Project,
    find_user,
    is_archived,
    java_length,
)

MAX_SUMMARY = 255
MAX_TEXT = 32_767
MAX_LABEL = 255
MAX_PROPERTY = 32_768
_TOO_LONG = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
_NOT_ADF = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"


def blank(project: Project, now: float) -> dict[str, Any]:
    """An issue of ``project`` with nothing entered yet."""
    return {
        "project": project.key,
        "issuetype": "",
        "summary": "",
        "description": None,
        "environment": None,
        "labels": [],
        "priority": "3" if "priority" in project.screen else None,
        "assignee": None,
        "reporter": ME.account_id,
        "status": "10000",
        "resolution": None,
        "resolutiondate": None,
        "duedate": None,
        **dict.fromkeys(field_types.SYSTEM),
        "watchers": [],
        "custom": {},
        "created": now,
        "updated": now,
    }


def fill(
    issue: dict[str, Any], entered: Mapping[str, Any], project: Project, version: str, creating: bool, cloud: bool
) -> None:
    """Take the entered fields into ``issue``. Raises ``JiraError`` 400 naming every field that is refused."""
    errors = {}
    custom = {field.id: field for field in project.custom_fields}
    allowed = {"summary", "issuetype", *project.screen, *custom} | ({"project"} if creating else set())
    for name, value in entered.items():
        try:
            if name not in allowed:
                raise FieldError(f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown.")
            if name in custom:
                issue["custom"][name] = _custom(custom[name], value, project, version, cloud)
            elif name in field_types.SYSTEM:
                issue[name] = field_types.read_system(name, value, project)
            elif name != "project":
                issue[name] = _read(name, value, project, version)
        except (FieldError, field_types.WrongValue) as error:
            errors[name] = str(error)
    if creating:
        if not entered.get("summary"):
            errors.setdefault("summary", "You must specify a summary of the issue.")
        if "issuetype" not in entered:
            errors["issuetype"] = "Specify an issue type"
    for field in project.custom_fields:
        if field.required and not issue["custom"].get(field.id):
            errors.setdefault(field.id, f"{field.name} is required.")
    if errors:
        raise JiraError(400, errors=errors)


def _custom(field: CustomField, value: Any, project: Project, version: str, cloud: bool) -> Any:
    if field.type in service_desk.TYPES:
        return service_desk.value(field, value, project, version)
    if field.type == "textarea":
        return rich_text(value, version)
    return _string(value, MAX_SUMMARY) if field.type == "textfield" else field_types.read_custom(field, value, cloud)


def _read(name: str, value: Any, project: Project, version: str) -> Any:
    if name == "summary":
        return _summary(value)
    if name in ("description", "environment"):
        return rich_text(value, version)
    if name == "labels":
        return labels(value)
    if name == "issuetype":
        return _issue_type(value, project)
    if name == "priority":
        return _priority(value)
    if name in ("assignee", "reporter"):
        return user(value)
    if name == "duedate":
        if value is not None and not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
            raise FieldError("Error parsing date string: " + str(value))
        return value
    raise FieldError(f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown.")


def _summary(value: Any) -> str:
    if not isinstance(value, str):
        raise FieldError("Operation value must be a string")
    if not value.strip():
        raise FieldError("You must specify a summary of the issue.")
    if "\n" in value or "\r" in value:
        raise FieldError("The summary is invalid because it contains newline characters.")
    if java_length(value) > MAX_SUMMARY:
        raise FieldError("Summary can't exceed 255 characters.")
    return value.strip()


def rich_text(value: Any, version: str) -> dict[str, Any] | None:
    """A v3 document or a v2 wiki string, checked and marked as what it is. Raises ``FieldError``."""
    if value is None:
        return None
    if version != "3":
        return {"wiki": _string(value, MAX_TEXT)}
    if not isinstance(value, dict):
        raise FieldError(_NOT_ADF)
    try:
        adf.validate(value)
    except adf.InvalidAdf as error:
        raise FieldError(f"INVALID_INPUT: {error}") from error
    if adf.size(value) > MAX_TEXT:
        raise FieldError(_TOO_LONG)
    return {"adf": value}


def _string(value: Any, limit: int) -> str:
    if not isinstance(value, str):
        raise FieldError("Operation value must be a string")
    if java_length(value) > limit:
        raise FieldError(
            _TOO_LONG if limit == MAX_TEXT else f"The entered text is too long ({limit} characters at most)."
        )
    return value


def labels(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        raise FieldError("data was not an array of strings")
    for label in value:
        if not label or re.search(r"\s", label):
            raise FieldError(f"The label '{label}' contains spaces which is invalid.")
        if java_length(label) > MAX_LABEL:
            raise FieldError(f"The label '{label}' exceeds the maximum length of 255 characters.")
    return sorted(set(value))


def _issue_type(value: Any, project: Project) -> str:
    if isinstance(value, dict):
        for name in project.issue_types:
            if value.get("id") == ISSUE_TYPE_IDS[name] or str(value.get("name", "")).lower() == name.lower():
                return ISSUE_TYPE_IDS[name]
    raise FieldError("Specify a valid issue type")


def _priority(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict):
        for number, name in PRIORITIES.items():
            if value.get("id") == number or value.get("name") == name:
                return number
        if "name" in value:
            raise FieldError("The priority selected is invalid.")
    raise FieldError("Specify the Priority (id or name) in string format")


def user(value: Any) -> str | None:
    """Account id of the user meant by ``{"accountId"}``, ``{"id"}`` or ``{"name"}``."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise FieldError("data was not an object")
    found = find_user(value)
    if found is None:
        raise FieldError(f"User '{value.get('name') or value.get('accountId') or value.get('id')}' does not exist.")
    return found.account_id


def update(issue: dict[str, Any], operations: Mapping[str, Any], project: Project, version: str, cloud: bool) -> None:
    """Carry out the ``update`` part of an edit: ``set`` on any field, ``add`` and ``remove`` on labels."""
    for name, steps in operations.items():
        for step in steps if isinstance(steps, list) else [steps]:
            if not isinstance(step, dict) or len(step) != 1:
                raise JiraError(400, errors={name: "one operation at a time"})
            verb, value = next(iter(step.items()))
            if verb in ("add", "remove") and name == "labels":
                had = set(issue["labels"])
                value = sorted(had | {value} if verb == "add" else had - {value})
            elif verb != "set":
                raise JiraError(400, errors={name: f"Operation '{verb}' is not supported for field '{name}'."})
            fill(issue, {name: value}, project, version, creating=False, cloud=cloud)


# --- create metadata -------------------------------------------------------------------------------------------------

_SCHEMAS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "summary": ("Summary", {"type": "string", "system": "summary"}),
    "issuetype": ("Issue Type", {"type": "issuetype", "system": "issuetype"}),
    "project": ("Project", {"type": "project", "system": "project"}),
    "description": ("Description", {"type": "string", "system": "description"}),
    "environment": ("Environment", {"type": "string", "system": "environment"}),
    "labels": ("Labels", {"type": "array", "items": "string", "system": "labels"}),
    "priority": ("Priority", {"type": "priority", "system": "priority"}),
    "assignee": ("Assignee", {"type": "user", "system": "assignee"}),
    "reporter": ("Reporter", {"type": "user", "system": "reporter"}),
    "duedate": ("Due date", {"type": "date", "system": "duedate"}),
    **field_types.SYSTEM,
}


def create_meta(project: Project, issue_type_id: str, cloud: bool) -> list[dict[str, Any]]:
    """The fields of a project's create screen, in the shape of the split create metadata."""
    metas = []
    for name in ("summary", "issuetype", "project", *project.screen):
        title, schema = _SCHEMAS[name]
        metas.append(
            {
                "fieldId": name,
                "key": name,
                "name": title,
                "schema": schema,
                "required": name in ("summary", "issuetype", "project"),
                "hasDefaultValue": name in ("priority", "reporter"),
                "operations": ["add", "set", "remove"] if name == "labels" else ["set"],
            }
        )
        if name == "priority":
            metas[-1]["allowedValues"] = [{"id": number, "name": title} for number, title in PRIORITIES.items()]
        if name == "issuetype":
            metas[-1]["allowedValues"] = [{"id": issue_type_id}]
        if name in field_types.SYSTEM_LISTS:
            metas[-1]["allowedValues"] = field_types.listed(project, name)
    for field in project.custom_fields:
        metas.append(
            {
                "fieldId": field.id,
                "key": field.id,
                "name": field.name,
                "required": field.required,
                "hasDefaultValue": False,
                "operations": ["set"],
                "schema": _custom_schema(field),
            }
        )
        if field.options:
            metas[-1]["allowedValues"] = field_types.options(field)
    if not cloud:
        for meta in metas:
            del meta["key"]
    return metas


def is_editable(project: Project, issue: Mapping[str, Any]) -> bool:
    """Whether an issue takes edits: we may, and its status lets anybody (workflow property ``jira.issue.editable``)."""
    is_open = issue["status"] not in project.uneditable_statuses and not is_archived(project, issue)
    return project.may_edit and is_open


def edit_meta(project: Project, issue: Mapping[str, Any], cloud: bool) -> dict[str, Any]:
    """The fields of an issue's edit screen by id; none where nobody may edit it. Source: "Get edit issue metadata"."""
    if not is_editable(project, issue):
        return {}
    metas = {meta["fieldId"]: meta for meta in create_meta(project, issue["issuetype"], cloud)}
    del metas["project"]
    for meta in metas.values():
        if cloud:
            del meta["fieldId"]
    return metas


def _custom_schema(field: CustomField) -> dict[str, Any]:
    if field.type in service_desk.TYPES:
        return {**service_desk.TYPES[field.type], "customId": int(field.id.rsplit("_", 1)[1])}
    return field_types.schema(field)


def all_fields(projects: list[Project]) -> list[dict[str, Any]]:
    """What ``GET /field`` lists: the system fields and every custom field of the site."""
    listed = [
        {
            "id": name,
            "name": title,
            "custom": False,
            "orderable": True,
            "navigable": True,
            "searchable": True,
            "clauseNames": [name],
            "schema": schema,
        }
        for name, (title, schema) in _SCHEMAS.items()
    ]
    for field in {field.id: field for project in projects for field in project.custom_fields}.values():
        number = field.id.rsplit("_", 1)[1]
        listed.append(
            {
                "id": field.id,
                "name": field.name,
                "custom": True,
                "orderable": True,
                "navigable": True,
                "searchable": True,
                "clauseNames": [f"cf[{number}]", field.name],
                "schema": _custom_schema(field),
            }
        )
    return listed
