"""Events and knowledge objects held in memory: for tests, for ``spl --cases``, for searching a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .model import Event
from .values import Cell


class MemoryEvents:
    """An event source over a list, sorted once."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = sorted(events, key=lambda event: -event.time)
        indexed = [event.indextime for event in self.events]
        self._indexed = (min(indexed, default=0.0), max(indexed, default=0.0))

    def _within(self, earliest: float, latest: float) -> bool:
        return not self.events or (earliest <= self.events[-1].time and self.events[0].time < latest)

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
