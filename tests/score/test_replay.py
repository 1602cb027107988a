"""Searches run by their schedules over old events: which windows are searched, in which order, and how fast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timezone

import pytest
from tiny_corpus import record

from spl import Event, MemoryKnowledge, SplRejected
from workbench.replay import ShippedSearches, as_event
from workbench.replay.replay import EventLine, job, replay

COUNT = {
    "search": "search index=main | stats count AS seen values(_raw) AS texts",
    "cron_schedule": "*/5 * * * *",
    "dispatch.earliest_time": "-24h",
    "dispatch.latest_time": "+1h",
    "dispatch.index_earliest": "-10m@m",
    "dispatch.index_latest": "@m",
}
DAY = 24 * 3600.0


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()


def _event(text: str, raw: str = "one") -> Event:
    at = _epoch(text)
    return Event(raw=raw, time=at, indextime=at)


def _fired(events: list[Event], *stanzas: Mapping[str, str], knowledge: MemoryKnowledge | None = None) -> list[tuple]:
    line, known = EventLine(events), knowledge or MemoryKnowledge()
    jobs = [job(stanza.get("name", "count"), stanza, line, known) for stanza in stanzas]
    return [(one.name, datetime.fromtimestamp(one.at, timezone.utc).strftime("%H:%M"), one.rows)
            for one in replay(jobs, known)]  # fmt: skip


def test_an_event_is_in_every_window_that_overlaps_it():
    found = _fired([_event("2025-03-04T10:07:30")], COUNT)
    assert [(at, rows[0]["seen"]) for _, at, rows in found] == [("10:10", "1"), ("10:15", "1")]


def test_an_event_on_the_minute_of_a_run_belongs_to_the_next():
    found = _fired([_event("2025-03-04T10:10:00")], COUNT)
    assert [at for _, at, _ in found] == ["10:15", "10:20"]


def test_a_run_sees_its_window_only():
    events = [_event("2025-03-04T10:01:00", "early"), _event("2025-03-04T10:12:00", "late")]
    found = {at: rows[0]["texts"] for _, at, rows in _fired(events, COUNT)}
    assert found == {"10:05": "early", "10:10": "early", "10:15": "late", "10:20": "late"}


def test_each_search_runs_where_there_is_something_for_it_only():
    begins = {**COUNT, "search": "search index=main wanted | stats count AS seen"}
    events = [_event("2025-03-04T10:01:00", "wanted"), *(_event(f"2025-03-04T12:{m:02}:00") for m in range(60))]
    assert [at for _, at, _ in _fired(events, begins)] == ["10:05", "10:10"]


def test_what_one_search_learns_another_knows_later():
    keep = {**COUNT, "name": "keep", "search": "search index=main | eval word=_raw | table word | outputlookup known"}
    fresh = {
        **COUNT, "name": "fresh",
        "search": "search index=main | eval word=_raw | lookup known word OUTPUT word AS before | where isnull(before)",
    }  # fmt: skip
    knowledge = MemoryKnowledge(lookups={"known": []})
    events = [
        _event("2025-03-04T10:01:00", "a"),
        _event("2025-03-04T11:01:00", "a"),
        _event("2025-03-04T12:01:00", "b"),
    ]
    found = [(at, [row["_raw"] for row in rows]) for name, at, rows in _fired(events, fresh, keep, knowledge=knowledge)
             if name == "fresh" and rows]  # fmt: skip
    assert found == [("10:05", ["a"]), ("12:05", ["b"])]


def test_a_search_that_begins_with_a_lookup_sees_all_windows():
    listing = {**COUNT, "search": "| inputlookup known"}
    knowledge = MemoryKnowledge(lookups={"known": [{"word": "a"}]})
    found = _fired([_event("2025-03-04T10:01:00")], listing, knowledge=knowledge)
    assert [(at, rows[0]["word"]) for _, at, rows in found] == [("10:05", "a"), ("10:10", "a")]


def test_a_search_that_cannot_run_is_named():
    with pytest.raises(SplRejected, match="Search broken: .*nonsense"):
        _fired([], {**COUNT, "name": "broken", "search": "index=main | nonsense"})


def test_ten_years_cost_no_more_than_the_events_in_them():
    records = [record("StopLogging", f"y-{year}", f"{year}-03-04T10:15:00Z") for year in range(2015, 2026)]
    runs: list[float] = []
    searches = ShippedSearches()
    found = list(searches.replay([as_event(one) for one in records], on_run=runs.append))
    # Ten years of five-minute runs would be a million for each search.
    assert len(runs) < 20 * len(records) * len(searches.detections)
    seen = Counter(finding["event_ids"][0] for _, finding in found if finding["search"] == "trail_logging_stopped")
    assert seen == {f"y-{year}": 1 for year in range(2015, 2026)}
