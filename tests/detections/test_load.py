"""What all detections together cost a search head, and what each of them misses or sees twice."""

from __future__ import annotations

from collections import Counter

import pytest
from croniter import croniter
from detection_samples import DETECTIONS, of_each

from spl import macros, scanner, times
from workbench.detections import compile as compiler
from workbench.detections import schedule, terms
from workbench.detections.model import Detection
from workbench.replay import ShippedSearches

EACH = pytest.mark.parametrize("detection", DETECTIONS, ids=lambda detection: detection.id)
HOUR, DAY = 3600, 86_400
NOON = 1_800_014_400
STANZAS = compiler.saved_searches(DETECTIONS)


def starts(stanza: dict[str, str], seconds: int = DAY) -> list[float]:
    cron = croniter(stanza["cron_schedule"], NOON)
    found: list[float] = []
    while (at := cron.get_next(float)) <= NOON + seconds:
        found.append(at)
    return found


def test_all_of_them_enabled_cost_at_most_300_runs_an_hour():
    runs = sum(len(starts(stanza)) for stanza in STANZAS.values()) / 24
    assert runs <= 300 == schedule.MOST_RUNS
    assert runs == compiler.runs_an_hour(DETECTIONS)


def test_no_hour_of_the_day_has_more_and_none_much_less():
    hours = Counter(int(at // HOUR) % 24 for stanza in STANZAS.values() for at in starts(stanza))
    assert max(hours.values()) <= 300
    assert len(hours) == 24 and min(hours.values()) > 250


@pytest.mark.parametrize(
    ("severity", "urgency"), [("critical", "urgent"), ("high", "hourly"), ("medium", "slow"), ("low", "slow")]
)
def test_urgency_follows_from_severity(severity: str, urgency: str):
    assert schedule.urgency_of(severity) == urgency


def test_most_detections_leave_their_urgency_to_the_rule():
    named = [one.id for one in DETECTIONS if one.schedule.urgency != schedule.urgency_of(one.severity)]
    assert len(named) <= len(DETECTIONS) // 6, "the rule is to be changed, then"


@EACH
def test_slices_of_index_time_touch_so_that_an_event_is_in_one_run_and_no_event_in_none(detection: Detection):
    stanza = STANZAS[compiler.name_of(detection)]
    overlap = 60 * detection.schedule.overlap_minutes
    runs = starts(stanza)
    for earlier, later in zip(runs, runs[1:]):
        seen_until = times.bound(stanza["dispatch.index_latest"], earlier, 0)
        seen_from = times.bound(stanza["dispatch.index_earliest"], later, 0)
        assert seen_from + overlap == seen_until
        assert earlier - seen_until >= 120, "what was just indexed is not searchable everywhere yet"


@of_each
def test_what_reads_more_than_its_slice_gives_only_findings_with_something_new_in_it(detection: Detection):
    asked = f"| `cloudtrail_new_in_slice({detection.schedule.slice_minutes})`\n" in compiler.search_of(detection)
    assert asked == bool(detection.schedule.overlap_minutes)


def test_only_what_counts_several_events_together_reads_more_than_its_slice():
    found = {one.finding.grouped or one.finding.by_actor for one in DETECTIONS if one.schedule.overlap_minutes}
    assert found == {True}


@pytest.mark.parametrize("name", sorted(set(STANZAS) - {compiler.name_of(one) for one in DETECTIONS}))
def test_windows_of_baselines_leave_no_gap(name: str):
    runs = starts(STANZAS[name])
    for earlier, later in zip(runs, runs[1:]):
        seen_until = times.bound(STANZAS[name]["dispatch.index_latest"], earlier, 0)
        assert times.bound(STANZAS[name]["dispatch.index_earliest"], later, 0) < seen_until


@pytest.mark.parametrize("name", sorted(STANZAS))
def test_the_window_of_event_time_holds_what_arrives_an_hour_late(name: str):
    stanza = STANZAS[name]
    index_from = times.bound(stanza["dispatch.index_earliest"], NOON, 0)
    assert times.bound(stanza["dispatch.earliest_time"], NOON, 0) <= index_from - HOUR


@of_each
def test_what_reads_nearly_everything_looks_back_no_more_than_it_needs(detection: Detection):
    if not terms.literal_terms(detection.search.split("\n")[0]):
        assert detection.schedule.lookback == "6h"


def test_data_events_are_found_by_words_beyond_the_names_of_their_calls():
    """PutObject may be most of what a trail records."""
    knowledge = ShippedSearches(DETECTIONS).knowledge
    for detection in DETECTIONS:
        base = scanner.pipeline(macros.expand(compiler.search_of(detection), knowledge))[0].arguments
        if "PutObject," in base or "=PutObject" in base:
            assert " OR " in base or "[|" in base, detection.id


def test_the_words_of_a_base_search_are_those_that_an_index_can_look_up():
    excluded = "NOT c=d NOT e IN (f, g) NOT (h=i j IN (k, l))"
    base = f'`cloudtrail_index` (a* OR "b") {excluded} eventName IN (Put*, Get) eventSource=s3'
    assert terms.literal_terms(base) == ("a*", "b", "Put*", "Get", "s3")
    assert terms.literal_terms("`cloudtrail_index` NOT readOnly=true") == ()
    assert terms.literal_terms("`cloudtrail_index` `cloudtrail_policy_calls`")[:2] == ("Put*Policy", "Set*Policy")
    assert terms.literal_terms("`cloudtrail_index` NOT `cloudtrail_policy_calls`") == ()
