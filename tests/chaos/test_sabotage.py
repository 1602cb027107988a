"""The harness turns red when the app is broken in one of the ways that it is there to notice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from tests.chaos.cluster import Cluster
from tests.chaos.plan import Plan, Size, draw, one_finding_each
from tests.chaos.profile import NONE, FaultProfile, Rates
from tests.chaos.rounds import Round
from tests.chaos.sabotage import (
    FIRST_FINDING_OF_THE_CASE,
    LEASE_NOT_CHECKED,
    LOST_ANSWER_IS_NOT_DONE,
    NO_LOOK_UP,
    Substitution,
    broken_app,
)
from tests.chaos.verdict import DOUBLE, WRONG

#: Half of the answers to writes are lost, or come as something else.
_LOST = Rates(0.5, {"reset_after": 2, "error_after": 1, "odd_after": 1})
LOST_ANSWERS = FaultProfile({"jira.write": _LOST, "slack.write": _LOST})
#: Processes stop for longer than a lease between two of their requests to splunkd.
STALLS = FaultProfile({"splunkd.read": Rates(stop=0.06)})
#: Small, since it is looked for one thing only.
SIZE = Size(cases=3, seconds=3.0, lease=2.0)
ROUNDS = range(4)


def with_one_finding_each(profile: FaultProfile) -> list[Plan]:
    """Rounds in which nothing else is difficult."""
    return [one_finding_each(draw(7, number, SIZE, profile)) for number in ROUNDS]


def violations_of(app: Path, plans: Iterable[Plan], folder: Path) -> set[str]:
    """Kinds of violations within a few rounds, until there is one that nothing can heal."""
    with Cluster(folder, app, lease=SIZE.lease) as cluster:
        for plan in plans:
            result = Round(cluster, plan).run(stop_early=True)
            if not result.ok:
                return {violation.kind for violation in result.violations}
    return set()


@pytest.fixture
def broken(built_app: Path, tmp_path: Path):
    def make(substitutions: Sequence[Substitution]) -> Path:
        return broken_app(built_app, substitutions, tmp_path)

    return make


def test_the_harness_turns_red_when_a_task_acts_on_the_first_finding_of_its_case(broken, tmp_path):
    plans = [draw(7, number, SIZE, NONE) for number in ROUNDS]
    assert violations_of(broken(FIRST_FINDING_OF_THE_CASE), plans, tmp_path) & {DOUBLE, WRONG}


def test_the_harness_turns_red_when_a_lost_answer_is_taken_for_not_done(broken, tmp_path):
    assert DOUBLE in violations_of(broken(LOST_ANSWER_IS_NOT_DONE), with_one_finding_each(LOST_ANSWERS), tmp_path)


def test_the_harness_turns_red_when_nothing_is_looked_up(broken, tmp_path):
    assert DOUBLE in violations_of(broken(NO_LOOK_UP), with_one_finding_each(LOST_ANSWERS), tmp_path)


def test_the_harness_turns_red_when_the_lease_is_not_checked_before_the_effect(broken, tmp_path):
    assert DOUBLE in violations_of(broken(LEASE_NOT_CHECKED), with_one_finding_each(STALLS), tmp_path)


def test_a_substitution_that_does_not_apply_is_named(broken):
    with pytest.raises(AssertionError, match=r"handlers/base\.py has 0 times, not once: 'no such line'"):
        broken([Substitution("handlers/base.py", "no such line", "")])
