"""REST: create, read, edit and delete issues, assign them, and bring them from status to status."""

from __future__ import annotations

import json
import time
from typing import Any

from sandbox.jira import fields
from sandbox.jira.api_comments import new_comment
from sandbox.jira.api_links import checked_properties
from sandbox.jira.call import Call
from sandbox.jira.model import JiraError, Project, find_user, is_archived
from sandbox.jira.workflow import transition
from sandbox.standin import Routes

routes = Routes()
_CREATE_PARTS = ("fields", "update", "properties", "historyMetadata", "transition")


@routes("POST", "/issue")
def create(call: Call) -> Any:
    body = _parts(call)
    entered = body.get("fields", {})
    project = _wanted_project(call, entered.get("project"))
    if not project.may_create:
        raise JiraError(403, "You do not have permission to create issues in this project.")
    if call.site.is_three_byte and not _is_storable(call.request.get_data(as_text=True)):
        raise JiraError(500, "Internal server error")
    issue = fields.blank(project, time.time())
    fields.fill(issue, entered, project, call.version, creating=True, cloud=call.site.cloud)
    fields.update(issue, body.get("update", {}), project, call.version, call.site.cloud)
    if issue["parent"] and call.store.issue(issue["parent"]["key"]) is None:
        raise JiraError(400, errors={"parent": "Given parent issue does not exist, or you may not see it."})
    _check_assignee(project, entered)
    properties = checked_properties(body.get("properties", []))
    if body.get("transition"):
        transition(issue, body["transition"], {}, project, call.site.cloud)
    call.store.new_issue(project.key, issue)
    for key, value in properties.items():
        call.store.set_property("issue", issue["id"], key, value)
    return 201, {"id": issue["id"], "key": issue["key"], "self": f"{call.view.rest}/issue/{issue['id']}"}


def _is_storable(sent: str) -> bool:
    """Whether a database can keep it that has three bytes for a character."""
    return all(ord(char) < 0x10000 for char in json.dumps(json.loads(sent), ensure_ascii=False))


def _check_assignee(project: Project, entered: dict[str, Any]) -> None:
    is_nobodys = entered.get("assignee", "default") is None
    if project.default_is_assignable or entered.get("assignee") or (is_nobodys and project.allows_unassigned):
        return
    said = "The default assignee does NOT have ASSIGNABLE permission OR Unassigned issues are turned off."
    raise JiraError(400, errors={"assignee": said})


@routes("GET", "/issue/<id_or_key>")
def read(call: Call, id_or_key: str) -> Any:
    issue = call.issue(id_or_key)
    shown = call.view.issue(issue, call.names("fields", "*all"), call.names("properties"))
    if "transitions" in call.names("expand"):
        shown["transitions"] = call.view.transitions(issue, with_fields=False)
    if "editmeta" in call.names("expand"):
        shown["editmeta"] = {"fields": fields.edit_meta(call.site.projects[issue["project"]], issue, call.site.cloud)}
    if "changelog" in call.names("expand"):
        changes = call.view.changes(issue)
        # Cloud begins with the newest; source: "Get issue", expand=changelog.
        changes = changes[::-1] if call.site.cloud else changes
        shown["changelog"] = {
            "startAt": 0,
            "maxResults": len(changes),
            "total": len(changes),
            "histories": changes,
        }
    return shown


@routes("PUT", "/issue/<id_or_key>")
def edit(call: Call, id_or_key: str) -> Any:
    issue, body = call.issue(id_or_key), _parts(call)
    project = call.site.projects[issue["project"]]
    if not project.may_create:
        raise JiraError(403, "You do not have permission to edit issues in this project.")
    if not fields.is_editable(project, issue):
        # Who may not edit, and whoever edits in a status that forbids it, has no field on the screen.
        said = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."
        raise JiraError(400, errors={name: said.format(name) for name in body.get("fields", {})})
    if both := set(body.get("fields", {})) & set(body.get("update", {})):
        raise JiraError(
            400, errors={name: f"Field '{name}' cannot appear in both 'fields' and 'update'" for name in both}
        )
    fields.fill(issue, body.get("fields", {}), project, call.version, creating=False, cloud=call.site.cloud)
    fields.update(issue, body.get("update", {}), project, call.version, call.site.cloud)
    properties = checked_properties(body.get("properties", []))
    call.store.save_issue(issue)
    for key, value in properties.items():
        call.store.set_property("issue", issue["id"], key, value)
    return 204, None


@routes("DELETE", "/issue/<id_or_key>")
def delete(call: Call, id_or_key: str) -> Any:
    call.store.delete_issue(call.issue(id_or_key))
    return 204, None


