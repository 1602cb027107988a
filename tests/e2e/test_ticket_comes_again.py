"""What comes again after its ticket was closed, on the built app: reopened, or followed by a ticket with a link."""

from __future__ import annotations

import json

import pytest

from sandbox.faults import Faults
from sandbox.jira.model import TRANSITIONS
from tests.e2e.ticket_desk import AFTER, BEFORE, SLOW, Desk, killed_at

DAY = 86_400.0


def closed_ago(desk: Desk, days: float) -> None:
    """As if a person had closed the ticket so long ago."""
    jira = desk.jira
    jira.move(desk.ticket.key, "Done")
    with jira.effects:
        for entry in jira.store.history(desk.ticket.id):
            document = json.dumps({**entry, "created": entry["created"] - days * DAY})
            jira.store._db.execute("UPDATE history SET doc = ? WHERE id = ?", (document, int(entry["id"])))


def test_a_ticket_that_was_closed_lately_is_reopened_and_commented_on(desk: Desk) -> None:
    desk.options(reopen_days="7", link_type="Relates")
    desk.fire("create_ticket")
    closed_ago(desk, 6.9)
    desk.fire("create_ticket", row=desk.again())
    assert (desk.ticket.status, len(desk.ticket.comments)) == ("To Do", 1)
    assert len(desk.audited("ticket_reopened")) == 1


def test_a_ticket_that_was_closed_long_ago_is_followed_by_a_new_one_that_is_linked_to_it(desk: Desk) -> None:
    desk.options(reopen_days="7", link_type="relates")
    desk.fire("create_ticket")
    closed_ago(desk, 7.1)
    desk.fire("create_ticket", row=desk.again())
    first, second = desk.tickets
    assert (first.status, second.status) == ("Done", "To Do")
    assert desk.jira.links(second.key) == [("Relates", second.key, first.key)]


@pytest.mark.extended
def test_a_link_whose_answer_is_lost_is_looked_up(desk: Desk) -> None:
    desk.options(link_type="Relates")
    desk.fire("create_ticket")
    desk.jira.move(desk.ticket.key, "Done")
    desk.jira.faults.add("reset_after", path="/issueLink", method="POST")
    desk.fire("create_ticket", row=desk.again())
    desk.due("ticket.link")
    assert len(desk.jira.links(desk.tickets[1].key)) == 1 and len(desk.sent("/issueLink")) == 1
    (task,) = desk.tasks("ticket.link")
    assert task["state"] == "done"


def test_a_link_type_that_there_is_none_of_is_named_and_keeps_nobody_from_the_ticket(desk: Desk) -> None:
    desk.options(link_type="Caused by", save_untested="1")
    desk.fire("create_ticket")
    desk.jira.move(desk.ticket.key, "Done")
    desk.fire("create_ticket", row=desk.again())
    assert len(desk.tickets) == 2
    (task,) = desk.tasks("ticket.link")
    assert task["state"] == "done" and "no issue link type 'Caused by'; there are Blocks" in task["message"]


def test_a_ticket_that_cannot_be_reopened_is_followed_by_a_new_one(desk: Desk) -> None:
    desk.options(reopen_days="7")
    desk.fire("create_ticket")
    closed_ago(desk, 1)
    desk.workflow(transitions={"31": TRANSITIONS["31"]})
    desk.fire("create_ticket", row=desk.again())
    assert [issue.status for issue in desk.tickets] == ["Done", "To Do"]
    (event,) = desk.audited("ticket_not_reopened")
    assert "no transition" in event["message"]


@pytest.mark.extended
def test_who_closes_a_ticket_while_the_answer_of_its_reopening_is_lost_is_not_overruled(desk: Desk) -> None:
    desk.options(reopen_days="7")
    desk.fire("create_ticket")
    closed_ago(desk, 1)
    desk.jira.faults.add("reset_after", path="/transitions", method="POST")
    desk.fire("create_ticket", row=desk.again())
    assert desk.ticket.status == "To Do"
    desk.jira.move(desk.ticket.key, "Done")
    desk.due("ticket.finding")
    assert [issue.status for issue in desk.tickets] == ["Done", "To Do"], "what is new has a ticket of its own"
    (event,) = desk.audited("ticket_not_reopened")
    assert "somebody has closed it again" in event["message"]
    assert [request.status for request in desk.sent()].count(204) <= 1, "moved once"


@pytest.mark.parametrize("fault", [pytest.param("reset", marks=SLOW), "reset_after"])
def test_a_reopening_whose_answer_is_lost_ends_in_one_reopened_ticket_with_one_comment(desk: Desk, fault: str) -> None:
    desk.options(reopen_days="7")
    desk.fire("create_ticket")
    closed_ago(desk, 1)
    desk.jira.faults.add(fault, path="/transitions", method="POST")
    desk.fire("create_ticket", row=desk.again())
    # A round may do no more than look up that it was reopened: the comment is the next one's.
    desk.due("ticket.finding")
    desk.due("ticket.finding")
    assert (desk.ticket.status, len(desk.ticket.comments)) == ("To Do", 1)


@pytest.mark.extended
@pytest.mark.parametrize("before", [BEFORE, AFTER])
def test_a_process_killed_at_a_link_leaves_one_link(desk: Desk, before: bool) -> None:
    desk.options(link_type="Relates")
    desk.fire("create_ticket")
    desk.jira.move(desk.ticket.key, "Done")
    killed_at(desk, "POST", "/issueLink$", before)
    desk.fire("create_ticket", row=desk.again())
    desk.jira.faults = Faults()
    desk.site.let_turns_end()
    desk.due("ticket.link")
    assert len(desk.jira.links(desk.tickets[1].key)) == 1 and len(desk.tickets) == 2
    assert [task["state"] for task in desk.tasks("ticket.link")] == ["done"]
