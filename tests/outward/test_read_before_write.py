"""Nothing waits between a read and the write that is made of it: whoever changes the ticket meanwhile is overruled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from outward_clients import HTTP, new_ticket, site_of
from responder.documents.document import Document, Panel, Paragraph, plain
from responder.errors import PutOff, Unavailable
from responder.http_gate import Limits, Verdict
from responder.jira.client import Tickets

from sandbox.jira import JiraStandIn


@dataclass
class Turns:
    """The gate before a service: it gives so many turns, and notes what it is told of each."""

    left: int = 99
    told: list[Verdict] = field(default_factory=list)

    def of(self, channel: str = "", limits: Limits | None = None) -> Turns:
        return self

    def same(self, channel: str, other: str) -> None:
        return

    def enter(self) -> None:
        if not self.left:
            raise PutOff("There is no turn.")
        self.left -= 1

    def sent(self) -> None:
        return

    def leave(self, verdict: Verdict) -> None:
        self.told.append(verdict)


def box(said: str) -> Panel:
    return Panel("How it stands", (Paragraph((plain(said),)),), "0123456789abcdef0123")


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def ticket(jira: JiraStandIn, turns: Turns) -> tuple[Tickets, str]:
    tickets = Tickets(site_of(jira), HTTP, turns)
    key = tickets.create(new_ticket(document=Document((box("State: found"),)))).key
    turns.told.clear()
    return tickets, key


def test_a_read_and_its_write_have_one_turn(jira: JiraStandIn, turns: Turns, ticket: tuple[Tickets, str]) -> None:
    tickets, key = ticket
    turns.left = 1
    with tickets.admitted():
        assert tickets.put_panel(key, box("State: undone")) == "written"
    assert "State: undone" in jira.issue(key).description and turns.told == [Verdict(healthy=True)]


def test_a_read_without_a_write_gives_the_turn_back_and_tells_how_it_went(
    turns: Turns, ticket: tuple[Tickets, str]
) -> None:
    tickets, key = ticket
    with tickets.admitted():
        assert tickets.put_panel(key, box("State: found")) == "same"
    assert turns.told == [Verdict(healthy=True)]


@pytest.mark.parametrize(("fault", "told"), [("rate_limit", Verdict(True, limited=True)), ("reset", Verdict(False))])
def test_a_read_that_fails_ends_the_turn(
    jira: JiraStandIn, turns: Turns, ticket: tuple[Tickets, str], fault: str, told: Any
) -> None:
    tickets, key = ticket
    jira.faults.add(fault, method="GET", count=None)
    with pytest.raises(Unavailable), tickets.admitted():
        tickets.put_panel(key, box("State: undone"))
    assert turns.told == [told]