@routes("PUT", "/issue/<id_or_key>/assignee")
def assign(call: Call, id_or_key: str) -> Any:
    issue, body = call.issue(id_or_key), call.body()
    nobody = body.get("accountId" if call.site.cloud else "name", "") is None
    try:
        issue["assignee"] = None if nobody else fields.user(body)
    except fields.FieldError as error:
        raise JiraError(400, errors={"assignee": str(error)}) from error
    call.store.save_issue(issue)
    return 204, None


@routes("GET", "/issue/<id_or_key>/watchers")
def watchers(call: Call, id_or_key: str) -> Any:
    issue = call.issue(id_or_key)
    shown = [call.view.user(one) for one in issue.get("watchers", [])]
    path = f"{call.view.rest}/issue/{issue['key']}/watchers"
    return {"self": path, "isWatching": False, "watchCount": len(shown), "watchers": shown}


@routes("POST", "/issue/<id_or_key>/watchers")
def watch(call: Call, id_or_key: str) -> Any:
    issue, who = call.issue(id_or_key), call.request.get_json(silent=True, force=True)
    if not isinstance(who, str):
        # The body is a bare JSON string.
        raise JiraError(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    project = call.site.projects[issue["project"]]
    if not project.may_create or is_archived(project, issue):
        status = 403 if call.site.cloud else 401
        raise JiraError(status, "You do not have the permission to manage the watcher list.")
    found = find_user({"accountId" if call.site.cloud else "name": who})
    if found is None:
        raise JiraError(404 if not call.site.cloud else 400, f"The user '{who}' does not exist.")
    issue["watchers"] = sorted({*issue.get("watchers", []), found.account_id})
    call.store.save_issue(issue)
    return 204, None


@routes("GET", "/issue/<id_or_key>/transitions")
def transitions(call: Call, id_or_key: str) -> Any:
    found = call.view.transitions(call.issue(id_or_key), "transitions.fields" in call.names("expand"))
    only = call.request.args.get("transitionId")
    return {"expand": "transitions", "transitions": [one for one in found if only in (None, one["id"])]}


@routes("POST", "/issue/<id_or_key>/transitions")
def do_transition(call: Call, id_or_key: str) -> Any:
    issue, body = call.issue(id_or_key), _parts(call)
    if refused := set(body.get("update", {})) - {"comment"}:
        problem = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."
        raise JiraError(400, errors={name: problem.format(name) for name in refused})
    project = call.site.projects[issue["project"]]
    said = body.get("update", {}).get("comment", [])
    transition(issue, body.get("transition"), body.get("fields", {}), project, call.site.cloud, is_commented=bool(said))
    _comment_with(call, issue, said)
    call.store.save_issue(issue)
    return 204, None


@routes("GET", "/issue/<id_or_key>/changelog")
def changelog(call: Call, id_or_key: str) -> Any:
    if not call.site.cloud:
        # Data Center has the changelog as part of an issue only.
        raise JiraError(404)
    changes = call.view.changes(call.issue(id_or_key))
    start, size = call.number("startAt", 0), call.number("maxResults", 100, 100)
    return {
        "self": call.request.url,
        "startAt": start,
        "maxResults": size,
        "total": len(changes),
        "isLast": start + size >= len(changes),
        "values": changes[start : start + size],
    }


def _comment_with(call: Call, issue: dict[str, Any], operations: list[dict[str, Any]]) -> None:
    comments = [new_comment(call, operation.get("add", {})) for operation in operations]
    for comment, properties in comments:
        call.store.add_comment(issue, comment)
        for key, value in properties.items():
            call.store.set_property("comment", comment["id"], key, value)


def _parts(call: Call) -> dict[str, Any]:
    body = call.body()
    if unknown := sorted(set(body) - set(_CREATE_PARTS)):
        call.site.record_unknown(call.request, f"unknown part of the body: {', '.join(unknown)}")
        raise JiraError(400, f'Unrecognized field "{unknown[0]}" in the request body.')
    if not isinstance(body.get("fields", {}), dict) or not isinstance(body.get("update", {}), dict):
        raise JiraError(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    return body


def _wanted_project(call: Call, wanted: Any) -> Project:
    problem = "Specify a valid project ID or key" if call.site.cloud else "valid project is required"
    if not isinstance(wanted, dict) or not (wanted.get("key") or wanted.get("id")):
        raise JiraError(400, errors={"project": problem})
    try:
        found = call.project(str(wanted.get("key") or wanted["id"]))
    except JiraError as error:
        raise JiraError(400, errors={"project": problem}) from error
    if found.archived:
        raise JiraError(400, errors={"project": problem})
    return found
