"""The workflow To Do, In Progress, Done: every status can be reached from every other."""

from __future__ import annotations

import time
from typing import Any

from sandbox.jira.model import STATUSES, TRANSITIONS, JiraError


def set_status(issue: dict[str, Any], status: str) -> None:
    """Bring an issue into a status; reaching the category done sets the resolution, leaving it clears it."""
    issue["status"] = status
    done = STATUSES[status][1] == "done"
    issue["resolution"], issue["resolutiondate"] = ("10000", time.time()) if done else (None, None)


def transition(issue: dict[str, Any], wanted: Any) -> None:
    """Carry out a transition named by ``{"id"}``. Raises ``JiraError`` 400 where it is not possible now."""
    number = str(wanted.get("id", "")) if isinstance(wanted, dict) else ""
    if not number:
        raise JiraError(400, "Missing 'transition' identifier")
    if number not in TRANSITIONS:
        raise JiraError(400, f"Transition id '{number}' is not valid for this issue.")
    name, sources, target = TRANSITIONS[number]
    if issue["status"] not in sources:
        raise JiraError(
            400,
            f"It seems that you have tried to perform an illegal workflow operation ({name}). "
            "The issue may have been changed by somebody else.",
        )
    set_status(issue, target)
