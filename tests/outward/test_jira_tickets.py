"""Tickets over real HTTP, against a strict stand-in of Jira Cloud and of Data Center: what is sent, what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from outward_clients import DOCUMENT, HTTP, LONG_AGO, new_ticket, tickets_of
from responder.documents import messages
from responder.documents.document import Code, Document, Panel, Paragraph, bold, code, plain
from responder.documents.reports import CaseReport, RemediationReport
from responder.errors import ConfigurationError, Curable, NotFound, NotPermitted, ResponderError, Unavailable
from responder.findings.finding import Finding
from responder.jira.client import Tickets
from responder.jira.model import TicketFields
from responder.settings.model import JiraSite
from responder.settings.secret import Secret

from sandbox.jira import JiraStandIn

NOBODY = "It is assigned to nobody, because Jira cannot assign it to the project's default."
CASE_REPORT = CaseReport("c0ffee", "Trail stopped", "https://splunk.example/x")


# What is sent


def test_a_ticket_and_a_comment_are_two_requests(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    ticket = tickets.create(new_ticket(priority="High"))
    comment = tickets.comment(ticket.key, DOCUMENT, "c0ffee.note")
    assert [request.method for request in jira.requests] == ["POST", "POST"]
    assert jira.unknown_requests == []
    seen = jira.issue(ticket.key)
    assert (ticket.id, ticket.url, ticket.dropped) == (seen.id, f"{jira.url}/browse/{ticket.key}", ())
    assert ticket.project == "SEC"
    assert (seen.summary, seen.priority) == ("[HIGH] Trail stopped", "High")
    assert set(seen.labels) == {"ctr-c0ffee", "cloud-security"}
    assert "StopLogging" in seen.description and "StopLogging" in seen.comments[0]
    assert seen.properties == {"cloudtrail_responder": {"marker": "c0ffee.ticket"}}
    assert seen.comment_properties[0]["cloudtrail_responder"] == {"marker": "c0ffee.note"}
    assert comment.isdecimal()


def test_a_file_is_attached_by_one_request_and_found_by_its_name(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    ticket = tickets.create(new_ticket())
    assert not tickets.has_attachment(ticket.key, "results-1.csv")
    jira.requests.clear()
    tickets.attach(ticket.key, "results-1.csv", '\ufeff"user"\r\n"mára"\r\n'.encode())
    assert [request.method for request in jira.requests] == ["POST"] and jira.unknown_requests == []
    assert tickets.has_attachment(ticket.key, "results-1.csv")
    assert not tickets.has_attachment(ticket.key, "results-2.csv")


def test_a_file_for_a_ticket_that_is_gone_and_a_file_that_is_too_large_are_told_apart(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    with pytest.raises(NotFound):
        tickets.attach("SEC-99", "results-1.csv", b"x")
    key = tickets.create(new_ticket()).key
    with pytest.raises(ResponderError) as caught:
        tickets.attach(key, "results-1.csv", b"x" * 30_000_000)
    assert not isinstance(caught.value, NotFound)


def test_a_file_is_not_sent_when_the_turn_is_over(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    key = tickets.create(new_ticket()).key

    def over() -> None:
        raise Unavailable("The turn is over.")

    with pytest.raises(Unavailable, match="over"):
        tickets.attach(key, "results-1.csv", b"x", before_send=over)
    assert not tickets.has_attachment(key, "results-1.csv")


def test_comments_are_internal_where_customers_read_along(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    tickets.comment(tickets.create(new_ticket(project="DESK")).key, DOCUMENT, "m")
    assert jira.issues()[0].comment_properties[0]["sd.public.comment"] == {"internal": True}


def test_a_whole_finding_becomes_a_ticket_that_jira_takes(
    jira: JiraStandIn, finding: Finding, report: RemediationReport
) -> None:
    summary, document = messages.ticket(finding, {"owner": "shop"}, CASE_REPORT, [report])
    key = tickets_of(jira).create(new_ticket(summary=summary, document=document)).key
    assert "198.51.100.7" in jira.issue(key).description


def test_a_summary_that_jira_would_refuse_is_made_fit(jira: JiraStandIn) -> None:
    tickets_of(jira).create(new_ticket(summary="one\ntwo " + "🦊" * 400))
    made = jira.issues()[0].summary
    assert made.startswith("one two 🦊" if jira.cloud else "one two U+1F98A")
    assert len(made.encode("utf-16-le")) // 2 <= 254


@pytest.mark.parametrize("deployment", ["datacenter"])
def test_no_character_keeps_a_database_from_taking_a_ticket(deployment: str) -> None:
    """Whoever is reported chooses his user agent."""
    said = "🦊 \U0001d49c {noformat}"
    body = Document((Paragraph((plain(said), bold(said), code(said))), Code(said), Panel("State", (), "c0ffee")))
    others = (("Actor", said), ("Tags", "🦊"), ("Impact", said))
    with JiraStandIn(deployment) as jira:
        jira.is_three_byte = True
        new = new_ticket(project="FORM", summary=said, document=body, labels=("ctr-c0ffee", said))
        ticket = tickets_of(jira).create(replace(new, fields=TicketFields(others=others)))
        seen = jira.issue(ticket.key)
    assert "&#129418;" in seen.description and "U+1F98A" in seen.description
    assert seen.raw["custom"]["customfield_10110"] == seen.summary == "U+1F98A U+1D49C {noformat}"


@pytest.mark.parametrize("assignee", ["", "alice@example.com"], ids=["nobody", "alice"])
def test_a_lead_who_has_left_keeps_nobody_from_a_ticket(jira: JiraStandIn, assignee: str) -> None:
    """A ticket that names nobody goes to the project's lead, and Jira refuses it once he is deactivated."""
    jira.projects["SEC"] = replace(jira.projects["SEC"], default_is_assignable=False)
    ticket = tickets_of(jira).create(new_ticket(fields=TicketFields(assignee=assignee)))
    assert bool(jira.issue(ticket.key).raw["assignee"]) is bool(assignee)
    assert ticket.notes == (() if assignee else (NOBODY,))


