"""A search over a handful of events, in one line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from spl import Event, MemoryEvents, MemoryKnowledge, Results, search

NOW = 1_700_000_000.0
Run = Callable[..., Results]


def event(record: Mapping[str, Any] | str, time: float = NOW - 60, **more: Any) -> Event:
    raw = record if isinstance(record, str) else json.dumps(record)
    return Event(raw, **{"time": time, "index": "aws", "sourcetype": "aws:cloudtrail", "indextime": time + 5, **more})


@pytest.fixture
def run() -> Run:
    """``run(spl, records, lookups=..., macros=..., ...)``: the first record is the newest event."""

    def run(
        spl: str, records: Sequence[Any] = (), *, earliest: Any = None, latest: Any = None, **known: Any
    ) -> Results:
        events = [r if isinstance(r, Event) else event(r, NOW - 60 - i) for i, r in enumerate(records)]
        knowledge = known.pop("knowledge", None) or MemoryKnowledge(**known)
        return search(spl, events=MemoryEvents(events), knowledge=knowledge, earliest=earliest, latest=latest, now=NOW)

    return run
