"""What is asked, and what silence comes to: one plan, one time, and no answer is lost because a copy lags behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from responder.errors import NeedsApproval, Unavailable
from responder.findings.finding import Finding
from responder.remediation import undo
from responder.remediation.evidence import EvidenceStore
from responder.settings.model import Safety

from tests.aws.open_groups import PLAYBOOK, Group
from tests.aws.support import ENFORCE, Tasks

HOUR = 3600.0
DELAY = replace(ENFORCE, playbook_delays={PLAYBOOK: 10})
LAG = 1.0


def asks(tasks: Tasks, found: Finding, mode: str = "enforce", match: str = "waits for approval") -> NeedsApproval:
    with pytest.raises(NeedsApproval, match=match) as caught:
        tasks.run(found, PLAYBOOK, mode)
    return caught.value


@contextmanager
def lagging(splunkd: Any) -> Iterator[None]:
    """This search head reads answers late."""
    splunkd.kv.copy.lag(LAG, "responder_approvals")
    try:
        yield
    finally:
        splunkd.kv.copy.lag(0)


class TestAnAnswerThatCannotBeReadYet:
    def test_a_no_within_the_delay_counts(self, tasks: Tasks, splunkd: Any, group: Group, found: Finding) -> None:
        tasks.safety = DELAY
        asks(tasks, found)
        with lagging(splunkd):
            assert tasks.decide("reject", by="kim").rejected
            tasks.later += 600
            with pytest.raises(Unavailable, match="cannot be read here yet"):
                tasks.run(found, PLAYBOOK)
        outcome = tasks.run(found, PLAYBOOK)
        assert (outcome.status, group.is_open) == ("rejected", True) and "kim" in outcome.message

    def test_a_yes_in_time_is_carried_out_though_it_is_read_at_the_end(
        self, tasks: Tasks, splunkd: Any, group: Group, found: Finding
    ) -> None:
        asks(tasks, found, "approve")
        tasks.later += 3.9 * HOUR
        with lagging(splunkd):
            assert tasks.decide("approve", by="kim").approved
            tasks.later += 0.2 * HOUR
            with pytest.raises(Unavailable, match="cannot be read here yet"):
                tasks.run(found, PLAYBOOK, "approve")
        assert tasks.run(found, PLAYBOOK, "approve").status == "done" and not group.is_open

    def test_a_no_to_the_plan_before_counts_for_the_one_that_takes_its_place(
        self, tasks: Tasks, splunkd: Any, group: Group, found: Finding
    ) -> None:
        tasks.safety = DELAY
        asks(tasks, found)
        with lagging(splunkd):
            tasks.decide("reject", by="kim")
            group.open(3389)
            with pytest.raises(Unavailable, match="cannot be read here yet"):
                tasks.run(found, PLAYBOOK)
        assert tasks.run(found, PLAYBOOK).status == "rejected"

    def test_nobody_can_answer_once_it_is_being_done(self, tasks: Tasks, group: Group, found: Finding) -> None:
        tasks.safety = DELAY
        asks(tasks, found)
        tasks.later += 601
        assert tasks.run(found, PLAYBOOK).status == "done"
        assert tasks.decide("reject", by="kim").closed, "whoever answers is told that it is too late"


class TestAnApprovalEndsWithItsAsk:
    def test_that_of_a_plan_before_another_one_that_nobody_answered(
        self, tasks: Tasks, group: Group, found: Finding
    ) -> None:
        asks(tasks, found, "approve")
        tasks.decide("approve", by="kim")
        group.open(3389)
        asks(tasks, found, "approve", "changed since it was shown")
        tasks.later += 5 * HOUR
        assert tasks.run(found, PLAYBOOK, "approve").status == "expired"
        group.close(3389)
        tasks.later += 48 * HOUR
        tasks.asked_at = tasks.clock()
        asks(tasks, found, "approve")
        assert group.is_open

    def test_that_of_a_plan_that_could_not_be_carried_out_for_hours(
        self, tasks: Tasks, group: Group, found: Finding
    ) -> None:
        asks(tasks, found, "approve")
        tasks.decide("approve", by="kim")
        tasks.safety = replace(ENFORCE, kill_switch=True)
        assert tasks.run(found, PLAYBOOK, "approve").status == "refused"
        tasks.safety, tasks.later = ENFORCE, tasks.later + 48 * HOUR
        outcome = tasks.run(found, PLAYBOOK, "approve")
        assert outcome.status == "expired" and "approved by kim, but it could not be done" in outcome.message
        tasks.asked_at = tasks.clock()
        asks(tasks, found, "approve")
        assert group.is_open

    def test_a_no_is_one_to_what_is_asked_again_only_until_it_is_asked_again(
        self, tasks: Tasks, group: Group, found: Finding
    ) -> None:
        asks(tasks, found, "approve")
        tasks.decide("reject", by="kim")
        group.open(3389)
        assert tasks.run(found, PLAYBOOK, "approve").status == "rejected"
        tasks.later += 60
        tasks.asked_at = tasks.clock()
        asks(tasks, found, "approve", "tcp 3389")


class TestWhoeverKeepsChangingIt:
    """Each plan is a new question. Its time is twice that of one question at most."""

    def test_does_not_put_off_a_change_with_a_delay_for_ever(self, tasks: Tasks, group: Group, found: Finding) -> None:
        tasks.safety = DELAY
        for number in range(3):
            asks(tasks, found)
            tasks.later += 540
            group.open(4000 + number)
        assert tasks.run(found, PLAYBOOK).status == "done" and not group.is_open

    def test_does_not_put_off_the_reminder_and_the_end_for_ever(
        self, tasks: Tasks, group: Group, found: Finding
    ) -> None:
        for number in range(3):
            asked = asks(tasks, found, "approve")
            tasks.later += 3 * HOUR
            group.open(4000 + number)
        assert tasks.failed(asked, found, PLAYBOOK, "approve").status == "still_waiting"
        assert tasks.run(found, PLAYBOOK, "approve").status == "expired"

    def test_starts_over_where_it_is_asked_for_again_after_the_end(
        self, tasks: Tasks, group: Group, found: Finding
    ) -> None:
        asks(tasks, found, "approve")
        tasks.later += 3 * HOUR
        group.open(3389)
        asks(tasks, found, "approve")
        tasks.later += 6 * HOUR
        assert tasks.run(found, PLAYBOOK, "approve").status == "expired"
        tasks.asked_at = tasks.clock()
        group.open(3390)
        assert asks(tasks, found, "approve").due_in == pytest.approx(2 * HOUR, abs=60)


def test_a_delay_counts_from_when_it_was_said(tasks: Tasks, group: Group, found: Finding) -> None:
    """What was shown before waited for a yes: nobody knew that it would be done without one."""
    asks(tasks, found, "approve")
    tasks.later += HOUR
    tasks.safety = replace(ENFORCE, playbook_delays={PLAYBOOK: 30})
    asks(tasks, found, match="unless somebody rejects")
    tasks.later += 29 * 60
    asks(tasks, found, match="unless somebody rejects")
    tasks.later += 61
    assert tasks.run(found, PLAYBOOK).status == "done"


def test_what_was_never_asked_about_does_not_expire(tasks: Tasks, group: Group, found: Finding) -> None:
    """A plan was kept before a change that failed; hours later a person has to decide."""

    def no_turn() -> None:
        raise Unavailable("No turn.")

    tasks.before_send = no_turn
    with pytest.raises(Unavailable):
        tasks.run(found, PLAYBOOK)
    tasks.later += 5 * HOUR
    tasks.safety = Safety(default_mode="approve")
    asks(tasks, found, "")


def test_an_undo_that_waits_is_brought_to_mind_too(tasks: Tasks, admin: Any, group: Group, found: Finding) -> None:
    tasks.run(found, PLAYBOOK)
    plan = tasks.evidence().plan
    assert plan is not None
    request = undo.UndoRequest(f"{tasks.task()}.undo", tasks.task(), "pat")
    EvidenceStore(tasks.documents, request.task, tasks.clock).plan(PLAYBOOK, "undo", plan.changes)
    for hours, status in ((0, "waiting"), (3, "still_waiting")):
        tasks.later += hours * HOUR
        waits = undo.failed(request, tasks.ports(), NeedsApproval("x", "y", 60.0), retried=False)
        assert waits.status == status and waits.ask
