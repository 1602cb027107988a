"""A remediation whose case is excused: what was not begun never is; what was made is known, and can be undone."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import NeedsApproval, UnknownOutcome
from responder.findings.finding import Finding
from responder.remediation import runner
from responder.remediation.outcome import Outcome

from tests.aws.open_groups import PLAYBOOK, Group
from tests.aws.support import FaultyAws, Tasks, ticket

CONTAIN, WHY = "contain_actor", "Excused until 2026-12-29 09:00 UTC by kim: a drill."


class Killed(BaseException):
    """The process dies here."""


def excused(tasks: Tasks, found: Finding, playbook: str = PLAYBOOK) -> Outcome | None:
    return runner.excused(tasks._request(found, playbook, "enforce", "", "sid"), tasks.ports(), WHY)


def test_what_nobody_has_heard_of_ends_without_a_word(tasks: Tasks, found: Finding) -> None:
    assert excused(tasks, found) is None and tasks.audit == []


def test_what_waits_ends_and_no_answer_counts_any_more(tasks: Tasks, group: Group, found: Finding) -> None:
    with pytest.raises(NeedsApproval):
        tasks.run(found, PLAYBOOK, "approve")
    ended = excused(tasks, found)
    assert ended is not None and ended.status == "excused" and ended.message.endswith(f"{WHY} Nothing was changed.")
    assert "Excused by a person: nothing was changed" in ticket(ended) and tasks.steps()[-1] == "remediation_excused"
    assert tasks.decide("approve").closed and group.is_open
    again = excused(tasks, found)
    assert again is not None and again.message == ended.message, "after a stop it is the same"


def test_an_approval_that_was_not_carried_out_yet_is_not(tasks: Tasks, group: Group, found: Finding) -> None:
    with pytest.raises(NeedsApproval):
        tasks.run(found, PLAYBOOK, "approve")
    assert tasks.decide("approve").approved
    ended = excused(tasks, found)
    assert ended is not None and ended.status == "excused" and group.is_open


def test_parts_that_were_made_stay_and_can_be_undone(tasks: Tasks, admin: Callable[..., Any], name: str) -> None:
    stolen, writes = tasks.prepared(CONTAIN, admin, name), itertools.count(1)

    def die() -> None:
        if next(writes) == 3:
            raise Killed

    tasks.before_send = die
    with pytest.raises(Killed):
        tasks.run(stolen, CONTAIN)
    tasks.before_send = lambda: None
    made = len(tasks.outcomes())
    ended = excused(tasks, stolen, CONTAIN)
    assert ended is not None and ended.status == "excused" and f"undo {tasks.task()}" in ended.message
    assert sum(bool(change["made"]) for change in ended.changes) == 2
    assert "nothing more was changed" in ticket(ended) and len(tasks.outcomes()) == made
    assert tasks.undo().status == "undone"


def test_what_became_of_a_lost_answer_is_found_out(
    faulty_tasks: Tasks, faulty: FaultyAws, group: Group, found: Finding
) -> None:
    faulty.add("RevokeSecurityGroupIngress", after=True, status=500, times=1)
    with pytest.raises(UnknownOutcome):
        faulty_tasks.run(found, PLAYBOOK)
    assert faulty_tasks.outcomes() == ["open"] and not group.is_open
    ended = excused(faulty_tasks, found)
    assert ended is not None and ended.status == "excused" and "What was changed before that stays" in ended.message
    assert faulty_tasks.outcomes() == ["unknown"] and faulty.seen.count("RevokeSecurityGroupIngress") == 1
