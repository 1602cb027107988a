"""The input at work on a range of days of a bucket, page after page of each folder, round after round; resumable.

The first round reads what is there. Meanwhile files may have come behind the position, and folders that were not there
when it began; so the next round reads what is newer than when a folder was listed. The last round begins when the range
is over.

The position is written down once a page is in the index as a whole, so that after a stop the pages under way are read
again, and their files are known. Files that cannot be read are written down, too, and tried again in the next round, or
when the input starts the next time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ..errors import ResponderError
from .backfill_progress import Progress, ProgressFile
from .files import File, Files, State
from .from_queue import SEARCHABLE
from .index_lookup import IndexLookup
from .notifications import S3Object
from .objects import source_of
from .reading import Stopped, UnreadableFile
from .settings import IngestSettings
from .walking import Page, Walk

log = logging.getLogger("cloudtrail_responder")

TICK, REPORT = 0.05, 30.0
#: Files under way at most.
AHEAD = 2000
#: How often a file is tried in one go, and seconds before it is tried again; and where it is in other hands.
TRIES, AGAIN, BUSY = 3, 5.0, 0.5
#: Seconds between two rounds, and after which nothing is written any more into the folder of a day that is over.
ROUND, GRACE = 600.0, 3_600.0
#: Seconds by which the time of an object may be before the moment at which it is seen: clocks differ, and replication
#: keeps the time of the original.
LATE = 3_600.0
#: New files that are remembered to be read, until the next round. More are looked up.
MOST_RECENT = 200_000


@dataclass
class _UnderWay:
    page: Page
    files: list[File]


@dataclass
class _Tried:
    times: int
    #: Monotonic.
    again_at: float


class Backfill:
    """``now``: epoch seconds by splunkd's clock."""

    def __init__(
        self,
        settings: IngestSettings,
        walk: Walk,
        files: Files,
        lookup: IndexLookup | None,
        progress: ProgressFile,
        stop: threading.Event,
        now: Callable[[], float],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._walk, self._files, self._lookup = settings, walk, files, lookup
        self._file, self._stop, self._now, self._monotonic = progress, stop, now, monotonic
        self._progress = Progress()
        self._under_way: deque[_UnderWay] = deque()
        self._tried: dict[str, _Tried] = {}
        self._recent: set[str] = set()
        self._report_at = self._renew_at = 0.0
        end = datetime(walk.last.year, walk.last.month, walk.last.day, tzinfo=timezone.utc) + timedelta(days=1)
        self._over_at = end.timestamp() + GRACE

    def run(self, should_end: Callable[[], bool]) -> None:
        """Until all is read, ``stop``, or ``should_end``. Raises a ResponderError, or OSError."""
        self._progress = self._file.read()
        self._report_at, self._renew_at = self._monotonic() + REPORT, self._monotonic() + self._settings.visibility / 3
        if self._progress.is_done and not self._progress.failed:
            return
        if self._progress.folders:
            # What was written before the stop is looked up, and has to be there by then.
            self._stop.wait(min(SEARCHABLE, self._settings.visibility))
        if self._progress.is_walked and not self._progress.is_done:
            self._begin_round()
        try:
            while self._walks(self._pages(), should_end) and not self._progress.is_done:
                if not self._begins_next_round(should_end):
                    break
        finally:
            self._stop.set()
            self._files.end_reading()
            self._settle(is_last=True)
            self._files.close()
            self._report()

    def _walks(self, pages: Iterator[Page], should_end: Callable[[], bool]) -> bool:
        """A round; False where it ends before."""
        is_listed = False
        while not self._stop.is_set() and not should_end():
            if not is_listed and self._has_room:
                page = next(pages, None)
                is_listed = page is None
                if page is not None:
                    self._begin(page)
                    continue
            self._settle()
            if is_listed and not self._under_way:
                self._progress.is_walked = True
                self._progress.is_done = self._progress.is_done or self._progress.is_last
                self._file.write(self._progress)
                return True
            if self._monotonic() >= self._renew_at:
                self._renew_at = self._monotonic() + self._settings.visibility / 3
                self._files.renew()
            if self._monotonic() >= self._report_at:
                self._report_at = self._monotonic() + REPORT
                self._report()
            self._stop.wait(TICK)
        return False

    def _begins_next_round(self, should_end: Callable[[], bool]) -> bool:
        """As soon as it is time; False where the input ends before."""
        begin_at = self._monotonic() + ROUND
        if self._now() < self._over_at:
            self._report("up_to_date")
        while self._now() < self._over_at and self._monotonic() < begin_at:
            if should_end() or self._stop.wait(TICK * 10):
                return False
        self._begin_round()
        return True

    def _begin_round(self) -> None:
        self._progress.begin_round(is_last=self._now() >= self._over_at)
        self._file.write(self._progress)

    @property
    def _has_room(self) -> bool:
        return self._files.has_room and sum(len(one.files) for one in self._under_way) < AHEAD

    def _pages(self) -> Iterator[Page]:
        progress = self._progress
        if progress.failed:
            keys = sorted(progress.failed)
            yield Page("", tuple(S3Object(self._settings.bucket, key) for key in keys), "")
        if progress.is_done:
            return
        if not progress.is_listed:
            progress.folders, progress.is_listed = self._walk.folders(), True
            self._file.write(progress)
        for folder in progress.folders[progress.position :]:
            after = progress.key if folder == progress.folder else ""
            # Before it is listed: what comes from now on may be listed, or not.
            progress.begin_folder(folder, self._now() - LATE)
            since = progress.since(folder)
            if since and not progress.is_last:
                day = datetime.fromtimestamp(since, timezone.utc).date() - timedelta(days=1)
                after = max(after, self._walk.day_in(folder, day))
            yield from self._walk.pages(folder, after, since)

    def _begin(self, page: Page) -> None:
        """Files of which the index has something are looked at record by record; the others are new."""
        wanted = [what for what in page.files if what.key not in self._recent]
        known = self._lookup.sources_of(wanted) if self._lookup is not None and page.folder else None
        files = [self._files.add(what, is_fresh=known is not None and source_of(what) not in known) for what in wanted]
        self._under_way.append(_UnderWay(page, files))

    def _settle(self, is_last: bool = False) -> None:
        try:
            self._files.settle(is_last)
        except ResponderError as error:
            if not error.transient:
                raise
            log.warning("input=%s %s", self._settings.name, error)
        for under_way in self._under_way:
            self._try_again(under_way)
        while self._under_way and all(map(self._is_through, self._under_way[0].files)):
            self._done(self._under_way.popleft())

    def _try_again(self, under_way: _UnderWay) -> None:
        for number, file in enumerate(under_way.files):
            if file.state not in (State.FAILED, State.BUSY) or file in self._files or self._stop.is_set():
                continue
            error = file.error
            if error is not None and not error.transient and not isinstance(error, UnreadableFile):
                raise error
            tried = self._tried.get(file.id)
            if tried is None or tried.again_at == 0.0:
                times = (tried.times if tried else 0) + (error is not None)
                wait = BUSY if error is None else AGAIN
                tried = self._tried[file.id] = _Tried(times, self._monotonic() + wait)
            if not self._is_through(file) and self._monotonic() >= tried.again_at:
                tried.again_at = 0.0
                under_way.files[number] = self._files.add(file.what, is_fresh=False)

    def _is_through(self, file: File) -> bool:
        """Whether the position may go beyond it: it is in the index, or written down as one that cannot be read."""
        if file in self._files:
            return False
        if file.state is State.FAILED and not isinstance(file.error, UnreadableFile):
            tried = self._tried.get(file.id)
            return tried is not None and tried.times >= TRIES and not isinstance(file.error, Stopped)
        return file.is_over and file.state is not State.BUSY

    def _done(self, under_way: _UnderWay) -> None:
        progress, page = self._progress, under_way.page
        for file in under_way.files:
            self._tried.pop(file.id, None)
            progress.failed.pop(file.what.key, None)
            if file.state is State.FAILED:
                progress.failed[file.what.key] = str(file.error)
                log.error("input=%s object=%s %s", self._settings.name, source_of(file.what), file.error)
            elif (file.what.modified or 0.0) >= progress.first.get(page.folder, 0.0):
                self._remember(file.what.key)
        if page.folder:
            progress.folder, progress.key = page.folder, page.last_key
            progress.files += len(under_way.files)
        self._file.write(progress)

    def _remember(self, key: str) -> None:
        if len(self._recent) >= MOST_RECENT:
            self._recent.clear()
        self._recent.add(key)

    def _report(self, state: str = "under_way") -> None:
        progress, totals = self._progress, self._files.totals
        log.info(
            "input=%s backfill=%s folder=%d of=%d files=%d records=%d written=%d dropped=%d duplicates=%d present=%d "
            "bytes=%d failed=%d",
            self._settings.name, "done" if progress.is_done else state, progress.position + 1, len(progress.folders),
            progress.files, totals.records, totals.written, totals.dropped, totals.duplicates, totals.present,
            totals.bytes, len(progress.failed),
        )  # fmt: skip
