"""What became of answers is said in their ticket once, whoever says it and whatever Jira answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from core_findings import finding
from responder.engine import answer_records, jira_replies
from responder.engine.answer_records import GIVEN_UP, OWED, Recorded
from responder.errors import ResponderError, Unavailable
from responder.jira.client import Tickets
from responder.remediation.verdicts import JIRA
from responder.settings.model import Http, JiraSite
from responder.settings.secret import Secret

from sandbox.jira import JiraStandIn


class Ticket:
    """SEC-1, with an answer that was carried out some time ago, so that what became of it is to be said there."""

    def __init__(self, core: Any, jira: JiraStandIn) -> None:
        held = jira.credentials
        site = JiraSite("jira", jira.deployment, jira.url, held.email, Secret(held.api_token), default_project="SEC")
        self.tickets, self.splunkd, self.jira = Tickets(site, Http()), core.client(), jira
        core.services.tickets = lambda site, http: self.tickets
        core.ask(finding(1), project="SEC")

    def owe(self, ago: float = 5.0, site: str = "jira") -> None:
        at = self.splunkd.now() - ago
        given = Recorded(f"{site}:1:c1", JIRA, site, "status", "alice", at, at, ticket="1", ticket_key="SEC-1")
        answer_records.write_down(self.splunkd, [replace(given, message="All is well.", by="alice", reply=OWED)])

    def owed(self) -> list[Recorded]:
        return answer_records.open_ones(self.splunkd, JIRA)

    def reply(self, guard: Any = lambda: None) -> None:
        jira_replies.reply(self.splunkd, self.tickets, self.owed(), guard)

    def said(self) -> int:
        return sum("All is well." in comment for comment in self.jira.issue("SEC-1").comments)


@pytest.fixture
def ticket(core: Any) -> Iterator[Ticket]:
    with JiraStandIn() as jira:
        yield Ticket(core, jira)


def test_who_has_lost_the_site_takes_nothing_back_that_another_search_head_has_said_since(ticket: Ticket) -> None:
    def lost() -> None:
        for _ in range(2):
            ticket.reply()
        raise Unavailable("Another search head works on this Jira site now.")

    ticket.owe()
    with pytest.raises(Unavailable):
        ticket.reply(lost)
    assert ticket.owed() == []
    assert ticket.said() == 1


def test_what_jira_refuses_is_said_later(ticket: Ticket) -> None:
    ticket.owe()
    ticket.jira.faults.add("status", method="POST", path="/comment", status=403)
    with pytest.raises(ResponderError):
        ticket.reply()
    assert (len(ticket.owed()), ticket.said()) == (1, 0)
    for _ in range(2):
        ticket.reply()
    assert (len(ticket.owed()), ticket.said()) == (0, 1)


@pytest.mark.parametrize("refused", ["POST", "GET"])
def test_what_jira_refuses_for_an_hour_is_given_up_and_takes_no_place_of_others(ticket: Ticket, refused: str) -> None:
    ticket.owe(ago=GIVEN_UP + 60)
    for method in {"POST", refused}:
        ticket.jira.faults.add("status", method=method, path="/comment", status=403, count=None)
    with pytest.raises(ResponderError):
        ticket.reply()
    ticket.reply()
    assert (ticket.owed(), ticket.said()) == ([], 0)


def test_answers_of_a_site_that_nobody_reads_any_more_take_no_place_of_others(
    ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_records, "MANY", 1)
    ticket.owe(ago=60.0, site="removed")
    ticket.owe()
    found = answer_records.due(ticket.splunkd, JIRA, "jira")
    assert [one.workspace for one in found] == ["jira"]
