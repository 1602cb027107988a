"""What an undo would do, looked at before anybody confirms it: the same plan, and nothing kept of having looked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from responder.errors import NeedsApproval, NotFound, UnknownOutcome
from responder.findings.finding import Finding
from responder.remediation import undo
from responder.remediation.evidence import EVIDENCE
from responder.remediation.previews import UndoPlan

from tests.aws.open_groups import PLAYBOOK, Group
from tests.aws.support import ENFORCE, FaultyAws, Tasks

BLOCK_PUBLIC = "block_public_bucket"


def looked_at(tasks: Tasks) -> UndoPlan:
    """The plan; and a look leaves no document, no audit event and no write to AWS behind."""
    before, heard = tasks.documents.find(EVIDENCE, {"case_id": tasks.case}), list(tasks.steps())
    tasks.before_send = lambda: pytest.fail("a look sends a write")
    plan = undo.plan(undo.UndoRequest("", tasks.task(), ""), tasks.ports())
    tasks.before_send = lambda: None
    assert tasks.documents.find(EVIDENCE, {"case_id": tasks.case}) == before and tasks.steps() == heard
    return plan


def test_it_shows_what_the_undo_then_does(tasks: Tasks, group: Group, found: Finding) -> None:
    tasks.run(found, PLAYBOOK)
    plan = looked_at(tasks)
    (change,) = plan.changes
    assert (plan.playbook, plan.drift, plan.refused) == (PLAYBOOK, (), "") and not group.is_open
    outcome = tasks.undo()
    (done,) = outcome.changes
    assert (change["before"], change["after"]) == (done["before"], done["after"]) and group.is_open


def test_it_says_what_was_changed_since(tasks: Tasks, admin: Callable[..., Any], name: str) -> None:
    found = tasks.prepared(BLOCK_PUBLIC, admin, name)
    tasks.run(found, BLOCK_PUBLIC)
    half = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
    admin("s3").put_public_access_block(
        Bucket=found.object_id, PublicAccessBlockConfiguration={**half, "BlockPublicPolicy": False}
    )
    (sentence,) = looked_at(tasks).drift
    assert "changed after the remediation" in sentence and "BlockPublicPolicy off" in sentence
    with pytest.raises(NeedsApproval, match="changed after the remediation"):
        tasks.undo()


def test_it_says_which_guardrail_refuses_it(tasks: Tasks, group: Group, found: Finding) -> None:
    tasks.run(found, PLAYBOOK)
    tasks.safety = replace(ENFORCE, kill_switch=True)
    assert "kill switch" in looked_at(tasks).refused


def test_a_part_that_stays_is_said_and_not_among_what_is_put_back(
    tasks: Tasks, admin: Callable[..., Any], name: str
) -> None:
    found = tasks.prepared("contain_actor", admin, name)
    tasks.run(found, "contain_actor")
    admin("ec2").create_tags(Resources=[found.detail["instance"]], Tags=[{"Key": "crown", "Value": "jewel"}])
    tasks.safety = replace(tasks.safety, protected_tags=("crown",))
    plan = looked_at(tasks)
    assert "protected tag 'crown'" in plan.left
    undone = tasks.undo().changes
    shown = [change["part"] for change in plan.changes]
    assert "stop_instance" not in shown and set(shown) == {change["part"] for change in undone if change["made"]}


def test_nothing_is_left_to_undo_where_everything_is_as_it_was(tasks: Tasks, group: Group, found: Finding) -> None:
    tasks.run(found, PLAYBOOK)
    tasks.undo()
    assert looked_at(tasks).changes == () and group.is_open


def test_a_lost_answer_is_not_decided_by_a_look(
    faulty_tasks: Tasks, faulty: FaultyAws, group: Group, found: Finding
) -> None:
    faulty.add("RevokeSecurityGroupIngress", silence=0.1, after=True, times=1)
    with pytest.raises(UnknownOutcome):
        faulty_tasks.run(found, PLAYBOOK)
    assert "not known whether this app or somebody else" in looked_at(faulty_tasks).drift[0]
    assert faulty_tasks.outcomes() == ["open"], "whoever works on the lane finds it out"


def test_what_changed_nothing_has_no_undo(tasks: Tasks, group: Group, found: Finding) -> None:
    tasks.run(found, PLAYBOOK, "simulate")
    with pytest.raises(NotFound, match="nothing to undo"):
        looked_at(tasks)
