"""What lets people leave any playbook switched on: run again, raced, refused or slowed down, it does what it says."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from responder.errors import NeedsApproval, NotPermitted, ResponderError, Unavailable
from responder.findings.finding import Finding
from responder.remediation import policies
from responder.remediation.acting import FRESH
from responder.remediation.model import Change
from responder.remediation.playbook import Playbook
from responder.settings.model import Safety

from tests.aws.every_playbook import (
    every_case_when_slow,
    life,
    on_the_wire,
    one_of_each_service_and_the_others_slowly,
    plain_case,
    whole,
)
from tests.aws.scenarios import SCENARIOS
from tests.aws.support import ENFORCE, Connected, FaultyAws, Tasks

Admin = Callable[..., Any]


def fields_of(finding: Finding) -> dict[str, Any]:
    return dict(vars(finding))


def planned(playbook: Playbook, finding: Finding, tasks: Tasks) -> list[Change]:
    return playbook.plan(finding, tasks.aws, Safety(), tasks.earlier)


def writes(connected: Connected) -> list[str]:
    return [operation for _, operation in connected.calls if not operation.startswith(policies.READING)]


def is_as(before: bool, changes: list[Change], playbook: Playbook, tasks: Tasks) -> bool:
    """Whether all of it is as it was before the changes, or as they leave it."""
    return all(
        playbook.of(change.resource).same(step.aspect, state.get(step.aspect), step.before if before else step.after)
        for change in changes
        for state in [playbook.state(change.resource, tasks.aws)]
        for step in change.steps
    )


@plain_case
def test_what_is_right_already_is_left_alone(
    playbook: Playbook, variant: str, connected: Connected, tasks: Tasks, admin: Admin, name: str
) -> None:
    finding = tasks.prepared(playbook.id, admin, name, variant)
    assert tasks.run(finding, playbook.id).status == "done"
    connected.calls.clear()
    again = tasks.run(finding, playbook.id, task=tasks.task(2))
    assert again.status == "already" and again.message and writes(connected) == []


@plain_case
def test_what_somebody_has_put_right_by_hand_is_left_alone(
    playbook: Playbook, variant: str, connected: Connected, tasks: Tasks, admin: Admin, name: str
) -> None:
    finding = tasks.prepared(playbook.id, admin, name, variant)
    SCENARIOS[playbook.id].fix(admin, fields_of(finding))
    connected.calls.clear()
    assert tasks.run(finding, playbook.id).status == "already" and writes(connected) == []


@plain_case
def test_what_is_gone_is_nothing_to_do(
    playbook: Playbook, variant: str, connected: Connected, tasks: Tasks, admin: Admin, name: str
) -> None:
    remove = SCENARIOS[playbook.id].remove
    if remove is None:
        pytest.skip("it cannot be deleted")
    finding = tasks.prepared(playbook.id, admin, name, variant)
    remove(admin, fields_of(finding))
    for mode, task in (("simulate", 1), ("enforce", 2)):
        gone = tasks.run(finding, playbook.id, mode, task=tasks.task(task))
        assert gone.status == "already" and gone.message
    assert writes(connected) == []


@plain_case
def test_what_is_put_right_between_plan_and_approval_is_left_alone(
    playbook: Playbook, variant: str, connected: Connected, tasks: Tasks, admin: Admin, name: str
) -> None:
    finding = tasks.prepared(playbook.id, admin, name, variant)
    with pytest.raises(NeedsApproval):
        tasks.run(finding, playbook.id, "approve")
    tasks.decide("approve")
    SCENARIOS[playbook.id].fix(admin, fields_of(finding))
    connected.calls.clear()
    assert tasks.run(finding, playbook.id, "approve").status == "already" and writes(connected) == []


@plain_case
def test_what_is_approved_is_done_once_and_rejected_not_at_all(
    playbook: Playbook, variant: str, connected: Connected, tasks: Tasks, admin: Admin, name: str
) -> None:
    finding = tasks.prepared(playbook.id, admin, name, variant)
    changes = planned(playbook, finding, tasks)
    for decision, task, status in (("reject", tasks.task(1), "rejected"), ("approve", tasks.task(2), "done")):
        connected.calls.clear()
        with pytest.raises(NeedsApproval):
            tasks.run(finding, playbook.id, "approve", task)
        tasks.decide(decision, task)
        assert writes(connected) == []
        assert tasks.run(finding, playbook.id, "approve", task).status == status
    assert len(writes(connected)) == sum(len(change.steps) for change in changes)
    assert is_as(False, changes, playbook, tasks)


@plain_case
def test_what_others_change_after_it_is_not_undone_without_asking(
    playbook: Playbook, variant: str, connected: Connected, tasks: Tasks, admin: Admin, name: str
) -> None:
    drift = SCENARIOS[playbook.id].drift
    if drift is None or not playbook.undoable:
        pytest.skip("there is no third state, or it cannot be undone")
    finding = tasks.prepared(playbook.id, admin, name, variant)
    changes = planned(playbook, finding, tasks)
    assert tasks.run(finding, playbook.id).status == "done"
    drift(admin, fields_of(finding))
    connected.calls.clear()
    with pytest.raises(NeedsApproval, match="changed after the remediation"):
        tasks.undo()
    assert writes(connected) == []
    tasks.decide("approve", f"{tasks.task()}.undo")
    assert tasks.undo().status == "undone" and is_as(True, changes, playbook, tasks)


@plain_case
def test_what_others_change_before_it_is_planned_anew_and_not_overwritten(
    playbook: Playbook, variant: str, tasks: Tasks, admin: Admin, name: str
) -> None:
    """To a state that is neither what was planned on nor what is wanted: right before the first write, and after a
    person has approved the plan."""
    drift = SCENARIOS[playbook.id].drift
    if drift is None:
        pytest.skip("there is no third state")
    finding = tasks.prepared(playbook.id, admin, name, variant)
    before = planned(playbook, finding, tasks)
    with pytest.raises(NeedsApproval):
        tasks.run(finding, playbook.id, "approve", tasks.task(1))
    tasks.decide("approve", tasks.task(1))
    third: set[tuple[str, str]] = set()

    def meanwhile(step: str) -> None:
        if step == "planned":
            tasks.on_audit = lambda step: None
            with contextlib.suppress(ClientError):
                drift(admin, fields_of(finding))
            # What was read is no longer fresh.
            tasks.later += FRESH
            third.update(in_a_third_state(before, playbook, tasks))

    tasks.on_audit = meanwhile
    ended = how_it_ends(tasks, finding, playbook, "enforce", tasks.task(2))
    if not third:
        pytest.skip("before it, nobody can make a third state of it")
    assert ended == "planned again" and not third & written(tasks, tasks.task(2))
    how_it_ends(tasks, finding, playbook, "approve", tasks.task(1))
    assert not third & written(tasks, tasks.task(1)), "nobody has approved this"


def in_a_third_state(changes: list[Change], playbook: Playbook, tasks: Tasks) -> set[tuple[str, str]]:
    """Resources and their aspects that are neither as before the changes nor as they leave them."""
    return {
        (change.resource.id, step.aspect)
        for change in changes
        for state in [playbook.state(change.resource, tasks.aws)]
        for step in change.steps
        for part, now in [(playbook.of(change.resource), state.get(step.aspect))]
        if not part.same(step.aspect, now, step.before) and not part.same(step.aspect, now, step.after)
    }


def written(tasks: Tasks, task: str) -> set[tuple[str, str]]:
    return {(entry.intended.resource.id, entry.intended.step.aspect) for entry in tasks.evidence(task).entries}


def how_it_ends(tasks: Tasks, finding: Finding, playbook: Playbook, mode: str, task: str) -> str:
    try:
        return tasks.run(finding, playbook.id, mode, task).status
    except Unavailable as error:
        return "planned again" if "has changed since it was planned" in str(error) else str(error)
    except ResponderError as error:
        return type(error).__name__


#: Settings of an account or a region have no ARN, and of an access key its user's counts.
WITHOUT_ARN = (
    "block_public_account",
    "block_public_sharing",
    "deactivate_access_key",
    "disable_serial_console",
    "enable_ebs_encryption_by_default",
    "restore_bedrock_logging",
    "restore_password_policy",
)


@pytest.mark.parametrize("playbook", list(one_of_each_service_and_the_others_slowly()))
def test_whoever_protects_it_by_its_arn_protects_it(
    playbook: Playbook, connected: Connected, tasks: Tasks, admin: Admin, name: str
) -> None:
    """However it is written: in the wrong partition, in capitals. Parts of a composed one are others' changes."""
    if playbook.is_composed:
        pytest.skip("its parts are refused by themselves")
    finding = tasks.prepared(playbook.id, admin, name)
    changes = planned(playbook, finding, tasks)
    known = [arn for one in changes for arn in (one.resource.id, *one.resource.behind, *one.resource.principals)]
    arns = list(dict.fromkeys(arn for arn in known if arn.startswith("arn:")))
    assert arns or playbook.id in WITHOUT_ARN
    connected.calls.clear()
    for number, arn in enumerate(arns):
        tasks.safety = replace(ENFORCE, protected_resources=(arn.replace("arn:aws:", "arn:aws-cn:").upper(),))
        refused = tasks.run(finding, playbook.id, task=tasks.task(number))
        assert refused.status == "refused" and "is protected" in refused.message, arn
    assert writes(connected) == []


