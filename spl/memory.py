"""Events and knowledge objects held in memory: for tests, for ``spl --cases``, for searching a file."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .model import Event
from .values import Cell
from .word_index import WordIndex

#: To index fewer events, or for fewer searches, costs more than to look at each event.
WORTH_AN_INDEX, SEARCHES_WORTH_AN_INDEX = 500, 8


class MemoryEvents:
    """An event source over a list, sorted once. Of many events, a search looks only at those that have its words."""

    #: Many searches will run over the same events: what they make of them alike is kept.
    keeps_shared = True

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = sorted(events, key=lambda event: -event.time)
        self._searches = 0
        indexed = [event.indextime for event in self.events]
        self._indexed = (min(indexed, default=0.0), max(indexed, default=0.0))

    def _within(self, earliest: float, latest: float) -> bool:
        return not self.events or (earliest <= self.events[-1].time and self.events[0].time < latest)

    @functools.cached_property
    def _words(self) -> WordIndex:
        return WordIndex(self.events)

    def with_words(self, required: Iterable[frozenset[str]]) -> list[Event] | None:
        """Those that may have one text of each entry, newest first; None where all have to be looked at."""
        self._searches += 1
        if len(self.events) < WORTH_AN_INDEX or self._searches < SEARCHES_WORTH_AN_INDEX:
            return None
        positions = self._words.holding(required)
        return None if positions is None else [self.events[position] for position in positions]

    def scan(self, earliest: float, latest: float, index_earliest: float, index_latest: float) -> Iterator[Event]:
        if index_earliest <= self._indexed[0] and self._indexed[1] < index_latest and self._within(earliest, latest):
            yield from self.events
            return
        for event in self.events:
            if earliest <= event.time < latest and index_earliest <= event.indextime < index_latest:
                yield event


class MemoryKnowledge:
    """Knowledge objects as dictionaries. A lookup without a transform of its own is a plain CSV lookup."""

    def __init__(
        self,
        macros: Mapping[str, Mapping[str, str]] | None = None,
        lookups: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
        transforms: Mapping[str, Mapping[str, str]] | None = None,
        locations: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.macros: Mapping[str, Mapping[str, str]] = dict(macros or {})
        self.lookups: dict[str, list[Mapping[str, str]]] = {k: list(v) for k, v in (lookups or {}).items()}
        self.transforms: Mapping[str, Mapping[str, str]] = dict(transforms or {})
        self.locations = dict(locations or {})

    def macro(self, name: str) -> Mapping[str, str] | None:
        return self.macros.get(name)

    def transform(self, name: str) -> Mapping[str, str] | None:
        if name in self.lookups:
            return self.transforms.get(name, {"filename": f"{name}.csv"})
        return self.transforms.get(name)

    def read_lookup(self, name: str) -> Sequence[Mapping[str, str]]:
        if name not in self.lookups and name in self.transforms:
            return []
        return self.lookups[name]

    def write_lookup(self, name: str, rows: Sequence[Mapping[str, Cell]], append: bool) -> None:
        texts = [{k: v if isinstance(v, str) else "\n".join(v) for k, v in row.items()} for row in rows]
        replaced = {row["_key"] for row in texts if "_key" in row}
        kept = [row for row in self.lookups.get(name, []) if row.get("_key") not in replaced] if append else []
        self.lookups[name] = [*kept, *texts]

    def ip_location(self, address: str) -> Mapping[str, str] | None:
        return self.locations.get(address)
