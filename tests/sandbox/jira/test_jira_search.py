"""Searching: JQL, pages, the lag of the index, and what each deployment refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jira_client import Client, document

from sandbox.jira import JiraStandIn


def search(cloud: Client, jql: str, **more: Any) -> list[str]:
    """Keys found on Cloud, all pages."""
    keys: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = cloud("POST", "/search/jql", json={"jql": jql, "fields": ["summary"], **more, **token}).json()
        keys += [issue["key"] for issue in page["issues"]]
        if page["isLast"]:
            return keys
        token = {"nextPageToken": page["nextPageToken"]}


@pytest.fixture(scope="module")
def three() -> Iterator[Client]:
    """SEC-1 (labels a, b), SEC-2 (label b, high, done), OPS-1 (none). Only read by the tests."""
    with JiraStandIn() as jira:
        cloud = Client(jira, "3")
        cloud.create(summary="Trail stopped", labels=["a", "b"], description=document("by mallory"))
        cloud.create(summary="Bucket opened", labels=["b"], priority={"name": "High"}, issuetype={"name": "Bug"})
        cloud.create(project={"key": "OPS"}, issuetype={"name": "Task"}, summary='Say "hi"')
        jira.move("SEC-2", "Done")
        yield cloud


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("project = SEC", "SEC-2 SEC-1"),
        ("project = 'Security Incidents' ORDER BY key", "SEC-1 SEC-2"),
        ("project in (SEC, OPS) order by created asc", "SEC-1 SEC-2 OPS-1"),
        ("project = SEC AND labels = a", "SEC-1"),
        ('labels = "b" order by priority', "SEC-2 SEC-1"),
        ("labels in (a, zzz)", "SEC-1"),
        ("labels = never-used", ""),
        ("labels not in (a)", "SEC-2"),
        ("labels is EMPTY", "OPS-1"),
        ("labels is not empty and not labels = a", "SEC-2"),
        ("key = SEC-2", "SEC-2"),
        ("issuekey in (SEC-1, OPS-1) order by key desc", "SEC-1 OPS-1"),
        ("status = Done", "SEC-2"),
        ('status = "To Do" or status = "In Progress" order by key', "OPS-1 SEC-1"),
        ("statusCategory != Done and project = SEC", "SEC-1"),
        ("resolution = Unresolved AND labels = b", "SEC-1"),
        ("issuetype = Bug", "SEC-2"),
        ("priority = High", "SEC-2"),
        ("created >= -1h && project = OPS", "OPS-1"),
        ("created < -1h", ""),
        ('created >= "2020-01-01 00:00" AND created <= now() AND project = OPS', "OPS-1"),
        ("reporter = currentUser() and key = SEC-1", "SEC-1"),
        ("summary ~ bucket", "SEC-2"),
        ("text ~ mallory", "SEC-1"),
        (r'summary ~ "\"hi\""', "OPS-1"),
        ("(project = SEC and labels = a) or project = OPS order by key", "OPS-1 SEC-1"),
    ],
)
def test_jql_finds(three: Client, jql: str, keys: str) -> None:
    assert search(three, jql) == keys.split()


@pytest.mark.parametrize(
    ("jql", "problem"),
    [
        ("", "Unbounded JQL queries are not allowed here"),
        ("order by created", "Unbounded JQL queries are not allowed here"),
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("project = HIDDEN", "does not exist for the field 'project'"),
        ("status = Finished", "The value 'Finished' does not exist for the field 'status'."),
        ('labels = "a b"', "can't contain spaces"),
        ("color = red", "Field 'color' does not exist or you do not have permission to view it."),
        ("issue.property[ctr].a = 1", "Error in the JQL Query"),
        ("project SEC", "Error in the JQL Query"),
        ("project = SEC AND", "Error in the JQL Query"),
        ("project = ", "Error in the JQL Query"),
        ("labels = 'open", "Error in the JQL Query"),
        ("labels = a.b", "Error in the JQL Query"),
        ("project > SEC", "The operator '>' is not supported"),
        ("summary = x", "The operator '=' is not supported"),
        ("created >= yesterday", "Date value 'yesterday' for field 'created' is invalid"),
        ("assignee = whoever()", "Unable to find JQL function"),
        ("key = nothing", "is invalid"),
        ("project = SEC order by " + ", ".join(["key"] * 8), "At most 7"),
    ],
)
def test_jql_is_refused_as_jira_refuses_it(three: Client, jql: str, problem: str) -> None:
    answer = three("POST", "/search/jql", json={"jql": jql})
    assert answer.status_code == 400
    assert problem in answer.json()["errorMessages"][0]


def test_cloud_gives_ids_only_unless_fields_are_asked_for(three: Client) -> None:
    assert three("GET", "/search/jql", params={"jql": "key = SEC-1"}).json() == {
        "issues": [{"id": "10000"}],
        "isLast": True,
    }
    (found,) = three("GET", "/search/jql", params={"jql": "key = SEC-1", "fields": "labels"}).json()["issues"]
    assert (found["key"], found["fields"]) == ("SEC-1", {"labels": ["a", "b"]})


def test_pages_follow_tokens_and_a_token_belongs_to_its_query(three: Client) -> None:
    assert search(three, "project in (SEC, OPS) order by key", maxResults=1) == ["OPS-1", "SEC-1", "SEC-2"]
    page = three("POST", "/search/jql", json={"jql": "project in (SEC, OPS)", "maxResults": 1}).json()
    assert "total" not in page
    for body in (
        {"jql": "project = SEC", "nextPageToken": page["nextPageToken"]},
        {"jql": "project = SEC", "nextPageToken": "made up"},
    ):
        assert three("POST", "/search/jql", json=body).status_code == 400


def test_paging_by_number_is_refused_on_cloud(cloud: Client) -> None:
    assert cloud("POST", "/search/jql", json={"jql": "project = SEC", "startAt": 0}).status_code == 400
    assert cloud("GET", "/search/jql", params={"jql": "project = SEC", "startAt": 0}).status_code == 400
    assert len(cloud.jira.unknown_requests) == 2


def test_the_old_search_is_gone_from_cloud(three: Client) -> None:
    for answer in (three("GET", "/search", params={"jql": "project = SEC"}), three("POST", "/search", json={})):
        assert answer.status_code == 410
        assert "/rest/api/3/search/jql" in answer.json()["errorMessages"][0]


def test_data_center_has_only_the_old_search(datacenter: Client) -> None:
    datacenter.create(labels=["a"])
    found = datacenter("GET", "/search", params={"jql": "labels = a"}).json()
    assert (found["total"], found["issues"][0]["fields"]["labels"]) == (1, ["a"])
    assert datacenter("GET", "/search", params={"jql": "order by created"}).json()["total"] == 1
    assert datacenter("GET", "/search/jql", params={"jql": "labels = a"}).status_code == 404


def test_a_new_ticket_is_found_only_after_the_lag(cloud: Client) -> None:
    cloud.jira.index_lag = float("inf")
    number = int(cloud.create(labels=["ctr-1"]).json()["id"])
    assert search(cloud, "labels = ctr-1") == []
    assert search(cloud, "labels = ctr-1", reconcileIssues=[number]) == ["SEC-1"]
    assert cloud("GET", f"/issue/{number}").status_code == 200, "the issue itself is read without lag"
    cloud.jira.reindex()
    assert search(cloud, "labels = ctr-1") == ["SEC-1"]


def test_a_change_lags_as_well(cloud: Client) -> None:
    number = int(cloud.create().json()["id"])
    cloud.jira.reindex()
    cloud.jira.index_lag = 3600
    cloud.jira.move("SEC-1", "Done")
    assert search(cloud, "status = Done") == []
    assert search(cloud, "status = Done", reconcileIssues=[number]) == ["SEC-1"]
    cloud.jira.index_lag = 0
    assert search(cloud, "status = Done") == ["SEC-1"]


def test_at_most_fifty_issues_are_reconciled(cloud: Client) -> None:
    body = {"jql": "project = SEC", "reconcileIssues": list(range(51))}
    assert cloud("POST", "/search/jql", json=body).status_code == 400
