"""Fields of a ticket by the site's settings: every type, what does not fit, and what a project does not have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hostile import TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st
from outward_clients import new_ticket, tickets_of
from responder.errors import Curable, Unavailable
from responder.jira.model import TicketFields

from sandbox.jira import JiraStandIn
from sandbox.jira import wiki as jira_reads

ALICE = {True: {"accountId": "557058:f1a2b3c4-0002-4000-8000-000000000002"}, False: {"name": "alice"}}


TEAM = "36885b3c-1bf0-4f85-a357-c5b858c31de4"


def opened(jira: JiraStandIn, **wanted: Any) -> tuple[Any, dict[str, Any]]:
    """The ticket, and its fields as Jira has stored them."""
    ticket = tickets_of(jira).create(new_ticket(project="FORM", fields=TicketFields(**wanted)))
    assert jira.unknown_requests == []
    return ticket, jira.issue(ticket.key).raw


def refused(jira: JiraStandIn, **wanted: Any) -> str:
    """Why there is no ticket: one line, found out before anything was sent."""
    with pytest.raises(Curable) as caught:
        tickets_of(jira).create(new_ticket(project="FORM", fields=TicketFields(**wanted)))
    assert [request.method for request in jira.requests if request.method != "GET"] == [] and jira.issues() == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "number", "stored"),
    [
        ("Team", "cloud SECURITY", 10101, {"id": "1010100", "value": "Cloud security"}),
        ("customfield_10101", "1010101", 10101, {"id": "1010101", "value": "Platform"}),
        ("Team", "Data, ML & AI", 10101, {"id": "1010102", "value": "Data, ML & AI"}),
        ("Affected", "Data, ML & AI", 10102, [{"id": "1010201", "value": "Data, ML & AI"}]),
        (
            "Affected",
            "Web, Cloud security",
            10102,
            [{"id": "1010202", "value": "Web"}, {"id": "1010200", "value": "Cloud security"}],
        ),
        (
            "Affected",
            "Web; data,ml & ai, Cloud security",
            10102,
            [
                {"id": "1010202", "value": "Web"},
                {"id": "1010201", "value": "Data, ML & AI"},
                {"id": "1010200", "value": "Cloud security"},
            ],
        ),
        (
            "Where",
            "aws > Test",
            10103,
            {"id": "1010300", "value": "AWS", "child": {"id": "1010351", "value": "Test"}},
        ),
        ("Where", "Office", 10103, {"id": "1010302", "value": "Office"}),
        ("Detected on", "2026-01-31", 10106, "2026-01-31"),
        ("Detected on", "2026-01-31 23:30:00 -0200", 10106, "2026-02-01"),
        ("Detected at", "2026-01-31 10:15:00 UTC", 10107, "2026-01-31T10:15:00.000+0000"),
        ("Detected at", "1769854500", 10107, "2026-01-31T10:15:00.000+0000"),
        ("Events", "3", 10108, 3.0),
        ("Events", "-3.5", 10108, -3.5),
        ("Actor", "kim\n[~alice] {color:red}", 10110, "kim [~alice] {color:red}"),
        ("Runbook", "https://wiki.example.com/a b", 10111, "https://wiki.example.com/a%20b"),
        ("Tags", "red, blue\tgreen", 10112, ["red", "blue", "green"]),
        ("Checked", "owner told", 10116, [{"id": "1011601", "value": "Owner told"}]),
        ("Fixed in", "2026.2", 10117, {"id": "1011701", "name": "2026.2"}),
        ("Seen in", "2026.1; 2026.2", 10118, [{"id": f"101180{n}", "name": f"2026.{n + 1}"} for n in (0, 1)]),
        ("Approvers", "jira-users", 10119, {"name": "jira-users"}),
        ("Groups told", "jira-users, security-approvers", 10120,
         [{"name": "jira-users"}, {"name": "security-approvers"}]),
        ("Service", "ops", 10121, {"key": "OPS"}),
        ("Sprint", "37", 10122, 37),
        ("Squad", TEAM, 10123, TEAM),
    ],
)
def test_a_value_is_what_its_field_takes(jira: JiraStandIn, name: str, text: str, number: int, stored: Any) -> None:
    _, issue = opened(jira, others=((name, text),))
    assert issue["custom"][f"customfield_{number}"] == stored


def test_a_name_may_have_what_stands_between_names(jira: JiraStandIn) -> None:
    """As a route has split a list of components at its commas."""
    form = jira.projects["FORM"]
    fields = [replace(one, options=("R>D > Lab", "R")) if one.name == "Where" else one for one in form.custom_fields]
    jira.projects["FORM"] = replace(form, components=("Cloud", "Data, ML & AI"), custom_fields=fields)
    _, issue = opened(jira, components=("Data", "ML & AI", "cloud"), others=(("Where", "r>d > lab"),))
    assert [one["name"] for one in issue["components"]] == ["Data, ML & AI", "Cloud"]
    where = issue["custom"]["customfield_10103"]
    assert (where["value"], where["child"]["value"]) == ("R>D", "Lab")


def test_a_required_field_that_was_left_out_says_why(jira: JiraStandIn) -> None:
    form = jira.projects["FORM"]
    fields = [replace(one, required=one.name in ("Team", "Owner")) for one in form.custom_fields]
    jira.projects["FORM"] = replace(form, custom_fields=fields)
    said = refused(jira, others=(("Team", "us-east-9"), ("Owner", "dan@example.com")), of_finding=("Team",))
    assert "requires fields" in said and "takes no 'us-east-9'" in said and "no active user 'dan@example.com'" in said


def test_people_are_found_by_address_and_by_what_jira_calls_them(jira: JiraStandIn) -> None:
    me, alice = next(iter(ALICE[jira.cloud].values())), ALICE[jira.cloud]
    ticket, issue = opened(
        jira, assignee="alice@example.com", others=(("Owner", me), ("Informed", "bob@example.com; ALICE@example.com"))
    )
    assert issue["assignee"] == ALICE[True]["accountId"]
    assert issue["custom"]["customfield_10104"] == alice
    assert issue["custom"]["customfield_10105"][1] == alice and len(issue["custom"]["customfield_10105"]) == 2
    assert ticket.notes == () and ticket.dropped == ()


def test_somebody_who_hides_his_address_is_found_as_the_only_hit(cloud: JiraStandIn) -> None:
    _, issue = opened(cloud, assignee="carol@example.com")
    assert issue["assignee"].endswith("0004")


@pytest.mark.parametrize("who", ["dan@example.com", "nobody@example.com", "a@", "alic", "@", "x" * 5000, "%", "*"])
def test_who_has_left_or_is_not_exactly_meant_is_named_and_the_ticket_opened_all_the_same(
    jira: JiraStandIn, who: str
) -> None:
    ticket, issue = opened(jira, assignee=who, others=(("Owner", who),))
    assert issue["assignee"] is None and "customfield_10104" not in issue["custom"]
    assert len(ticket.notes) == 2 and all("no active user" in note for note in ticket.notes)


@pytest.mark.parametrize("status", [403, 404])
def test_where_jira_lets_us_look_up_nobody_the_ticket_is_opened_and_says_so(jira: JiraStandIn, status: int) -> None:
    refusal = {"errorMessages": ["No project could be found with key 'FORM'."], "errors": {}}
    jira.faults.add("status", method="GET", path="/user/", status=status, body=refusal, count=None)
    ticket, issue = opened(jira, assignee="alice@example.com", others=(("Owner", "bob@example.com"),))
    assert issue["assignee"] is None and len(ticket.notes) == 2


def test_a_long_text_is_a_document_in_cloud_and_shown_letter_for_letter_in_data_center(
    jira: JiraStandIn, valid_adf: Any
) -> None:
    text = "Two lines,\n*and* {color:red}no{color} [markup|https://evil.example]"
    _, issue = opened(jira, others=(("Impact", text),))
    impact = issue["custom"]["customfield_10109"]
    if jira.cloud:
        valid_adf(impact["adf"])
        assert [len(paragraph["content"]) for paragraph in impact["adf"]["content"]] == [1, 1]
    else:
        assert "*and*" not in impact["wiki"] and "{color" not in impact["wiki"].replace("\\{color", "")


def test_system_fields_are_resolved_to_the_projects_ids(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    epic = tickets.create(new_ticket())
    wanted = TicketFields("Security team only", epic.key, components=("cloud", "Identity"), others=(("Labels", "a b"),))
    made = new_ticket(project="FORM", priority="high", due_date="2026-02-01", fields=wanted)
    issue = jira.issue(tickets.create(made).key).raw
    assert json.loads(jira.requests[-1].body)["fields"]["priority"] == {"id": "2"}
    assert (issue["parent"], issue["security"]["name"]) == ({"key": epic.key}, "Security team only")
    assert [one["name"] for one in issue["components"]] == ["Cloud", "Identity"]
    assert issue["duedate"] == "2026-02-01" and {"a", "b", "ctr-c0ffee"} <= set(issue["labels"])


def test_a_priority_that_was_renamed_keeps_nobody_from_a_ticket(jira: JiraStandIn) -> None:
    made = new_ticket(project="FORM", priority="P1", fields=TicketFields(components=("Cloud",)))
    ticket = tickets_of(jira).create(made)
    (note,) = ticket.notes
    assert note.startswith("Left out, because the field 'Priority (priority)' takes no 'P1', only Highest, High")
    assert (jira.issue(ticket.key).priority, [one.method for one in jira.requests].count("POST")) == ("Medium", 1)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("Team", "Nobody", r"'Team \(customfield_10101\)' takes no 'Nobody', only Cloud security, Platform"),
        ("Team", "<!channel>\n{panel}", "takes no '<!channel> {panel}'"),
        ("Affected", "Web, Nobody", "takes no 'Nobody'"),
        ("Where", "AWS > Office", "takes no 'Office', only Production, Test"),
        ("Where", "Mars > Production", "takes no 'Mars'"),
        ("Detected on", "yesterday", "takes dates such as 2026-01-31"),
        ("Detected at", "2026-13-40 10:00:00", "takes dates"),
        ("Events", "1e999", "takes numbers only"),
        ("Events", "nan", "takes numbers only"),
        ("Events", "٣", "takes numbers only"),
        ("Runbook", "javascript:alert(1)", "takes web addresses only"),
        ("Runbook", "https://user:pw@evil.example/", "takes web addresses only"),
        ("Epic Link", "SEC-1 OR 1=1", "takes keys such as SEC-1"),
        ("Sprint", "Sprint 7", "takes the ID of a sprint only"),
        ("Squad", "Blue team", "takes the ID of a team only"),
        ("Service", "SEC OR 1=1", "takes keys of projects only"),
        ("Fixed in", "2027.1", "takes no '2027.1', only 2026.1, 2026.2"),
        ("Twin", "x", r"several fields \(customfield_10114, customfield_10115\)"),
        ("summary", "x", "is filled by the app itself"),
        ("Components", "Nothing", "takes no 'Nothing', only Cloud, Identity"),
    ],
)
def test_what_does_not_fit_is_named_before_anything_is_sent(
    jira: JiraStandIn, name: str, text: str, why: str
) -> None:
    assert re.search(why, refused(jira, others=((name, text),)))


@pytest.mark.parametrize(
    ("name", "text"),
    [("Team", "Nobody"), ("Events", "1e999"), ("Detected at", "x"), ("Runbook", "javascript:x"), ("Affected", "{x}")],
)
def test_what_a_finding_says_keeps_no_ticket_from_being_created(jira: JiraStandIn, name: str, text: str) -> None:
    ticket, issue = opened(jira, others=((name, text), ("Actor", "kim")), of_finding=(name, "Actor"))
    assert {number: value for number, value in issue["custom"].items() if value} == {"customfield_10110": "kim"}
    (note,) = ticket.notes
    assert note.startswith(f"Left out, because the field '{name} (customfield_") and "takes" in note


def test_what_jira_itself_does_not_take_of_a_finding_is_left_out(jira: JiraStandIn) -> None:
    refusal = {"errorMessages": [], "errors": {"customfield_10110": "Something is wrong with it."}}
    jira.faults.add("status", method="POST", path="/issue", status=400, body=refusal)
    ticket, issue = opened(jira, others=(("Actor", "kim"),), of_finding=("Actor",))
    assert ticket.dropped == ("customfield_10110",) and not issue["custom"].get("customfield_10110")


def test_what_jira_refuses_is_told_by_the_name_of_its_field(jira: JiraStandIn) -> None:
    with pytest.raises(Curable, match=r"'FORM': Approvers \(customfield_10119\): Group 'Nobody' does not exist\."):
        opened(jira, others=(("Approvers", "Nobody"),))
    assert jira.issues() == []


def test_a_required_field_and_a_security_level_are_never_left_out(jira: JiraStandIn) -> None:
    with pytest.raises(Curable, match="Cost center"):
        wanted = TicketFields(others=(("Cost center", ""),), of_finding=("Cost center",))
        tickets_of(jira).create(new_ticket(project="STRICT", fields=wanted))
    said = refused(jira, others=(("security", "Everybody"),), of_finding=("security",))
    assert "takes no 'Everybody'" in said


def test_what_the_project_does_not_have_is_left_out_and_named(jira: JiraStandIn) -> None:
    wanted = TicketFields(parent="SEC-1", assignee="alice@example.com", components=("Cloud",), others=(("Team", "x"),))
    ticket = tickets_of(jira).create(new_ticket(project="OPS", priority="High", due_date="2026-02-01", fields=wanted))
    assert set(ticket.dropped) == {"priority", "duedate", "Team", "components", "assignee", "parent"}
    assert [request.method for request in jira.requests].count("POST") == 1


def test_where_a_ticket_has_no_parent_field_the_epic_link_takes_the_key(jira: JiraStandIn) -> None:
    form = jira.projects["FORM"]
    jira.projects["FORM"] = replace(form, screen=[name for name in form.screen if name != "parent"])
    ticket, issue = opened(jira, parent="sec-7")
    assert issue["custom"]["customfield_10113"] == "SEC-7" and ticket.dropped == ()


def test_a_ticket_is_not_opened_for_more_eyes_than_its_security_level_allows(jira: JiraStandIn) -> None:
    with pytest.raises(Curable, match="Security level' cannot be set in project 'SEC'"):
        tickets_of(jira).create(new_ticket(fields=TicketFields(security_level="Security team only")))
    assert "takes no 'Everybody'" in refused(jira, security_level="Everybody")


def test_required_fields_that_nothing_fills_are_named_in_one_line(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    with pytest.raises(Curable, match=r"requires fields .*Cost center \(customfield_10041\)"):
        tickets.create(new_ticket(project="STRICT", fields=TicketFields(assignee="alice@example.com")))
    assert jira.issues() == [] and "POST" not in [request.method for request in jira.requests]
    filled = TicketFields(others=(("Cost center", "4711"),))
    assert tickets.create(new_ticket(project="STRICT", fields=filled)).key == "STRICT-1"


def test_a_field_without_a_value_is_left_to_the_project(jira: JiraStandIn) -> None:
    ticket, issue = opened(jira, others=(("Team", "  "), ("Events", ""), ("Impact", "\n\t\n")))
    assert "customfield_10101" not in issue["custom"] and "customfield_10108" not in issue["custom"]
    assert ticket.dropped == () and ticket.notes == ()


def test_a_project_is_asked_for_its_form_once_and_an_ordinary_ticket_never_asks(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    tickets.create(new_ticket(priority="High", due_date="2026-02-01"))
    assert [request.method for request in jira.requests] == ["POST"]
    for number in range(3):
        tickets.create(new_ticket(project="FORM", marker=f"m{number}", fields=TicketFields(others=(("Actor", "x"),))))
    methods = [request.method for request in jira.requests]
    assert methods.count("POST") == 4 and methods.count("GET") <= 2 + 2, "types and pages of fields, once"


def test_what_a_person_corrects_in_jira_counts_at_once(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    tickets.create(new_ticket(project="FORM", fields=TicketFields(components=("Cloud",))))
    jira.projects["FORM"] = replace(jira.projects["FORM"], components=("Cloud", "Network"))
    assert tickets.create(new_ticket(project="FORM", marker="n", fields=TicketFields(components=("Network",))))


def test_a_value_that_is_refused_once_keeps_no_other_from_its_field(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    assert tickets.create(new_ticket(priority="Urgent")).dropped == ("priority",)
    assert tickets.create(new_ticket(priority="High", marker="n")).dropped == ()
    assert [issue.priority for issue in jira.issues()] == ["Medium", "High"]


def test_an_account_id_that_nobody_has_keeps_no_ticket_from_being_opened(cloud: JiraStandIn) -> None:
    nobody = "0" * 24
    ticket, issue = opened(cloud, assignee=nobody, others=(("Owner", nobody), ("Actor", "kim")))
    assert set(ticket.dropped) == {"assignee", "customfield_10104"}
    assert issue["assignee"] is None and issue["custom"]["customfield_10110"] == "kim"


def test_fields_are_prepared_before_anything_must_not_wait(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    ready = tickets.prepared(new_ticket(project="FORM", fields=TicketFields(assignee="alice@example.com")))
    jira.requests.clear()
    tickets.create(ready)
    assert [request.method for request in jira.requests] == ["POST"]


def test_a_form_that_cannot_be_read_is_read_again_later_and_opens_nothing_meanwhile(jira: JiraStandIn) -> None:
    tickets, new = tickets_of(jira), new_ticket(project="FORM", fields=TicketFields(components=("Cloud",)))
    for fault in ({"status": 503}, {"status": 200, "body": "[]"}, {"status": 200, "body": '{"values": [1]}'}):
        jira.faults.add("status", method="GET", path="createmeta", **fault)
        with pytest.raises(Unavailable):
            tickets.create(new)
        jira.faults.clear()
    with pytest.raises(Curable, match="NOSUCH"):
        tickets.create(new_ticket(project="NOSUCH", fields=TicketFields(components=("Cloud",))))
    assert jira.issues() == []
    assert tickets.create(new).key == "FORM-1"


def test_a_ticket_with_all_fields_is_what_atlassian_describes(
    cloud: JiraStandIn, described: Any
) -> None:
    others = (("Team", "Platform"), ("Where", "AWS > Test"), ("Impact", "high"), ("Events", "3"))
    opened(cloud, assignee="alice@example.com", components=("Cloud",), others=others)
    sent, descriptions = cloud.requests[-1].json, described["jira cloud"]
    problems = [problem for one in descriptions for problem in one.problems("IssueUpdateDetails", sent)]
    assert len(descriptions) >= 1 and problems == []
    assert {"assignee", "components", "customfield_10101", "customfield_10103"} <= set(sent["fields"])


@pytest.fixture(scope="module", params=["cloud", "datacenter"])
def shared(request: pytest.FixtureRequest) -> Iterator[JiraStandIn]:
    with JiraStandIn(request.param) as standin:
        yield standin


TEXTUAL = ("Actor", "Impact", "Tags", "Labels", "Runbook")
CHOSEN = ("Team", "Where", "Fixed in", "Approvers", "Groups told", "Service", "Sprint", "Squad")
FREE = (*TEXTUAL, "Detected on", "Detected at", "Events", "Owner", *CHOSEN)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(FREE), text=TEXTS | st.text(max_size=300))
def test_whatever_a_finding_says_is_data_of_its_field_or_refused_by_name(
    shared: JiraStandIn, name: str, text: str
) -> None:
    """Nothing of it reaches another field, an address or a second line, and Jira takes whatever is sent."""
    before = len(shared.issues())
    wanted = TicketFields(others=((name, text),))
    try:
        ticket = tickets_of(shared).create(new_ticket(project="FORM", fields=wanted))
    except Curable as refused:
        assert name in str(refused) and "\n" not in str(refused) and len(shared.issues()) == before
        return
    issue = shared.issue(ticket.key)
    plain = shared.issue(tickets_of(shared).create(new_ticket(project="FORM")).key)
    stored = {number for number, value in issue.raw["custom"].items() if value}
    assert len(stored) <= 1 and issue.project == "FORM" and issue.raw["assignee"] is None
    assert (issue.summary, issue.description, issue.priority) == (plain.summary, plain.description, plain.priority)
    assert set(issue.labels) >= set(plain.labels) and shared.unknown_requests == []
    impact = issue.raw["custom"].get("customfield_10109")
    if impact and "wiki" in impact:
        shown = str(jira_reads.to_html(impact["wiki"]))
        assert set(re.findall(r"<([a-z0-9]+)", shown)) <= {"p", "br"}, shown
