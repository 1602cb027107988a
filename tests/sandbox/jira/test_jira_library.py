"""A stranger as client: the unmodified ``jira`` library does with the stand-in what it does with Jira."""

from __future__ import annotations

import io
from typing import Any

import pytest
from jira_client import Client, document

jira = pytest.importorskip("jira", reason="the jira library is not installed")
VERSION = tuple(int(part) for part in jira.__version__.split(".")[:2])


def library(client: Client, **options: Any) -> Any:
    credentials = client.jira.credentials
    login = (
        {"basic_auth": (credentials.email, credentials.api_token)}
        if client.jira.cloud
        else {"token_auth": credentials.personal_access_token}
    )
    return jira.JIRA(client.jira.url, max_retries=0, timeout=5, **login, **options)


@pytest.fixture(params=["cloud", "datacenter"])
def both(request: pytest.FixtureRequest) -> Client:
    return request.getfixturevalue(request.param)


def test_a_ticket_is_opened_commented_moved_and_found(both: Client) -> None:
    client = library(both)
    assert client.server_info()["deploymentType"] == ("Cloud" if both.jira.cloud else "Server")
    issue = client.create_issue(
        project="SEC", issuetype={"name": "Incident"}, summary="From a stranger", description="h2. words", labels=["a"]
    )
    assert (issue.key, issue.fields.status.name, issue.fields.reporter.displayName) == (
        "SEC-1",
        "To Do",
        "CloudTrail Responder",
    )
    client.add_comment(issue, "said")
    assert [comment.body for comment in client.comments(issue)] == ["said"]
    issue.update(fields={"summary": "Changed", "labels": ["a", "b"]})
    client.add_simple_link(issue, {"url": "https://splunk.example/", "title": "Results"})
    client.add_issue_property(issue, "marker", {"a": 1})
    assert client.issue_property(issue, "marker").value.a == 1
    client.add_attachment(issue, io.BytesIO(b"evidence"), filename="evidence.txt")
    client.transition_issue(issue, "Done")
    seen = both.jira.issue("SEC-1")
    assert (seen.summary, seen.labels, seen.status_category, seen.description) == (
        "Changed",
        ("a", "b"),
        "done",
        "h2. words",
    )
    assert (seen.comments, seen.properties) == (("said",), {"marker": {"a": 1}})
    assert seen.remote_links[0]["object"]["title"] == "Results"
    assert [one.get() for one in client.issue("SEC-1").fields.attachment] == [b"evidence"]
    assert both.jira.unknown_requests == []


def test_it_searches_as_the_deployment_lets_it(both: Client) -> None:
    both.create(labels=["ctr-1"])
    client = library(both)
    if not both.jira.cloud:
        assert [issue.key for issue in client.search_issues("labels = ctr-1")] == ["SEC-1"]
    elif VERSION < (3, 10):
        with pytest.raises(jira.JIRAError) as caught:
            client.search_issues("labels = ctr-1")
        assert caught.value.status_code == 410
    else:
        assert [issue.key for issue in client.enhanced_search_issues("labels = ctr-1")] == ["SEC-1"]


def test_documents_go_through_v3(cloud: Client) -> None:
    client = library(cloud, options={"rest_api_version": "3"})
    issue = client.create_issue(
        project={"key": "SEC"}, issuetype={"name": "Task"}, summary="x", description=document("rich")
    )
    assert cloud.jira.issue(issue.key).description == "rich"
    with pytest.raises(jira.JIRAError) as caught:
        client.create_issue(project={"key": "SEC"}, issuetype={"name": "Task"}, summary="x", description="plain")
    assert "Atlassian Document" in caught.value.response.text


def test_it_understands_the_errors(both: Client) -> None:
    client = library(both)
    for wrong, problem in (({"summary": "a\nb"}, "newline"), ({"labels": ["a b"]}, "contains spaces")):
        with pytest.raises(jira.JIRAError) as caught:
            client.create_issue(**{**both.fields(), **wrong})
        assert (caught.value.status_code, problem in caught.value.response.text) == (400, True)
    with pytest.raises(jira.JIRAError) as caught:
        client.issue("SEC-99")
    assert caught.value.status_code == 404


def test_an_answer_that_was_lost_after_a_create_leaves_the_ticket(both: Client) -> None:
    client = library(both)
    both.jira.faults.add("reset_after", method="POST", path="/issue$")
    with pytest.raises((jira.JIRAError, OSError)):
        client.create_issue(fields=both.fields(), prefetch=False)
    assert [issue.key for issue in both.jira.issues()] == ["SEC-1"]
