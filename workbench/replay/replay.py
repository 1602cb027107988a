"""Saved searches over old events, run by run as their schedules would have, with index time taken as it stands.

Ten years with a day of events in them cost as much as that day: runs whose window holds no event that the search
begins with are left out, unless the search does something without events too.
"""

from __future__ import annotations

import functools
import heapq
import math
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from croniter import croniter

from spl import Event, Knowledge, SplError, execute, macros, parse, scanner, times
from spl.memory import WORTH_AN_INDEX
from spl.row import Row
from spl.searching import compile_search
from spl.stage import Pipeline
from spl.word_index import WordIndex

#: Without events, these still give or change something; not so the lists that every search ends in, which only excuse.
_EXCUSES = r"append=t responder_(?:allowed_principals|automation_roles|own_principals)\b"
_NEEDS_NO_EVENTS = re.compile(rf"\[\s*\||\[\s*search\b|\binputlookup\b(?! {_EXCUSES})|\bmakeresults\b")


class EventLine:
    """An event source that finds a window of index time without looking at the other events."""

    keeps_shared = True

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = sorted(events, key=lambda event: event.indextime)
        self.indexed = [event.indextime for event in self.events]

    def scan(self, earliest: float, latest: float, index_earliest: float, index_latest: float) -> list[Event]:
        low, high = bisect_left(self.indexed, index_earliest), bisect_left(self.indexed, index_latest)
        inside = [event for event in self.events[low:high] if earliest <= event.time < latest]
        return sorted(inside, key=lambda event: -event.time)

    @functools.cached_property
    def _words(self) -> WordIndex:
        return WordIndex(self.events)

    def holding(self, required: Iterable[frozenset[str]]) -> Sequence[Event]:
        """Those that may have one text of each entry, or all; by index time."""
        positions = self._words.holding(required) if len(self.events) >= WORTH_AN_INDEX else None
        return self.events if positions is None else [self.events[position] for position in positions]

    def first(self, start: float) -> float:
        """Index time of the first event from ``start`` on; infinite when there is none."""
        position = bisect_left(self.indexed, start)
        return self.indexed[position] if position < len(self.indexed) else math.inf


@dataclass(frozen=True)
class Job:
    """A saved search, parsed, with the events that can concern it."""

    name: str
    pipeline: Pipeline
    cron: str
    dispatch: Mapping[str, str | None]
    line: EventLine

    def times(self) -> Iterator[float]:
        """When it runs: the scheduled times whose windows hold events."""
        event = self.line.first(-math.inf)
        if event == math.inf:
            return
        at = next_time(self.cron, event)
        while True:
            event = self.line.first(self._start(at))
            if event == math.inf:
                return
            if event < at:
                yield at
                at = next_time(self.cron, at)
            else:
                at = max(next_time(self.cron, event), next_time(self.cron, at))

    def _start(self, at: float) -> float:
        for name in ("index_earliest", "earliest"):
            if self.dispatch[name]:
                return times.bound(self.dispatch[name], at, -math.inf)
        return at - 24 * 3600

    def run(self, at: float, knowledge: Knowledge) -> tuple[list[str], list[dict[str, Any]]]:
        sid = f"scheduler__nobody__cloudtrail_responder__RMD5replay_at_{at:.0f}_1"
        results = execute(
            self.pipeline, events=self.line, knowledge=knowledge, now=at, sid=sid, **self.dispatch
        )
        return results.fields, list(results.rows)


def next_time(cron: str, after: float) -> float:
    """The next time of a cron expression, in UTC (epoch seconds)."""
    return float(croniter(cron, math.floor(after)).get_next(float))


def job(
    name: str,
    stanza: Mapping[str, str],
    events: EventLine,
    knowledge: Knowledge,
    parsed: Callable[[str], Pipeline] | None = None,
) -> Job:
    """A stanza of savedsearches.conf made ready. Raises SplError as ``spl.parse`` does, with its name.

    ``parsed``: gives the search parsed with this knowledge, if it need not be done here.
    """
    dispatch = {
        "earliest": stanza.get("dispatch.earliest_time"),
        "latest": stanza.get("dispatch.latest_time"),
        "index_earliest": stanza.get("dispatch.index_earliest"),
        "index_latest": stanza.get("dispatch.index_latest"),
    }
    spl = stanza["search"]
    try:
        text, pipeline = macros.expand(spl, knowledge), parsed(spl) if parsed else parse(spl, knowledge)
    except SplError as error:
        raise type(error)(f"Search {name}: {error}") from error
    line = events if _NEEDS_NO_EVENTS.search(text) else EventLine(_begun_with(text, events))
    return Job(name, pipeline, stanza["cron_schedule"], dispatch, line)


def _begun_with(text: str, line: EventLine) -> Iterator[Event]:
    first = scanner.pipeline(text)[0]
    chosen = compile_search(first.arguments) if first.name == "search" else None
    if chosen is None or chosen.times:
        return iter(line.events)
    events = line.holding(chosen.required)
    return (event for event in events if chosen.may_match(event) and chosen.rest(Row(None, event)))


@dataclass(frozen=True)
class Fired:
    """The rows that one run of a search gave."""

    name: str
    at: float
    fields: list[str]
    rows: list[dict[str, Any]]


def replay(
    jobs: Iterable[Job], knowledge: Knowledge, on_run: Callable[[float], None] = lambda at: None
) -> Iterator[Fired]:
    """Every run of every job in the order of time: a search sees the lookups as the searches before it left them.

    ``on_run`` is called with the time of each run.
    """
    ordered = list(jobs)
    for at, number in heapq.merge(*(_numbered(one, number) for number, one in enumerate(ordered))):
        on_run(at)
        fields, rows = ordered[number].run(at, knowledge)
        yield Fired(ordered[number].name, at, fields, rows)


def _numbered(one: Job, number: int) -> Iterator[tuple[float, int]]:
    return ((at, number) for at in one.times())
