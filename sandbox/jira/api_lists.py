"""REST: what forms of other apps list: resolutions, a project's components, versions and statuses, labels, forms."""

from __future__ import annotations

from typing import Any

from sandbox.jira import field_types, fields
from sandbox.jira.call import Call
from sandbox.jira.model import ISSUE_TYPE_IDS, PRIORITIES, RESOLUTIONS, STATUSES, Project
from sandbox.standin import Routes

routes, cloud_only = Routes(), Routes()
#: What the statuses of a project say of each of its issue types.
_OF_A_TYPE = ("self", "id", "name", "subtask")
#: What the forms of all projects say of a project.
_OF_A_PROJECT = ("self", "id", "key", "name")


@routes("GET", "/resolution")
def resolutions(call: Call) -> Any:
    rest = call.view.rest
    return [
        {"self": f"{rest}/resolution/{number}", "id": number, "name": name, "description": ""}
        for number, name in RESOLUTIONS.items()
    ]


@cloud_only("GET", "/priority/search")
def search_priorities(call: Call) -> Any:
    return call.page([call.view.priority(number) for number in PRIORITIES])


@cloud_only("GET", "/label")
def labels(call: Call) -> Any:
    found = {label for issue in call.store.issues() for label in issue["labels"]}
    return call.page(sorted(found), 1000, 1000)


@routes("GET", "/project/<id_or_key>/components")
def components(call: Call, id_or_key: str) -> Any:
    return _listed(call, call.project(id_or_key), "components", "component")


@routes("GET", "/project/<id_or_key>/versions")
def versions(call: Call, id_or_key: str) -> Any:
    found = _listed(call, call.project(id_or_key), "fixVersions", "version")
    return [{**one, "archived": False, "released": False} for one in found]


@routes("GET", "/project/<id_or_key>/statuses")
def project_statuses(call: Call, id_or_key: str) -> Any:
    return [
        {
            **{name: shown for name, shown in call.view.issue_type(number).items() if name in _OF_A_TYPE},
            "statuses": [call.view.status(status) for status in STATUSES],
        }
        for number in (ISSUE_TYPE_IDS[name] for name in call.project(id_or_key).issue_types)
    ]


@cloud_only("GET", "/issue/createmeta")
def create_meta(call: Call) -> Any:
    """Deprecated in Cloud, where it still answers, and gone from Data Center since version 9."""
    keys = [key.upper() for key in call.names("projectKeys")]
    wanted = call.names("issuetypeNames")
    is_whole = "projects.issuetypes.fields" in call.names("expand")
    shown = []
    for project in call.site.projects.values():
        if not project.may_browse or not project.may_create or project.archived or (keys and project.key not in keys):
            continue
        types = [name for name in project.issue_types if not wanted or name in wanted]
        about = {name: value for name, value in call.view.project(project).items() if name in _OF_A_PROJECT}
        shown.append({**about, "issuetypes": [_form(call, project, name, is_whole) for name in types]})
    return {"expand": "projects", "projects": shown}


def _form(call: Call, project: Project, name: str, is_whole: bool) -> dict[str, Any]:
    number = ISSUE_TYPE_IDS[name]
    shown = call.view.issue_type(number)
    if is_whole:
        metas = fields.create_meta(project, number, call.site.cloud)
        shown["fields"] = {
            meta["fieldId"]: {name: value for name, value in meta.items() if name != "fieldId"} for meta in metas
        }
    return shown


def _listed(call: Call, project: Project, field: str, kind: str) -> list[dict[str, Any]]:
    known = field_types.listed(project, field)
    return [{"self": f"{call.view.rest}/{kind}/{one['id']}", **one, "project": project.key} for one in known]
