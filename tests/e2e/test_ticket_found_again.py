"""A ticket is found again wherever it is, on the built app, and no stranger's is touched."""

from __future__ import annotations

import json

import pytest

from sandbox.world import APP
from tests.e2e.ticket_desk import BOTH_WAYS, SLOW, Desk


@pytest.mark.extended
def test_a_ticket_that_was_moved_to_another_project_is_commented_on_and_moved_there(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.fire("create_ticket")
    key = desk.jira.relocate(desk.ticket.key, "OPS")
    later = desk.again()
    desk.fire("create_ticket", row=later)
    assert f"Ticket {key} has a new comment." in [task["message"] for task in desk.tasks("ticket.finding")]
    desk.fire("remediate", row={**later, "event_ids": [*desk.row["event_ids"], *later["event_ids"]]})
    moved = desk.ticket
    assert (moved.key, moved.status, len(moved.comments)) == (key, "Done", 2)


@pytest.mark.parametrize("found_by", ["create_ticket", "remediate"])
def test_a_ticket_that_was_deleted_is_marked_in_its_case_and_said_once(desk: Desk, found_by: str) -> None:
    desk.options()
    desk.fire("create_ticket")
    case = desk.tasks("ticket.finding")[0]["case_id"]
    path = f"storage/collections/data/responder_cases/{case}"
    # As the app writes it where people can answer in Jira.
    shown = {"ticket": desk.ticket.key, "ticket_id": desk.ticket.id, "ticket_site": "jira", "ticket_status": "To Do"}
    known = desk.site.world.rest("GET", path).json()
    desk.site.world.rest("POST", path, json={**known, **shown}).raise_for_status()
    desk.jira.delete(desk.ticket.key)
    desk.fire(found_by, row=desk.again())
    desk.due("ticket.state")
    marked = desk.site.world.rest("GET", path).json()
    assert marked["ticket_status"] == "Deleted, or not visible to the app" and marked["ticket_closed_at"] > 0
    (event,) = desk.audited("ticket_deleted")
    assert event["ticket"] == shown["ticket"]


def test_a_ticket_that_was_deleted_is_followed_by_a_new_one_and_by_no_link(desk: Desk) -> None:
    desk.options(**BOTH_WAYS, reopen_days="7", link_type="Relates")
    desk.fire("create_ticket")
    desk.jira.delete(desk.ticket.key)
    desk.fire("create_ticket", row=desk.again())
    assert desk.jira.links(desk.ticket.key) == []
    assert [task["state"] for task in desk.tasks("ticket.link")] == ["done"]


def test_in_a_jira_to_which_tickets_were_migrated_no_strangers_ticket_is_touched(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.fire("create_ticket")
    store, old = desk.jira.store, desk.ticket.raw
    stranger = {**old, "key": f"OPS-{old['id']}", "project": "OPS", "summary": "A stranger", "description": None}
    with desk.jira.effects:
        # The key stays, and its id is somebody else's now.
        moved = ("99" + old["id"], json.dumps({**old, "id": "99" + old["id"]}), old["id"])
        store._db.execute("UPDATE issue SET id = ?, doc = ? WHERE id = ?", moved)
        store._db.execute("DELETE FROM property WHERE owner = 'issue' AND id = ?", (old["id"],))
        row = (old["id"], stranger["key"], "OPS", json.dumps(stranger))
        store._db.execute("INSERT INTO issue VALUES (?, ?, ?, ?)", row)
    later = desk.again()
    desk.fire("create_ticket", row=later)
    desk.fire("remediate", row={**later, "event_ids": [*desk.row["event_ids"], *later["event_ids"]]})
    found, untouched = desk.ticket, desk.jira.issue(stranger["key"])
    assert (found.key, len(found.comments)) == (old["key"], 2)
    assert (untouched.status, untouched.comments) == ("To Do", ())


# Nobody's record


def forget(desk: Desk) -> None:
    """As another Splunk that shares the project, or one whose KV store was lost."""
    for collection in ("responder_tasks", "responder_cases"):
        desk.site.world.rest("DELETE", f"storage/collections/data/{collection}").raise_for_status()
    desk.site.world.runner.handlers.stop(APP)


@pytest.mark.parametrize(
    "fault", [pytest.param(None, id="answered", marks=SLOW), pytest.param("reset_after", id="the answer is lost")]
)
def test_an_open_ticket_that_nobody_here_knows_of_is_commented_on(desk: Desk, fault: str | None) -> None:
    desk.options(find_by_label="1")
    desk.fire("create_ticket")
    forget(desk)
    if fault:
        desk.jira.faults.add(fault, path="/comment", method="POST")
    desk.fire("create_ticket", row=desk.again())
    desk.due("ticket.finding")
    assert len(desk.ticket.comments) == 1
    desk.fire("create_ticket", row=desk.again())
    assert len(desk.ticket.comments) == 2
    assert [task["state"] for task in desk.tasks("ticket.finding")] == ["done", "done"]


# Jira Service Management


def test_a_request_whose_answer_is_lost_is_found_again_and_its_comments_are_internal(desk: Desk) -> None:
    desk.options(request_type="Report a security incident", organizations="Payments", default_project="DESK")
    desk.jira.faults.add("reset_after", path="/issue", method="POST")
    desk.fire("create_ticket")
    desk.due("ticket.finding")
    assert desk.ticket.raw["custom"] == {"customfield_10010": "25", "customfield_10002": ["8"]}
    desk.fire("create_ticket", row=desk.again())
    assert [found["sd.public.comment"] for found in desk.ticket.comment_properties] == [{"internal": True}]
