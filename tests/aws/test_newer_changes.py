"""The undo at the end of a time limit: a guardrail puts it off, and what a newer remediation holds it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from responder.errors import HeldBack, NeedsApproval
from responder.findings.finding import Finding
from responder.remediation import undo
from responder.remediation.outcome import Outcome

from tests.aws.open_groups import PLAYBOOK, Group
from tests.aws.support import ENFORCE, Tasks


def end_of_time(tasks: Tasks, of: str = "", **more: Any) -> Outcome:
    of = of or tasks.task()
    return undo.undo(undo.UndoRequest(f"{of}.undo", of, "time limit", is_limit=True, **more), tasks.ports())


def test_it_is_put_off_while_a_guardrail_forbids_it(tasks: Tasks, group: Group, found: Finding) -> None:
    tasks.run(found, PLAYBOOK)
    tasks.safety = replace(ENFORCE, kill_switch=True)
    asked: list[str] = []
    with pytest.raises(HeldBack, match="kill switch"):
        end_of_time(tasks, before=lambda: asked.append("asked"))
    assert not asked, "as long as it is put off, people may keep the change"
    tasks.safety = ENFORCE
    assert end_of_time(tasks, before=lambda: asked.append("asked")).status == "undone"
    assert asked and group.is_open


def test_it_leaves_alone_what_a_newer_remediation_of_the_case_has_changed_again(
    tasks: Tasks, group: Group, found: Finding
) -> None:
    first, second = tasks.task(), tasks.task(2)
    tasks.run(found, PLAYBOOK)
    group.open(22)
    assert tasks.run(found, PLAYBOOK, task=second).status == "done"
    outcome = end_of_time(tasks)
    assert outcome.status == "kept" and second in outcome.message and not group.is_open
    assert end_of_time(tasks, second).status == "undone" and group.is_open
    group.close(22)
    assert tasks.evidence(first).made, "what was left alone is not said to be undone"


def test_a_person_who_undoes_it_is_asked_first(tasks: Tasks, group: Group, found: Finding) -> None:
    tasks.run(found, PLAYBOOK)
    group.open(22)
    tasks.run(found, PLAYBOOK, task=tasks.task(2))
    with pytest.raises(NeedsApproval, match="has changed it again since"):
        tasks.undo()
    assert not group.is_open
