"""The index: events in SQLite, read newest first within bounds of event time and index time."""

from __future__ import annotations

import fnmatch
import json
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from spl import Event
from spl.model import Cell

from .store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS events(id INTEGER PRIMARY KEY, time REAL NOT NULL, indextime INTEGER NOT NULL,
    idx TEXT NOT NULL, sourcetype TEXT NOT NULL, source TEXT NOT NULL, host TEXT NOT NULL, raw TEXT NOT NULL,
    fields TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS events_time ON events(time);
CREATE INDEX IF NOT EXISTS events_indextime ON events(indextime);
"""
_KEPT = 50_000
_PAGE = 500


class EventIndex:
    """All indexes of the instance. ``Event`` objects are kept: repeated searches share their field extraction."""

    def __init__(self, store: Store) -> None:
        self.store = store
        store.script(SCHEMA)
        self._known: dict[int, Event] = {}
        self._lock = threading.Lock()

    def add(self, events: Iterable[Event]) -> int:
        """Write the events in one transaction; give back how many."""
        rows = [
            (e.time, int(e.indextime), e.index, e.sourcetype, e.source, e.host, e.raw, _text_of(e.fields))
            for e in events
        ]
        with self.store.write() as db:
            db.executemany(
                "INSERT INTO events(time, indextime, idx, sourcetype, source, host, raw, fields)"
                " VALUES (?,?,?,?,?,?,?,?)",
                rows,
            )
        return len(rows)

    def count(self, index: str) -> tuple[int, float, float]:
        """Number of events, earliest and latest time of an index."""
        with self.store.read() as db:
            row = db.execute(
                "SELECT count(*), coalesce(min(time), 0), coalesce(max(time), 0) FROM events WHERE idx=?", (index,)
            ).fetchone()
        return row[0], row[1], row[2]

    def clean(self, index: str) -> None:
        with self.store.write() as db:
            db.execute("DELETE FROM events WHERE idx=?", (index,))
        # The next events get the ids of those that are gone.
        with self._lock:
            self._known.clear()

    def scan(self, earliest: float, latest: float, index_earliest: float, index_latest: float) -> Iterator[Event]:
        """Newest first; equal times latest written first. A consumer that stops early has read little."""
        where, bounds = _where(earliest, latest, index_earliest, index_latest)
        # Ids first: they are few bytes each, and the events behind most of them are known already.
        with self.store.read() as db:
            ids = [row[0] for row in db.execute(f"SELECT id FROM events {where} ORDER BY time DESC, id DESC", bounds)]
        for start in range(0, len(ids), _PAGE):
            yield from self._events(ids[start : start + _PAGE])

    def _events(self, ids: Sequence[int]) -> list[Event]:
        with self._lock:
            found = {key: self._known[key] for key in ids if key in self._known}
        missing = [key for key in ids if key not in found]
        if missing:
            marks = ",".join("?" * len(missing))
            with self.store.read() as db:
                rows = db.execute(
                    f"SELECT id, raw, time, idx, sourcetype, source, host, indextime, fields FROM events"
                    f" WHERE id IN ({marks})",
                    missing,
                ).fetchall()
            fresh = {row[0]: _event(*row[1:]) for row in rows}
            found.update(fresh)
            with self._lock:
                if len(self._known) + len(fresh) > _KEPT:
                    self._known.clear()
                self._known.update(fresh)
        return [found[key] for key in ids if key in found]


def _event(raw: str, time: float, idx: str, sourcetype: str, source: str, host: str, at: int, fields: str) -> Event:
    return Event(raw, time, idx, sourcetype, source, host, at, json.loads(fields) if fields else {})


def _text_of(fields: Mapping[str, Cell]) -> str:
    return json.dumps(dict(fields)) if fields else ""


def _where(earliest: float, latest: float, index_earliest: float, index_latest: float) -> tuple[str, list[float]]:
    parts, bounds = [], []
    for text, value in (
        ("time >= ?", earliest),
        ("time < ?", latest),
        ("indextime >= ?", index_earliest),
        ("indextime < ?", index_latest),
    ):
        if math.isfinite(value):
            parts.append(text)
            bounds.append(value)
    return ("WHERE " + " AND ".join(parts) if parts else ""), bounds


class VisibleEvents:
    """The events of the indexes that a role may search (``srchIndexesAllowed``: ``*`` leaves internal ones out)."""

    def __init__(self, index: EventIndex, allowed: Sequence[str], searchable: Callable[[str], bool]) -> None:
        self.index = index
        self.allowed = allowed
        self.searchable = searchable

    def scan(self, earliest: float, latest: float, index_earliest: float, index_latest: float) -> Iterator[Event]:
        verdicts: dict[str, bool] = {}
        for event in self.index.scan(earliest, latest, index_earliest, index_latest):
            if event.index not in verdicts:
                verdicts[event.index] = self._may(event.index)
            if verdicts[event.index]:
                yield event

    def _may(self, index: str) -> bool:
        return self.searchable(index) and any(
            fnmatch.fnmatchcase(index, pattern) and (not index.startswith("_") or pattern.startswith("_"))
            for pattern in self.allowed
        )
