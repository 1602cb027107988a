"""The Web API's methods about people: users and user groups. Source: Slack's method reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.slack.api import Methods, parse_bool
from sandbox.slack.model import SlackError
from sandbox.slack.workspace import Workspace

METHODS = Methods()
EMAIL_SCOPE = "users:read.email"


@METHODS("users.info", "user include_locale", "users:read")
def users_info(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    found = workspace.users.get(str(arguments.get("user") or ""))
    if found is None:
        raise SlackError("user_not_found")
    return {"user": found.shown(EMAIL_SCOPE in workspace.scopes)}


@METHODS("users.lookupByEmail", "email", EMAIL_SCOPE)
def look_up_by_email(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    if "users:read" not in workspace.scopes:
        raise workspace.missing_scope("users:read")
    wanted = str(arguments.get("email") or "").lower()
    found = next((user for user in workspace.users.values() if user.email.lower() == wanted and not user.deleted), None)
    if not wanted or found is None:
        raise SlackError("users_not_found")
    return {"user": found.shown(with_email=True)}


@METHODS("usergroups.users.list", "usergroup include_disabled team_id", "usergroups:read")
def members_of_group(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    found = workspace.groups.get(str(arguments.get("usergroup") or ""))
    if found is None or (found.is_disabled and not parse_bool(arguments.get("include_disabled"))):
        raise SlackError("no_such_subteam")
    return {"users": list(found.users)}
