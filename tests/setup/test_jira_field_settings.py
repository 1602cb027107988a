"""Fields of tickets on the Jira sites tab: what cannot be read or is not known to Jira is named when it is saved."""

from __future__ import annotations

import re
from typing import Any

import pytest
from responder.documents.document import Document
from responder.errors import ConfigurationError
from responder.findings.finding import Finding
from responder.handlers.routing import TicketPlace
from responder.handlers.ticket_fields import with_fields
from responder.jira.model import NewTicket
from responder.settings.jira_fields import JiraFields
from responder.settings.model import JiraSite
from responder.settings.parsing import StanzaReader
from setup_page import SetupPage, cloud

from sandbox.jira import JiraStandIn


def read(**stanza: str) -> JiraFields:
    return JiraFields.from_conf(StanzaReader(stanza, "Jira site 'a'", "Jira sites"))


def test_nothing_entered_is_nothing_asked_of_jira() -> None:
    assert read() == JiraFields() == read(priority_by_severity=" ", fields="\n \n")


def test_lists_are_read_as_people_write_them() -> None:
    found = read(
        priority_by_severity="critical = Very High,\nHIGH=P2;low=P4",
        due_days_by_severity="critical=0; high = 30",
        fields="Team = Cloud security\r\n\ncustomfield_10010=a=b {user}\n",
        parent="sec-12",
    )
    assert (found.priority("critical"), found.priority("high"), found.priority("medium")) == ("Very High", "P2", "")
    assert (found.days("critical"), found.days("high"), found.days("low")) == (0, 30, None)
    assert found.others == (("Team", "Cloud security"), ("customfield_10010", "a=b {user}"))
    assert found.parent == "SEC-12"


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("priority_by_severity", "urgent=High", "not one such as critical=Highest"),
        ("priority_by_severity", "critical", "not one such as"),
        ("priority_by_severity", "critical=", "not one such as"),
        ("priority_by_severity", ",;", "has no entry"),
        ("priority_by_severity", "high=A, high=B", "names high twice"),
        ("due_days_by_severity", "high=soon", "not a number of days"),
        ("due_days_by_severity", "high=-1", "not a number of days"),
        ("due_days_by_severity", "high=99999", "not a number of days"),
        ("due_days_by_severity", "high=٣", "not a number of days"),
        ("parent", "SEC", "not the key of a ticket"),
        ("parent", "SEC-1/..", "not the key of a ticket"),
        ("fields", "Team", "not one such as Team = Cloud security"),
        ("fields", "= x", "not one such as"),
        ("fields", "Team =", "not one such as"),
        ("fields", "Team = a\nTEAM = b", "names 'TEAM' twice"),
        ("fields", "Summary = x", "the app fills by itself"),
        ("fields", "project = SEC", "the app fills by itself"),
        ("fields", f"Team = {'x' * 2001}", "not one such as"),
        ("fields", "\n".join(f"f{number} = x" for number in range(51)), "more than 50"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(field: str, text: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why) as caught:
        read(**{field: text})
    assert "\n" not in str(caught.value) and "Jira sites tab" in str(caught.value)


@pytest.mark.parametrize(
    ("first_time", "days", "due"),
    [
        (1_769_900_000.0, 0, "2026-01-31"),
        (1_769_903_999.0, 0, "2026-01-31"),
        (1_769_904_000.0, 0, "2026-02-01"),
        (1_769_900_000.0, 28, "2026-02-28"),
        (0.0, 1, "2026-01-02"),
        (9e15, 1, ""),
    ],
)
def test_a_due_date_is_a_day_in_utc_from_the_finding_on(first_time: float, days: int, due: str) -> None:
    site = JiraSite("a", "cloud", "https://jira.example.com", fields=JiraFields(due_days=(("high", days),)))
    finding = Finding(signature_id="d", signature="D", severity="high", dedup_key="k", first_time=first_time)
    new = NewTicket("SEC", "Task", "s", Document(()), (), "m")
    new_year = 1_767_225_600.0
    assert with_fields(new, TicketPlace(site, "SEC"), finding, {}, new_year).due_date == due


# On the page


def fields(**more: str) -> dict[str, str]:
    return {"default_project": "FORM", **more}


def test_fields_that_jira_knows_are_saved_and_read_as_they_were_entered(page: SetupPage, jira: JiraStandIn) -> None:
    form = fields(
        priority_by_severity="critical=Highest",
        due_days_by_severity="critical=1",
        security_level="Security team only",
        fields="Team = Platform\nActor = {user}\nWhere = {account.environment}",
        ticket_title="{signature}",
        ticket_text="One line.\nAnother.",
    )
    assert page.create("jira_site", "security", **cloud(jira, **form)) is None
    saved = page.settings().jira_site("security").fields
    assert saved.others[2] == ("Where", "{account.environment}")
    assert saved.text.splitlines() == ["One line.", "Another."]
    assert jira.issues() == []


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"priority_by_severity": "critical=Sky high"}, "'Sky high', which is no priority of the site.*Highest, High"),
        ({"fields": "Nowhere = x"}, "names 'Nowhere', and the site has no such field"),
        ({"fields": "Team = Nobody"}, "takes no 'Nobody', only Cloud security, Platform"),
        ({"fields": "Events = many"}, "takes numbers only"),
        ({"fields": "Twin = x"}, "is the name of several fields"),
        ({"security_level": "Everybody"}, "takes no 'Everybody', only Security team only"),
        ({"fields": "Actor = x", "default_project": "STRICT"}, r"requires fields .*Cost center \(customfield_10041\)"),
        ({"fields": "Team = x", "default_issue_type": "Alarm"}, "has no issue type 'Alarm'"),
        ({"fields": "Team"}, "Not matching the pattern"),
    ],
)
def test_what_jira_does_not_know_is_named_and_nothing_saved(
    page: SetupPage, jira: JiraStandIn, form: dict[str, Any], why: str
) -> None:
    refusal = page.create("jira_site", "security", **cloud(jira, **fields(**form)))
    assert refusal is not None and page.entry("jira_site", "security") == {}
    assert re.search(why, refusal), refusal


def test_a_field_of_another_projects_screen_may_be_saved(page: SetupPage, jira: JiraStandIn) -> None:
    form = cloud(jira, default_project="SEC", fields="Team = Platform")
    assert page.create("jira_site", "security", **form) is None


def test_a_site_without_fields_is_tested_with_the_same_requests_as_before(page: SetupPage, jira: JiraStandIn) -> None:
    assert page.create("jira_site", "security", **cloud(jira, default_project="SEC")) is None
    assert [request.path.rpartition("/")[2] for request in jira.requests] == ["myself", "mypermissions"]
