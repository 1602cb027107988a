"""What Jira takes in a ticket and what it refuses, in its own words."""

from __future__ import annotations

from typing import Any

import pytest
from jira_client import Client, document

from sandbox.jira import CustomField, JiraStandIn, Project

TOO_LONG = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."


@pytest.mark.parametrize(
    ("fields", "name", "problem"),
    [
        ({"summary": "x" * 256}, "summary", "Summary can't exceed 255 characters."),
        ({"summary": "\U0001f600" * 128}, "summary", "Summary can't exceed 255 characters."),
        ({"summary": "two\nlines"}, "summary", "The summary is invalid because it contains newline characters."),
        ({"summary": "  "}, "summary", "You must specify a summary of the issue."),
        ({"summary": None}, "summary", "must be a string"),
        ({"labels": ["x y"]}, "labels", "The label 'x y' contains spaces which is invalid."),
        ({"labels": ["x" * 256]}, "labels", "255"),
        ({"labels": "a"}, "labels", "array of strings"),
        ({"priority": {"name": "Urgent"}}, "priority", "The priority selected is invalid."),
        ({"priority": "High"}, "priority", "Specify the Priority"),
        ({"issuetype": {"name": "Epic"}}, "issuetype", "Specify a valid issue type"),
        ({"assignee": {"name": "nobody"}}, "assignee", "does not exist"),
        ({"color": "red"}, "color", "It is not on the appropriate screen, or unknown."),
        ({"customfield_10040": "1"}, "customfield_10040", "It is not on the appropriate screen, or unknown."),
        ({"duedate": "tomorrow"}, "duedate", "Error parsing date string"),
    ],
)
def test_a_field_is_refused_as_jira_refuses_it(
    shared_face: Client, fields: dict[str, Any], name: str, problem: str
) -> None:
    refused = shared_face.create(**fields)
    assert refused.status_code == 400
    assert set(refused.json()["errors"]) == {name}
    assert problem in refused.json()["errors"][name]
    assert shared_face.jira.issues() == []


def test_what_just_fits_is_taken(face: Client) -> None:
    assert face.create(summary="x" * 255, labels=["y" * 255]).status_code == 201


def test_every_wrong_field_is_named_at_once(face: Client) -> None:
    errors = face.create(summary="", labels=["a b"], color="red").json()["errors"]
    assert set(errors) == {"summary", "labels", "color"}


def test_required_fields_are_named(face: Client) -> None:
    bare = face("POST", "/issue", json={"fields": {"project": {"key": "STRICT"}}})
    assert set(bare.json()["errors"]) == {"summary", "issuetype", "customfield_10041"}
    assert face.create(project={"key": "STRICT"}, customfield_10041="4711").status_code == 201


def test_optional_fields_depend_on_the_projects_screen(face: Client) -> None:
    fields = {"project": {"key": "OPS"}, "issuetype": {"name": "Task"}, "priority": {"name": "High"}}
    assert set(face.create(**fields).json()["errors"]) == {"priority"}
    del fields["priority"]
    assert face.create(**fields, customfield_10040="123456789012").status_code == 201


def test_the_project_must_be_real(face: Client) -> None:
    for project in ({"key": "NOPE"}, {"id": "99999"}, {}, None, "SEC"):
        assert set(face.create(project=project).json()["errors"]) == {"project"}


def test_rich_text_is_a_document_on_v3_and_a_string_on_v2(face: Client) -> None:
    wrong = "a string" if face.version == "3" else document("a document")
    problem = "Atlassian Document" if face.version == "3" else "must be a string"
    assert problem in face.create(description=wrong).json()["errors"]["description"]
    assert face.create(description=face.rich("good")).status_code == 201
    assert problem in face("POST", "/issue/SEC-1/comment", json={"body": wrong}).json()["errors"]["comment"]


def test_rich_text_has_a_limit(face: Client) -> None:
    room = (
        32_767
        if face.version == "2"
        else 32_767
        - len('{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":""}]}]}')
    )
    assert face.create(description=face.rich("x" * room)).status_code == 201
    assert face.create(description=face.rich("x" * (room + 1))).json()["errors"] == {"description": TOO_LONG}
    refused = face("POST", "/issue/SEC-1/comment", json={"body": face.rich("x" * (room + 1))})
    assert refused.json()["errors"] == {"comment": TOO_LONG}


def test_a_property_has_a_limit(face: Client) -> None:
    face.create()
    assert face("PUT", "/issue/SEC-1/properties/p", json="x" * 32_766).status_code == 201
    assert face("PUT", "/issue/SEC-1/properties/p", json="x" * 32_767).status_code == 400
    too_long = {"fields": face.fields(), "properties": [{"key": "p", "value": "x" * 32_767}]}
    assert face("POST", "/issue", json=too_long).status_code == 400
    assert len(face.jira.issues()) == 1