@pytest.mark.parametrize("playbook", list(one_of_each_service_and_the_others_slowly()))
def test_an_undo_that_aws_answers_with_it_is_so_already_is_not_undone_while_it_is_not(
    playbook: Playbook, faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, name: str
) -> None:
    if not playbook.undoable or not playbook.already:
        pytest.skip("it cannot be undone, or AWS has no such answer")
    finding = faulty_tasks.prepared(playbook.id, admin, name)
    changes = planned(playbook, finding, faulty_tasks)
    assert faulty_tasks.run(finding, playbook.id).status == "done"
    last = [step for change in changes for step in change.steps][-1]
    assert last.undo is not None
    told = faulty.add(on_the_wire(faulty_tasks, last.undo), code=playbook.already[0])
    for _ in range(2):
        with pytest.raises(ResponderError):
            faulty_tasks.undo()
        assert not is_as(True, changes, playbook, faulty_tasks)
    assert told.times < 1_000
    faulty.clear()
    assert faulty_tasks.undo().status == "undone" and is_as(True, changes, playbook, faulty_tasks)


@plain_case
def test_an_undo_is_made_once(
    playbook: Playbook, variant: str, connected: Connected, tasks: Tasks, admin: Admin, name: str
) -> None:
    if not playbook.undoable:
        pytest.skip("it cannot be undone, and its page says so")
    finding = tasks.prepared(playbook.id, admin, name, variant)
    changes = planned(playbook, finding, tasks)
    assert life(playbook, finding, tasks) == whole(playbook)
    assert is_as(True, changes, playbook, tasks)
    connected.calls.clear()
    # It may say that there is nothing left to undo.
    with contextlib.suppress(ResponderError):
        tasks.undo()
    assert writes(connected) == []


