"""Workflows: which transitions an issue offers, what their screens take, and what they do."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.jira import field_types
from sandbox.jira.model import RESOLUTIONS, STATUSES, JiraError, Project, Transition, is_archived


def set_status(issue: dict[str, Any], status: str, resolution: str | None = "10000") -> None:
    """Bring an issue into a status; reaching the category done sets a resolution, leaving it clears it."""
    issue["status"] = status
    done = STATUSES[status][1] == "done" and bool(resolution)
    issue["resolution"], issue["resolutiondate"] = (resolution, time.time()) if done else (None, None)


def offered(issue: Mapping[str, Any], project: Project) -> Iterator[tuple[str, Transition]]:
    """What an issue offers now, by id; nothing to whom has no right to make transitions, and where it is archived."""
    if is_archived(project, issue):
        return
    for number, one in project.transitions.items():
        if project.may_transition and issue["status"] in one.sources:
            yield number, one


def transition(
    issue: dict[str, Any],
    wanted: Any,
    entered: Mapping[str, Any],
    project: Project,
    cloud: bool = True,
    is_commented: bool = False,
) -> None:
    """Carry out a transition named by ``{"id"}`` with the fields of its screen, and with a comment or without.

    Raises ``JiraError`` 400 where it is not possible now, and naming each field that is refused.
    """
    number = str(wanted.get("id", "")) if isinstance(wanted, dict) else ""
    if not number:
        raise JiraError(400, "Missing 'transition' identifier")
    one = project.transitions.get(number)
    if one is None:
        raise JiraError(400, f"Transition id '{number}' is not valid for this issue.")
    if number not in dict(offered(issue, project)):
        raise JiraError(
            400,
            f"It seems that you have tried to perform an illegal workflow operation ({one.name}). "
            "The issue may have been changed by somebody else.",
        )
    resolution, custom = _entered(one, entered, {**issue, "comment": is_commented}, cloud)
    set_status(issue, one.target, resolution or one.resolution)
    issue["custom"].update(custom)


def allowed_resolutions(one: Transition) -> dict[str, str]:
    """What a transition's screen offers, by id."""
    return {number: name for number, name in RESOLUTIONS.items() if not one.resolutions or name in one.resolutions}


def _entered(
    one: Transition, entered: Mapping[str, Any], issue: Mapping[str, Any], cloud: bool
) -> tuple[str, dict[str, Any]]:
    """The resolution and the custom fields that were entered. Raises ``JiraError`` 400.

    What is not entered stays as the issue has it, and only what it has not is missing.
    """
    screen, errors = {field.id: field for field in one.screen}, {}
    resolution, custom = "", {}
    for name, value in entered.items():
        if name not in screen or name == "comment":
            errors[name] = f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
        elif name == "resolution":
            wanted = value if isinstance(value, dict) else {}
            found = [
                key for key, text in allowed_resolutions(one).items() if wanted in ({"id": key}, {"name": text})
            ]
            resolution = found[0] if found else ""
            if not found:
                errors[name] = "Resolution id or name is not valid for this screen."
        elif screen[name].type == "textfield":
            custom[name] = value
            if not isinstance(value, str):
                errors[name] = "Operation value must be a string"
        else:
            try:
                custom[name] = field_types.read_custom(screen[name].field, value, cloud)
            except field_types.WrongValue as error:
                errors[name] = str(error)
    for field in one.screen:
        if field.required and field.id not in entered and not (issue["custom"].get(field.id) or issue.get(field.id)):
            errors[field.id] = f"{field.name} is required."
    if errors:
        raise JiraError(400, errors=errors)
    return resolution, custom