def test_what_cannot_be_read_is_refused(face: Client) -> None:
    assert face("POST", "/issue", data="{", headers={"Content-Type": "application/json"}).status_code == 400
    assert face("POST", "/issue", json=[]).status_code == 400
    assert face("POST", "/issue", json={"fields": face.fields(), "field": {}}).status_code == 400
    assert "field" in str(face.jira.unknown_requests[0].body)


def test_transitions_are_those_of_the_present_status(face: Client) -> None:
    face.create()

    def possible() -> dict[str, str]:
        shown = face("GET", "/issue/SEC-1/transitions").json()["transitions"]
        return {one["to"]["statusCategory"]["key"]: one["id"] for one in shown}

    assert set(possible()) == {"indeterminate", "done"}
    done = possible()["done"]
    assert face("POST", "/issue/SEC-1/transitions", json={"transition": {"id": done}}).status_code == 204
    assert face.jira.issue("SEC-1").status_category == "done"
    assert face("GET", "/issue/SEC-1", params={"fields": "resolution"}).json()["fields"]["resolution"]["name"] == "Done"
    for wanted in ({"id": done}, {"id": "99"}, {}):
        assert face("POST", "/issue/SEC-1/transitions", json={"transition": wanted}).status_code == 400
    assert set(possible()) == {"new", "indeterminate"}


def test_comments_are_kept_in_order_and_paged(face: Client) -> None:
    face.create()
    for number in range(5):
        face("POST", "/issue/SEC-1/comment", json={"body": face.rich(f"number {number}")})
    newest = face("GET", "/issue/SEC-1/comment", params={"orderBy": "-created", "startAt": 1, "maxResults": 2}).json()
    assert [one["body"] for one in newest["comments"]] == [face.rich("number 3"), face.rich("number 2")]
    assert (newest["total"], newest["startAt"], newest["maxResults"]) == (5, 1, 2)
    assert face("GET", "/issue/SEC-1/comment", params={"orderBy": "author"}).status_code == 400
    assert face("POST", "/issue/SEC-1/comment", json={"body": face.rich("x"), "color": 1}).status_code == 400
    assert face.jira.issue("SEC-1").comments == tuple(f"number {number}" for number in range(5))


def test_a_comment_of_a_service_desk_is_public_unless_it_says_otherwise(cloud: Client) -> None:
    cloud.create(project={"key": "DESK"})
    internal = [{"key": "sd.public.comment", "value": {"internal": True}}]
    for properties in ([], internal):
        body = {"body": document("x"), "properties": properties}
        cloud("POST", "/issue/DESK-1/comment", json=body)
    shown = cloud("GET", "/issue/DESK-1/comment").json()["comments"]
    assert [one["jsdPublic"] for one in shown] == [True, False]


def test_attachments_need_the_header_against_forgery(face: Client) -> None:
    face.create()
    files = {"file": ("evidence.json", b'{"a": 1}', "application/json")}
    assert face("POST", "/issue/SEC-1/attachments", files=files).status_code == 403
    headers = {"X-Atlassian-Token": "no-check"}
    (added,) = face("POST", "/issue/SEC-1/attachments", files=files, headers=headers).json()
    assert (added["filename"], added["size"]) == ("evidence.json", 8)
    assert face.session.get(added["content"], timeout=5).content == b'{"a": 1}'
    wrong = {"upload": ("a", b"")}
    assert face("POST", "/issue/SEC-1/attachments", files=wrong, headers=headers).status_code == 400


def test_what_was_written_on_one_version_can_be_read_on_the_other(cloud: Client) -> None:
    cloud.create(description=document("first", "second"))
    old = Client(cloud.jira, "2")
    assert old("GET", "/issue/SEC-1").json()["fields"]["description"] == "first\nsecond"
    old.create(description="one\ntwo\n\nthree")
    seen = cloud("GET", "/issue/SEC-2").json()["fields"]["description"]
    kinds = [[node["type"] for node in block["content"]] for block in seen["content"]]
    assert kinds == [["text", "hardBreak", "text"], ["text"]]


def test_projects_can_be_made_up() -> None:
    field = CustomField("customfield_10099", "Story", type="textarea", required=True)
    project = Project("NEW", "New", issue_types=("Task",), screen=("description",), custom_fields=(field,))
    with JiraStandIn(projects=(project,)) as jira:
        client = Client(jira, "3")
        fields = {"project": {"key": "NEW"}, "issuetype": {"name": "Task"}, "summary": "x"}
        refused = client("POST", "/issue", json={"fields": {**fields, field.id: "a string"}})
        assert "Atlassian Document" in refused.json()["errors"][field.id]
        created = client("POST", "/issue", json={"fields": {**fields, field.id: document("rich")}})
        assert created.json()["key"] == "NEW-1"