@every_case_when_slow
def test_a_refusal_in_the_middle_leaves_what_can_be_finished_and_undone(
    playbook: Playbook, variant: str, faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, name: str
) -> None:
    """AWS denies the last of its writes, after all others were made."""
    finding = faulty_tasks.prepared(playbook.id, admin, name, variant)
    changes = planned(playbook, finding, faulty_tasks)
    wires = [on_the_wire(faulty_tasks, step.call) for change in changes for step in change.steps]
    faulty.add(wires[-1], code="AccessDenied", times=1, skip=wires.count(wires[-1]) - 1)
    with pytest.raises(NotPermitted):
        faulty_tasks.run(finding, playbook.id)
    assert faulty_tasks.outcomes() == ["done"] * (len(wires) - 1) + ["not_done"]
    assert faulty_tasks.run(finding, playbook.id).status == "done" and is_as(False, changes, playbook, faulty_tasks)
    assert [seen for seen in faulty.seen if seen in wires] == [*wires, wires[-1]]
    if playbook.undoable:
        assert faulty_tasks.undo().status == "undone" and is_as(True, changes, playbook, faulty_tasks)


@pytest.mark.parametrize("playbook", list(one_of_each_service_and_the_others_slowly()))
def test_a_throttled_write_is_made_once(
    playbook: Playbook,
    connect: Callable[..., Connected],
    tasks: Tasks,
    faulty: FaultyAws,
    admin: Admin,
    name: str,
) -> None:
    throttled = Tasks(tasks.documents, connect(faulty.url, attempts=3).aws)
    finding = throttled.prepared(playbook.id, admin, name)
    changes = planned(playbook, finding, throttled)
    wires = [on_the_wire(throttled, step.call) for change in changes for step in change.steps]
    faulty.add(wires[0], code="Throttling", times=2)
    assert throttled.run(finding, playbook.id).status == "done" and is_as(False, changes, playbook, throttled)
    assert [seen for seen in faulty.seen if seen in wires] == [wires[0]] * 2 + wires
