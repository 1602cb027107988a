"""Files under way: each is claimed, read by a thread, confirmed by the output, and then done, in that order."""

from __future__ import annotations

import enum
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..errors import ResponderError, Unavailable
from .claims import Claim, Claims, Taken, file_id
from .keys import KeyKind, kind_of
from .known_ids import KnownIds
from .notifications import S3Object
from .objects import source_of
from .outputs.base import Output
from .reading import FileReader, Stopped, Tally, UnreadableFile

log = logging.getLogger("cloudtrail_responder")

#: Confirmed files that are written down in one request, and seconds that the first of them waits for others.
WRITTEN_DOWN, WRITE_AFTER = 20, 1.0
#: Seconds between two looks whether there is room for another file.
ROOM = 0.2
#: What is read; the rest is known, or nobody's.
READ = (KeyKind.CLOUDTRAIL, KeyKind.INSIGHT)


class State(enum.Enum):
    READING = "reading"
    #: Written, and not confirmed.
    WRITTEN = "written"
    #: The index has it, which is not written down yet.
    CONFIRMED = "confirmed"
    #: The index has it, and that is written down.
    TAKEN = "taken"
    #: There is nothing to read, or it is done already.
    SKIPPED = "skipped"
    #: Another input has it in hand.
    BUSY = "busy"
    FAILED = "failed"


@dataclass
class File:
    id: str
    what: S3Object
    state: State = State.READING
    claim: Claim | None = None
    error: ResponderError | None = None
    #: Why it was skipped.
    note: str = ""
    future: Future[Any] | None = field(default=None, repr=False)

    @property
    def is_over(self) -> bool:
        return self.state not in (State.READING, State.WRITTEN, State.CONFIRMED)


@dataclass
class Totals:
    """Since the process began."""

    files: int = 0
    records: int = 0
    written: int = 0
    dropped: int = 0
    duplicates: int = 0
    present: int = 0
    bytes: int = 0
    compressed: int = 0
    skipped: int = 0
    failed: int = 0

    def add(self, tally: Tally) -> None:
        self.files += 1
        for name in ("records", "written", "dropped", "duplicates", "present", "bytes", "compressed"):
            setattr(self, name, getattr(self, name) + getattr(tally, name))


