"""REST: comments and their properties."""

from __future__ import annotations

import time
from typing import Any

from sandbox.jira import fields
from sandbox.jira.api_links import checked_properties, checked_property, property_bytes
from sandbox.jira.call import Call
from sandbox.jira.model import ME, JiraError, is_archived
from sandbox.standin import Routes

routes = Routes()
_PARTS = ("body", "visibility", "properties")


@routes("GET", "/issue/<id_or_key>/comment")
def comments(call: Call, id_or_key: str) -> Any:
    issue = call.issue(id_or_key)
    order = call.request.args.get("orderBy", "created")
    if order not in ("created", "-created", "+created"):
        raise JiraError(400, f"'{order}' is not a valid value for orderBy.")
    size = call.number("maxResults", 100 if call.site.cloud else 1048576, 5000)
    # In Cloud, only POST comment/list expands properties.
    expand = [] if call.site.cloud else call.names("expand")
    return call.view.comments(issue, call.number("startAt", 0), size, order == "-created", expand)


@routes("POST", "/issue/<id_or_key>/comment")
def add(call: Call, id_or_key: str) -> Any:
    issue = call.issue(id_or_key)
    project = call.site.projects[issue["project"]]
    if not project.may_comment or is_archived(project, issue):
        # Jira answers 400 here, not 403: "you do not have permission to comment on this issue".
        raise JiraError(
            400, errors={"comment": f"{ME.display_name}, you do not have permission to comment on this issue."}
        )
    comment, properties = new_comment(call, call.body())
    call.store.add_comment(issue, comment)
    for key, value in properties.items():
        call.store.set_property("comment", comment["id"], key, value)
    call.store.save_issue(issue)
    return 201, call.view.comment(issue["id"], comment)


def new_comment(call: Call, body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A checked comment and its properties. Raises ``JiraError`` 400."""
    if unknown := sorted(set(body) - set(_PARTS)):
        call.site.record_unknown(call.request, f"unknown part of a comment: {', '.join(unknown)}")
        raise JiraError(400, f'Unrecognized field "{unknown[0]}" in the comment.')
    visibility = body.get("visibility")
    if visibility is not None and (
        not isinstance(visibility, dict)
        or visibility.get("type") not in ("role", "group")
        or not (visibility.get("value") or visibility.get("identifier"))
    ):
        raise JiraError(400, errors={"commentLevel": "Comment visibility is not valid."})
    now = time.time()
    return (
        {"author": ME.account_id, "body": _text(call, body), "visibility": visibility, "created": now, "updated": now},
        checked_properties(body.get("properties", [])),
    )


def _text(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    try:
        text = fields.rich_text(body.get("body"), call.version)
    except fields.FieldError as error:
        message = str(error)
        raise JiraError(
            400, errors={"comment": message if "too long" in message else f"Comment body is not valid! {message}"}
        ) from error
    if not text or not any(text.values()):
        raise JiraError(400, errors={"comment": "Comment body can not be empty!"})
    return text


@routes("GET", "/issue/<id_or_key>/comment/<number>")
def read(call: Call, id_or_key: str, number: str) -> Any:
    issue = call.issue(id_or_key)
    return call.view.comment(issue["id"], _comment(call, number, issue["id"]), call.names("expand"))


@routes("PUT", "/issue/<id_or_key>/comment/<number>")
def edit(call: Call, id_or_key: str, number: str) -> Any:
    issue = call.issue(id_or_key)
    comment = _comment(call, number, issue["id"])
    changed, properties = new_comment(call, call.body())
    comment.update(body=changed["body"], update_author=ME.account_id)
    call.store.save_comment(comment)
    for key, value in properties.items():
        call.store.set_property("comment", number, key, value)
    return call.view.comment(issue["id"], comment)


@routes("DELETE", "/issue/<id_or_key>/comment/<number>")
def delete(call: Call, id_or_key: str, number: str) -> Any:
    issue = call.issue(id_or_key)
    call.store.delete_comment(_comment(call, number, issue["id"]))
    return 204, None


@routes("POST", "/comment/list")
def by_ids(call: Call) -> Any:
    if not call.site.cloud:
        raise JiraError(404)
    ids = call.body().get("ids")
    if not isinstance(ids, list) or len(ids) > 1000:
        raise JiraError(400, "ids must be a list of at most 1000 comment ids.")
    found = [found for number in ids if (found := call.store.comment(str(number)))]
    return {
        "startAt": 0,
        "maxResults": 1000,
        "total": len(found),
        "isLast": True,
        "values": [call.view.comment(issue, comment, call.names("expand")) for comment, issue in found],
    }


def _comment(call: Call, number: str, issue_id: str = "") -> dict[str, Any]:
    found = call.store.comment(number)
    if found is None or (issue_id and found[1] != issue_id):
        raise JiraError(404, f"Can not find a comment for the id: {number}.")
    call.issue(found[1])
    return found[0]


@routes("GET", "/comment/<number>/properties")
def property_keys(call: Call, number: str) -> Any:
    _comment(call, number)
    return {
        "keys": [
            {"key": key, "self": f"{call.view.rest}/comment/{number}/properties/{key}"}
            for key in call.store.properties("comment", number)
        ]
    }


@routes("GET", "/comment/<number>/properties/<key>")
def read_property(call: Call, number: str, key: str) -> Any:
    _comment(call, number)
    known = call.store.properties("comment", number)
    if key not in known:
        raise JiraError(404, f"The property {key} does not exist.")
    return {"key": key, "value": known[key]}


@routes("PUT", "/comment/<number>/properties/<key>")
def write_property(call: Call, number: str, key: str) -> Any:
    _comment(call, number)
    value = property_bytes(call)
    checked_property(key, value)
    return (201 if call.store.set_property("comment", number, key, value) else 200), None
