"""REST: what hangs on an issue besides comments: properties, links, attachments."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from werkzeug.wrappers import Response

from sandbox.jira.call import Call
from sandbox.jira.fields import MAX_PROPERTY
from sandbox.jira.model import LINK_TYPES, ME, JiraError, is_archived
from sandbox.standin import Routes

routes = Routes()
_MAX_FILES = 60
_MAX_FILE_BYTES = 10 * 1024 * 1024


def checked_property(key: Any, value: Any) -> None:
    """Raise ``JiraError`` 400 for a property that Jira refuses."""
    if not isinstance(key, str) or not 0 < len(key) <= 255:
        raise JiraError(400, "The property key must have between 1 and 255 characters.")
    if len(json.dumps(value, ensure_ascii=False, separators=(",", ":"))) > MAX_PROPERTY:
        raise JiraError(400, f"The property value is too long; the limit is {MAX_PROPERTY} characters.")


def checked_properties(entries: Any) -> dict[str, Any]:
    """``[{key, value}]`` as a dictionary. Raises ``JiraError`` 400."""
    if not isinstance(entries, list) or not all(
        isinstance(one, dict) and set(one) == {"key", "value"} for one in entries
    ):
        raise JiraError(400, "properties must be a list of objects with key and value.")
    for entry in entries:
        checked_property(entry["key"], entry["value"])
    return {entry["key"]: entry["value"] for entry in entries}


def property_bytes(call: Call) -> Any:
    """The JSON value in the request. Raises ``JiraError`` 400."""
    try:
        return json.loads(call.request.get_data())
    except ValueError as error:
        raise JiraError(400, "The property value must be valid, non-empty JSON.") from error


@routes("GET", "/issue/<id_or_key>/properties")
def property_keys(call: Call, id_or_key: str) -> Any:
    issue = call.issue(id_or_key)
    return {
        "keys": [
            {"key": key, "self": f"{call.view.rest}/issue/{issue['id']}/properties/{key}"}
            for key in call.store.properties("issue", issue["id"])
        ]
    }


@routes("GET", "/issue/<id_or_key>/properties/<key>")
def read_property(call: Call, id_or_key: str, key: str) -> Any:
    known = call.store.properties("issue", call.issue(id_or_key)["id"])
    if key not in known:
        raise JiraError(404, f"The property {key} does not exist.")
    return {"key": key, "value": known[key]}


@routes("PUT", "/issue/<id_or_key>/properties/<key>")
def write_property(call: Call, id_or_key: str, key: str) -> Any:
    issue, value = call.issue(id_or_key), property_bytes(call)
    checked_property(key, value)
    return (201 if call.store.set_property("issue", issue["id"], key, value) else 200), None


@routes("DELETE", "/issue/<id_or_key>/properties/<key>")
def delete_property(call: Call, id_or_key: str, key: str) -> Any:
    issue = call.issue(id_or_key)
    if key not in call.store.properties("issue", issue["id"]):
        raise JiraError(404, f"The property {key} does not exist.")
    call.store.delete_property("issue", issue["id"], key)
    return 204, None


@routes("GET", "/issue/<id_or_key>/remotelink")
def remote_links(call: Call, id_or_key: str) -> Any:
    issue = call.issue(id_or_key)
    shown = [
        {**link, "self": f"{call.view.rest}/issue/{issue['id']}/remotelink/{link['id']}"}
        for link in call.store.remote_links(issue)
    ]
    wanted = call.request.args.get("globalId")
    if wanted is None:
        return shown
    for link in shown:
        if link.get("globalId") == wanted:
            return link
    raise JiraError(404, "The remote link with the given global id does not exist.")


@routes("POST", "/issue/<id_or_key>/remotelink")
def put_remote_link(call: Call, id_or_key: str) -> Any:
    issue, body = call.issue(id_or_key), call.body()
    target = body.get("object")
    errors = {}
    if unknown := set(body) - {"globalId", "application", "relationship", "object"}:
        errors = dict.fromkeys(unknown, "unknown field")
    if not isinstance(target, dict) or not target.get("title"):
        errors["title"] = "'title' is required."
    if not isinstance(target, dict) or not re.match(r"https?://", str(target.get("url", ""))):
        errors["url"] = "'url' is required and must be a valid URL."
    if len(body.get("globalId") or "") > 255:
        errors["globalId"] = "'globalId' must not be longer than 255 characters."
    if errors:
        raise JiraError(400, errors=errors)
    number, new = call.store.put_remote_link(issue, body)
    shown = {"id": number, "self": f"{call.view.rest}/issue/{issue['id']}/remotelink/{number}"}
    return (201 if new else 200), shown


@routes("GET", "/issueLinkType")
def link_types(call: Call) -> Any:
    return {"issueLinkTypes": [call.view.link_type(number) for number in call.site.link_types]}


@routes("POST", "/issueLink")
def link_issues(call: Call) -> Any:
    body = call.body()
    if unknown := sorted(set(body) - {"type", "inwardIssue", "outwardIssue", "comment"}):
        call.site.record_unknown(call.request, f"unknown part of a link: {', '.join(unknown)}")
        raise JiraError(400, f'Unrecognized field "{unknown[0]}" in the request body.')
    wanted = body["type"] if isinstance(body.get("type"), dict) else {}
    kinds = [
        number
        for number in call.site.link_types
        if wanted.get("id") == number or wanted.get("name") == LINK_TYPES[number][0]
    ]
    if not kinds:
        raise JiraError(404, f"No issue link type with name '{wanted.get('name')}' found.")
    ends = [_end(call, body.get(side)) for side in ("inwardIssue", "outwardIssue")]
    projects = [call.site.projects[issue["project"]] for issue in ends]
    if not all(one.may_link and not is_archived(one, issue) for one, issue in zip(projects, ends)):
        raise JiraError(404, "No Link Issue Permission for issue.")
    call.store.add_link(kinds[0], ends[0]["id"], ends[1]["id"])
    return 201, None


def _end(call: Call, named: Any) -> dict[str, Any]:
    named = named if isinstance(named, dict) else {}
    return call.issue(str(named.get("id") or named.get("key") or "0"))


@routes("POST", "/issue/<id_or_key>/attachments")
def attach(call: Call, id_or_key: str) -> Any:
    issue = call.issue(id_or_key)
    if call.request.headers.get("X-Atlassian-Token") not in ("no-check", "nocheck"):
        return Response("XSRF check failed", status=403)
    if is_archived(call.site.projects[issue["project"]], issue):
        raise JiraError(403, "You do not have permission to create attachments for this issue.")
    files = call.request.files.getlist("file")
    if not files or len(files) > _MAX_FILES:
        raise JiraError(400, f"Between 1 and {_MAX_FILES} parts named 'file' are needed.")
    contents = [(file, file.read()) for file in files]
    if any(len(content) > _MAX_FILE_BYTES for _, content in contents):
        raise JiraError(413, "The file is larger than this site allows.")
    added = []
    for file, content in contents:
        entry = {
            "filename": file.filename or "file",
            "mimeType": file.mimetype,
            "size": len(content),
            "author": ME.account_id,
            "created": time.time(),
        }
        added.append(call.view.attachment(call.store.add_attachment(issue, entry, content)))
    call.store.save_issue(issue)
    return added


@routes("GET", "/attachment/content/<number>")
def attachment_content(call: Call, number: str) -> Any:
    found = call.store.attachment(number)
    if found is None:
        raise JiraError(404, f"The attachment with id '{number}' does not exist")
    return Response(found[1], mimetype=found[0]["mimeType"], headers={"Content-Disposition": "attachment"})