class Files:
    """``claims``: None where nobody else reads the same files. ``index``: where their records go. ``buckets``: those
    that are read; none: any. ``most_ids``: event IDs under way at most.

    ``now``: epoch seconds by splunkd's clock.
    """

    def __init__(
        self,
        reader: FileReader,
        output: Output,
        ids: KnownIds,
        claims: Claims | None,
        index: str,
        buckets: Collection[str],
        downloads: int,
        most_ids: int,
        now: Callable[[], float],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reader, self._output, self._ids, self._claims = reader, output, ids, claims
        self._index, self._buckets, self._most_ids, self._now = index, frozenset(buckets), most_ids, now
        self._pool = ThreadPoolExecutor(downloads, "read")
        self._open: dict[str, File] = {}
        self._lock = threading.Lock()
        self._monotonic = monotonic
        #: When (monotonic) what is confirmed is written down at the latest.
        self._write_at = 0.0
        self._is_ending = threading.Event()
        self.totals = Totals()

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, file: File) -> bool:
        """Whether it is not settled yet."""
        return file.id in self._open

    @property
    def has_room(self) -> bool:
        """Whether the memory that was allowed takes more."""
        return len(self._ids) < self._most_ids

    @property
    def reading(self) -> int:
        return sum(file.state is State.READING for file in self._open.values())

    def add(self, what: S3Object, is_fresh: bool) -> File:
        """``is_fresh``: nobody has had its message before. Where it is under way already, it is that one."""
        file = File(file_id(what, self._index), what)
        kind = kind_of(what.key)
        if kind not in READ:
            file.state, file.note = State.SKIPPED, f"kind={kind.value}"
            self.totals.skipped += 1
            return file
        if self._buckets and what.bucket not in self._buckets:
            why = f"{source_of(what)} is not read: the bucket is none of 'Allowed buckets'."
            hint = "Add it on the Inputs page if it is yours; if not, see who may send to the queue."
            self._failed(file, UnreadableFile(why, hint, False))
            self.totals.failed += 1
            return file
        known = self._open.get(file.id)
        if known is not None:
            return known
        self._open[file.id] = file
        file.future = self._pool.submit(self._read, file, is_fresh)
        return file

    def _read(self, file: File, is_fresh: bool) -> None:
        try:
            self._wait_for_room(file)
            if self._claims is not None:
                taken = self._claims.take(file.id)
                if isinstance(taken, Taken):
                    file.note = "done before" if taken.is_done else "in other hands"
                    file.state = State.SKIPPED if taken.is_done else State.BUSY
                    return
                file.claim = taken
                is_fresh = is_fresh and taken.is_first
            tally = self._reader.read(file.id, file.what, is_fresh)
        except ResponderError as error:
            self._failed(file, error)
        except Exception as error:
            log.exception("file=%s: internal error", source_of(file.what))
            self._failed(file, Unavailable(f"Internal error ({type(error).__name__}); see the log."))
        else:
            with self._lock:
                self.totals.add(tally)
            file.state = State.WRITTEN
            self._output.finish(file.id)
            log.debug(
                "file=%s records=%d written=%d dropped=%d duplicates=%d present=%d bytes=%d compressed=%d seconds=%.3f",
                source_of(file.what), tally.records, tally.written, tally.dropped, tally.duplicates, tally.present,
                tally.bytes, tally.compressed, tally.seconds,
            )  # fmt: skip

    def _wait_for_room(self, file: File) -> None:
        """Until the memory that was allowed takes more, or nothing gives any back."""
        waiting = (State.WRITTEN, State.CONFIRMED)
        while not self.has_room and any(one.state in waiting for one in [*self._open.values()]):
            if self._is_ending.wait(ROOM):
                raise Stopped(f"{source_of(file.what)} is not begun.", "It is read when the input starts again.")

    @staticmethod
    def _failed(file: File, error: ResponderError) -> None:
        file.error = error
        file.state = State.FAILED

    def settle(self, is_last: bool = False) -> list[File]:
        """Those that have ended since the last time. Raises a ResponderError; what is known by then stays known.

        ``is_last``: nothing waits any more for what may come.
        """
        waiting = [file.id for file in self._open.values() if file.state is State.WRITTEN]
        taken, lost = self._output.settle(waiting) if waiting else (frozenset(), frozenset())
        # An output says it once.
        for one in taken:
            self._open[one].state = State.CONFIRMED
        for one in lost:
            what = source_of(self._open[one].what)
            late = Unavailable(f"The index has not confirmed {what} in time.", "What it lacks is written again.")
            self._failed(self._open[one], late)
        try:
            self._write_down(is_last)
        finally:
            ended = self._ended()
        return ended

    def _write_down(self, is_last: bool) -> None:
        """In this order: what stops in between is looked up, and not lost. May be repeated."""
        confirmed = [file for file in self._open.values() if file.state is State.CONFIRMED]
        if not confirmed or self._is_early(len(confirmed), is_last):
            return
        self._ids.confirm([file.id for file in confirmed], self._now())
        if self._claims is not None:
            self._claims.done(file.claim for file in confirmed if file.claim is not None)
        for file in confirmed:
            file.state = State.TAKEN
        self._write_at = 0.0

    def _is_early(self, count: int, is_last: bool) -> bool:
        """Whether it is worth while to wait for others."""
        if is_last or count >= WRITTEN_DOWN or count == len(self._open):
            return False
        if not self._write_at:
            self._write_at = self._monotonic() + WRITE_AFTER
        return self._monotonic() < self._write_at

    def _ended(self) -> list[File]:
        ended = [file for file in self._open.values() if file.is_over]
        left = []
        for file in ended:
            del self._open[file.id]
            if file.state is State.FAILED:
                self.totals.failed += 1
                self._ids.give_up(file.id)
                self._output.forget(file.id)
                left += [file.claim] if file.claim is not None else []
            elif file.state is State.SKIPPED:
                self.totals.skipped += 1
        self._leave(left)
        return ended

    def _leave(self, claims: Iterable[Claim]) -> None:
        try:
            if self._claims is not None:
                self._claims.leave(claims)
        except ResponderError as error:
            # They are free once they are not renewed any more.
            log.warning("claims are not left: %s", error)

    def renew(self) -> None:
        """Keep the claims of what is under way. Raises a ResponderError."""
        if self._claims is not None:
            self._claims.renew([file.claim for file in list(self._open.values()) if file.claim and not file.is_over])

    def end_reading(self) -> None:
        """Wait for the threads, which stop behind the block that they are at."""
        self._is_ending.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def close(self) -> None:
        """The input ends: whatever is under way is left to whoever comes next."""
        self._leave([file.claim for file in self._open.values() if file.claim is not None])
        self._open.clear()
