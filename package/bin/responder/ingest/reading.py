"""One file into the output: read, cut, filtered, deduplicated and handed over, block by block, in flat memory."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..aws.client import Aws
from ..errors import ConfigurationError, NotPermitted, Rejected, ResponderError, Unavailable
from .events import Events, Where
from .filters import Filters, parse
from .id_keys import id_of_index, keys_of_texts
from .index_lookup import IndexLookup
from .keys import place_of
from .known_ids import KnownIds
from .notifications import S3Object
from .objects import Reading, source_of
from .outputs.base import Output, RefusedEvents
from .record import PlainRecord, Record
from .settings import FILE_SOURCETYPE, IngestSettings
from .splitting import DamagedFile, batches

#: Records that are marked as taken in one go, where what is written counts as taken.
MARKED = 128
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

    ``most_records``: of one file that may be under way: what it has beyond is not read. ``lookup``: None where the
    index cannot be asked. ``marks_at_once``: what is written counts as taken, since nobody
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
        most_records: int,
        stopped: Callable[[], bool],
        now: Callable[[], float],
        marks_at_once: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings, self._aws, self._output, self._ids, self._lookup = settings, aws, output, ids, lookup
        self._run, self._file_index, self._most_records = run, file_index, most_records
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
        for block in self._blocks(what, tally):
            if self._stopped():
                raise Stopped("The input stops.", "It goes on when it starts again.")
            self._hand_over(file, where, block, tally, present, rules)
        tally.seconds = round(time.monotonic() - began, 3)
        text = json.dumps(self._event(file, what, place, tally)).encode("utf-8")
        about = Where(self._file_index, FILE_SOURCETYPE, source_of(what), settings.host, fields)
        self._output.write(file, about, Events([text], [self._now()]))
        return tally

    def _blocks(self, what: S3Object, tally: Tally) -> Iterator[list[Record]]:
        """All records, once each: what is cut off is read again, and those that were given are passed over."""
        given = 0
        for attempt in range(1, TRIES + 1):
            reading = Reading(self._aws, self._settings.region, what)
            try:
                for block in _joined(_behind(given, batches(reading.chunks(), source_of(what))), self._output.block):
                    given += len(block)
                    yield block
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
        self, file: str, where: Where, block: list[Record], tally: Tally, present: _Present, rules: Filters
    ) -> None:
        tally.records += len(block)
        if self._ids.count(file) + len(block) > self._most_records:
            raise UnreadableFile(
                f"{where.source} has more than {self._most_records:,} records, which are too many to be remembered.",
                "CloudTrail's own have fewer: find out who wrote the object. If it is to be read, raise 'Memory, MB'.",
                False,
            )
        if rules.rules:
            kept = [record for record in block if not rules.drops(record)]
            tally.dropped += len(block) - len(kept)
        else:
            kept = block
        is_new = self._ids.take(file, keys_of_texts([record.raw for record in kept], self._index))
        if not all(is_new):
            tally.duplicates += is_new.count(False)
            kept = [record for record, new in zip(kept, is_new) if new]
        if present.is_asked:
            there = present.of([one for record in kept if (one := record.event_id)])
            lacking = [record for record in kept if record.event_id not in there]
            tally.present += len(kept) - len(lacking)
        else:
            lacking = kept
        raws, times = [record.raw for record in lacking], [record.event_time for record in lacking]
        tally.newest = max(filter(None, (tally.newest, *times)), default=None)
        if raws:
            try:
                self._output.write(file, where, Events(raws, times, all(type(one) is PlainRecord for one in lacking)))
            except RefusedEvents as error:
                raise UnreadableFile(error.message, error.hint, False) from error
            tally.written += len(raws)
            tally.bytes += sum(map(len, raws))
        if self._marks_at_once and self._ids.count(file) >= MARKED:
            self._ids.confirm([file], self._now())

    def _event(self, file: str, what: S3Object, place: Any, tally: Tally) -> dict[str, Any]:
        now = self._now()
        counted = dict(vars(tally))
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

    @property
    def is_asked(self) -> bool:
        return self._lookup is not None

    def of(self, ids: Sequence[str]) -> frozenset[str]:
        if self._lookup is None or not ids:
            return frozenset()
        if self._whole is None and not self._by_id:
            self._whole = self._lookup.of_file(self._what)
            self._by_id = self._whole is None
        if self._whole is not None:
            return self._whole.intersection(ids)
        return self._lookup.of_ids(self._what, ids)


def _behind(count: int, found: Iterator[list[Record]]) -> Iterator[list[Record]]:
    """What comes behind so many records."""
    for batch in found:
        if count < len(batch):
            yield batch[count:] if count else batch
        count = max(0, count - len(batch))


def _joined(found: Iterator[list[Record]], least: int) -> Iterator[list[Record]]:
    """As few lists as have so many bytes each."""
    block: list[Record] = []
    size = 0
    for batch in found:
        block = block + batch if block else batch
        size += sum(len(record.raw) for record in batch) if least > 1 else 1
        if size >= least:
            yield block
            block, size = [], 0
    if block:
        yield block
