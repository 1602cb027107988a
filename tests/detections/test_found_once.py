"""On their schedules, the detections find what was delivered once: not by two runs, not by none.

An action that remembers nothing (a notable, a risk event) is started for each finding that a run gives.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from collections import Counter
from typing import Any

import pytest
from croniter import croniter
from detection_samples import DETECTIONS, events_of

from spl import Event
from workbench.detections import compile as compiler
from workbench.detections.model import Detection
from workbench.replay import ShippedSearches

EACH = pytest.mark.parametrize("detection", DETECTIONS, ids=lambda detection: detection.id)
BURSTS = [one for one in DETECTIONS if one.schedule.overlap_minutes]
EACH_BURST = pytest.mark.parametrize("detection", BURSTS, ids=lambda detection: detection.id)


def fires(detection: Detection) -> dict[str, Any]:
    return next(sample for sample in detection.samples() if sample["case"] == "fires")


def edge(detection: Detection, events: list[Event]) -> float:
    """The end of a slice of index time soon after the last of the events."""
    cron = croniter(compiler.cron(detection), max(event.time for event in events) + 3600)
    return float(cron.get_next(float)) - 60 * detection.schedule.settle_minutes


def delivered(events: list[Event], at: float) -> list[Event]:
    return [dataclasses.replace(event, indextime=at) for event in events]


def found(detection: Detection, events: list[Event]) -> list[tuple[float, dict[str, Any]]]:
    """The findings of all runs, each with the time of its run."""
    sample = fires(detection)
    places = {address: {"Country": country} for address, country in sample.get("locations", {}).items()}
    shipped = ShippedSearches([detection], lookups=sample.get("lookups", {}), locate=places.get)
    return list(shipped.replay(events))


@EACH
def test_what_arrives_at_the_edge_of_a_slice_is_found_by_one_run(detection: Detection):
    events = events_of(fires(detection))
    end = edge(detection, events)
    runs = []
    for second in (-1, 0, 1):
        at, *others = {at for at, _ in found(detection, delivered(events, end + second))}
        assert not others
        runs.append(at - end)
    settle, period = 60 * detection.schedule.settle_minutes, 60 * detection.schedule.every_minutes
    assert runs == [settle, settle + period, settle + period]


@EACH_BURST
def test_a_burst_that_two_slices_share_is_found_by_the_later_run_whole(detection: Detection):
    events = sorted(events_of(fires(detection)), key=lambda event: event.time)
    end, half = edge(detection, events), len(events) // 2
    runs = found(detection, [*delivered(events[:half], end - 60), *delivered(events[half:], end + 60)])
    whole = found(detection, delivered(events, end + 60))
    later = [finding for at, finding in runs if at == whole[0][0]]
    assert [one["event_ids"] for one in later] == [one["event_ids"] for _, one in whole]


@pytest.mark.parametrize("spread", [5, 10, 15])
@EACH_BURST
def test_a_burst_whose_records_are_delivered_fifteen_minutes_apart_is_found_whole(detection: Detection, spread: int):
    first, *others = sorted(events_of(fires(detection)), key=lambda event: event.time)
    # The others arrive in the next slice.
    at = edge(detection, [first, *others]) + 60
    spread_out = found(detection, [*delivered([first], at - 60 * spread), *delivered(others, at)])
    whole = found(detection, delivered([first, *others], at))
    assert whole and [one["event_ids"] for _, one in spread_out[-1:]] == [one["event_ids"] for _, one in whole[-1:]]


@EACH_BURST
def test_a_burst_is_told_of_again_only_with_something_new(detection: Detection):
    events = events_of(fires(detection))
    end = edge(detection, events)
    # Well within the minutes that the next run reads as well.
    seen = Counter(tuple(finding["event_ids"]) for _, finding in found(detection, delivered(events, end - 60)))
    assert seen and set(seen.values()) == {1}


@EACH_BURST
def test_what_only_shows_a_finding_for_what_it_is_makes_it_no_second_one(detection: Detection):
    """Calls that it does not list: as they go on, in whatever rhythm, nothing new is found."""
    events = events_of(fires(detection))
    end = edge(detection, events)
    (_, first), *_ = found(detection, delivered(events, end - 60))
    listed = [event for event in events if str(event_id(event)) in first["event_ids"]]
    shows = [event for event in events if event not in listed]
    if not shows:
        pytest.skip("it lists all of its events")
    for before, after in itertools.product((70, 60, 40, 20, 1), (1, 5, 20)):
        goes_on = delivered(shows, end - 60 * before)
        goes_on += [again(event, after) for event in delivered(shows, end + 60 * after)]
        seen = Counter(
            tuple(finding["event_ids"])
            for _, finding in found(detection, [*delivered(listed, end - 20 * 60), *goes_on])
        )
        assert seen and set(seen.values()) == {1}, (before, after)


def event_id(event: Event) -> Any:
    return json.loads(event.raw).get("eventID")


def again(event: Event, number: int) -> Event:
    """The same call once more, as another event."""
    return dataclasses.replace(event, raw=json.dumps({**json.loads(event.raw), "eventID": f"again-{number}"}))


@EACH_BURST
def test_whoever_opens_the_search_sees_every_burst_however_old(detection: Detection):
    sample = fires(detection)
    events = events_of(sample)
    places = {address: {"Country": country} for address, country in sample.get("locations", {}).items()}
    shipped = ShippedSearches([detection], lookups=sample.get("lookups", {}), locate=places.get)
    newest = math.floor(max(event.time for event in events))
    for days in (0, 20):
        assert shipped.findings(events, now=newest + 86_400 * days + 600)
