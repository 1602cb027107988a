"""REST: accounts and their groups."""

from __future__ import annotations

from typing import Any

from sandbox.jira.call import Call
from sandbox.jira.model import USERS, JiraError, User
from sandbox.standin import Routes

routes = Routes()


@routes("GET", "/user")
def user(call: Call) -> Any:
    _may_browse(call)
    found = _named(call)
    shown = call.view.user(found.account_id)
    assert shown is not None
    if "groups" in call.names("expand"):
        items = [{"name": name, "self": f"{call.view.rest}/group?groupname={name}"} for name in _groups_of(call, found)]
        shown["groups"] = {"size": len(items), "items": items}
    return shown


@routes("GET", "/user/groups")
def groups_of(call: Call) -> Any:
    if not call.site.cloud:
        raise JiraError(404)
    _may_browse(call)
    return [_group(call, name) for name in _groups_of(call, _named(call))]


@routes("GET", "/groups/picker")
def find_groups(call: Call) -> Any:
    query, most = call.request.args.get("query", "").lower(), call.number("maxResults", 20)
    found = [name for name in call.site.groups if query in name.lower()] if call.site.may_browse_people else []
    return {
        "header": f"Showing {min(most, len(found))} of {len(found)} matching groups",
        "total": len(found),
        "groups": [{"name": name, "html": name, "labels": [], **_group_id(call, name)} for name in found[:most]],
    }


def _may_browse(call: Call) -> None:
    if not call.site.may_browse_people:
        raise JiraError(403, "You do not have permission to browse users and groups.")


def _named(call: Call) -> User:
    args = call.request.args
    if call.site.cloud:
        if args.get("username") or args.get("key"):
            raise JiraError(400, "The query parameters 'username' and 'key' are not supported.")
        wanted = [user for user in USERS if user.account_id == args.get("accountId")]
    else:
        wanted = [
            user
            for user in USERS
            if (args.get("username") or "").lower() == user.name or args.get("key") == user.key
        ]
    if not wanted:
        raise JiraError(404, "Specified user does not exist or you do not have required permissions")
    return wanted[0]


def _groups_of(call: Call, found: User) -> list[str]:
    return [name for name, members in call.site.groups.items() if found.name in members]


def _group(call: Call, name: str) -> dict[str, Any]:
    return {"name": name, "self": f"{call.view.rest}/group?groupname={name}", **_group_id(call, name)}


def _group_id(call: Call, name: str) -> dict[str, Any]:
    number = 100 + list(call.site.groups).index(name)
    return {"groupId": f"952d12c3-5b5b-4d04-bb32-44d383afc{number}"} if call.site.cloud else {}
