"""Finding what was written without an answer: ours, the right one, and the same for whoever looks."""

from __future__ import annotations

import time

import pytest
from outward_clients import CASE, DOCUMENT, HTTP, IMPATIENT, LONG_AGO, new_ticket, tickets_of
from responder.errors import NotFound, Unavailable, UnknownOutcome
from responder.jira.client import label_of

from sandbox.jira import JiraStandIn, Project

LABEL = label_of(CASE)


def test_a_ticket_is_found_by_its_marker_among_those_of_the_case(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    first = tickets.create(new_ticket())
    second = tickets.create(new_ticket(marker="c0ffee.ticket.2"))
    assert tickets.find("c0ffee.ticket", LABEL, LONG_AGO) == first
    assert tickets.find("c0ffee.ticket.2", LABEL, LONG_AGO) == second
    assert tickets.find("other", LABEL, LONG_AGO) is None
    assert tickets.find("c0ffee.ticket", label_of("other"), LONG_AGO) is None
    assert jira.unknown_requests == []


def test_of_several_tickets_with_a_marker_everybody_finds_the_oldest(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    oldest, *_ = [tickets.create(new_ticket()) for _ in range(3)]
    assert tickets.find("c0ffee.ticket", LABEL, LONG_AGO) == oldest


def test_a_ticket_is_found_whatever_project_is_asked_for_by_now(jira: JiraStandIn) -> None:
    created = tickets_of(jira).create(new_ticket(project="OPS"))
    found = tickets_of(jira, default_project="SEC").find("c0ffee.ticket", LABEL, LONG_AGO)
    assert found is not None and (found.key, found.project) == (created.key, "OPS")


def test_the_look_up_of_a_ticket_goes_through_all_pages(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    for number in range(101):
        tickets.create(new_ticket(marker=f"other-{number}"))
    wanted = tickets.create(new_ticket())
    jira.requests.clear()
    assert tickets.find("c0ffee.ticket", LABEL, LONG_AGO) == wanted
    searches = [request for request in jira.requests if "/search" in request.path]
    assert len(searches) == 2
    if jira.cloud:
        assert len(jira.requests) == 2, "Jira Cloud gives the markers with the search"


def test_only_tickets_since_the_task_are_looked_through(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    created = tickets.create(new_ticket())
    assert tickets.find("c0ffee.ticket", LABEL, time.time()) == created, "clocks may differ a little"
    jira.requests.clear()
    assert tickets.find("c0ffee.ticket", LABEL, time.time() + 86_400) == created
    assert 'created >= "-60m"' in jira.requests[0].query["jql"][0]


def test_a_fresh_ticket_is_found_in_spite_of_a_lagging_index_when_its_id_is_known(cloud: JiraStandIn) -> None:
    tickets = tickets_of(cloud)
    cloud.index_lag = float("inf")
    ticket = tickets.create(new_ticket())
    assert tickets.find("c0ffee.ticket", LABEL, LONG_AGO) is None
    assert tickets.find("c0ffee.ticket", LABEL, LONG_AGO, known_ids=[ticket.id, "none", ""]) == ticket


@pytest.mark.parametrize("kind", ["reset_after", "timeout_after", "status_after"])
def test_after_a_lost_answer_the_ticket_is_found_and_not_made_again(jira: JiraStandIn, kind: str) -> None:
    jira.faults.add(kind, method="POST", path="/issue$", seconds=1, status=504)
    with pytest.raises(UnknownOutcome):
        tickets_of(jira, IMPATIENT if kind == "timeout_after" else HTTP).create(new_ticket())
    found = tickets_of(jira).find("c0ffee.ticket", LABEL, LONG_AGO)
    assert found is not None and found.key == jira.issues()[0].key
    assert len(jira.issues()) == 1


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_lost_ticket_is_found_where_projects_take_no_labels(deployment: str) -> None:
    with JiraStandIn(deployment, projects=[Project("BARE", "No labels", screen=("description",))]) as jira:
        tickets = tickets_of(jira)
        jira.faults.add("reset_after", method="POST", path="/issue$", skip=1)
        with pytest.raises(UnknownOutcome):
            tickets.create(new_ticket(project="BARE"))
        found = tickets.find("c0ffee.ticket", LABEL, LONG_AGO)
        assert found is not None and found.key == jira.issues()[0].key
        assert tickets.find("c0ffee.other", LABEL, LONG_AGO) is None


@pytest.mark.parametrize("body", ["{}", "[]", "null", '{"issues": null}', '{"issues": {}}', '{"issues": [1]}'])
def test_an_odd_answer_to_a_search_is_not_taken_for_no_ticket(jira: JiraStandIn, body: str) -> None:
    jira.faults.add("status", method="GET", status=200, body=body)
    with pytest.raises(Unavailable):
        tickets_of(jira).find("c0ffee.ticket", LABEL, LONG_AGO)


def test_a_search_without_an_end_is_given_up(cloud: JiraStandIn) -> None:
    page = {"issues": [], "nextPageToken": "again"}
    cloud.faults.add("status", method="GET", status=200, body=page, count=None)
    with pytest.raises(Unavailable, match="more was written"):
        tickets_of(cloud).find("c0ffee.ticket", LABEL, LONG_AGO)


# Comments


def test_after_a_lost_answer_the_comment_is_found(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    key = tickets.create(new_ticket()).key
    jira.faults.add("timeout_after", method="POST", path="/comment$", seconds=2)
    with pytest.raises(UnknownOutcome):
        tickets_of(jira, IMPATIENT).comment(key, DOCUMENT, "m-1")
    assert tickets.find_comment(key, "m-1", LONG_AGO) is not None
    assert tickets.find_comment(key, "m-2", LONG_AGO) is None
    assert jira.unknown_requests == []


def test_of_several_comments_with_a_marker_everybody_finds_the_oldest(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    key = tickets.create(new_ticket()).key
    oldest, *_ = [tickets.comment(key, DOCUMENT, "m-1") for _ in range(3)]
    assert tickets.find_comment(key, "m-1", LONG_AGO) == oldest


def test_jira_cloud_is_asked_once_for_the_markers_of_a_hundred_comments(cloud: JiraStandIn) -> None:
    tickets = tickets_of(cloud)
    key = tickets.create(new_ticket()).key
    wanted = tickets.comment(key, DOCUMENT, "the-one")
    for number in range(110):
        tickets.comment(key, DOCUMENT, f"other-{number}")
    cloud.requests.clear()
    assert tickets.find_comment(key, "the-one", LONG_AGO) == wanted
    paths = [request.path.rpartition("/")[2] for request in cloud.requests]
    assert paths == ["myself", "comment", "list", "comment", "list"]


def test_only_comments_since_the_task_are_looked_through(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    key = tickets.create(new_ticket()).key
    comment = tickets.comment(key, DOCUMENT, "m")
    assert tickets.find_comment(key, "m", time.time() + 60) == comment, "clocks may differ a little"
    assert tickets.find_comment(key, "m", time.time() + 86_400) is None


def test_a_comment_that_somebody_else_wrote_is_not_ours(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    key = tickets.create(new_ticket()).key
    tickets.comment(key, DOCUMENT, "m")
    (comment,) = jira.store.comments(jira.issue(key).raw)
    jira.store.save_comment({**comment, "author": "557058:f1a2b3c4-0002-4000-8000-000000000002"})
    assert tickets.find_comment(key, "m", LONG_AGO) is None


def test_comments_of_a_ticket_that_is_gone_are_not_looked_for(jira: JiraStandIn) -> None:
    with pytest.raises(NotFound):
        tickets_of(jira).find_comment("SEC-404", "m", LONG_AGO)


# The status


def test_the_status_is_read_from_the_ticket_itself(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    key = tickets.create(new_ticket()).key
    jira.index_lag = float("inf")
    assert tickets.status(key).open
    jira.move(key, "Done")
    status = tickets.status(key)
    assert (status.open, status.name, status.key) == (False, "Done", key)
    with pytest.raises(NotFound, match="SEC-999"):
        tickets.status("SEC-999")
