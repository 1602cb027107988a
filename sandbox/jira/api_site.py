"""REST: the site, who I am and what I may, projects, priorities, fields, create metadata, users."""

from __future__ import annotations

import time
from typing import Any

from sandbox.jira import fields
from sandbox.jira.call import Call
from sandbox.jira.model import (
    ISSUE_TYPE_IDS,
    ME,
    PRIORITIES,
    STATUSES,
    USERS,
    JiraError,
    Project,
    User,
    jira_time,
)
from sandbox.standin import Routes

routes = Routes()
_PERMISSIONS = {
    "BROWSE_PROJECTS": "Browse Projects",
    "CREATE_ISSUES": "Create Issues",
    "EDIT_ISSUES": "Edit Issues",
    "ADD_COMMENTS": "Add Comments",
    "TRANSITION_ISSUES": "Transition Issues",
    "LINK_ISSUES": "Link Issues",
    "CREATE_ATTACHMENTS": "Create Attachments",
    "ASSIGN_ISSUES": "Assign Issues",
}


@routes("GET", "/serverInfo")
def server_info(call: Call) -> Any:
    cloud = call.site.cloud
    return {
        "baseUrl": call.site.url,
        "version": "1001.0.0-SNAPSHOT" if cloud else "10.3.24",
        "versionNumbers": [1001, 0, 0] if cloud else [10, 3, 24],
        "deploymentType": "Cloud" if cloud else "Server",
        "buildNumber": 100291 if cloud else 10030024,
        "buildDate": "2025-12-01T00:00:00.000+0000",
        "serverTime": jira_time(time.time()),
        "scmInfo": "0" * 40,
        "serverTitle": "Jira (sandbox)",
    }


@routes("GET", "/myself")
def myself(call: Call) -> Any:
    return call.view.user(ME.account_id)


@routes("GET", "/mypermissions")
def my_permissions(call: Call) -> Any:
    wanted = call.names("permissions")
    if call.site.cloud and not wanted:
        raise JiraError(400, "The 'permissions' query parameter is required.")
    for name in wanted:
        if name not in _PERMISSIONS:
            raise JiraError(400, f"Unrecognized permission: {name}")
    project = _project_of(call)
    shown = {}
    for number, (name, title) in enumerate(_PERMISSIONS.items(), 10):
        if not wanted or not call.site.cloud or name in wanted:
            shown[name] = {
                "id": str(number),
                "key": name,
                "name": title,
                "type": "PROJECT",
                "description": "",
                "havePermission": _may(project, name),
            }
    return {"permissions": shown}


def _project_of(call: Call) -> Project | None:
    args = call.request.args
    if key := args.get("projectKey") or args.get("projectId"):
        return call.project(key)
    if key := args.get("issueKey") or args.get("issueId"):
        return call.site.projects[call.issue(key)["project"]]
    return None


def _may(project: Project | None, permission: str) -> bool:
    if project is None:
        return True
    special = {
        "BROWSE_PROJECTS": project.may_browse,
        "CREATE_ISSUES": project.may_create,
        "ADD_COMMENTS": project.may_comment,
        "EDIT_ISSUES": project.may_create and project.may_edit,
        "TRANSITION_ISSUES": project.may_create and project.may_transition,
        "LINK_ISSUES": project.may_create and project.may_link,
    }
    return special.get(permission, project.may_create)


@routes("GET", "/project/<id_or_key>")
def project(call: Call, id_or_key: str) -> Any:
    return call.view.project(call.project(id_or_key), full=True)


@routes("GET", "/project")
def all_projects(call: Call) -> Any:
    return [call.view.project(one) for one in call.site.projects.values() if one.may_browse]


@routes("GET", "/project/search")
def search_projects(call: Call) -> Any:
    if not call.site.cloud:
        # Data Center has no such operation; "search" is taken for a key.
        raise JiraError(404, "No project could be found with key 'search'.")
    query, keys = call.request.args.get("query", "").lower(), {key.upper() for key in call.names("keys")}
    creating = call.request.args.get("action", "view") == "create"
    found = [
        one
        for one in call.site.projects.values()
        if one.may_browse
        and (query in one.name.lower() or query in one.key.lower())
        and (not keys or one.key in keys)
        and (one.may_create or not creating)
    ]
    return {"self": call.request.url, **call.page([call.view.project(one) for one in found])}


