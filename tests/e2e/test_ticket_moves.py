"""A ticket moves with its case, on the built app: once, and never against a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.faults import Faults
from sandbox.jira.model import TRANSITIONS, ScreenField, Transition
from sandbox.world import APP
from tests.e2e.ticket_desk import AFTER, BEFORE, BOTH_WAYS, SLOW, Desk, killed_at

RESOLUTION = ScreenField("resolution", "Resolution", True)


def test_a_contained_case_closes_its_ticket_and_an_undone_one_opens_it(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.fire("create_ticket", "remediate")
    assert desk.ticket.status == "Done"
    desk.undo()
    assert desk.ticket.status == "To Do"
    moved = sorted((event["event"], event["ticket_status"]) for event in desk.audited("ticket_moved"))
    assert moved == [("contained", "Done"), ("undone", "To Do")]
    assert len(desk.sent()) == 2 and desk.jira.unknown_requests == []


def test_without_these_options_nothing_is_asked_or_moved(desk: Desk) -> None:
    desk.options()
    desk.fire("create_ticket", "remediate")
    desk.undo()
    assert desk.ticket.status == "To Do" and desk.moves == []
    asked = [request.path for request in desk.jira.requests]
    assert not [path for path in asked if "transitions" in path or "changelog" in path or "issueLink" in path]


def test_a_ticket_that_is_opened_afterwards_is_closed_as_well(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.fire("remediate", "create_ticket")
    assert desk.ticket.status == "Done"


def test_what_was_only_planned_or_came_again_unhandled_closes_nothing(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.fire("create_ticket")
    desk.fire("remediate", mode="simulate")
    assert desk.ticket.status == "To Do"
    later = desk.again()
    desk.fire("create_ticket", row=later)
    desk.fire("remediate", mode="enforce")
    assert desk.ticket.status == "To Do", "of the later event nobody has dealt with anything"
    desk.fire("remediate", row=later)
    assert desk.ticket.status == "Done"


def test_a_ticket_that_a_person_has_moved_is_left_alone(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.fire("create_ticket")
    desk.jira.move(desk.ticket.key, "In Progress")
    desk.fire("remediate")
    assert desk.ticket.status == "In Progress" and desk.sent() == []
    (task,) = desk.moves
    assert task["state"] == "done" and "somebody has given it the status 'In Progress'" in task["message"]
    assert desk.audited("ticket_left")


def test_a_ticket_that_was_closed_by_a_person_stays_closed(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.fire("create_ticket")
    desk.jira.move(desk.ticket.key, "Done")
    desk.fire("remediate")
    desk.undo()
    assert desk.ticket.status == "Done" and desk.sent() == []


def test_a_move_whose_answer_is_lost_is_looked_up_and_not_made_again(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    lost = desk.jira.faults.add("reset_after", path="/transitions", method="POST")
    desk.fire("create_ticket", "remediate")
    assert desk.jira.faults.fired(lost)
    desk.jira.move(desk.ticket.key, "In Progress")
    desk.due()
    assert desk.ticket.status == "In Progress", "what a person did meanwhile stays"
    (task,) = desk.moves
    assert task["state"] == "done" and len(desk.sent()) == 1 and len(desk.audited("ticket_moved")) == 1


@pytest.mark.extended
@pytest.mark.parametrize("before", [BEFORE, AFTER])
def test_a_process_killed_at_a_move_leaves_one_move(desk: Desk, before: bool) -> None:
    desk.options(**BOTH_WAYS)
    killed_at(desk, "POST", "/transitions$", before)
    desk.fire("create_ticket", "remediate")
    desk.jira.faults = Faults()
    desk.site.let_turns_end()
    desk.due()
    assert desk.ticket.status == "Done"
    changed = [item[0] for entry in desk.jira.store.history(desk.ticket.id) for item in entry["items"]]
    assert changed.count("status") == 1
    assert [task["state"] for task in desk.moves] == ["done"]


@pytest.mark.extended
def test_a_field_that_nobody_fills_is_named_and_the_ticket_moves_once_somebody_has_cured_it(desk: Desk) -> None:
    cause = ScreenField("customfield_10050", "Root cause", True, "select", ("Attack", "Mistake"))
    screened = {**TRANSITIONS, "31": Transition("Close", ("10000", "10001"), "10002", (RESOLUTION, cause), "")}
    desk.workflow(transitions=screened)
    desk.options(**BOTH_WAYS, contained_resolution="Resolved, Fixed")
    desk.fire("create_ticket", "remediate")
    (task,) = desk.moves
    assert (task["state"], task["waiting_for"]) == ("waiting", "person")
    assert "requires fields that nobody fills: Root cause (customfield_10050: Attack, Mistake)" in task["message"]
    desk.workflow(custom_fields=(replace(cause.field, required=False),))
    desk.options(**BOTH_WAYS, contained_resolution="Resolved, Fixed", moved_fields="root cause = attack")
    desk.due()
    assert (desk.ticket.status, desk.ticket.raw["resolution"]) == ("Done", "10003")
    assert desk.ticket.raw["custom"][cause.id]["value"] == "Attack"


@pytest.mark.extended
def test_what_was_undone_meanwhile_is_not_closed_any_more(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.workflow(may_transition=False)
    desk.fire("create_ticket", "remediate")
    assert "permission Transition issues" in desk.moves[0]["message"]
    desk.undo()
    desk.workflow(may_transition=True)
    desk.due()
    assert desk.ticket.status == "To Do" and desk.sent() == []
    assert sorted(task["state"] for task in desk.moves) == ["done", "done"]


# In several transitions

#: Done is reached through In Progress and Approved only.
LONG = {
    "1": Transition("Start", ("10000",), "10001"),
    "2": Transition("Approve", ("10001",), "10004"),
    "3": Transition("Finish", ("10004",), "10002"),
    "4": Transition("Reopen", ("10002",), "10000"),
}
BY_STEPS = {"contained_status": "In Progress > Approved > Done", "undone_status": "to do"}


def statuses(desk: Desk) -> list[str]:
    """What the ticket has come to, one after the other."""
    changed = (item for entry in desk.jira.store.history(desk.ticket.id) for item in entry["items"])
    return [item[2]["toString"] for item in changed if item[0] == "status"]


def test_a_ticket_moves_in_several_transitions_where_the_statuses_on_the_way_are_named(desk: Desk) -> None:
    desk.options(**BY_STEPS)
    desk.workflow(transitions=LONG)
    desk.fire("create_ticket", "remediate")
    assert statuses(desk) == ["In Progress", "Approved", "Done"] and desk.ticket.status == "Done"
    desk.undo()
    assert desk.ticket.status == "To Do"


@pytest.mark.extended
def test_a_move_that_cannot_go_on_says_where_it_is_and_goes_on_from_there(desk: Desk) -> None:
    desk.options(**BY_STEPS)
    desk.workflow(transitions={key: one for key, one in LONG.items() if key != "3"})
    desk.fire("create_ticket", "remediate")
    (task,) = desk.moves
    assert (task["state"], task["waiting_for"]) == ("waiting", "person")
    assert "offers no transition from its status 'Approved'" in task["message"]
    desk.workflow(transitions=LONG)
    desk.due()
    assert statuses(desk) == ["In Progress", "Approved", "Done"]


@pytest.mark.extended
def test_a_person_who_moves_the_ticket_on_its_way_has_the_last_word(desk: Desk) -> None:
    desk.options(**BY_STEPS)
    desk.workflow(transitions={key: one for key, one in LONG.items() if key != "3"})
    desk.fire("create_ticket", "remediate")
    desk.jira.move(desk.ticket.key, "In Progress")
    desk.workflow(transitions=LONG)
    desk.due()
    assert desk.ticket.status == "In Progress" and desk.audited("ticket_left")


@pytest.mark.extended
@pytest.mark.parametrize("lost", ["reset", "reset_after"])
@pytest.mark.parametrize("step", [pytest.param(0, marks=SLOW), 1, pytest.param(2, marks=SLOW)])
def test_an_answer_that_is_lost_on_the_way_doubles_no_step(desk: Desk, step: int, lost: str) -> None:
    desk.options(**BY_STEPS)
    desk.workflow(transitions=LONG)
    desk.jira.faults.add(lost, path="/transitions", method="POST", skip=step)
    desk.fire("create_ticket", "remediate")
    desk.due()
    assert statuses(desk) == ["In Progress", "Approved", "Done"]


# Excused


def test_an_excused_case_closes_its_ticket_and_one_that_no_longer_is_opens_it(desk: Desk) -> None:
    screened = {**TRANSITIONS, "31": replace(TRANSITIONS["31"], screen=(RESOLUTION,), resolution="")}
    desk.workflow(transitions=screened)
    desk.options(excused_status="done", excused_resolution="Won't do", undone_status="to do")
    desk.fire("create_ticket")
    (task,) = desk.tasks("ticket.finding")

    def excuse(days: int) -> None:
        body = {"case": task["case_id"], "days": days, "reason": "Known scanner"}
        answer = desk.site.world.rest("POST", f"{APP}/excuse", json=body)
        assert answer.ok, answer.text
        desk.site.world.work()

    excuse(30)
    assert (desk.ticket.status, desk.ticket.raw["resolution"], len(desk.ticket.comments)) == ("Done", "10001", 1)
    excuse(0)
    assert (desk.ticket.status, len(desk.ticket.comments)) == ("To Do", 2)


# Bad input


def test_a_status_that_there_is_none_of_waits_for_a_person_and_says_which_there_are(desk: Desk) -> None:
    desk.options(contained_status="Gelöst; DROP")
    desk.fire("create_ticket", "remediate")
    (task,) = desk.moves
    assert task["waiting_for"] == "person"
    assert "to 'Gelöst; DROP'; there are In Progress (to In Progress), Done (to Done)" in task["message"]
    desk.options(contained_status="Done")
    desk.due()
    assert desk.ticket.status == "Done"
