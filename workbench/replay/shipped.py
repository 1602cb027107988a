"""The shipped searches with all that they need: macros and lookups of the app, a stand-in for geolocation."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

from spl import Event, MemoryEvents, MemoryKnowledge, execute, geo, parse
from spl.stage import Pipeline
from workbench.detections import compile as compiler
from workbench.detections.model import Detection, load

from . import definitions
from .addon import with_addon
from .replay import EventLine, job, replay

ROOT = Path(__file__).resolve().parents[2]
#: Far enough for every record: what is searched is chosen by the caller.
FOREVER = 4_102_444_800.0
#: Fields of a finding that are lists or numbers in JSON.
_LISTS, _NUMBERS = ("event_ids",), ("event_count", "first_time", "last_time", "throttle_seconds")

Finding = dict[str, Any]
Locator = Callable[[str], Optional[Mapping[str, str]]]


class AppKnowledge(MemoryKnowledge):
    """Macros and lookup definitions as the built app has them, and tables for its lookups."""

    def __init__(
        self,
        detections: Iterable[Detection],
        lookups: Mapping[str, Sequence[Mapping[str, str]]],
        locate: Locator = geo.locate,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(lookups=lookups)
        self._definitions = definitions.of(detections, settings)
        self.macros, self.transforms = self._definitions.macros, self._definitions.transforms
        self.locate = locate

    def ip_location(self, address: str) -> Mapping[str, str] | None:
        return self.locate(address)

    def parse(self, spl: str) -> Pipeline:
        """Raises SplError."""
        # A table that no definition names is one only here.
        shared = self.lookups.keys() <= self.transforms.keys()
        return self._definitions.parse(spl, self) if shared else parse(spl, self)


class ShippedSearches:
    """Detections, ready to run over records; by default those in detections/ that read CloudTrail."""

    def __init__(
        self,
        detections: Iterable[Detection] | None = None,
        lookups: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
        locate: Locator = geo.locate,
        baselines: bool = False,
        addon: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """``baselines``: run the searches that keep the baselines, too; they ship switched off.

        ``addon``: as if the Splunk Add-on for AWS were installed. ``settings``: macros that an administrator
        has set, by name.
        """
        chosen = detections
        if chosen is None:
            chosen = reading({"cloudtrail"})
        self.detections = {detection.id: detection for detection in chosen}
        self.knowledge = AppKnowledge(self.detections.values(), lookups or {}, locate, settings=settings)
        self._baselines = baselines
        self._searches: dict[str, str] = {}
        self._seen = with_addon if addon else _as_indexed

    def reading(self, sources: Collection[str]) -> list[str]:
        """Ids of the detections of these kinds of logs."""
        return [name for name, detection in self.detections.items() if detection.source in sources]

    def rows(self, name: str, events: MemoryEvents, now: float | None = None) -> tuple[list[str], list[Finding]]:
        """Columns and rows of one search over all the events, as Splunk would hand them to an alert."""
        if name not in self._searches:
            self._searches[name] = compiler.search_of(self.detections[name])
        parsed = self.knowledge.parse(self._searches[name])
        results = execute(parsed, events=events, knowledge=self.knowledge, latest=FOREVER, now=now)
        return results.fields, list(results.rows)

    def findings(self, events: Iterable[Event], only: Iterable[str] = (), now: float | None = None) -> list[Finding]:
        """Findings of all searches (or ``only`` some), each with the search it comes from. KeyError: no such search."""
        held = MemoryEvents(map(self._seen, events))
        chosen = list(only) or list(self.detections)
        found = []
        for name in chosen:
            fields, rows = self.rows(name, held, now)
            found += [{"search": name, **_typed(fields, row)} for row in rows]
        return found

    def replay(
        self,
        events: Iterable[Event],
        only: Iterable[str] = (),
        on_run: Callable[[float], None] = lambda at: None,
        on_ready: Callable[[str], None] = lambda name: None,
    ) -> Iterator[tuple[float, Finding]]:
        """What each run of each search raised, as their schedules would have it: the time of the run, the finding.

        A burst that goes on is found again, with what is new of it. Besides the searches
        (or ``only`` some) the searches that keep their baselines run with ``baselines``, and change lookups.
        ``on_ready`` is called with each search that is ready, ``on_run`` with the time of each run.
        """
        line = EventLine(map(self._seen, events))
        chosen = list(only) or list(self.detections)
        stanzas = {name: compiler.saved_search(self.detections[name]) for name in chosen}
        jobs = []
        for name, stanza in {**stanzas, **self._upkeep(chosen)}.items():
            jobs.append(job(name, stanza, line, self.knowledge, self.knowledge.parse))
            on_ready(name)
        for fired in replay(jobs, self.knowledge, on_run):
            if fired.name in stanzas:
                yield from ((fired.at, {"search": fired.name, **_typed(fired.fields, row)}) for row in fired.rows)

    def _upkeep(self, chosen: Iterable[str]) -> dict[str, dict[str, str]]:
        with_baseline = (self.detections[name] for name in chosen if self._baselines and self.detections[name].baseline)
        return {compiler.baseline_name_of(one): compiler.baseline_search(one) for one in with_baseline}


def reading(sources: Collection[str]) -> Sequence[Detection]:
    """The shipped detections of these kinds of logs."""
    return tuple(detection for detection in _all() if detection.source in sources)


@functools.lru_cache(maxsize=1)
def _all() -> Sequence[Detection]:
    return tuple(load(ROOT / "detections"))


def _as_indexed(event: Event) -> Event:
    return event


def _typed(fields: Iterable[str], row: Mapping[str, Any]) -> Finding:
    finding: Finding = {}
    for name in fields:
        value = row.get(name)
        if name in _LISTS:
            finding[name] = value if isinstance(value, list) else [] if value is None else [value]
        elif name in _NUMBERS and value is not None:
            finding[name] = float(value) if "." in value else int(value)
        else:
            finding[name] = value if value is not None else ""
    return finding
