"""REST: searching. Cloud: ``search/jql`` with page tokens; Data Center: ``search`` with ``startAt`` and ``total``."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from sandbox.jira import jql
from sandbox.jira.call import Call
from sandbox.jira.model import JiraError, is_archived
from sandbox.standin import Routes

#: For both deployments: nothing.
routes = Routes()
cloud_only = Routes()
datacenter_only = Routes()
_MAX_RECONCILED = 50
_MAX_PROPERTIES = 5
_MAX_IDS, _MAX_ISSUES = 5000, 100
_KEYS = {
    "jql",
    "nextPageToken",
    "maxResults",
    "fields",
    "expand",
    "properties",
    "fieldsByKeys",
    "failFast",
    "reconcileIssues",
}
_BAD_BODY = "Invalid request payload. Refer to the REST API documentation and try again."
_GONE = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration "
    "guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)


@cloud_only("GET POST", "/search")
def removed(call: Call) -> Any:
    raise JiraError(410, _GONE)


@cloud_only("GET POST", "/search/jql")
def search(call: Call) -> Any:
    arguments = _arguments(call)
    query = _query(call, arguments.get("jql") or "", bounded=True)
    reconcile = _numbers(arguments.get("reconcileIssues") or [])
    properties = arguments.get("properties") or []
    if len(properties) > _MAX_PROPERTIES:
        raise JiraError(400, f"At most {_MAX_PROPERTIES} properties can be asked for.")
    start, sign = _page(arguments.get("nextPageToken"), arguments.get("jql") or "")
    wanted = arguments.get("fields") or ["id"]
    most = _MAX_IDS if wanted == ["id"] else _MAX_ISSUES
    size = min(int(arguments.get("maxResults", 50)), most)
    if size < 1:
        raise JiraError(400, "maxResults must be at least 1.")
    found = _found(call, query, set(reconcile))
    page = {
        "issues": [call.view.issue(issue, wanted, properties) for issue in found[start : start + size]],
        "isLast": start + size >= len(found),
    }
    if not page["isLast"]:
        page["nextPageToken"] = _token(start + size, sign)
    return page


@cloud_only("POST", "/search/approximate-count")
def count(call: Call) -> Any:
    return {"count": len(_found(call, _query(call, str(call.body().get("jql") or ""), bounded=True), set()))}


@datacenter_only("GET POST", "/search")
def classic_search(call: Call) -> Any:
    if call.request.method == "POST":
        arguments = call.body()
    else:
        arguments = {
            "jql": call.request.args.get("jql", ""),
            "startAt": call.number("startAt", 0),
            "maxResults": call.number("maxResults", 50),
        }
        if "fields" in call.request.args:
            arguments["fields"] = call.names("fields")
    if unknown := set(arguments) - {"jql", "startAt", "maxResults", "fields", "expand", "validateQuery"}:
        raise JiraError(400, f'Unrecognized field "{sorted(unknown)[0]}"')
    if call.request.args.get("validateQuery", "true") != "false":
        _check_ids(call, str(arguments.get("jql", "")))
    found = _found(call, _query(call, arguments.get("jql", ""), bounded=False), set())
    start, size = int(arguments.get("startAt", 0)), min(int(arguments.get("maxResults", 50)), 1000)
    fields = arguments.get("fields") or ["*navigable"]
    issues = [call.view.issue(issue, fields) for issue in found[start : start + size]]
    return {"expand": "names,schema", "startAt": start, "maxResults": size, "total": len(found), "issues": issues}


def _check_ids(call: Call, text: str) -> None:
    """Raises ``JiraError`` 400 for ids of issues that are not there."""
    for number in re.findall(r"\d+", "".join(re.findall(r"\bid in \(([^)]*)\)", text))):
        if call.store.issue(number) is None:
            raise JiraError(400, f"A value with ID '{number}' does not exist for the field 'id'.")


@cloud_only("POST", "/issue/bulkfetch")
def bulk_fetch(call: Call) -> Any:
    """What there is of up to 100 issues; of the others only that there are none."""
    body = call.body()
    named = body.get("issueIdsOrKeys")
    if set(body) - {"issueIdsOrKeys", "fields", "properties"} or not isinstance(named, list) or len(named) > 100:
        raise JiraError(400, _BAD_BODY)
    found = [issue for issue in (call.store.issue(str(one)) for one in named) if issue and _is_searched(call, issue)]
    known = {name for issue in found for name in (issue["id"], issue["key"])}
    errors = [{"id": str(one), "errorMessage": "Issue not found."} for one in named if str(one) not in known]
    fields, properties = body.get("fields") or ["*all"], body.get("properties") or []
    return {"issues": [call.view.issue(one, fields, properties) for one in found], "issueErrors": errors}


def _arguments(call: Call) -> dict[str, Any]:
    """The parameters of a search, from the body or the query string. Raises ``JiraError`` 400 for unknown ones."""
    args = call.request.args
    if call.request.method == "POST":
        arguments = call.body()
        unknown = set(arguments) - (_KEYS - {"failFast"})
    else:
        unknown = set(args) - _KEYS
        arguments = {name: args[name] for name in ("jql", "nextPageToken") if name in args}
        arguments |= {name: call.names(name) for name in ("fields", "properties", "reconcileIssues") if name in args}
        arguments["maxResults"] = call.number("maxResults", 50)
    if unknown:
        call.site.record_unknown(call.request, f"search/jql has no {', '.join(sorted(unknown))}")
        raise JiraError(400, _BAD_BODY)
    return arguments


def _query(call: Call, text: str, bounded: bool) -> jql.Query:
    visible = [project for project in call.site.projects.values() if project.may_browse]
    names = {name.lower(): project.key.lower() for project in visible for name in (project.key, project.name)}
    query = jql.parse(text, names)
    if bounded and query.matches is None:
        raise JiraError(
            400, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
        )
    return query


def _found(call: Call, query: jql.Query, reconcile: set[int]) -> list[dict[str, Any]]:
    seen = [
        issue
        for issue in call.store.indexed_issues(call.site.index_lag, reconcile)
        if _is_searched(call, issue) and (query.matches is None or query.matches(issue))
    ]
    return query.sort(seen)


def _is_searched(call: Call, issue: dict[str, Any]) -> bool:
    project = call.site.projects[issue["project"]]
    return project.may_browse and not is_archived(project, issue)


def _numbers(values: list[Any]) -> list[int]:
    if len(values) > _MAX_RECONCILED:
        raise JiraError(400, f"At most {_MAX_RECONCILED} issues can be reconciled.")
    try:
        return [int(value) for value in values]
    except (TypeError, ValueError) as error:
        raise JiraError(400, _BAD_BODY) from error


def _token(start: int, text: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([start, text]).encode()).decode()


def _page(token: Any, text: str) -> tuple[int, str]:
    if not token:
        return 0, text
    try:
        start, made_for = json.loads(base64.urlsafe_b64decode(str(token)))
    except (ValueError, TypeError) as error:
        raise JiraError(400, "The provided next page token is invalid.") from error
    if made_for != text:
        raise JiraError(400, "The provided next page token was made for another query.")
    return int(start), text
