"""Accounts, groups, and what people do in the browser, as the API shows it: held against its descriptions."""

from __future__ import annotations

from typing import Any

from jira_client import Client, document
from jira_specs import CheckedSession

from sandbox.jira.model import USERS

ALICE, DAN, RULE, EVE = USERS[1], USERS[4], USERS[5], USERS[6]


def checked(face: Client) -> Client:
    kind = ("cloud" if face.jira.cloud else "datacenter") + face.version
    return Client(face.jira, face.version, CheckedSession(kind, face.jira.url))


def account(face: Client, user: Any) -> dict[str, Any]:
    """What the API says of somebody, with the groups that it names."""
    cloud = face.jira.cloud
    named = {"accountId": user.account_id} if cloud else {"key": user.key, "expand": "groups"}
    shown: dict[str, Any] = face("GET", "/user", params=named).json()
    groups = face("GET", "/user/groups", params=named).json() if cloud else shown["groups"]["items"]
    return {**shown, "groups": [group["name"] for group in groups]}


def test_accounts_say_who_they_are_and_what_they_are_in(face: Client) -> None:
    jira = checked(face)
    alice = account(jira, ALICE)
    assert (alice["displayName"], alice["active"]) == ("Alice Arnold", True)
    assert alice["groups"] == ["security-approvers", "jira-users"]
    assert account(jira, DAN)["active"] is False
    if face.jira.cloud:
        assert [account(jira, user)["accountType"] for user in (ALICE, RULE, EVE)] == ["atlassian", "app", "customer"]
        assert "emailAddress" not in account(jira, RULE)
    # Atlassian's description of Data Center is a part of it, without this.
    picker = jira if face.jira.cloud else face
    found = picker("GET", "/groups/picker", params={"query": "security", "maxResults": 50}).json()["groups"]
    assert [group["name"] for group in found] == ["security-approvers"]
    nobody = {"accountId": "x" * 24} if face.jira.cloud else {"key": "JIRAUSER0"}
    assert jira("GET", "/user", params=nobody).status_code == 404


def test_without_the_permission_nobody_is_shown(face: Client) -> None:
    face.jira.may_browse_people = False
    named = {"accountId": ALICE.account_id} if face.jira.cloud else {"username": "alice"}
    assert face("GET", "/user", params=named).status_code == 403
    assert face("GET", "/groups/picker", params={"query": "security"}).json()["groups"] == []


def test_what_people_do_is_theirs(face: Client) -> None:
    jira, people = checked(face), face.jira.people
    key = jira.create().json()["key"]
    number = people.comment(key, "/responder status", "alice")
    people.edit(number, document("edited") if face.jira.cloud else "edited", "bob")
    (comment,) = jira("GET", f"/issue/{key}/comment").json()["comments"]
    assert comment["author"]["displayName"] == "Alice Arnold" and comment["updateAuthor"]["displayName"] == "Bob Baker"
    people.transition(key, "Won't Fix", "bob")
    people.label(key, "alice", "approved")
    people.assign(key, "bob", "alice")
    shown = jira("GET", f"/issue/{key}", params={"expand": "changelog"}).json()
    made = [
        (entry["author"]["displayName"], item["field"], item["toString"])
        for entry in shown["changelog"]["histories"]
        for item in entry["items"]
        if item["field"] in ("status", "labels", "assignee")
    ]
    assert sorted(made) == [
        ("Alice Arnold", "assignee", "Bob Baker"),
        ("Alice Arnold", "labels", "approved"),
        ("Bob Baker", "status", "Won't Fix"),
    ]


def test_jql_takes_milliseconds(face: Client) -> None:
    key = face.create().json()["key"]
    at = int(face.jira.issue(key).raw["updated"] * 1000)
    path = "/search/jql" if face.jira.cloud else "/search"

    def found(jql: str) -> list[str]:
        issues = face("GET", path, params={"jql": jql, "fields": "summary"}).json()["issues"]
        return [issue["key"] for issue in issues]

    assert found(f"creator = currentUser() AND updated >= {at} ORDER BY updated ASC, key ASC") == [key]
    assert found(f"creator = currentUser() AND updated >= {at + 1}") == []
