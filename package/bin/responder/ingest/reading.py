"""One file into the output: read, cut, filtered, deduplicated and handed over, block by block, in flat memory."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..aws.client import Aws
from ..errors import ConfigurationError, NotPermitted, Rejected, ResponderError, Unavailable
from .events import Event, Where
from .filters import Filters, parse
from .id_keys import id_of_index, id_of_text
from .index_lookup import IndexLookup
from .keys import place_of
from .known_ids import KnownIds
from .notifications import S3Object
from .objects import Reading, source_of
from .outputs.base import Output, RefusedEvents
from .record import Record
from .settings import FILE_SOURCETYPE, IngestSettings
from .splitting import DamagedFile, records

#: Records, and about how many bytes of them, that are handed over in one go.
BLOCK, BLOCK_BYTES = 256, 524_288
#: How often a file is read that S3 cuts off, and seconds before the second time.
TRIES, PAUSE = 3, 1.0


class Stopped(Unavailable):
    """The input is to end: the file is left where it is."""


class UnreadableFile(Rejected):
    """The file itself is why it cannot be read, or what its owner allows; other files may be read."""

    def __init__(self, message: str, hint: str, is_denied: bool) -> None:
        super().__init__(message, hint)
        self.is_denied = is_denied


@dataclass
class Tally:
    """What a file came to; ``bytes`` are those of the records that were written, ``compressed`` those of the object."""

    records: int = 0
    written: int = 0
    #: Left out by a rule.
    dropped: int = 0
    #: Handed over before, from this file or another one.
    duplicates: int = 0
    #: Found in the index, from an attempt that was interrupted.
    present: int = 0
    bytes: int = 0
    compressed: int = 0
    #: Of the newest record, epoch seconds.
    newest: float | None = None
    seconds: float = 0.0


class FileReader:
    """Safe to share between threads. ``run``: 32 hex digits, of this process; ``file_index``: of the files' events.

    ``lookup``: None where the index cannot be asked. ``marks_at_once``: what is written counts as taken, since nobody
    can say more of it.
    """

    def __init__(
        self,
        settings: IngestSettings,
        aws: Aws,
        output: Output,
        ids: KnownIds,
        lookup: IndexLookup | None,
        run: str,
        file_index: str,
        stopped: Callable[[], bool],
        now: Callable[[], float],
        marks_at_once: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings, self._aws, self._output, self._ids, self._lookup = settings, aws, output, ids, lookup
        self._run, self._file_index = run, file_index
        self._stopped, self._now, self._sleep = stopped, now, sleep
        self._marks_at_once = marks_at_once
        self._rules = parse(settings.rules).rules
        self._index = id_of_index(settings.index)

    def read(self, file: str, what: S3Object, is_fresh: bool) -> Tally:
        """Write what is new of it, and its own event. Raises a ResponderError; what was written then is unknown.

        UnreadableFile is about this file, transient errors are worth another try, and all others about the input.

        ``is_fresh``: nobody can have begun it. Otherwise the index is asked what it has of it, where it can be.
        """
        tally, began = Tally(), time.monotonic()
        place = place_of(what.key)
        fields = {"vendor_account": place.account, "vendor_region": place.region} if place else {}
        settings = self._settings
        where = Where(settings.index, settings.sourcetype, source_of(what), settings.host, fields)
        present = _Present(None if is_fresh else self._lookup, what)
        rules = Filters(self._rules)
        for block in _blocks(self._records(what, tally)):
            if self._stopped():
                raise Stopped("The input stops.", "It goes on when it starts again.")
            self._hand_over(file, where, block, tally, present, rules)
        tally.seconds = round(time.monotonic() - began, 3)
        event = Event(json.dumps(self._event(file, what, place, tally)).encode("utf-8"), self._now())
        about = Where(self._file_index, FILE_SOURCETYPE, source_of(what), settings.host, fields)
        self._output.write(file, about, [event])
        return tally

    def _records(self, what: S3Object, tally: Tally) -> Iterator[Record]:
        """All of them, once each: what is cut off is read again, and those that were given are passed over."""
        given = 0
        for attempt in range(1, TRIES + 1):
            reading = Reading(self._aws, self._settings.region, what)
            try:
                for record in itertools.islice(records(reading.chunks(), source_of(what)), given, None):
                    given += 1
                    yield record
                tally.compressed = reading.bytes
                return
            except DamagedFile as error:
                raise UnreadableFile(error.message, error.hint or "Look at the object in the bucket.", False) from error
            except ConfigurationError:
                raise
            except ResponderError as error:
                if not error.transient:
                    denied = isinstance(error, NotPermitted)
                    raise UnreadableFile(error.message, error.hint, denied) from error
                if attempt == TRIES:
                    raise
                self._sleep(PAUSE * attempt)

    def _hand_over(
        self, file: str, where: Where, block: Sequence[Record], tally: Tally, present: _Present, rules: Filters
    ) -> None:
        tally.records += len(block)
        kept = [record for record in block if not rules.drops(record)]
        tally.dropped += len(block) - len(kept)
        is_new = self._ids.take(file, [id_of_text(record.raw, self._index) for record in kept])
        tally.duplicates += is_new.count(False)
        fresh = [(record.event_id or "", record) for record, new in zip(kept, is_new) if new]
        there = present.of([one for one, _ in fresh if one])
        events = []
        for one, record in fresh:
            moment = record.event_time
            if moment is not None and (tally.newest is None or moment > tally.newest):
                tally.newest = moment
            if one in there:
                tally.present += 1
            else:
                events.append(Event(record.raw, moment))
        if events:
            try:
                self._output.write(file, where, events)
            except RefusedEvents as error:
                raise UnreadableFile(error.message, error.hint, False) from error
            tally.written += len(events)
            tally.bytes += sum(len(event.raw) for event in events)
        if self._marks_at_once:
            self._ids.confirm([file], self._now())

    def _event(self, file: str, what: S3Object, place: Any, tally: Tally) -> dict[str, Any]:
        now = self._now()
        counted = asdict(tally)
        newest = counted.pop("newest")
        return {
            "time": round(now, 3),
            "step": "file_read",
            "input": self._settings.name,
            "run": self._run,
            "file": file,
            "bucket": what.bucket,
            "key": what.key,
            "vendor_account": place.account if place else "",
            "vendor_region": place.region if place else "",
            **counted,
            # From the newest event to when it was handed over: CloudTrail's own delivery takes minutes of it.
            "lag_seconds": None if newest is None else round(max(0.0, now - newest), 1),
        }


class _Present:
    """What the index has of a file: asked at the first record that is not known, once where that is enough."""

    def __init__(self, lookup: IndexLookup | None, what: S3Object) -> None:
        self._lookup, self._what = lookup, what
        self._whole: frozenset[str] | None = None
        self._by_id = False

    def of(self, ids: Sequence[str]) -> frozenset[str]:
        if self._lookup is None or not ids:
            return frozenset()
        if self._whole is None and not self._by_id:
            self._whole = self._lookup.of_file(self._what)
            self._by_id = self._whole is None
        if self._whole is not None:
            return self._whole.intersection(ids)
        return self._lookup.of_ids(self._what, ids)


def _blocks(found: Iterator[Record]) -> Iterator[list[Record]]:
    block: list[Record] = []
    size = 0
    for record in found:
        block.append(record)
        size += len(record.raw)
        if len(block) >= BLOCK or size >= BLOCK_BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block
