"""What of Jira Data Center's REST API the app and the stand-in use, written down from its documentation.

Paths, parameters, bodies and answers as https://developer.atlassian.com/server/jira/platform/rest/v10003/ has them.
Atlassian's own file has no license under which it could be part of the project. Paths are relative to ``/rest``.
"""

from __future__ import annotations

import re
from typing import Any, Optional

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
ANY: Schema = {}
OPEN: Schema = {"type": "object"}


def fields(needed: str = "", /, **members: Schema) -> Schema:
    """An object, with the names of the members that it must have."""
    made: Schema = {"type": "object", "properties": members}
    if needed:
        made["required"] = needed.split()
    return made


def closed(needed: str = "", /, **members: Schema) -> Schema:
    """The same where Jira refuses members that it does not know."""
    return {**fields(needed, **members), "additionalProperties": False}


def many(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def page(needed: str, **members: Schema) -> Schema:
    return fields(f"startAt maxResults total {needed}", startAt=NUMBER, maxResults=NUMBER, total=NUMBER, **members)


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


# On Data Center people have names, and what people write is a string of wiki markup.
USER = fields("name displayName", name=TEXT, key=TEXT, displayName=TEXT, emailAddress=TEXT, active=FLAG, self=TEXT)
NAMED = fields("id name", id=TEXT, name=TEXT, self=TEXT)
STATUS = fields(
    "id name statusCategory",
    id=TEXT,
    name=TEXT,
    self=TEXT,
    statusCategory=fields("id key name", id=NUMBER, key=TEXT, name=TEXT, colorName=TEXT, self=TEXT),
)
PROPERTY = closed("key value", key=TEXT, value=ANY)
WRITTEN_FIELDS: Schema = {
    **fields(summary=TEXT, description=TEXT, labels=many(TEXT), assignee=OPEN, project=OPEN, issuetype=OPEN),
    "additionalProperties": ANY,
}
READ_FIELDS = fields(
    summary=TEXT, labels=many(TEXT), status=STATUS, description={**TEXT, "nullable": True},
    assignee={**USER, "nullable": True}, project=fields("key", key=TEXT, id=TEXT, name=TEXT),
)  # fmt: skip
VISIBILITY = fields("type value", type=TEXT, value=TEXT)
REMOTE_OBJECT = fields("title url", title=TEXT, url=TEXT, summary=TEXT, icon=OPEN, status=OPEN)
ISSUE_TYPE = fields("id name subtask", id=TEXT, name=TEXT, subtask=FLAG, description=TEXT, self=TEXT)
LINK_TYPE = fields("id name inward outward", id=TEXT, name=TEXT, inward=TEXT, outward=TEXT, self=TEXT)
SCREEN_FIELD = closed(
    "required schema name fieldId operations", required=FLAG, schema=OPEN, name=TEXT, fieldId=TEXT,
    hasDefaultValue=FLAG, defaultValue=ANY, operations=many(TEXT), allowedValues=many(ANY), autoCompleteUrl=TEXT,
)  # fmt: skip
SOME_TEXT: Schema = {**TEXT, "nullable": True}
CHANGED = closed(
    "field fieldtype", field=TEXT, fieldtype=TEXT, to=SOME_TEXT, toString=SOME_TEXT, fromString=SOME_TEXT,
    **{"from": SOME_TEXT},
)  # fmt: skip
CHANGE = fields("id created items", id=TEXT, author=USER, created=TEXT, items=many(CHANGED))

SCHEMAS: dict[str, Schema] = {
    "IssueUpdateBean": closed(
        fields=WRITTEN_FIELDS, update=OPEN, properties=many(PROPERTY), historyMetadata=OPEN,
        transition=OPEN,
    ),
    "IssueBean": fields(
        "id key self", id=TEXT, key=TEXT, self=TEXT, expand=TEXT, fields=READ_FIELDS, properties=OPEN, names=OPEN,
        changelog=page("histories", histories=many(CHANGE)),
    ),
    "CommentJsonBean": fields(
        "body", id=TEXT, self=TEXT, body=TEXT, author=USER, updateAuthor=USER, created=TEXT, updated=TEXT,
        visibility=VISIBILITY, properties=many(PROPERTY),
    ),
    "Property": PROPERTY,
    "Link": fields("object", id=NUMBER, self=TEXT, globalId=TEXT, relationship=TEXT, application=OPEN,
                   object=REMOTE_OBJECT),
    "SearchRequestBean": closed(
        jql=TEXT, startAt=NUMBER, maxResults=NUMBER, fields=many(TEXT), expand=many(TEXT),
        properties=many(TEXT), validateQuery=TEXT, fieldsByKeys=FLAG,
    ),
    "SearchResultsBean": page("issues", issues=many(ref("IssueBean")), expand=TEXT, warningMessages=many(TEXT)),
    "ErrorCollection": fields(
        "errorMessages errors", errorMessages=many(TEXT), errors={"type": "object", "additionalProperties": TEXT},
        status=NUMBER,
    ),
    "Project": fields("id key name", id=TEXT, key=TEXT, name=TEXT, self=TEXT, issueTypes=many(ISSUE_TYPE)),
}  # fmt: skip

ISSUE = "/api/2/issue/{issueIdOrKey}"
Operation = tuple[str, str, Optional[Schema], dict[int, Optional[Schema]]]
#: Method and path; query parameters; what is sent (a schema, or nothing); what a success of each status answers with.
OPERATIONS: tuple[Operation, ...] = (
    ("POST /api/2/issue", "updateHistory", ref("IssueUpdateBean"),
     {201: fields("id key self", id=TEXT, key=TEXT, self=TEXT)}),
    (f"GET {ISSUE}", "fields expand properties updateHistory", None, {200: ref("IssueBean")}),
    (f"PUT {ISSUE}", "notifyUsers", ref("IssueUpdateBean"), {204: None}),
    (f"DELETE {ISSUE}", "deleteSubtasks", None, {204: None}),
    (f"GET {ISSUE}/comment", "startAt maxResults orderBy expand", None,
     {200: page("comments", comments=many(ref("CommentJsonBean")))}),
    (f"POST {ISSUE}/comment", "expand", ref("CommentJsonBean"), {201: ref("CommentJsonBean")}),
    (f"GET {ISSUE}/comment/{{id}}", "expand", None, {200: ref("CommentJsonBean")}),
    (f"PUT {ISSUE}/comment/{{id}}", "expand", ref("CommentJsonBean"), {200: ref("CommentJsonBean")}),
    (f"GET {ISSUE}/properties", "", None,
     {200: fields("keys", keys=many(fields("key self", key=TEXT, self=TEXT)))}),
    (f"GET {ISSUE}/properties/{{propertyKey}}", "", None, {200: ref("Property")}),
    (f"PUT {ISSUE}/properties/{{propertyKey}}", "", ANY, {200: None, 201: None}),
    (f"DELETE {ISSUE}/properties/{{propertyKey}}", "", None, {204: None}),
    (f"GET {ISSUE}/remotelink", "globalId", None, {200: {"anyOf": [ref("Link"), many(ref("Link"))]}}),
    (f"POST {ISSUE}/remotelink", "", ref("Link"), dict.fromkeys((200, 201), fields("id self", id=NUMBER, self=TEXT))),
    (f"GET {ISSUE}/transitions", "transitionId expand", None,
     {200: fields("transitions", expand=TEXT, transitions=many(fields(
         "id name to", id=TEXT, name=TEXT, to=STATUS,
         fields={"type": "object", "additionalProperties": SCREEN_FIELD})))}),
    (f"POST {ISSUE}/transitions", "", ref("IssueUpdateBean"), {204: None}),
    ("GET /api/2/issue/createmeta/{projectIdOrKey}/issuetypes", "startAt maxResults", None,
     {200: page("values", values=many(ISSUE_TYPE))}),
    ("GET /api/2/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}", "startAt maxResults", None,
     {200: page("values", values=many(fields("fieldId name required schema", fieldId=TEXT, name=TEXT, required=FLAG,
                                            schema=OPEN, operations=many(TEXT), allowedValues=many(ANY))))}),
    ("GET /api/2/search", "jql startAt maxResults validateQuery fields expand", None, {200: ref("SearchResultsBean")}),
    ("POST /api/2/search", "", ref("SearchRequestBean"), {200: ref("SearchResultsBean")}),
    ("GET /api/2/field", "", None,
     {200: many(fields("id name custom", id=TEXT, name=TEXT, custom=FLAG, schema=OPEN, clauseNames=many(TEXT)))}),
    ("GET /api/2/priority", "", None, {200: many(NAMED)}),
    ("GET /api/2/status", "", None, {200: many(STATUS)}),
    ("GET /api/2/project/{projectIdOrKey}", "expand", None, {200: ref("Project")}),
    ("GET /api/2/mypermissions", "projectKey projectId issueKey issueId", None,
     {200: fields("permissions", permissions={"type": "object", "additionalProperties": fields(
         "key havePermission", id=TEXT, key=TEXT, name=TEXT, type=TEXT, havePermission=FLAG)})}),
    ("GET /api/2/myself", "", None, {200: {**USER, "required": ["name", "displayName", "emailAddress"]}}),
    ("GET /api/2/serverInfo", "doHealthCheck", None,
     {200: fields("baseUrl version versionNumbers deploymentType", baseUrl=TEXT, version=TEXT,
                  versionNumbers=many(NUMBER), deploymentType={"type": "string", "enum": ["Server"]})}),
    ("GET /api/2/issue/{issueIdOrKey}/watchers", "", None,
     {200: fields("watchCount watchers", watchCount=NUMBER, watchers=many(USER))}),
    # A bare JSON string.
    ("POST /api/2/issue/{issueIdOrKey}/watchers", "", TEXT, {204: None}),
    ("GET /api/2/user/search", "username startAt maxResults", None, {200: many(USER)}),
    ("GET /api/2/issueLinkType", "", None,
     {200: fields("issueLinkTypes", issueLinkTypes=many(LINK_TYPE))}),
    ("POST /api/2/issueLink", "",
     closed("type inwardIssue outwardIssue", type=OPEN, inwardIssue=OPEN, outwardIssue=OPEN, comment=OPEN),
     {201: None}),
    ("GET /api/2/user", "username key includeDeleted expand", None,
     {200: {**USER, "properties": {**USER["properties"], "groups": fields("size items", size=NUMBER, items=many(fields(
         "name", name=TEXT, self=TEXT)))}}}),
    ("GET /api/2/groups/picker", "query exclude maxResults userName", None,
     {200: fields("groups", header=TEXT, total=NUMBER, groups=many(fields("name html", name=TEXT, html=TEXT)))}),
    ("GET /api/2/user/assignable/search", "username project issueKey startAt maxResults", None, {200: many(USER)}),
)  # fmt: skip


def description(
    operations: tuple[Operation, ...] = OPERATIONS, title: str = "Jira Data Center, as far as it is used"
) -> dict[str, Any]:
    """The same as an OpenAPI document."""
    paths: dict[str, Any] = {}
    for called, query, sent, answers in operations:
        method, _, path = called.partition(" ")
        operation: dict[str, Any] = {
            "parameters": [
                *(
                    {"name": one, "in": "path", "required": True, "schema": TEXT}
                    for one in re.findall(r"{(\w+)}", path)
                ),
                *({"name": one, "in": "query", "schema": TEXT} for one in query.split()),
            ],
            "responses": {str(status): _answer(schema) for status, schema in answers.items()},
        }
        for refusal in ("400", "401", "403", "404"):
            operation["responses"][refusal] = _answer(ref("ErrorCollection"))
        if sent is not None:
            operation["requestBody"] = {"required": True, **_content(sent)}
        paths.setdefault(path, {})[method.lower()] = operation
    info = {"title": title, "version": "10.3"}
    return {"openapi": "3.0.1", "info": info, "paths": paths, "components": {"schemas": dict(SCHEMAS)}}


def _answer(schema: Schema | None) -> dict[str, Any]:
    return {"description": "", **({} if schema is None else _content(schema))}


def _content(schema: Schema) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}
