"""For the setup page: whether a Jira site's settings work. Writes nothing."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..documents.document import clean, one_line
from ..errors import ConfigurationError, NotFound, NotPermitted
from ..http_transport import member
from .connection import JiraConnection
from .failures import TAB, FieldsRefused, NotJira

_NEEDED = {"CREATE_ISSUES": "Create issues", "ADD_COMMENTS": "Add comments"}
#: Without it everything works but the box in a ticket's description.
EDIT = "EDIT_ISSUES"


class Checked(NamedTuple):
    """Sentences for people: what works; and what does not without a right, and what to do. The last may be empty."""

    said: str
    limits: str = ""
    hint: str = ""


def check(jira: JiraConnection) -> Checked:
    """For the person who saves. Raises ConfigurationError, NotPermitted or Unavailable."""
    site = jira.site
    try:
        name = jira.get("myself", _name)
    except (NotFound, NotJira) as error:
        kind = "Jira Cloud" if jira.cloud else "Jira Data Center"
        raise ConfigurationError(
            f"{jira.target}: there is no {kind} at {site.url}.",
            f"Check URL and deployment {TAB}; a login page or a proxy may answer instead. ({error.message})",
        ) from None
    connected = f"Connected to {site.url} as {name}"
    if not site.default_project:
        return Checked(f"{connected}. No default project is set, so each alert action has to name one.")
    granted = _check_project(jira, site.default_project)
    said = f"{connected}, who may create tickets in {site.default_project}."
    if has_permission(granted, EDIT):
        return Checked(said)
    limits = "The token's owner may not edit tickets there, so they do not show the current state of their case."
    return Checked(said, limits, "Grant the permission Edit issues.")


def _name(body: Any) -> str:
    if not isinstance(body, dict):
        raise ValueError("no account")
    # Which of the names is there depends on the account's privacy settings.
    name = next((body[key] for key in ("displayName", "emailAddress", "name") if body.get(key)), "an unnamed user")
    return one_line(clean(str(name)))[:100]


def _check_project(jira: JiraConnection, project: str) -> dict[str, Any]:
    """What the token's owner may do in a project."""
    needed = {**_NEEDED, **jira.site.life.permissions}
    only = {"permissions": ",".join((*needed, EDIT))} if jira.cloud else {}
    try:
        granted = jira.get("mypermissions", lambda body: member(body, "permissions", dict), projectKey=project, **only)
    except (NotFound, FieldsRefused):
        raise ConfigurationError(
            f"{jira.target}: project '{project}' does not exist, or the token's owner may not see it.",
            f"Correct the default project {TAB}, or grant Browse projects.",
        ) from None
    missing = [title for name, title in needed.items() if not has_permission(granted, name)]
    if missing:
        raise NotPermitted(
            f"{jira.target}: the token's owner lacks the permission {' and '.join(missing)} in '{project}'.",
            "Ask the Jira administrator to grant it.",
        )
    return granted


def has_permission(granted: dict[str, Any], name: str) -> bool:
    permission = granted.get(name)
    return isinstance(permission, dict) and permission.get("havePermission") is True
