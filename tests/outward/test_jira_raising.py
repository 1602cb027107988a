"""Raising what a ticket has, over real HTTP, against the stand-in of both Jiras: what a person has set stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from outward_clients import new_ticket, tickets_of
from responder.errors import NotFound, UnknownOutcome
from responder.jira.client import Tickets
from responder.jira.model import AtLeast, TicketFields

from sandbox.jira import JiraStandIn

ALICE, BOB = "alice@example.com", "bob@example.com"
EVERYTHING = AtLeast("High", "2026-02-03", ALICE)


def a_ticket(jira: JiraStandIn, **changes: Any) -> tuple[Tickets, str]:
    tickets = tickets_of(jira)
    return tickets, tickets.create(new_ticket(**changes)).id


def raise_it(tickets: Tickets, number: str, wanted: AtLeast, since: float = 0.0) -> str:
    planned = tickets.raising.plan(number, wanted, since)
    return " ".join(tickets.raising.carry_out(planned, lambda: None).values())


def held(jira: JiraStandIn) -> tuple[str | None, str | None, str]:
    issue = jira.issue("SEC-1")
    named = {
        "557058:f1a2b3c4-0002-4000-8000-000000000002": "alice",
        "557058:f1a2b3c4-0003-4000-8000-000000000003": "bob",
    }
    return issue.priority, issue.raw["duedate"], named.get(issue.raw["assignee"], "")


def edits(jira: JiraStandIn) -> int:
    return sum(request.method == "PUT" for request in jira.requests)


def test_all_is_raised_by_one_edit_and_said(jira: JiraStandIn) -> None:
    tickets, number = a_ticket(jira, priority="Low")
    said = raise_it(tickets, number, EVERYTHING)
    assert said == f"Priority raised from Low to High. Due date set to 2026-02-03. Assigned to {ALICE}."
    assert held(jira) == ("High", "2026-02-03", "alice") and edits(jira) == 1
    assert jira.unknown_requests == []


def test_what_we_set_before_is_raised_once_more_and_said_again_only_of_late(jira: JiraStandIn) -> None:
    tickets, number = a_ticket(jira, priority="Low", due_date="2026-03-01", fields=TicketFields(assignee=BOB))
    raise_it(tickets, number, AtLeast("Medium", "2026-02-20"))
    assert held(jira) == ("Medium", "2026-02-20", "bob")
    raise_it(tickets, number, EVERYTHING)
    assert held(jira) == ("High", "2026-02-03", "alice")
    assert "Priority raised to High." in raise_it(tickets, number, EVERYTHING), "whoever raised it may have died"
    assert raise_it(tickets, number, EVERYTHING, since=9e9) == "" and edits(jira) == 2


def test_nothing_is_lowered(jira: JiraStandIn) -> None:
    tickets, number = a_ticket(jira, priority="Highest", due_date="2026-01-01")
    assert raise_it(tickets, number, AtLeast("High", "2026-02-03")) == ""
    assert held(jira) == ("Highest", "2026-01-01", "") and edits(jira) == 0


@pytest.mark.parametrize(
    ("by_hand", "said"),
    [({"priority": "5"}, "Priority"), ({"duedate": "2027-01-01"}, "Due date"), ({"assignee": None}, "Assignee")],
    ids=["priority", "due date", "nobody is assigned"],
)
def test_what_a_person_has_set_stays_and_the_rest_is_raised(
    jira: JiraStandIn, by_hand: dict[str, Any], said: str
) -> None:
    tickets, number = a_ticket(jira, priority="Low", fields=TicketFields(assignee=BOB))
    jira.edit("SEC-1", **by_hand)
    before = {name: jira.issue("SEC-1").raw[name] for name in by_hand}
    assert f"{said} stays as it is, because a person has set it." in raise_it(tickets, number, EVERYTHING)
    assert {name: jira.issue("SEC-1").raw[name] for name in by_hand} == before
    raised = sum(now == wanted for now, wanted in zip(held(jira), ("High", "2026-02-03", "alice")))
    assert raised == 2


@pytest.mark.parametrize(
    "closed", [{"may_edit": False}, {"uneditable_statuses": ("10000",)}], ids=["no right", "status"]
)
def test_a_ticket_that_takes_no_edits_is_asked_for_none(jira: JiraStandIn, closed: dict[str, Any]) -> None:
    tickets, number = a_ticket(jira, priority="Low")
    jira.projects["SEC"] = replace(jira.projects["SEC"], **closed)
    said = raise_it(tickets, number, AtLeast("High", assignee="nobody@example.com"))
    assert "Priority stays as it is, because the ticket does not let the app edit it." in said
    assert "Jira shows no active user 'nobody@example.com'" in said and edits(jira) == 0


def test_what_jira_refuses_is_left_out_and_said(jira: JiraStandIn) -> None:
    tickets, number = a_ticket(jira, priority="Low")
    planned = tickets.raising.plan(number, EVERYTHING, 0.0)
    body = {"errorMessages": [], "errors": {"assignee": "User cannot be assigned issues."}}
    jira.faults.add("status", method="PUT", status=400, body=body)
    said = tickets.raising.carry_out(planned, lambda: None)
    assert said["assignee"] == "Assignee stays as it is, because Jira did not let the app change it."
    assert held(jira) == ("High", "2026-02-03", "") and edits(jira) == 2


def test_a_priority_that_there_is_none_of_is_named(jira: JiraStandIn) -> None:
    tickets, number = a_ticket(jira)
    assert "the project has no priority 'Blocker'" in raise_it(tickets, number, AtLeast("Blocker")) and edits(jira) == 0


def test_a_lost_answer_is_unknown_and_a_ticket_that_is_gone_is_not_found(jira: JiraStandIn) -> None:
    tickets, number = a_ticket(jira, priority="Low")
    jira.faults.add("reset_after", method="PUT")
    with pytest.raises(UnknownOutcome):
        raise_it(tickets, number, EVERYTHING)
    assert "Priority raised to High." in raise_it(tickets, number, EVERYTHING) and edits(jira) == 1
    jira.delete("SEC-1")
    with pytest.raises(NotFound):
        raise_it(tickets, number, EVERYTHING)