def test_where_nobody_can_be_assigned_a_person_reads_why(jira: JiraStandIn) -> None:
    jira.projects["SEC"] = replace(jira.projects["SEC"], default_is_assignable=False, allows_unassigned=False)
    with pytest.raises(Curable, match=r"Assignee \(assignee\): The default assignee does NOT have"):
        tickets_of(jira).create(new_ticket())
    assert jira.issues() == []


def test_the_defaults_of_the_site_fill_in(jira: JiraStandIn) -> None:
    tickets_of(jira, default_issue_type="Incident").create(new_ticket(project="", issue_type=""))
    assert jira.issues()[0].project == "SEC"
    assert json.loads(jira.requests[-1].body)["fields"]["issuetype"] == {"name": "Incident"}


def test_without_any_project_nothing_is_sent(jira: JiraStandIn) -> None:
    with pytest.raises(ConfigurationError, match="no project is set"):
        tickets_of(jira, default_project="").create(new_ticket(project=""))
    assert jira.requests == []


# What Jira refuses, and a person can cure


def test_optional_fields_that_a_project_lacks_are_left_out_and_reported(jira: JiraStandIn) -> None:
    ticket = tickets_of(jira).create(new_ticket(project="OPS", priority="High"))
    assert ticket.dropped == ("priority",)
    assert "ctr-c0ffee" in jira.issue(ticket.key).labels
    assert [request.status for request in jira.requests] == [400, 201]


def test_a_required_field_is_named(jira: JiraStandIn) -> None:
    with pytest.raises(Curable, match=r"requires fields .*Cost center \(customfield_10041\)"):
        tickets_of(jira).create(new_ticket(project="STRICT"))
    assert jira.issues() == []


def test_an_unknown_issue_type_is_answered_with_those_there_are(jira: JiraStandIn) -> None:
    with pytest.raises(Curable) as caught:
        tickets_of(jira).create(new_ticket(issue_type="Alarm"))
    assert "no issue type 'Alarm'" in caught.value.message and "Task, Bug, Incident" in caught.value.hint


@pytest.mark.parametrize("project", ["NOSUCH", "HIDDEN"])
def test_an_unknown_project_is_named(jira: JiraStandIn, project: str) -> None:
    with pytest.raises(Curable, match=project):
        tickets_of(jira).create(new_ticket(project=project))
    assert jira.issues() == []


@pytest.mark.parametrize("project", ["..", "SEC/../..", "SEC?x=1", 'SEC" OR project = "OPS', "S EC", "1", "sec\n"])
def test_what_is_no_project_key_reaches_no_address(jira: JiraStandIn, project: str) -> None:
    with pytest.raises(Curable, match="is not the key of a project"):
        tickets_of(jira).create(new_ticket(project=project))
    assert jira.requests == []


@pytest.mark.parametrize("key", ["", "..", "SEC-1/../SEC-2", "SEC-1?x", "SEC-", "SEC-1\n", "10000/comment"])
def test_what_is_no_ticket_key_reaches_no_address(jira: JiraStandIn, key: str) -> None:
    tickets = tickets_of(jira)
    for call in (
        lambda: tickets.status(key),
        lambda: tickets.comment(key, DOCUMENT, "m"),
        lambda: tickets.find_comment(key, "m", LONG_AGO),
    ):
        with pytest.raises(NotFound, match="there is no ticket"):
            call()
    assert [request.path for request in jira.requests if not request.path.endswith("/myself")] == []


def test_a_refusal_stays_one_when_the_metadata_that_would_explain_it_cannot_be_read(cloud: JiraStandIn) -> None:
    for body in ("null", "[]", "{}", '{"issueTypes": [1, null]}', "<html>", '{"issueTypes": [{"name": "Task"}]}'):
        cloud.faults.add("status", method="GET", path="createmeta", status=200, body=body)
        with pytest.raises(Curable):
            tickets_of(cloud).create(new_ticket(project="STRICT"))
        cloud.faults.clear()


