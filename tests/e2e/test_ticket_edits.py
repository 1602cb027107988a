"""The box of a ticket that moves is kept true, on the built app: what people write around it stays."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.faults import Faults
from tests.e2e.ticket_desk import AFTER, BEFORE, BOTH_WAYS, SLOW, Desk, killed_at


def test_the_box_is_written_before_the_ticket_comes_to_a_status_that_forbids_edits(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.workflow(uneditable_statuses=("10002",))
    desk.fire("create_ticket", "remediate")
    assert desk.ticket.status == "Done" and "State: Contained and verified" in desk.ticket.description
    desk.due("ticket.state")
    assert {task["state"] for task in desk.tasks("ticket.state")} == {"done"} and not desk.audited("ticket_not_edited")


def test_a_box_that_cannot_be_edited_any_more_says_so_and_reopens_nothing(desk: Desk) -> None:
    desk.options(contained_status="done")
    desk.workflow(uneditable_statuses=("10002",))
    desk.fire("create_ticket", "remediate")
    desk.undo()
    desk.due("ticket.state")
    assert desk.ticket.status == "Done" and "State: Contained and verified" in desk.ticket.description
    assert "The ticket is not reopened for it." in desk.audited("ticket_not_edited")[-1]["message"]
    assert "Undone: the previous state is restored" in desk.ticket.comments[-1]


@pytest.mark.extended
@pytest.mark.parametrize("lost", ["reset_after", pytest.param("reset", marks=SLOW)])
def test_an_edit_whose_answer_is_lost_before_the_move_is_made_again_and_the_ticket_moves(desk: Desk, lost: str) -> None:
    desk.options(**BOTH_WAYS)
    desk.jira.faults.add(lost, method="PUT", path="/issue/")
    desk.fire("create_ticket", "remediate")
    desk.due()
    assert desk.ticket.status == "Done" and "State: Contained and verified" in desk.ticket.description
    assert len(desk.sent()) == 1


def writes_around_the_box(desk: Desk) -> str:
    """What a person adds to the description."""
    issue, said = desk.ticket.raw, f"Kim looks into {desk.row['object_id']}."
    description = issue["description"]["adf"]
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": said}]}
    edited = {**description, "content": [*description["content"], paragraph]}
    desk.jira.edit(desk.ticket.key, description={"adf": edited})
    return said


@pytest.mark.extended
@pytest.mark.parametrize("before", [BEFORE, AFTER])
@pytest.mark.parametrize("moves", [False, pytest.param(True, marks=SLOW)], ids=["by the worker", "before a move"])
def test_a_process_killed_at_an_edit_of_the_description_leaves_one_box_and_what_people_wrote(
    desk: Desk, moves: bool, before: bool
) -> None:
    desk.options(**(BOTH_WAYS if moves else {}))
    desk.fire("create_ticket")
    said, workers = writes_around_the_box(desk), list[Any]()
    if not moves:
        desk.fire("remediate")
    killed_at(desk, "PUT", "/issue/[^/]+$", before, workers)
    if moves:
        desk.fire("remediate")
    else:
        (worker,) = [one for one in desk.site.world.runner.inputs.instances() if one.scheme == "responder_worker"]
        for task in desk.tasks("ticket.state"):
            path = f"storage/collections/data/responder_tasks/{task['_key']}"
            desk.site.world.rest("POST", path, json={**task, "due_at": 1.0}).raise_for_status()
        desk.site.world.runner.inputs.run_once(worker, workers.append)
    desk.jira.faults = Faults()
    desk.site.let_turns_end()
    desk.due("ticket.state")
    desk.due()
    text = desk.ticket.description
    assert text.count("How this case stands") == 1 and "State: Contained and verified" in text and said in text
    assert {task["state"] for task in desk.tasks("ticket.state")} == {"done"}
    assert desk.ticket.status == ("Done" if moves else "To Do") and len(desk.sent()) == int(moves)
