"""A comment whose answer was lost is looked up, and what follows a comment follows it all the same."""

from __future__ import annotations

from typing import Any

import pytest
from incident_runs import T0, alert, row
from responder.cases import incidents
from responder.cases.states import State
from responder.errors import UnknownOutcome
from responder.remediation import runner
from responder.remediation.outcome import Outcome

CHANGE = {
    "resource": "AKIA",
    "summary": "Deactivate it.",
    "before": {},
    "after": {"Status": "Inactive"},
    "verified": True,
}
DONE = Outcome("deactivate_access_key", "enforce", "done", "Deactivated it.", (CHANGE,), finished_at=1_789_000_100.0)


def lose_answer(core: Any) -> None:
    core.jira.comment_errors, core.jira.comment_arrives = [UnknownOutcome("No answer.")], True


def looked_up(core: Any) -> None:
    """What the worker does until nothing is in doubt any more."""
    for _ in range(2):
        core.later += 600
        core.work()
    assert not [task for task in core.tasks() if task["state"] == State.UNKNOWN.value]


def box(core: Any) -> str:
    """What the box in the ticket's description says in the end."""
    return str(core.jira.panels[-1][1]) if core.jira.panels else ""


def test_the_box_lists_a_case_of_which_the_comment_was_lost(core: Any) -> None:
    core.save("settings", "general", incident_hours="24", digest_limit="10")
    incidents._read_lately._values.clear()
    alert(core, row("trail_stopped", "r-0", T0))
    lose_answer(core)
    alert(core, row("user_created", "r-1", T0 + 60))
    assert len(core.jira.texts) == 1 and core.jira.panels == []
    looked_up(core)
    assert len(core.jira.texts) == 1 and "This incident has 2 cases" in box(core)


def test_the_box_and_a_file_show_a_remediation_of_which_the_comment_was_lost(
    core: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "run", lambda request, ports: DONE)
    found = row("key_created", "AKIA", T0, severity="high")
    alert(core, found)
    lose_answer(core)
    alert(core, found, action="remediate", parameters={"playbook": "deactivate_access_key"})
    assert len(core.jira.texts) == 1
    looked_up(core)
    assert len(core.jira.texts) == 1 and "State: Changed" in box(core)
    assert [name for _, name in core.jira.files if name.startswith("evidence-")]


def test_the_box_shows_an_excuse_of_which_the_comment_was_lost(core: Any) -> None:
    core.ask(1, "create_ticket", project="SEC")
    (case,) = {task["case_id"] for task in core.tasks()}
    lose_answer(core)
    status, _ = core.post("excuse", {"case": case, "reason": "Known scanner"}, user="ana")
    assert status == 200 and len(core.jira.texts) == 1
    looked_up(core)
    assert len(core.jira.texts) == 1 and "Excused until" in box(core)


def test_the_rows_are_attached_though_the_answer_to_their_comment_was_lost(core: Any) -> None:
    core.save("settings", "general", incident_hours="24", digest_limit="10")
    incidents._read_lately._values.clear()
    alert(core, row("trail_stopped", "r-0", T0))
    lose_answer(core)
    alert(core, *[row("user_created", f"r-{number}", T0 + number) for number in range(1, 13)])
    assert len(core.jira.texts) == 1
    looked_up(core)
    assert len(core.jira.texts) == 1 and [name for _, name in core.jira.files if name.endswith(".csv")]