def test_a_project_where_we_may_not_create_says_so(jira: JiraStandIn) -> None:
    with pytest.raises(NotPermitted, match="Create issues"):
        tickets_of(jira).create(new_ticket(project="LOCKED"))


def test_a_comment_that_is_refused_keeps_jiras_reason(cloud: JiraStandIn) -> None:
    with pytest.raises(NotFound):
        tickets_of(cloud).comment("SEC-404", DOCUMENT, "m")
    cloud.faults.add("status", status=400, body={"errorMessages": ["a"], "errors": {"comment": "b\nc"}})
    with pytest.raises(Curable, match="a; comment: b c"):
        tickets_of(cloud).comment("SEC-404", DOCUMENT, "m")


def test_a_ticket_that_is_full_is_to_be_closed(cloud: JiraStandIn) -> None:
    cloud.faults.add("status", status=413, body={"errorMessages": ["too many comments"]})
    with pytest.raises(Curable, match="too many comments.*Close the ticket"):
        tickets_of(cloud).comment("SEC-1", DOCUMENT, "m")


def test_a_wrong_token_says_what_to_do(jira: JiraStandIn) -> None:
    with pytest.raises(NotPermitted, match="does not accept the credentials.*token"):
        tickets_of(jira, token=Secret("wrong")).create(new_ticket())


@pytest.mark.parametrize("status", [200, 400, 403, 404])
def test_an_answer_to_an_anonymous_visitor_is_not_taken_for_no_ticket(cloud: JiraStandIn, status: int) -> None:
    body = {"issues": [], "errorMessages": ["Issue does not exist or you do not have permission to see it."]}
    cloud.faults.add("status", status=status, body=body, headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
    with pytest.raises(NotPermitted):
        tickets_of(cloud).status("SEC-1")


def test_a_ticket_that_is_gone_is_not_confused_with_an_address_that_is_wrong(cloud: JiraStandIn) -> None:
    with pytest.raises(NotFound, match="SEC-999"):
        tickets_of(cloud).status("SEC-999")
    for body in ("", "<html>404 Not Found</html>", '{"message": "null for uri: https://x/rest/api/3/issue/SEC-1"}'):
        cloud.faults.add("status", status=404, body=body)
        with pytest.raises(Unavailable, match="not one of Jira's REST API"):
            tickets_of(cloud).status("SEC-1")


def test_a_page_that_forbids_comes_from_something_in_front_of_jira(cloud: JiraStandIn) -> None:
    cloud.faults.add("status", status=403, body="<html>Request blocked. Too much traffic.</html>")
    with pytest.raises(Unavailable, match="a proxy may answer"):
        tickets_of(cloud).create(new_ticket())


# The test button of the setup page


def test_the_check_names_who_we_are_and_writes_nothing(jira: JiraStandIn) -> None:
    assert tickets_of(jira).check() == (
        f"Connected to {jira.url} as CloudTrail Responder, who may create tickets in SEC."
    )
    assert {request.method for request in jira.requests} == {"GET"} and jira.issues() == []
    assert "No default project" in tickets_of(jira, default_project="").check()


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
    jira: JiraStandIn, described: Any, finding: Finding, report: RemediationReport
) -> None:
    summary, document = messages.ticket(finding, {"owner": "shop"}, CASE_REPORT, [report])
    tickets = tickets_of(jira)
    tickets.comment(tickets.create(new_ticket(summary=summary, document=document)).key, document, "m")
    tickets.find("c0ffee.none", "ctr-c0ffee", LONG_AGO, known_ids=["10000"])
    created, commented, searched = jira.requests[:3]
    path = "/rest/api/3/search/jql" if jira.cloud else "/api/2/search"
    for spec in described["jira cloud" if jira.cloud else "jira datacenter"]:
        spec.body("IssueUpdateDetails" if jira.cloud else "IssueUpdateBean", as_described(jira, created.json))
        spec.body("Comment" if jira.cloud else "CommentJsonBean", as_described(jira, commented.json))
        assert set(searched.query) <= spec.query(path, "get")


def as_described(jira: JiraStandIn, body: dict[str, Any]) -> dict[str, Any]:
    """Atlassian's description of Data Center calls a property's value a string where it means raw JSON of any type."""
    if jira.cloud:
        return body
    return {**body, "properties": [{**entry, "value": json.dumps(entry["value"])} for entry in body["properties"]]}


def test_descriptions_and_comments_on_the_wire_are_valid_adf(
    cloud: JiraStandIn, valid_adf: Any, finding: Finding, report: RemediationReport
) -> None:
    summary, document = messages.ticket(finding, {}, CaseReport("c0ffee"), [report])
    tickets = tickets_of(cloud)
    tickets.comment(tickets.create(new_ticket(summary=summary, document=document)).key, document, "m")
    sent = [cloud.requests[0].json["fields"]["description"], cloud.requests[1].json["body"]]
    assert [valid_adf(one) for one in sent] == sent