@routes("GET", "/priority")
def priorities(call: Call) -> Any:
    return [call.view.priority(number) for number in PRIORITIES]


@routes("GET", "/status")
def statuses(call: Call) -> Any:
    return [call.view.status(number) for number in STATUSES]


@routes("GET", "/issuetype")
def issue_types(call: Call) -> Any:
    return [call.view.issue_type(number) for number in ISSUE_TYPE_IDS.values()]


@routes("GET", "/field")
def all_fields(call: Call) -> Any:
    listed = fields.all_fields(list(call.site.projects.values()))
    return [{**one, "key": one["id"]} for one in listed] if call.site.cloud else listed


@routes("GET", "/issue/createmeta/<id_or_key>/issuetypes")
def create_meta_types(call: Call, id_or_key: str) -> Any:
    found = _creatable(call, id_or_key)
    return _page(call, "issueTypes", [call.view.issue_type(ISSUE_TYPE_IDS[name]) for name in found.issue_types])


@routes("GET", "/issue/createmeta/<id_or_key>/issuetypes/<type_id>")
def create_meta_fields(call: Call, id_or_key: str, type_id: str) -> Any:
    found = _creatable(call, id_or_key)
    if type_id not in {ISSUE_TYPE_IDS[name] for name in found.issue_types}:
        raise JiraError(400, f"The issue type with id '{type_id}' does not exist in this project.")
    return _page(call, "fields", fields.create_meta(found, type_id, call.site.cloud))


def _creatable(call: Call, id_or_key: str) -> Project:
    # Without the right to create, the answer is the same as if the project did not exist.
    found = call.site.projects.get(id_or_key.upper()) or call.project(id_or_key)
    if not found.may_browse or not found.may_create or found.archived:
        raise JiraError(400, "No project could be found with the given key or id, or you may not create issues in it.")
    return found


def _page(call: Call, name: str, values: list[dict[str, Any]]) -> dict[str, Any]:
    start, size = call.number("startAt", 0), call.number("maxResults", 50, 200)
    page = {"startAt": start, "maxResults": size, "total": len(values)}
    if call.site.cloud:
        return {**page, name: values[start : start + size]}
    return {**page, "isLast": start + size >= len(values), "values": values[start : start + size]}


@routes("GET", "/user/assignable/search")
def assignable_users(call: Call) -> Any:
    args = call.request.args
    if not (args.get("project") or args.get("issueKey") or args.get("issueId")):
        raise JiraError(400, "At least one of project, issueKey or issueId must be given.")
    if args.get("project"):
        call.project(args["project"])
    else:
        call.issue(args.get("issueKey") or args["issueId"])
    query = (args.get("query" if call.site.cloud else "username") or "").lower()
    found = [
        user
        for user in USERS
        if user.is_a_person
        and query in f"{user.name} {user.display_name} {user.email}".lower()
        and args.get("accountId", user.account_id) == user.account_id
    ]
    start, size = call.number("startAt", 0), call.number("maxResults", 50)
    return [call.view.user(user.account_id) for user in found[start : start + size]]


@routes("GET", "/user/search")
def search_users(call: Call) -> Any:
    query = (call.request.args.get("query" if call.site.cloud else "username") or "").lower()
    if not query:
        raise JiraError(400, f"The '{'query' if call.site.cloud else 'username'}' query parameter is required.")
    found = [user for user in USERS if user.active and _matches(user, query)]
    start, size = call.number("startAt", 0), call.number("maxResults", 50)
    return [call.view.user(user.account_id) for user in found[start : start + size]]


def _matches(user: User, query: str) -> bool:
    """By the beginnings of names and address."""
    return any(one.lower().startswith(query) for one in (user.name, user.display_name, user.email))
