"""Tickets over real HTTP, against a strict stand-in of Jira Cloud and of Data Center that misbehaves when told to."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import pytest
from responder.documents.document import Document, Paragraph, code, plain
from responder.documents.messages import ticket as ticket_of
from responder.errors import (
    ConfigurationError,
    NotFound,
    NotPermitted,
    Rejected,
    ResponderError,
    Unavailable,
    UnknownOutcome,
)
from responder.findings.finding import Finding
from responder.jira.client import NewTicket, Tickets, label_of
from responder.settings.model import Http, JiraSite
from responder.settings.secret import Secret

from sandbox.jira import JiraStandIn, Project

HTTP = Http(connect_timeout=5.0, read_timeout=5.0)
#: For answers that never come.
IMPATIENT = Http(connect_timeout=2.0, read_timeout=0.4)
DOCUMENT = Document((Paragraph((plain("Somebody did "), code("StopLogging"))),))


@pytest.fixture(params=["cloud", "datacenter"])
def jira(request: pytest.FixtureRequest) -> Iterator[JiraStandIn]:
    with JiraStandIn(request.param) as standin:
        yield standin


@pytest.fixture
def cloud() -> Iterator[JiraStandIn]:
    with JiraStandIn("cloud") as standin:
        yield standin


def site_of(jira: JiraStandIn, **changes: Any) -> JiraSite:
    own = jira.credentials
    token = own.api_token if jira.cloud else own.personal_access_token
    known: dict[str, Any] = {"email": own.email, "token": Secret(token), "default_project": "SEC"}
    return JiraSite(**{"name": "test", "deployment": jira.deployment, "url": jira.url, **known, **changes})


def tickets_of(jira: JiraStandIn, http: Http = HTTP, **changes: Any) -> Tickets:
    return Tickets(site_of(jira, **changes), http)


def patience(fault: dict[str, Any]) -> Http:
    return IMPATIENT if fault["kind"].startswith("timeout") else HTTP


def new(**changes: Any) -> NewTicket:
    known: dict[str, Any] = {
        "project": "SEC",
        "issue_type": "Task",
        "summary": "[HIGH] Trail stopped",
        "document": DOCUMENT,
        "labels": (label_of("c0ffee"), "cloud security"),
        "marker": "c0ffee.ticket",
    }
    return NewTicket(**{**known, **changes})


# What is sent


def test_a_ticket_and_a_comment_are_two_requests(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    ticket = tickets.create(new(priority="High"))
    comment = tickets.comment(ticket.key, DOCUMENT, "c0ffee.note")
    assert [request.method for request in jira.requests] == ["POST", "POST"]
    assert jira.unknown_requests == []
    seen = jira.issue(ticket.key)
    assert (ticket.id, ticket.url, ticket.dropped) == (seen.id, f"{jira.url}/browse/{ticket.key}", ())
    assert (seen.summary, seen.priority) == ("[HIGH] Trail stopped", "High")
    assert set(seen.labels) == {"ctr-c0ffee", "cloud-security"}
    assert "StopLogging" in seen.description and "StopLogging" in seen.comments[0]
    assert seen.properties == {"cloudtrail_responder": {"marker": "c0ffee.ticket"}}
    assert seen.comment_properties[0]["cloudtrail_responder"] == {"marker": "c0ffee.note"}
    assert comment == tickets.find_comment(ticket.key, "c0ffee.note")


def test_comments_are_internal_where_customers_read_along(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    tickets.comment(tickets.create(new(project="DESK")).key, DOCUMENT, "m")
    assert jira.issues()[0].comment_properties[0]["sd.public.comment"] == {"internal": True}


def test_a_whole_finding_becomes_a_ticket_that_jira_takes(
    jira: JiraStandIn, finding: Finding, outcome: dict[str, Any]
) -> None:
    case = {"search_name": "S", "results_link": "https://splunk.example/x"}
    summary, document = ticket_of(finding, {"owner": "shop"}, case, [outcome])
    key = tickets_of(jira).create(new(summary=summary, document=document)).key
    assert "198.51.100.7" in jira.issue(key).description


def test_a_summary_that_jira_would_refuse_is_made_fit(jira: JiraStandIn) -> None:
    tickets_of(jira).create(new(summary="one\ntwo " + "🦊" * 400))
    made = jira.issues()[0].summary
    assert made.startswith("one two 🦊") and len(made.encode("utf-16-le")) // 2 <= 254


def test_the_defaults_of_the_site_fill_in(jira: JiraStandIn) -> None:
    tickets_of(jira, default_issue_type="Incident").create(new(project="", issue_type=""))
    assert jira.issues()[0].project == "SEC"
    assert json.loads(jira.requests[-1].body)["fields"]["issuetype"] == {"name": "Incident"}


def test_without_any_project_nothing_is_sent(jira: JiraStandIn) -> None:
    with pytest.raises(ConfigurationError, match="no project is set"):
        tickets_of(jira, default_project="").create(new(project=""))
    assert jira.requests == []


# Finding what was done


def test_a_ticket_is_found_by_label_and_told_apart_by_marker(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    first = tickets.create(new())
    second = tickets.create(new(marker="c0ffee.ticket.2"))
    assert tickets.find("ctr-c0ffee", "SEC", marker="c0ffee.ticket") == first
    assert tickets.find("ctr-c0ffee", "SEC", marker="c0ffee.ticket.2") == second
    assert tickets.find("ctr-c0ffee", "SEC", marker="other") is None
    assert tickets.find("ctr-other", "SEC") is None


def test_a_fresh_ticket_is_found_in_spite_of_a_lagging_index_when_its_id_is_known(cloud: JiraStandIn) -> None:
    tickets = tickets_of(cloud)
    cloud.index_lag = float("inf")
    ticket = tickets.create(new())
    assert tickets.find("ctr-c0ffee", "SEC") is None
    assert tickets.find("ctr-c0ffee", "SEC", known_ids=[ticket.id]) == ticket


def test_after_a_lost_answer_the_ticket_is_found_and_not_made_again(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    jira.faults.add("reset_after", method="POST", path="/issue$")
    with pytest.raises(UnknownOutcome):
        tickets.create(new())
    found = tickets.find("ctr-c0ffee", "SEC", marker="c0ffee.ticket")
    assert found is not None and found.key == jira.issues()[0].key
    assert len(jira.issues()) == 1


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_lost_ticket_is_found_where_projects_take_no_labels(deployment: str) -> None:
    with JiraStandIn(deployment, projects=[Project("BARE", "No labels", screen=("description",))]) as jira:
        tickets = tickets_of(jira)
        jira.faults.add("reset_after", method="POST", path="/issue$", skip=1)
        with pytest.raises(UnknownOutcome):
            tickets.create(new(project="BARE"))
        found = tickets.find("ctr-c0ffee", "BARE", marker="c0ffee.ticket")
        assert found is not None and found.key == jira.issues()[0].key
        assert tickets.find("ctr-c0ffee", "BARE", marker="c0ffee.other") is None


def test_after_a_lost_answer_the_comment_is_found(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    key = tickets.create(new()).key
    jira.faults.add("timeout_after", method="POST", path="/comment$", seconds=2)
    with pytest.raises(UnknownOutcome):
        tickets_of(jira, IMPATIENT).comment(key, DOCUMENT, "m-1")
    assert tickets.find_comment(key, "m-1") is not None
    assert tickets.find_comment(key, "m-2") is None


def test_a_comment_is_found_below_many_others(cloud: JiraStandIn) -> None:
    tickets = tickets_of(cloud)
    key = tickets.create(new()).key
    wanted = tickets.comment(key, DOCUMENT, "the-one")
    for number in range(60):
        tickets.comment(key, DOCUMENT, f"other-{number}")
    assert tickets.find_comment(key, "the-one") == wanted


def test_the_status_is_read_from_the_ticket_itself(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    key = tickets.create(new()).key
    jira.index_lag = float("inf")
    assert tickets.status(key).open
    jira.move(key, "Done")
    status = tickets.status(key)
    assert (status.open, status.name, status.key) == (False, "Done", key)
    with pytest.raises(NotFound, match="SEC-999"):
        tickets.status("SEC-999")


# What Jira refuses


def test_optional_fields_that_a_project_lacks_are_left_out_and_reported(jira: JiraStandIn) -> None:
    ticket = tickets_of(jira).create(new(project="OPS", priority="High"))
    assert ticket.dropped == ("priority",)
    assert "ctr-c0ffee" in jira.issue(ticket.key).labels
    assert [request.status for request in jira.requests] == [400, 201]


def test_a_required_field_is_named(jira: JiraStandIn) -> None:
    with pytest.raises(Rejected, match=r"requires fields .*Cost center \(customfield_10041\)"):
        tickets_of(jira).create(new(project="STRICT"))
    assert jira.issues() == []


def test_an_unknown_issue_type_is_answered_with_those_there_are(jira: JiraStandIn) -> None:
    with pytest.raises(Rejected) as caught:
        tickets_of(jira).create(new(issue_type="Alarm"))
    assert "no issue type 'Alarm'" in caught.value.message and "Task, Bug, Incident" in caught.value.hint


@pytest.mark.parametrize("project", ["NOSUCH", "HIDDEN"])
def test_an_unknown_project_is_named(jira: JiraStandIn, project: str) -> None:
    with pytest.raises((Rejected, NotFound, NotPermitted)) as caught:
        tickets_of(jira).create(new(project=project))
    assert project in str(caught.value) or caught.type is NotPermitted
    assert jira.issues() == []


def test_a_project_where_we_may_not_create_says_so(jira: JiraStandIn) -> None:
    with pytest.raises(NotPermitted, match="Create issues"):
        tickets_of(jira).create(new(project="LOCKED"))


def test_a_comment_that_is_refused_keeps_jiras_reason(jira: JiraStandIn) -> None:
    with pytest.raises(NotFound):
        tickets_of(jira).comment("SEC-404", DOCUMENT, "m")
    jira.faults.add("status", status=400, body={"errorMessages": ["a"], "errors": {"comment": "b\nc"}})
    with pytest.raises(Rejected, match="a; comment: b c"):
        tickets_of(jira).comment("SEC-404", DOCUMENT, "m")


def test_a_wrong_token_says_what_to_do(jira: JiraStandIn) -> None:
    with pytest.raises(NotPermitted, match="does not accept the credentials.*token"):
        tickets_of(jira, token=Secret("wrong")).create(new())


def test_an_anonymous_answer_is_not_taken_for_no_ticket(jira: JiraStandIn) -> None:
    jira.faults.add("status", status=200, body={"issues": []}, headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
    with pytest.raises(NotPermitted):
        tickets_of(jira).find("ctr-c0ffee", "SEC")


# What goes wrong on the way


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 500}, UnknownOutcome),
        ({"kind": "status", "status": 502, "body": "<html>Bad gateway</html>"}, UnknownOutcome),
        ({"kind": "status", "status": 503}, Unavailable),
        ({"kind": "status", "status": 201, "body": "<html>hello</html>"}, UnknownOutcome),
        ({"kind": "status", "status": 201, "body": ""}, UnknownOutcome),
        ({"kind": "status", "status": 302, "headers": {"Location": "https://login.example/"}}, ConfigurationError),
        ({"kind": "rate_limit"}, Unavailable),
        ({"kind": "reset"}, UnknownOutcome),
        ({"kind": "reset_after"}, UnknownOutcome),
        ({"kind": "timeout", "seconds": 2}, UnknownOutcome),
        ({"kind": "timeout_after", "seconds": 2}, UnknownOutcome),
    ],
)
def test_a_write_that_fails_is_sent_once_and_its_outcome_never_guessed(
    cloud: JiraStandIn, fault: dict[str, Any], error: type[ResponderError]
) -> None:
    cloud.faults.add(**fault)
    with pytest.raises(error) as caught:
        tickets_of(cloud, patience(fault)).create(new())
    assert len(cloud.requests) == 1
    assert_clean(caught.value, cloud)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 500}, Unavailable),
        ({"kind": "status", "status": 200, "body": "<html>log in</html>"}, ConfigurationError),
        ({"kind": "reset"}, Unavailable),
        ({"kind": "timeout", "seconds": 2}, Unavailable),
        ({"kind": "rate_limit", "retry_after": 7}, Unavailable),
    ],
)
def test_a_read_that_fails_can_be_repeated(
    cloud: JiraStandIn, fault: dict[str, Any], error: type[ResponderError]
) -> None:
    cloud.faults.add(**fault)
    with pytest.raises(error) as caught:
        tickets_of(cloud, patience(fault)).status("SEC-1")
    assert len(cloud.requests) == 1
    assert_clean(caught.value, cloud)


def assert_clean(error: ResponderError, jira: JiraStandIn) -> None:
    for secret in (jira.credentials.api_token, jira.credentials.personal_access_token):
        assert secret not in str(error) and secret not in repr(error)
    assert "\n" not in str(error) and error.__cause__ is None


@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_that_jira_asks_for_is_handed_on(cloud: JiraStandIn, status: int) -> None:
    cloud.faults.add("status", status=status, headers={"Retry-After": "17"})
    with pytest.raises(Unavailable) as caught:
        tickets_of(cloud).create(new())
    assert caught.value.retry_after == 17
    cloud.faults.add("status", status=status, headers={"Retry-After": formatdate(time.time() + 90, usegmt=True)})
    with pytest.raises(Unavailable) as caught:
        tickets_of(cloud).create(new())
    assert 80 < (caught.value.retry_after or 0) <= 90
    assert cloud.issues() == []


def test_a_jira_that_is_not_there_was_not_written_to(cloud: JiraStandIn) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(Unavailable, match="refused"):
            tickets_of(cloud, url=f"http://127.0.0.1:{port}").create(new())


def test_a_host_that_has_no_address_says_so(cloud: JiraStandIn) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        tickets_of(cloud, url="https://jira.invalid").create(new())


def test_a_server_that_speaks_no_tls_is_not_believed(cloud: JiraStandIn) -> None:
    with pytest.raises(ResponderError, match="TLS"):
        tickets_of(cloud, url=cloud.url.replace("http:", "https:")).create(new())
    assert cloud.issues() == []


def test_an_echoed_token_is_blacked_out(cloud: JiraStandIn) -> None:
    token = cloud.credentials.api_token
    cloud.faults.add("status", status=400, body={"errorMessages": [f"bad token {token}"]})
    with pytest.raises(Rejected) as caught:
        tickets_of(cloud).comment("SEC-1", DOCUMENT, "m")
    assert token not in str(caught.value) and "******" in str(caught.value)
    assert token not in repr(tickets_of(cloud)) and token not in repr(site_of(cloud))


@pytest.mark.parametrize("token", ["line\nbreak", "snow\u2603man"])
def test_a_mangled_token_is_a_setting_to_correct(jira: JiraStandIn, token: str) -> None:
    with pytest.raises((ConfigurationError, NotPermitted)) as caught:
        tickets_of(jira, token=Secret(token)).check()
    assert token not in str(caught.value)


def test_a_ca_bundle_that_is_missing_says_so(cloud: JiraStandIn) -> None:
    tickets = Tickets(site_of(cloud, url="https://127.0.0.1:9"), Http(ca_bundle="/nonexistent/ca.pem"))
    with pytest.raises(ConfigurationError, match="CA bundle"):
        tickets.check()


def test_the_proxy_of_the_setup_page_is_used_and_its_password_never_told(cloud: JiraStandIn) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        proxy = Secret(f"http://me:sesame@127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(Unavailable, match="the proxy cannot be reached") as caught:
            Tickets(site_of(cloud), Http(proxy_url=proxy, connect_timeout=2, read_timeout=1)).create(new())
    assert "sesame" not in str(caught.value) and cloud.requests == []


# The test button of the setup page


def test_the_check_names_who_we_are_and_writes_nothing(jira: JiraStandIn) -> None:
    assert tickets_of(jira).check() == (
        f"Connected to {jira.url} as CloudTrail Responder, who may create tickets in SEC."
    )
    assert {request.method for request in jira.requests} == {"GET"} and jira.issues() == []
    assert "no default project" in tickets_of(jira, default_project="").check()


@pytest.mark.parametrize(
    ("project", "error", "said"),
    [
        ("LOCKED", NotPermitted, "Create issues and Add comments"),
        ("NOSUCH", ConfigurationError, "'NOSUCH' does not exist"),
    ],
)
def test_the_check_tells_what_is_wrong_with_the_project(
    jira: JiraStandIn, project: str, error: type[ResponderError], said: str
) -> None:
    with pytest.raises(error, match=said):
        tickets_of(jira, default_project=project).check()


def test_the_check_notices_the_wrong_deployment() -> None:
    with JiraStandIn("datacenter") as jira:
        site = JiraSite("test", "cloud", jira.url, "me@example.com", Secret("t"), "SEC")
        with pytest.raises(ConfigurationError, match="no Jira Cloud"):
            Tickets(site, HTTP).check()


# What Atlassian publishes


def test_what_is_sent_is_what_atlassian_describes(
    jira: JiraStandIn, published: Any, finding: Finding, outcome: dict[str, Any]
) -> None:
    summary, document = ticket_of(finding, {"owner": "shop"}, {"results_link": "https://splunk.example/x"}, [outcome])
    tickets = tickets_of(jira)
    tickets.comment(tickets.create(new(summary=summary, document=document)).key, document, "m")
    tickets.find("ctr-c0ffee", "SEC", known_ids=["10000"])
    created, commented, searched = jira.requests
    spec = published("jira-cloud-v3.openapi.json" if jira.cloud else "jira-datacenter-10.3.subset.openapi.json")
    spec.body("IssueUpdateDetails" if jira.cloud else "IssueUpdateBean", as_described(jira, created.json))
    spec.body("Comment" if jira.cloud else "CommentJsonBean", as_described(jira, commented.json))
    path = "/rest/api/3/search/jql" if jira.cloud else "/api/2/search"
    assert set(searched.query) <= spec.query(path, "get")


def as_described(jira: JiraStandIn, body: dict[str, Any]) -> dict[str, Any]:
    """Data Center's description calls a property's value a string where it means raw JSON of any type."""
    if not jira.cloud:
        body["properties"] = [{**entry, "value": json.dumps(entry["value"])} for entry in body["properties"]]
    return body


def test_descriptions_and_comments_on_the_wire_are_valid_adf(
    cloud: JiraStandIn, valid_adf: Any, finding: Finding, outcome: dict[str, Any]
) -> None:
    summary, document = ticket_of(finding, {}, {}, [outcome])
    tickets = tickets_of(cloud)
    tickets.comment(tickets.create(new(summary=summary, document=document)).key, document, "m")
    valid_adf(cloud.requests[0].json["fields"]["description"])
    valid_adf(cloud.requests[1].json["body"])
