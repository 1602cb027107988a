"""Every operation against its description: what is asked and what is answered must fit it (tests/specs)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from jira_client import Client
from jira_specs import CheckedSession
from openapi_core.exceptions import OpenAPIError

from sandbox.jira.model import TRANSITIONS, ScreenField, Transition

ALICE = "557058:f1a2b3c4-0002-4000-8000-000000000002"


@pytest.fixture
def checked(face: Client) -> Iterator[Client]:
    session = CheckedSession(("cloud" if face.jira.cloud else "datacenter") + face.version, face.jira.url)
    yield Client(face.jira, face.version, session)
    assert session.checked, "nothing was checked"
    assert face.jira.unknown_requests == []


def test_a_ticket_from_cradle_to_grave(checked: Client) -> None:
    cloud = checked.jira.cloud
    assignee = {"id": ALICE} if cloud else {"name": "alice"}
    fields = checked.fields(
        description=checked.rich("text"), labels=["a"], assignee=assignee, priority={"name": "High"}
    )
    created = checked("POST", "/issue", json={"fields": fields, "properties": [{"key": "k", "value": {"a": 1}}]})
    assert created.status_code == 201
    assert checked("GET", "/issue/SEC-1").json()["fields"]["assignee"]["displayName"] == "Alice Arnold"
    edit = {"fields": {"summary": "Another"}, "update": {"labels": [{"add": "b"}, {"remove": "a"}]}}
    assert checked("PUT", "/issue/SEC-1", json=edit).status_code == 204
    some = checked("GET", "/issue/SEC-1", params={"fields": "summary,labels", "properties": "k"}).json()
    assert (some["fields"], some["properties"]) == ({"summary": "Another", "labels": ["b"]}, {"k": {"a": 1}})

    assert checked("POST", "/issue/SEC-1/comment", json={"body": checked.rich("said")}).status_code == 201
    assert checked("GET", "/issue/SEC-1/comment", params={"orderBy": "-created"}).json()["total"] == 1
    assert checked("PUT", "/issue/SEC-1/comment/10000", json={"body": checked.rich("corrected")}).status_code == 200
    assert checked("GET", "/issue/SEC-1/comment/10000").json()["body"] == checked.rich("corrected")

    assert checked("PUT", "/issue/SEC-1/properties/k2", json={"b": 2}).status_code == 201
    assert checked("PUT", "/issue/SEC-1/properties/k2", json={"b": 3}).status_code == 200
    assert checked("GET", "/issue/SEC-1/properties/k2").json()["value"] == {"b": 3}
    assert [one["key"] for one in checked("GET", "/issue/SEC-1/properties").json()["keys"]] == ["k", "k2"]
    assert checked("DELETE", "/issue/SEC-1/properties/k2").status_code == 204

    link = {"globalId": "g", "object": {"title": "Results", "url": "https://splunk.example/"}}
    assert checked("POST", "/issue/SEC-1/remotelink", json=link).ok
    assert checked("GET", "/issue/SEC-1/remotelink", params={"globalId": "g"}).json()["object"]["title"] == "Results"

    names = [one["name"] for one in checked("GET", "/issue/SEC-1/transitions").json()["transitions"]]
    assert names == ["In Progress", "Done"]
    assert checked("POST", "/issue/SEC-1/transitions", json={"transition": {"id": "31"}}).status_code == 204
    assert checked("GET", "/issue/SEC-1").json()["fields"]["status"]["statusCategory"]["key"] == "done"
    assert checked("DELETE", "/issue/SEC-1").status_code == 204


def test_the_site_and_its_forms(checked: Client) -> None:
    cloud = checked.jira.cloud
    assert checked("GET", "/serverInfo").json()["deploymentType"] == ("Cloud" if cloud else "Server")
    assert checked("GET", "/myself").json()["emailAddress"] == checked.jira.credentials.email
    params = {"projectKey": "LOCKED", **({"permissions": "CREATE_ISSUES"} if cloud else {})}
    permissions = checked("GET", "/mypermissions", params=params).json()["permissions"]
    assert permissions["CREATE_ISSUES"]["havePermission"] is False
    assert checked("GET", "/project/SEC").json()["name"] == "Security Incidents"
    if cloud:
        keys = [one["key"] for one in checked("GET", "/project/search", params={"query": "sec"}).json()["values"]]
        assert keys == ["SEC"]
    assert [one["name"] for one in checked("GET", "/priority").json()][:2] == ["Highest", "High"]
    assert "In Progress" in {one["name"] for one in checked("GET", "/status").json()}
    assert checked("GET", "/field").ok
    types = checked("GET", "/issue/createmeta/STRICT/issuetypes").json()["issueTypes" if cloud else "values"]
    form = checked("GET", f"/issue/createmeta/STRICT/issuetypes/{types[0]['id']}").json()[
        "fields" if cloud else "values"
    ]
    required = {one["fieldId"] for one in form if one["required"]}
    assert required == {"summary", "issuetype", "project", "customfield_10041"}
    params = {"project": "SEC", "query" if cloud else "username": "ali"}
    assert [one["displayName"] for one in checked("GET", "/user/assignable/search", params=params).json()] == [
        "Alice Arnold"
    ]


def test_searching(checked: Client) -> None:
    for number in range(3):
        checked.create(summary=f"number {number}")
    if not checked.jira.cloud:
        page = checked(
            "POST", "/search", json={"jql": "project = SEC order by key", "fields": ["status"], "maxResults": 2}
        )
        assert (page.json()["total"], len(page.json()["issues"])) == (3, 2)
        assert checked("GET", "/search", params={"jql": "key = SEC-2"}).json()["issues"][0]["key"] == "SEC-2"
        return
    body = {"jql": "project = SEC", "fields": ["summary", "comment"], "reconcileIssues": [10000], "maxResults": 2}
    page = checked("POST", "/search/jql", json=body).json()
    last = checked("POST", "/search/jql", json={**body, "nextPageToken": page["nextPageToken"]}).json()
    assert [one["key"] for one in page["issues"] + last["issues"]] == ["SEC-3", "SEC-2", "SEC-1"]
    assert "nextPageToken" not in last
    assert checked("GET", "/search/jql", params={"jql": "key = SEC-1"}).json()["issues"] == [{"id": "10000"}]
    assert checked("POST", "/search/approximate-count", json={"jql": "project = SEC"}).json() == {"count": 3}


def test_comment_properties_can_be_read_back(checked: Client) -> None:
    checked.create()
    body = {"body": checked.rich("said"), "properties": [{"key": "m", "value": {"marker": "1"}}]}
    comment = checked("POST", "/issue/SEC-1/comment", json=body).json()["id"]
    (found,) = checked("GET", "/issue/SEC-1/comment").json()["comments"]
    assert "properties" not in found
    if checked.jira.cloud:
        listed = checked("POST", "/comment/list", json={"ids": [int(comment)]}, params={"expand": "properties"})
        assert listed.json()["values"][0]["properties"] == body["properties"]
        assert checked("GET", f"/comment/{comment}/properties/m").json()["value"] == {"marker": "1"}


def test_what_a_description_does_not_know_is_refused_by_it(face: Client) -> None:
    """So the tests of this file can fail: in what is asked as in what is answered."""
    session = CheckedSession(("cloud" if face.jira.cloud else "datacenter") + face.version, face.jira.url)
    client = Client(face.jira, face.version, session)
    search, foreign = ("/search/jql", "startAt") if face.jira.cloud else ("/search", "nextPageToken")
    with pytest.raises(OpenAPIError):
        client("POST", search, json={"jql": "project = SEC", foreign: 1})
    odd = {"body": '{"comments": "none"}', "headers": {"Content-Type": "application/json"}}
    face.jira.faults.add("status", path="/comment", status=200, **odd)
    with pytest.raises(OpenAPIError):
        client("GET", "/issue/SEC-1/comment")


def test_errors_fit_the_description_too(checked: Client) -> None:
    session = checked.session
    assert isinstance(session, CheckedSession)
    session.check_errors = True
    refused = checked.create(summary="two\nlines")
    assert refused.status_code == 400


def test_a_ticket_moves_links_and_remembers_what_has_changed(checked: Client) -> None:
    jira = checked.jira
    screen = (ScreenField("resolution", "Resolution", True), ScreenField("customfield_10050", "Root cause", True))
    ways = {**TRANSITIONS, "31": Transition("Close", ("10000", "10001"), "10002", screen, "")}
    jira.projects["SEC"] = replace(jira.projects["SEC"], transitions=ways)
    for number in range(2):
        checked.create(summary=f"number {number}")
    shown = checked("GET", "/issue/SEC-1/transitions", params={"expand": "transitions.fields"}).json()["transitions"]
    assert [(one["name"], sorted(one["fields"])) for one in shown] == [
        ("In Progress", []),
        ("Close", ["customfield_10050", "resolution"]),
    ]
    body = {
        "transition": {"id": "31"},
        "fields": {"resolution": {"id": "10003"}, "customfield_10050": "A key was stolen."},
    }
    assert checked("POST", "/issue/SEC-1/transitions", json=body).status_code == 204
    types = checked("GET", "/issueLinkType").json()["issueLinkTypes"]
    assert "Relates" in [one["name"] for one in types]
    link = {"type": {"name": "Relates"}, "inwardIssue": {"key": "SEC-2"}, "outwardIssue": {"key": "SEC-1"}}
    assert [checked("POST", "/issueLink", json=link).status_code for _ in range(2)] == [201, 201]
    assert jira.links("SEC-1") == [("Relates", "SEC-2", "SEC-1")]
    (seen,) = checked("GET", "/issue/SEC-2").json()["fields"]["issuelinks"]
    assert seen["outwardIssue"]["key"] == "SEC-1"
    if jira.cloud:
        (change,) = checked("GET", "/issue/SEC-1/changelog").json()["values"]
    else:
        (change,) = checked("GET", "/issue/SEC-1", params={"expand": "changelog"}).json()["changelog"]["histories"]
    assert [(item["field"], item["fromString"], item["toString"]) for item in change["items"]] == [
        ("status", "To Do", "Done"),
        ("resolution", None, "Fixed"),
    ]
    assert jira.relocate("SEC-1", "OPS") == "OPS-1"
    assert checked("GET", "/issue/SEC-1").json()["key"] == "OPS-1"


def test_a_service_desk_and_its_request_types(face: Client) -> None:
    session = Client(face.jira, face.version, CheckedSession("desk", face.jira.url)).session

    def read(path: str) -> list[dict[str, str]]:
        answer = session.get(f"{face.jira.url}/rest/servicedeskapi/servicedesk{path}", timeout=10)
        return list(answer.json()["values"])

    (desk,) = read("")
    assert desk["projectKey"] == "DESK"
    assert [one["name"] for one in read(f"/{desk['id']}/requesttype")] == ["Report a security incident", "Get IT help"]
    number = "25" if face.version == "3" else "desk/report-a-security-incident"
    asked = face.create(project={"key": "DESK"}, customfield_10010=number)
    assert asked.status_code == 201
    refused = face.create(project={"key": "DESK"}, customfield_10010="Get IT help", customfield_10002=["7"])
    assert set(refused.json()["errors"]) == {"customfield_10010", "customfield_10002"}
