"""REST: Jira Service Management, below ``/rest/servicedeskapi``: desks, their request types and organizations."""

from __future__ import annotations

from typing import Any

from sandbox.jira.call import Call
from sandbox.jira.model import ISSUE_TYPE_IDS, JiraError, Project
from sandbox.standin import Routes

routes = Routes()


@routes("GET", "/servicedesk")
def desks(call: Call) -> Any:
    return _page(call, [_desk(call, project) for project in _projects(call)])


@routes("GET", "/servicedesk/<number>/requesttype")
def request_types(call: Call, number: str) -> Any:
    project = _find(call, number)
    kinds = [
        {
            "id": key,
            "name": name,
            "description": "",
            "helpText": "",
            "issueTypeId": ISSUE_TYPE_IDS[project.issue_types[0]],
            "serviceDeskId": number,
            "groupIds": [],
        }
        for key, name in project.request_types.items()
    ]
    return _page(call, kinds)


@routes("GET", "/servicedesk/<number>/organization")
def organizations(call: Call, number: str) -> Any:
    found = _find(call, number).organizations
    return _page(call, [{"id": key, "name": name} for key, name in found.items()])


def _projects(call: Call) -> list[Project]:
    return [one for one in call.site.projects.values() if one.kind == "service_desk" and one.may_browse]


def _find(call: Call, number: str) -> Project:
    for project in _projects(call):
        if _desk(call, project)["id"] == number:
            return project
    raise JiraError(404, "The Service Desk you are trying to view does not exist.")


def _desk(call: Call, project: Project) -> dict[str, Any]:
    number = list(call.site.projects).index(project.key)
    shown = {"id": str(number), "projectId": str(10000 + number), "projectName": project.name}
    return {**shown, "projectKey": project.key}


def _page(call: Call, values: list[dict[str, Any]]) -> dict[str, Any]:
    start, size = call.number("start", 0), call.number("limit", 50, 100)
    shown = values[start : start + size]
    last = start + size >= len(values)
    return {"start": start, "limit": size, "size": len(shown), "isLastPage": last, "values": shown, "_links": {}}
