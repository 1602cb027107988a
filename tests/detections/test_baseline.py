"""Baselines of first-seen detections: what the saved search learns, and what the detection makes of it."""

from __future__ import annotations

import copy
from typing import Any

from detection_samples import DETECTIONS, ROOT

from sandbox.detect import ShippedSearches, as_event
from sandbox.spl import MemoryEvents, search
from sandbox.splunkd import conffile
from tools.detections import compile as compiler

NAME, LOOKUP = "access_key_used_from_new_network", "responder_seen_key_networks"
FILLER = "CloudTrail Responder - baseline: networks of access keys"
STANZA = conffile.parse((ROOT / "package/default/savedsearches.conf").read_text(encoding="utf-8"))[FILLER]
(DETECTION,) = [detection for detection in DETECTIONS if detection.id == NAME]
OFFICE, ELSEWHERE = "198.51.100.7", "203.0.113.50"


def _call(day: int, address: str, hour: int = 10, **changes: Any) -> dict[str, Any]:
    record = copy.deepcopy(DETECTION.samples()[0]["events"][0])
    time = f"2025-03-{day:02}T{hour:02}:15:00Z"
    return {**record, "eventTime": time, "sourceIPAddress": address, "eventID": f"{time} {address}", **changes}


def _learn(shipped: ShippedSearches, *records: dict[str, Any]) -> list[tuple[str, int, int]]:
    """One run of the filler; network, first and last day seen of all that it knows then."""
    events = MemoryEvents([as_event(record) for record in records])
    search(STANZA["search"], events=events, knowledge=shipped.knowledge, latest=4e9)
    first = as_event(_call(1, OFFICE)).time
    rows = shipped.knowledge.read_lookup(LOOKUP)
    days = [[1 + int((float(row[field]) - first) // 86400) for field in ("first_seen", "last_seen")] for row in rows]
    return sorted((row["network"], first, last) for row, (first, last) in zip(rows, days))


def _found(shipped: ShippedSearches, *records: dict[str, Any]) -> list[str]:
    _, rows = shipped.rows(NAME, MemoryEvents([as_event(record) for record in records]))
    return [row["src_ip"] for row in rows]


def _empty() -> ShippedSearches:
    return ShippedSearches(DETECTIONS, lookups={LOOKUP: []})


def test_a_second_run_keeps_when_a_network_was_first_seen_and_moves_when_it_was_last():
    shipped = _empty()
    assert _learn(shipped, _call(1, OFFICE), _call(2, "198.51.100.200")) == [("198.51.0.0/16", 1, 2)]
    assert _learn(shipped, _call(5, OFFICE)) == [("198.51.0.0/16", 1, 5)]
    assert _learn(shipped, _call(3, OFFICE)) == [("198.51.0.0/16", 1, 5)], "an event that came late"
    assert _learn(shipped, _call(6, ELSEWHERE)) == [("198.51.0.0/16", 1, 5), ("203.0.0.0/16", 6, 6)]
    assert _learn(shipped) == [("198.51.0.0/16", 1, 5), ("203.0.0.0/16", 6, 6)], "an hour without any use"


def test_refused_calls_and_session_keys_teach_nothing():
    session = {**_call(1, OFFICE)["userIdentity"], "accessKeyId": "ASIAIOSFODNN7EXAMPLE"}
    refused = _call(1, OFFICE, errorCode="AccessDenied")
    assert _learn(_empty(), refused, _call(1, OFFICE, userIdentity=session)) == []


def test_a_new_network_is_found_once_the_key_is_known_for_a_week_and_then_learnt():
    shipped = _empty()
    assert _found(shipped, _call(1, ELSEWHERE)) == [], "a cold start is quiet"
    _learn(shipped, _call(1, OFFICE))
    assert _found(shipped, _call(7, ELSEWHERE)) == []
    assert _found(shipped, _call(9, OFFICE), _call(9, ELSEWHERE)) == [ELSEWHERE]
    _learn(shipped, _call(9, ELSEWHERE))
    assert _found(shipped, _call(9, ELSEWHERE)) == [ELSEWHERE], "learnt before the detection ran"
    assert _found(shipped, _call(9, ELSEWHERE, hour=12)) == []


def test_both_are_off_as_shipped_and_the_baseline_misses_no_event_between_two_runs():
    assert (STANZA["disabled"], compiler.saved_search(DETECTION)["disabled"]) == ("1", "1")
    assert STANZA["cron_schedule"] == "7 * * * *"
    assert STANZA["dispatch.index_earliest"] == "-80m@m"
