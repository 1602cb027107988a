"""Fields of every type in the Jira stand-in: described as Atlassian does, taken as strictly; people and watchers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jira_client import Client
from jira_specs import CheckedSession

ALICE = "557058:f1a2b3c4-0002-4000-8000-000000000002"


@pytest.fixture
def checked(face: Client) -> Iterator[Client]:
    session = CheckedSession(("cloud" if face.jira.cloud else "datacenter") + face.version, face.jira.url)
    yield Client(face.jira, face.version, session)
    assert face.jira.unknown_requests == []


def form(checked: Client) -> dict[str, dict[str, Any]]:
    listed = checked("GET", "/issue/createmeta/FORM/issuetypes/10001", params={"maxResults": 100}).json()
    return {one["fieldId"]: one for one in listed["fields" if checked.jira.cloud else "values"]}


def created(checked: Client, **fields: Any) -> Any:
    entered = {"project": {"key": "FORM"}, "issuetype": {"name": "Task"}, "summary": "s", **fields}
    return checked("POST", "/issue", json={"fields": entered})


def test_the_create_screen_describes_every_type(checked: Client) -> None:
    fields = form(checked)
    assert fields["customfield_10101"]["schema"]["type"] == "option"
    assert [one["value"] for one in fields["customfield_10101"]["allowedValues"]][0] == "Cloud security"
    above = fields["customfield_10103"]["allowedValues"][0]
    assert (above["value"], [one["value"] for one in above["children"]]) == ("AWS", ["Production", "Test"])
    assert [one["name"] for one in fields["components"]["allowedValues"]] == ["Cloud", "Identity"]
    assert fields["security"]["schema"]["type"] == "securitylevel"


def test_values_of_every_type_are_stored_and_shown(checked: Client) -> None:
    who = {"accountId": ALICE} if checked.jira.cloud else {"name": "alice"}
    parent = created(checked).json()["key"]
    values = {
        "customfield_10101": {"value": "Platform"},
        "customfield_10102": [{"id": "1010200"}],
        "customfield_10103": {"id": "1010300", "child": {"id": "1010351"}},
        "customfield_10104": who,
        "customfield_10105": [who],
        "customfield_10106": "2026-01-31",
        "customfield_10107": "2026-01-31T10:15:00.000+0000",
        "customfield_10108": 3.5,
        "customfield_10109": checked.rich("text"),
        "customfield_10111": "https://wiki.example.com/",
        "customfield_10112": ["a"],
        "components": [{"name": "Cloud"}],
        "fixVersions": [{"name": "2026.1"}],
        "security": {"name": "Security team only"},
        "parent": {"key": parent},
    }
    answer = created(checked, **values)
    assert answer.status_code == 201, answer.text
    shown = checked("GET", f"/issue/{answer.json()['key']}").json()["fields"]
    assert shown["customfield_10103"]["child"]["value"] == "Test" and shown["components"][0]["name"] == "Cloud"
    assert shown["customfield_10109"] == checked.rich("text") and shown["parent"]["key"] == parent


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("customfield_10101", "Platform"),
        ("customfield_10101", {"value": "Nobody"}),
        ("customfield_10101", {"name": "Platform"}),
        ("customfield_10102", {"value": "Web"}),
        ("customfield_10103", {"value": "AWS", "child": {"value": "Office"}}),
        ("customfield_10104", "alice"),
        ("customfield_10104", {"emailAddress": "alice@example.com"}),
        ("customfield_10106", "31.01.2026"),
        ("customfield_10107", "2026-01-31 10:15:00"),
        ("customfield_10108", "3.5"),
        ("customfield_10108", True),
        ("customfield_10111", "wiki"),
        ("customfield_10112", ["a b"]),
        ("components", {"name": "Cloud"}),
        ("components", [{"name": "Nothing"}]),
        ("security", {"name": "Everybody"}),
        ("parent", {"key": "FORM-404"}),
        ("parent", "FORM-1"),
    ],
)
def test_a_value_of_another_shape_is_refused_by_field(face: Client, name: str, value: Any) -> None:
    answer = created(face, **{name: value})
    assert answer.status_code == 400 and list(answer.json()["errors"]) == [name]


def test_people_are_found_by_the_beginning_of_a_name_or_address(checked: Client) -> None:
    query = "query" if checked.jira.cloud else "username"
    assert [one["displayName"] for one in checked("GET", "/user/search", params={query: "ali"}).json()] == [
        "Alice Arnold"
    ]
    assert checked("GET", "/user/search", params={query: "lice"}).json() == []
    assert checked("GET", "/user/search", params={query: "dan@example.com"}).json() == [], "he has left"
    (carol,) = checked("GET", "/user/search", params={query: "carol@"}).json()
    assert ("emailAddress" in carol) is not checked.jira.cloud


def test_watchers_are_added_by_a_bare_string_and_once(checked: Client) -> None:
    key = created(checked).json()["key"]
    who = ALICE if checked.jira.cloud else "alice"
    for _ in range(2):
        assert checked("POST", f"/issue/{key}/watchers", json=who).status_code == 204
    seen = checked("GET", f"/issue/{key}/watchers").json()
    assert (seen["watchCount"], seen["watchers"][0]["displayName"]) == (1, "Alice Arnold")


def test_who_does_not_exist_watches_nothing(face: Client) -> None:
    key = created(face).json()["key"]
    assert face("POST", f"/issue/{key}/watchers", json={"accountId": ALICE}).status_code == 400
    assert face("POST", f"/issue/{key}/watchers", json="nobody").status_code in (400, 404)
    assert face("GET", f"/issue/{key}/watchers").json()["watchCount"] == 0
