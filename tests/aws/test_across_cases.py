"""What one case does to a resource changes what another was approved for. And the kill switch stops what is queued."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from responder.errors import NeedsApproval
from responder.findings.finding import Finding
from responder.remediation import undo

from tests.aws.open_groups import PLAYBOOK, Group
from tests.aws.support import ENFORCE, Tasks


@pytest.fixture
def group(group: Group) -> Group:
    """With another port that is open, too."""
    group.open(3389)
    return group


@pytest.fixture
def other_case(tasks: Tasks) -> Tasks:
    return Tasks(tasks.documents, tasks.aws)


def test_an_approval_does_not_count_for_what_another_case_has_changed_since(
    tasks: Tasks, other_case: Tasks, group: Group, found: Finding, finding: Any
) -> None:
    with pytest.raises(NeedsApproval):
        tasks.run(found, PLAYBOOK, mode="approve")
    shown = tasks.evidence().plan
    assert shown is not None
    one_rule = finding(object_id=group.id, detail={"rules": [{"cidr": "0.0.0.0/0", "from_port": 22, "to_port": 22}]})
    assert other_case.run(one_rule, PLAYBOOK).status == "done"
    assert other_case.undo().status == "undone", "which makes the rule anew, with another id"
    tasks.decide("approve")
    with pytest.raises(NeedsApproval, match="has changed since it was shown: tcp 22 from 0.0.0.0/0 .* was otherwise"):
        tasks.run(found, PLAYBOOK, mode="approve")
    asked = tasks.evidence().plan
    assert asked is not None and asked.ask != shown.ask and group.is_open
    tasks.decide("approve")
    assert tasks.run(found, PLAYBOOK, mode="approve").status == "done" and not group.is_open


def test_what_another_case_has_done_meanwhile_needs_no_second_approval(
    tasks: Tasks, other_case: Tasks, group: Group, found: Finding
) -> None:
    with pytest.raises(NeedsApproval):
        tasks.run(found, PLAYBOOK, mode="approve")
    tasks.decide("approve")
    assert other_case.run(found, PLAYBOOK).status == "done"
    assert tasks.run(found, PLAYBOOK, mode="approve").status == "already" and tasks.evidence().made == []


def closed_twice(tasks: Tasks, other_case: Tasks, group: Group, found: Finding) -> None:
    """This case has closed the group; somebody has opened it anew, and another case has closed that."""
    assert tasks.run(found, PLAYBOOK).status == "done"
    group.open(22)
    other_case.later = 60.0
    assert other_case.run(found, PLAYBOOK).status == "done" and not group.is_open


def test_an_undo_asks_before_it_opens_what_another_case_has_closed_again(
    tasks: Tasks, other_case: Tasks, group: Group, found: Finding
) -> None:
    closed_twice(tasks, other_case, group, found)
    said = f"remediation {other_case.task()} of another case has changed it again since"
    shown = undo.plan(undo.UndoRequest("", tasks.task(), ""), tasks.ports())
    assert any(said in line for line in shown.drift)
    with pytest.raises(NeedsApproval, match=said):
        tasks.undo()
    assert not group.is_open
    tasks.decide("approve", f"{tasks.task()}.undo")
    assert tasks.undo().status == "undone" and group.is_open


def test_what_the_other_case_has_taken_back_or_never_made_asks_nobody(
    tasks: Tasks, other_case: Tasks, group: Group, found: Finding
) -> None:
    closed_twice(tasks, other_case, group, found)
    assert other_case.undo().status == "undone" and group.is_open
    group.close(22)
    assert tasks.undo().status == "undone" and group.is_open


def test_a_write_of_another_case_that_died_before_its_answer_was_written_counts(
    tasks: Tasks, other_case: Tasks, group: Group, found: Finding
) -> None:
    assert tasks.run(found, PLAYBOOK).status == "done"
    group.open(22)
    other_case.later = 60.0
    other_case.before_send = lambda: (_ for _ in ()).throw(RuntimeError("killed"))
    with pytest.raises(RuntimeError):
        other_case.run(found, PLAYBOOK)
    group.close(22)
    with pytest.raises(NeedsApproval, match="of another case may have changed it again since"):
        tasks.undo()
    assert not group.is_open


def test_the_end_of_a_time_limit_leaves_alone_what_another_case_has_closed_again(
    tasks: Tasks, other_case: Tasks, group: Group, found: Finding
) -> None:
    group.close(3389)
    closed_twice(tasks, other_case, group, found)
    request = undo.UndoRequest(f"{tasks.task()}.undo", tasks.task(), "time limit", is_limit=True)
    outcome = undo.undo(request, tasks.ports())
    assert outcome.status == "kept" and other_case.task() in outcome.message and not group.is_open


@pytest.mark.parametrize("queued", ["delayed", "approved", "begun"])
def test_the_kill_switch_stops_what_is_queued_and_says_so(
    tasks: Tasks, group: Group, found: Finding, queued: str
) -> None:
    if queued == "delayed":
        tasks.safety = replace(ENFORCE, playbook_delays={PLAYBOOK: 10})
        with pytest.raises(NeedsApproval):
            tasks.run(found, PLAYBOOK)
    elif queued == "approved":
        with pytest.raises(NeedsApproval):
            tasks.run(found, PLAYBOOK, mode="approve")
        tasks.decide("approve")
    else:
        tasks.before_send = lambda: (_ for _ in ()).throw(RuntimeError("killed"))
        with pytest.raises(RuntimeError):
            tasks.run(found, PLAYBOOK)
        tasks.before_send = lambda: None
    tasks.safety = replace(tasks.safety, kill_switch=True)
    tasks.later = 3600.0
    outcome = tasks.run(found, PLAYBOOK, mode="approve" if queued == "approved" else "enforce")
    assert outcome.status == "refused" and "the kill switch is on" in outcome.message and group.is_open
    assert tasks.steps()[-1] == "remediation_refused"
