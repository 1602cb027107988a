"""The harness turns red when the app is broken in one of the ways that it is there to notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos.cluster import Cluster
from tests.chaos.fault_profile import NONE, FaultProfile, Rates
from tests.chaos.plan import Plan, Size, draw, one_finding_each
from tests.chaos.rounds import Round
from tests.chaos.sabotage import (
    EVENTS_NOT_SUBTRACTED,
    FIRST_FINDING_OF_THE_CASE,
    LEASE_NOT_CHECKED,
    LOST_ANSWER_IS_NOT_DONE,
    NO_LOOK_UP,
    Substitution,
    broken_app,
)
from tests.chaos.verdict import DOUBLE

#: Most answers to writes are lost, or come as something else.
_LOST = Rates(0.8, {"reset_after": 2, "error_after": 1, "odd_after": 1})
LOST_ANSWERS = FaultProfile({"jira.write": _LOST, "slack.write": _LOST})
#: Processes stop for longer than a lease between their claim and what they send.
STALLS = FaultProfile({"splunkd.claim": Rates(stop=0.35)})
#: Small, since each looks for one thing only.
SIZE = Size(cases=3, seconds=2.0, lease=2.0)
#: Others take over while most of those that are stopped still are.
SHORT_LEASE = replace(SIZE, lease=1.0)
#: Seconds that the app may take to finish.
QUIET = 8.0


def rounds(profile: FaultProfile, size: Size = SIZE) -> list[Plan]:
    return [draw(7, number, size, profile) for number in range(6)]


def simple_rounds(profile: FaultProfile, size: Size = SIZE) -> list[Plan]:
    """In which nothing but the faults is difficult."""
    return [one_finding_each(plan) for plan in rounds(profile, size)]


def violations_of(app: Path, plans: Sequence[Plan], folder: Path) -> set[str]:
    """Kinds of violations within a few rounds, until there are any."""
    with Cluster(folder, app, lease=plans[0].size.lease) as cluster:
        for plan in plans:
            result = Round(cluster, plan).run(stop_early=True, quiet=QUIET)
            if not result.ok:
                return {violation.kind for violation in result.violations}
    return set()


@pytest.fixture
def broken(built_app: Path, tmp_path: Path):
    def make(substitutions: Sequence[Substitution]) -> Path:
        return broken_app(built_app, substitutions, tmp_path)

    return make


@pytest.mark.slow
def test_the_harness_turns_red_when_a_task_acts_on_the_first_finding_of_its_case(broken, tmp_path):
    assert violations_of(broken(FIRST_FINDING_OF_THE_CASE), rounds(NONE), tmp_path)


@pytest.mark.slow
def test_the_harness_turns_red_when_events_are_reported_whether_or_not_they_were_before(broken, tmp_path):
    assert DOUBLE in violations_of(broken(EVENTS_NOT_SUBTRACTED), rounds(NONE), tmp_path)


@pytest.mark.slow
def test_the_harness_turns_red_when_a_lost_answer_is_taken_for_not_done(broken, tmp_path):
    assert DOUBLE in violations_of(broken(LOST_ANSWER_IS_NOT_DONE), simple_rounds(LOST_ANSWERS), tmp_path)


@pytest.mark.slow
def test_the_harness_turns_red_when_nothing_is_looked_up(broken, tmp_path):
    assert DOUBLE in violations_of(broken(NO_LOOK_UP), simple_rounds(LOST_ANSWERS), tmp_path)


@pytest.mark.slow
def test_the_harness_turns_red_when_the_lease_is_not_checked_before_the_effect(broken, tmp_path):
    assert DOUBLE in violations_of(broken(LEASE_NOT_CHECKED), simple_rounds(STALLS, SHORT_LEASE), tmp_path)


def test_a_substitution_that_does_not_apply_is_named(broken):
    with pytest.raises(AssertionError, match=r"handlers/base\.py has 0 times, not once: 'no such line'"):
        broken([Substitution("handlers/base.py", "no such line", "")])
