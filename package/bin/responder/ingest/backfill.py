"""The input at work on a range of days of a bucket, page after page of each folder; once, and resumable.

The position is written down once a page is in the index as a whole, so that after a stop the pages under way are read
again, and their files are known. Files that cannot be read are written down, too, and tried again when the input
starts the next time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

from ..errors import ResponderError
from .files import File, Files, State
from .from_queue import SEARCHABLE
from .index_lookup import IndexLookup
from .notifications import S3Object
from .objects import source_of
from .reading import UnreadableFile
from .settings import IngestSettings
from .walking import Page, Walk

log = logging.getLogger("cloudtrail_responder")

TICK, REPORT = 0.05, 30.0
#: Files under way at most.
AHEAD = 2000
#: How often a file is tried in one go, and seconds before it is tried again.
TRIES, AGAIN = 3, 5.0


@dataclass
class Progress:
    """What is written down: where the walk is, and what could not be read."""

    walk: str = ""
    folders: list[str] = field(default_factory=list)
    #: Of folders: those before it are done.
    position: int = 0
    #: In the folder at the position: what is behind it is not done.
    key: str = ""
    files: int = 0
    is_done: bool = False
    #: Key -> why.
    failed: dict[str, str] = field(default_factory=dict)


class ProgressFile:
    def __init__(self, folder: str, walk: str) -> None:
        self._path = os.path.join(folder, "backfill.json")
        self._walk = walk

    def read(self) -> Progress:
        """Empty for another walk, and where there is none. Raises OSError."""
        try:
            with open(self._path, encoding="utf-8") as file:
                found = Progress(**json.load(file))
        except FileNotFoundError:
            return Progress(self._walk)
        except (ValueError, TypeError):
            # It is replaced as a whole, so it was no crash of ours.
            log.warning("%s cannot be read; the back-fill begins anew", self._path)
            return Progress(self._walk)
        return found if found.walk == self._walk else Progress(self._walk)

    def write(self, progress: Progress) -> None:
        """Raises OSError."""
        part = f"{self._path}.part"
        with open(part, "w", encoding="utf-8") as file:
            json.dump(asdict(progress), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, self._path)


def walk_id(settings: IngestSettings) -> str:
    """The same for the same files into the same index."""
    parts = (
        settings.bucket, settings.prefix, settings.first_day.isoformat(), settings.last_day.isoformat(), settings.index,
    )  # fmt: skip
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


@dataclass
class _UnderWay:
    page: Page
    files: list[File]


class Backfill:
    def __init__(
        self,
        settings: IngestSettings,
        walk: Walk,
        files: Files,
        lookup: IndexLookup | None,
        progress: ProgressFile,
        stop: threading.Event,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._walk, self._files, self._lookup = settings, walk, files, lookup
        self._file, self._stop, self._monotonic = progress, stop, monotonic
        self._progress = Progress()
        self._under_way: deque[_UnderWay] = deque()
        self._tries: dict[str, int] = {}
        self._report_at = self._renew_at = 0.0

    def run(self, should_end: Callable[[], bool]) -> None:
        """Until all is read, ``stop``, or ``should_end``. Raises a ResponderError, or OSError."""
        self._progress = self._file.read()
        self._report_at, self._renew_at = self._monotonic() + REPORT, self._monotonic() + self._settings.visibility / 3
        if self._progress.is_done and not self._progress.failed:
            return
        if self._progress.folders:
            # What was written before the stop is looked up, and has to be there by then.
            self._stop.wait(min(SEARCHABLE, self._settings.visibility))
        try:
            self._work(self._pages(), should_end)
        finally:
            self._stop.set()
            self._files.end_reading()
            self._settle()
            self._files.close()
            self._report()

    def _work(self, pages: Iterator[Page], should_end: Callable[[], bool]) -> None:
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
                self._progress.is_done = True
                self._file.write(self._progress)
                return
            if self._monotonic() >= self._renew_at:
                self._renew_at = self._monotonic() + self._settings.visibility / 3
                self._files.renew()
            if self._monotonic() >= self._report_at:
                self._report_at = self._monotonic() + REPORT
                self._report()
            self._stop.wait(TICK)

    @property
    def _has_room(self) -> bool:
        return self._files.has_room and sum(len(one.files) for one in self._under_way) < AHEAD

    def _pages(self) -> Iterator[Page]:
        progress = self._progress
        if progress.is_done:
            keys = sorted(progress.failed)
            yield Page("", tuple(S3Object(self._settings.bucket, key) for key in keys), "")
            return
        if not progress.folders:
            progress.folders = self._walk.folders()
            self._file.write(progress)
        after = progress.key
        for number in range(progress.position, len(progress.folders)):
            yield from self._walk.pages(progress.folders[number], after)
            after = ""

    def _begin(self, page: Page) -> None:
        """Files of which the index has something are looked at record by record; the others are new."""
        known = self._lookup.sources_of(page.files) if self._lookup is not None else None
        files = [
            self._files.add(what, is_fresh=known is not None and source_of(what) not in known) for what in page.files
        ]
        self._under_way.append(_UnderWay(page, files))

    def _settle(self) -> None:
        try:
            self._files.settle()
        except ResponderError as error:
            if not error.transient:
                raise
            log.warning("input=%s %s", self._settings.name, error)
        for under_way in self._under_way:
            self._try_again(under_way)
        while self._under_way and all(file.is_over for file in self._under_way[0].files):
            self._done(self._under_way.popleft())

    def _try_again(self, under_way: _UnderWay) -> None:
        for number, file in enumerate(under_way.files):
            if self._stop.is_set() or file.state not in (State.FAILED, State.BUSY):
                continue
            tried = self._tries.get(file.id, 1)
            if file.error is not None and not file.error.transient and not isinstance(file.error, UnreadableFile):
                raise file.error
            if file.error is not None and (not file.error.transient or tried >= TRIES):
                continue
            if file.error is not None:
                self._tries[file.id] = tried + 1
            self._stop.wait(AGAIN if file.error is not None else 0.2)
            under_way.files[number] = self._files.add(file.what, is_fresh=False)

    def _done(self, under_way: _UnderWay) -> None:
        progress = self._progress
        for file in under_way.files:
            self._tries.pop(file.id, None)
            progress.failed.pop(file.what.key, None)
            if file.state is State.FAILED:
                progress.failed[file.what.key] = str(file.error)
                log.error("input=%s object=%s %s", self._settings.name, source_of(file.what), file.error)
        if under_way.page.folder:
            progress.position = progress.folders.index(under_way.page.folder)
            progress.key = under_way.page.last_key
            progress.files += len(under_way.files)
        self._file.write(progress)

    def _report(self) -> None:
        progress, totals = self._progress, self._files.totals
        log.info(
            "input=%s backfill=%s folder=%d of=%d files=%d records=%d written=%d dropped=%d duplicates=%d present=%d "
            "bytes=%d failed=%d",
            self._settings.name, "done" if progress.is_done else "under_way", progress.position + 1,
            len(progress.folders), progress.files, totals.records, totals.written, totals.dropped, totals.duplicates,
            totals.present, totals.bytes, len(progress.failed),
        )  # fmt: skip
