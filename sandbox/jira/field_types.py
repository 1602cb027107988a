"""The types of fields that have more to them than a text: how the create metadata describe them, and what Jira takes.

Source: developer.atlassian.com, "Create issue" (examples of each type) and "Get create field metadata".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Callable

from sandbox.jira.model import CustomField, Project, find_user

_CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"
#: Type -> its schema, without the name of the custom field.
SCHEMAS: Mapping[str, Mapping[str, str]] = {
    "textfield": {"type": "string"},
    "textarea": {"type": "string"},
    "url": {"type": "string"},
    "float": {"type": "number"},
    "datepicker": {"type": "date"},
    "datetime": {"type": "datetime"},
    "select": {"type": "option"},
    "radiobuttons": {"type": "option"},
    "multiselect": {"type": "array", "items": "option"},
    "cascadingselect": {"type": "option-with-child"},
    "userpicker": {"type": "user"},
    "multiuserpicker": {"type": "array", "items": "user"},
    "labels": {"type": "array", "items": "string"},
    "multicheckboxes": {"type": "array", "items": "option"},
    "version": {"type": "version"},
    "multiversion": {"type": "array", "items": "version"},
    "grouppicker": {"type": "group"},
    "multigrouppicker": {"type": "array", "items": "group"},
    "project": {"type": "project"},
    "atlassian-team": {"type": "team"},
    "gh-sprint": {"type": "array", "items": "json"},
    "gh-epic-link": {"type": "any"},
    "cmdb-object-cftype": {"type": "array", "items": "cmdb-object-field"},
}
_GREENHOPPER, _ASSETS = "com.pyxis.greenhopper.jira:", "com.atlassian.jira.plugins.cmdb:"
_GROUPS, _PROJECTS = ("security-approvers", "jira-users"), ("SEC", "OPS", "FORM")
#: Lists of a project that system fields choose from.
SYSTEM_LISTS = {"components": "components", "fixVersions": "versions", "security": "security_levels"}
SYSTEM: Mapping[str, tuple[str, dict[str, Any]]] = {
    "components": ("Components", {"type": "array", "items": "component", "system": "components"}),
    "fixVersions": ("Fix versions", {"type": "array", "items": "version", "system": "fixVersions"}),
    "security": ("Security Level", {"type": "securitylevel", "system": "security"}),
    "parent": ("Parent", {"type": "issuelink", "system": "parent"}),
}


#: The value of a field as it is kept, of what was entered, in Cloud or not. Raises WrongValue.
Reader = Callable[[CustomField, Any, bool], Any]


class WrongValue(Exception):
    """What Jira says of a value that a field does not take."""


def schema(field: CustomField) -> dict[str, Any]:
    prefix = {"gh": _GREENHOPPER, "cmdb": _ASSETS}.get(field.type.partition("-")[0], _CUSTOM)
    return {**SCHEMAS[field.type], "custom": prefix + field.type, "customId": int(field.id.rsplit("_", 1)[1])}


def options(field: CustomField) -> list[dict[str, Any]]:
    """The options of a field that has any; of a cascading one each with its children."""
    number, found = int(field.id.rsplit("_", 1)[1]) * 100, dict[str, dict[str, Any]]()
    for place, text in enumerate(field.options):
        above, _, below = (part.strip() for part in text.partition(" > "))
        called = "name" if field.type.endswith("version") else "value"
        one = found.setdefault(above, {"id": str(number + place), called: above})
        if below:
            one.setdefault("children", []).append({"id": str(number + 50 + place), "value": below})
    return list(found.values())


def listed(project: Project, name: str) -> list[dict[str, Any]]:
    """What a system field of a project chooses from."""
    first = 20_000 + 1_000 * list(SYSTEM_LISTS).index(name)
    return [{"id": str(first + n), "name": one} for n, one in enumerate(getattr(project, SYSTEM_LISTS[name]))]


def read_system(name: str, value: Any, project: Project) -> Any:
    """Raises ``WrongValue``."""
    if value is None:
        return None
    if name == "parent":
        if not isinstance(value, dict) or not isinstance(value.get("key") or value.get("id"), str):
            raise WrongValue("data was not an object")
        return {"key": value.get("key") or value["id"]}
    known = listed(project, name)
    if name == "security":
        return _one_of(known, value, "name", "Security level is not valid")
    if not isinstance(value, list):
        raise WrongValue("data was not an array")
    return [_one_of(known, one, "name", f"{SYSTEM[name][0]} name is not valid") for one in value]


def read_custom(field: CustomField, value: Any, cloud: bool) -> Any:
    """The value of a custom field other than a text. Raises ``WrongValue``."""
    return None if value is None else _READERS[field.type](field, value, cloud)


def _one_of(known: list[dict[str, Any]], value: Any, called: str, otherwise: str) -> dict[str, Any]:
    is_named = isinstance(value, dict) and bool(value.get("id") or value.get(called))
    if not is_named or set(value) - {"id", called, "child"}:
        raise WrongValue(f"Specify a valid 'id' or '{called}'")
    for one in known:
        if value.get("id") == one["id"] or ("id" not in value and value.get(called) == one[called]):
            return {"id": one["id"], called: one[called]}
    raise WrongValue(otherwise)


def _several(read: Reader) -> Reader:
    """What a list of such values takes."""

    def read_all(field: CustomField, value: Any, cloud: bool) -> Any:
        if not isinstance(value, list):
            raise WrongValue("data was not an array")
        return [read(field, one, cloud) for one in value]

    return read_all


def _option(field: CustomField, value: Any, _cloud: bool) -> Any:
    return _one_of(options(field), value, "value", f"Option '{value}' is not valid for the field '{field.name}'.")


def _version(field: CustomField, value: Any, _cloud: bool) -> Any:
    return _one_of(options(field), value, "name", "Version name is not valid")


def _group(field: CustomField, value: Any, _cloud: bool) -> Any:
    if not isinstance(value, dict) or set(value) != {"name"}:
        raise WrongValue("data was not an object")
    if value["name"] not in _GROUPS:
        raise WrongValue(f"Group '{value['name']}' does not exist.")
    return value


def _project(field: CustomField, value: Any, _cloud: bool) -> Any:
    if not isinstance(value, dict) or value.get("key") not in _PROJECTS:
        raise WrongValue("Project could not be found")
    return value


def _sprint(field: CustomField, value: Any, _cloud: bool) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongValue("Number value expected as the Sprint id.")
    return value


def _team(field: CustomField, value: Any, _cloud: bool) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(-\d+)?", value):
        raise WrongValue("Team id is not valid.")
    return value


def _cascading(field: CustomField, value: Any, cloud: bool) -> Any:
    chosen = _option(field, value, cloud)
    if "child" in value:
        above = next(one for one in options(field) if one["id"] == chosen["id"])
        chosen["child"] = _one_of(above.get("children", []), value["child"], "value", "The child option is not valid.")
    return chosen


def _number(field: CustomField, value: Any, _cloud: bool) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise WrongValue("Operation value must be a number")
    return float(value)


def _date(field: CustomField, value: Any, _cloud: bool) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise WrongValue(f"Error parsing date string: {value}")
    return value


def _datetime(field: CustomField, value: Any, _cloud: bool) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}", value):
        raise WrongValue(f"Error parsing time: {value}")
    return value


def _user(field: CustomField, value: Any, cloud: bool) -> Any:
    wanted = {"accountId", "id"} if cloud else {"name"}
    if not isinstance(value, dict) or not set(value) <= wanted:
        raise WrongValue("data was not an object")
    found = find_user(value)
    if found is None:
        raise WrongValue("User does not exist.")
    return {"accountId": found.account_id} if cloud else {"name": found.name}


def _labels(field: CustomField, value: Any, _cloud: bool) -> Any:
    if not isinstance(value, list) or not all(isinstance(one, str) and not re.search(r"\s", one) for one in value):
        raise WrongValue("data was not an array of strings without spaces")
    return value


def _url(field: CustomField, value: Any, _cloud: bool) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s<>\"]{1,240}", value):
        raise WrongValue("The URL is not valid.")
    return value


def _epic(field: CustomField, value: Any, _cloud: bool) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z][A-Z0-9_]*-\d+", value):
        raise WrongValue("data was not a string")
    return value


_READERS: Mapping[str, Reader] = {
    "url": _url,
    "float": _number,
    "datepicker": _date,
    "datetime": _datetime,
    "select": _option,
    "radiobuttons": _option,
    "multiselect": _several(_option),
    "cascadingselect": _cascading,
    "userpicker": _user,
    "multiuserpicker": _several(_user),
    "labels": _labels,
    "multicheckboxes": _several(_option),
    "version": _version,
    "multiversion": _several(_version),
    "grouppicker": _group,
    "multigrouppicker": _several(_group),
    "project": _project,
    "atlassian-team": _team,
    "gh-sprint": _sprint,
    "gh-epic-link": _epic,
}
