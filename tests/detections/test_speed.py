"""Many records, many detections: one is quick, and all together read each record once."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest
from detection_samples import DETECTIONS, NOW
from ordinary_day import records

from spl import MemoryEvents, extraction
from workbench.replay import ShippedSearches, as_event

EVENTS = 20_000
#: Those that look at the most events.
WIDEST = ("enumeration_of_many_services", "many_kinds_of_calls_refused", "security_group_opened_to_world")


@pytest.fixture(scope="module")
def days() -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for seed in range(10):
        made += records(seed)
        if len(made) >= EVENTS:
            break
    return made[:EVENTS]


@pytest.mark.parametrize("name", [WIDEST[0], *(pytest.param(name, marks=pytest.mark.slow) for name in WIDEST[1:])])
def test_ten_times_the_records_cost_about_ten_times_as_much(name: str, days: list[dict[str, Any]]):
    searches = ShippedSearches(DETECTIONS)

    def cost(count: int) -> float:
        """Processor time for so many of the records."""
        events = MemoryEvents([as_event(record) for record in days[:count]])
        assert len(events.events) == count
        started = time.process_time()
        searches.rows(name, events, NOW)
        return time.process_time() - started

    cost(EVENTS // 10)
    # A hundred times would be what a search costs that compares each record with each.
    assert min(cost(EVENTS) for _ in range(2)) < 60 * min(cost(EVENTS // 10) for _ in range(3))


def test_all_detections_together_take_each_record_apart_once(
    days: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
):
    # Long records lose their late fields to automatic extraction, and are read twice: in part, and whole for spath.
    # That every search drops the fields of its events costs no second reading.
    events = [event for event in map(as_event, days[:2000]) if len(event.raw) <= extraction.EXTRACTION_CUTOFF]
    raws = {event.raw for event in events}
    parsed: Counter[str] = Counter()
    flattened = Counter[int]()
    parse, fields_of = extraction.parse, extraction.fields_of

    def counted_parse(raw: str) -> Any:
        parsed[raw] += raw in raws
        return parse(raw)

    def counted_fields(document: Any, limit: Any = extraction.FIELD_LIMIT) -> Any:
        flattened[id(document)] += isinstance(document, dict) and "eventVersion" in document
        return fields_of(document, limit)

    monkeypatch.setattr(extraction, "parse", counted_parse)
    monkeypatch.setattr(extraction, "fields_of", counted_fields)
    ShippedSearches(DETECTIONS).findings(events, now=NOW)
    assert len(DETECTIONS) > 10
    assert sum(parsed.values()) == len(events)
    assert sum(flattened.values()) <= len(events)
