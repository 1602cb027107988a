"""An ordinary company's day raises next to nothing: all detections together, run by their schedules."""

from __future__ import annotations

from collections import Counter

import pytest
from detection_samples import DETECTIONS
from ordinary_day import records

from workbench.replay import ShippedSearches, as_event
from workbench.replay.cases import Case, cases_of

#: What is raised, and why that is right: each of low severity, and for somebody to have a look at once.
EXPECTED: dict[str, str] = {}
A_HANDFUL = 5


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    events = [as_event(record) for record in records()]
    return cases_of(finding for _, finding in ShippedSearches(DETECTIONS).replay(events))


def test_the_day_is_full_and_the_same_each_time():
    made = records()
    assert 4000 < len(made) < 8000
    assert made == records()
    assert made != records(seed=8)
    kinds = Counter(record.get("userIdentity", {}).get("type") for record in made)
    assert min(kinds[kind] for kind in ("AssumedRole", "AWSService", "IAMUser", "Root")) > 10
    assert sum("errorCode" in record for record in made) > 1800


def test_only_what_is_expected_is_raised(cases: list[Case]):
    raised = {case.search: (case.severity, case.finding["reason"]) for case in cases if case.search not in EXPECTED}
    assert raised == {}


def test_what_is_raised_is_low_and_a_handful(cases: list[Case]):
    assert len(cases) <= A_HANDFUL
    assert {case.severity for case in cases} <= {"low", "informational"}


def test_an_attack_on_such_a_day_stands_out():
    attack = next(one for one in DETECTIONS if one.id == "trail_logging_stopped").samples()[0]["events"][0]
    events = [as_event(record) for record in [*records(), attack]]
    (case,) = cases_of(finding for _, finding in ShippedSearches(DETECTIONS).replay(events, ["trail_logging_stopped"]))
    assert list(case.event_ids) == [attack["eventID"]]
