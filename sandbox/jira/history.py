"""What an issue's changelog says: which of its fields differ between two states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.jira import adf
from sandbox.jira.model import PRIORITIES, RESOLUTIONS, STATUSES, USERS

_USERS = {user.account_id: user.display_name for user in USERS}
#: Field, what the changelog calls it, and the texts of values that are ids.
_TRACKED: tuple[tuple[str, str, Mapping[str, str] | None], ...] = (
    ("status", "status", {number: name for number, (name, _) in STATUSES.items()}),
    ("resolution", "resolution", RESOLUTIONS),
    ("priority", "priority", PRIORITIES),
    ("assignee", "assignee", _USERS),
    ("duedate", "duedate", {}),
    ("summary", "summary", None),
    ("description", "description", None),
    ("labels", "labels", None),
    ("project", "project", {}),
    ("key", "Key", None),
)


def items(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Id and name of each field that has changed, and the members ``from``, ``fromString``, ``to``, ``toString``."""
    found = []
    for name, title, texts in _TRACKED:
        old, new = before[name], after[name]
        if old != new:
            values = {
                "from": old if texts is not None else None,
                "fromString": _text(old, texts),
                "to": new if texts is not None else None,
                "toString": _text(new, texts),
            }
            found.append((name, title, values))
    return found


def _text(value: Any, texts: Mapping[str, str] | None) -> str | None:
    if value is None:
        return None
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, dict):
        return str(value["wiki"]) if "wiki" in value else adf.to_text(value["adf"])
    return (texts or {}).get(value, str(value))
