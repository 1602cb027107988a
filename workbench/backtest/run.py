"""Detections by their schedules, some days at a time; the plans that follow; then all records once more for fates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workbench.detections.model import Detection
from workbench.replay import ShippedSearches, as_event

from .days import DAY, Days
from .product import Fates, Finding, InvalidFinding, Plans

#: Records that are searched at once; a single day may hold more.
CHUNK = 50_000


def answered(detections: Mapping[str, Detection]) -> list[str]:
    """Ids of those that recommend something."""
    return [one.id for one in detections.values() if one.recommended_playbook or one.finding.playbook]


def backtest(
    days: Days,
    searches: ShippedSearches,
    only: Sequence[str] = (),
    on_chunk: Callable[[int], None] = lambda days: None,
    chunk: int = CHUNK,
) -> Plans:
    """What would have been changed, and what people did about it. ``on_chunk``: called with the days that are done."""
    plans = Plans()
    chosen = list(only) or answered(searches.detections)
    reach = max((searches.detections[name].schedule.window_minutes for name in chosen), default=0) * 60
    for some in days.chunks(chunk):
        for finding in sorted(_raised(days, some, searches, chosen, reach), key=lambda one: one.first_time):
            plans.add(finding)
        on_chunk(len(some))
    fates = Fates(plans.made)
    for record in days.in_order():
        fates.see(record)
    fates.end(days.last_time)
    return plans


def _raised(
    days: Days, some: Sequence[int], searches: ShippedSearches, chosen: Sequence[str], reach: float
) -> list[Finding]:
    """What the searches raise over some days, and the hours before them that their windows reach into."""
    begins = some[0] * DAY
    events = [event for event in map(as_event, days.of(some[0] - 1)) if event.time >= begins - reach]
    events += [as_event(record) for day in some for record in days.of(day)]
    found = []
    for _, row in searches.replay(events, chosen):
        finding = _finding(row)
        if finding is not None:
            found.append(finding)
    return found


def _finding(row: Mapping[str, Any]) -> Finding | None:
    try:
        return Finding.from_row({name: _text(value) for name, value in row.items()})
    except InvalidFinding:
        # The actions would have refused it, too.
        return None


def _text(value: Any) -> str | list[str]:
    """As Splunk hands a row over: texts, and lists of texts."""
    return [str(one) for one in value] if isinstance(value, list) else str(value)
