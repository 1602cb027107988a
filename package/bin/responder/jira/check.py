"""For the setup page: whether a Jira site's settings work. Writes nothing."""

from __future__ import annotations

from typing import Any

from ..documents.document import clean, one_line
from ..errors import ConfigurationError, NotFound, NotPermitted
from ..http_transport import member
from .connection import JiraConnection
from .failures import TAB, FieldsRefused, NotJira

_NEEDED = {"CREATE_ISSUES": "Create issues", "ADD_COMMENTS": "Add comments"}


def check(jira: JiraConnection) -> str:
    """A sentence for the person who saves. Raises ConfigurationError, NotPermitted or Unavailable."""
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
        return f"{connected}. No default project is set, so each alert action has to name one."
    _check_project(jira, site.default_project)
    return f"{connected}, who may create tickets in {site.default_project}."


def _name(body: Any) -> str:
    if not isinstance(body, dict):
        raise ValueError("no account")
    # Which of the names is there depends on the account's privacy settings.
    name = next((body[key] for key in ("displayName", "emailAddress", "name") if body.get(key)), "an unnamed user")
    return one_line(clean(str(name)))[:100]


def _check_project(jira: JiraConnection, project: str) -> None:
    needed = {**_NEEDED, **jira.site.life.permissions}
    only = {"permissions": ",".join(needed)} if jira.cloud else {}
    try:
        granted = jira.get("mypermissions", lambda body: member(body, "permissions", dict), projectKey=project, **only)
    except (NotFound, FieldsRefused):
        raise ConfigurationError(
            f"{jira.target}: project '{project}' does not exist, or the token's owner may not see it.",
            f"Correct the default project {TAB}, or grant Browse projects.",
        ) from None
    missing = [title for name, title in needed.items() if not _has(granted, name)]
    if missing:
        raise NotPermitted(
            f"{jira.target}: the token's owner lacks the permission {' and '.join(missing)} in '{project}'.",
            "Ask the Jira administrator to grant it.",
        )


def _has(granted: dict[str, Any], name: str) -> bool:
    permission = granted.get(name)
    return isinstance(permission, dict) and permission.get("havePermission") is True
