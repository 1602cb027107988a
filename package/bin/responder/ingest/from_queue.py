"""The input at work on its queue: receive, read, confirm, delete, for as long as splunkd lets it.

A message is deleted once all files that it names are taken by the index, skipped, or done before. Until then its
visibility is extended. Whatever stops the input, messages that were not deleted come again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import ResponderError
from . import dead_letters, notifications
from .files import File, Files, State
from .notifications import NotOurs
from .objects import source_of
from .queue import Message, Queue, QueueFacts, received
from .reading import UnreadableFile
from .settings import IngestSettings

log = logging.getLogger("cloudtrail_responder")

#: Seconds between two looks at what has ended, and between two lines of counters.
TICK, REPORT = 0.1, 60.0
#: Messages that are deleted in one request, and seconds that the first of them waits for others.
DELETED, DELETE_AFTER = 10, 1.0
#: Messages in hand at most, for each file that is read at the same time.
AHEAD = 8
#: Seconds after which a message comes again whose files could not be read, for each receive; and at most.
AGAIN, LONGEST_AGAIN = 15.0, 900.0
#: Seconds after which one comes again whose file is in other hands.
BUSY = 30.0
#: Seconds in which what was written can be found by a search.
SEARCHABLE = 60.0


@dataclass
class InHand:
    message: Message
    files: list[File] = field(default_factory=list)
    #: Why it names no files.
    error: ResponderError | None = None

    @property
    def is_over(self) -> bool:
        return all(file.is_over for file in self.files)


class FromQueue:
    """``bury``: where dead letters go; None where SQS moves them, or nobody does."""

    def __init__(
        self,
        settings: IngestSettings,
        queue: Queue,
        bury: Queue | None,
        files: Files,
        stop: threading.Event,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._queue, self._bury, self._files, self._stop = settings, queue, bury, files, stop
        self._monotonic = monotonic
        self._in_hand: list[InHand] = []
        self._received: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._may_receive = threading.Event()
        self._failed: BaseException | None = None
        #: What is to be deleted, and when (monotonic) at the latest.
        self._done: list[Message] = []
        self._delete_at = 0.0
        self._deleted = self._buried = 0

    def run(self, should_end: Callable[[], bool]) -> None:
        """Until ``stop``, or ``should_end`` (asked often). Raises a ResponderError that a person has to cure."""
        facts = self._queue.facts()
        self._explain(facts)
        receiver = threading.Thread(target=self._receive, name="receive", daemon=True)
        receiver.start()
        extend_at = self._monotonic() + self._settings.visibility / 3
        report_at = self._monotonic() + REPORT
        try:
            while not self._stop.is_set() and not should_end():
                self._take_in()
                self._settle()
                if self._monotonic() >= extend_at:
                    extend_at = self._monotonic() + self._settings.visibility / 3
                    self._extend()
                if self._monotonic() >= report_at:
                    report_at = self._monotonic() + REPORT
                    self.report()
                self._stop.wait(TICK)
        finally:
            self._stop.set()
            self._may_receive.set()
            self._let_go()
            self.report()

    def report(self) -> None:
        totals = self._files.totals
        log.info(
            "input=%s files=%d records=%d written=%d dropped=%d duplicates=%d present=%d bytes=%d compressed=%d "
            "skipped=%d failed=%d deleted=%d dead_letters=%d in_hand=%d",
            self._settings.name, totals.files, totals.records, totals.written, totals.dropped, totals.duplicates,
            totals.present, totals.bytes, totals.compressed, totals.skipped, totals.failed, self._deleted, self._buried,
            len(self._in_hand),
        )  # fmt: skip

    def _explain(self, facts: QueueFacts) -> None:
        limit = self._settings.poison_limit
        if self._bury is not None and facts.dead_letters and facts.most_receives <= limit:
            log.warning(
                "input=%s the queue moves messages after %d receives by itself, before this input does after %d",
                self._settings.name, facts.most_receives, limit,
            )  # fmt: skip
        if self._bury is None and not facts.dead_letters:
            log.warning("input=%s there is no dead-letter queue: what cannot be read comes again", self._settings.name)

    # -- receiving ---------------------------------------------------------------------------------------------------

    def _receive(self) -> None:
        """In a thread of its own: a long poll keeps nobody waiting."""
        pause = 1.0
        while not self._stop.is_set():
            if not self._may_receive.wait(1.0):
                continue
            try:
                found = self._queue.receive(self._settings.batch, attributes=[dead_letters.REDRIVEN])
                pause = 1.0
            except ResponderError as error:
                if not error.transient:
                    self._failed = error
                    return
                log.warning("input=%s %s", self._settings.name, error)
                self._stop.wait(pause)
                pause = min(60.0, pause * 2)
                continue
            except Exception as error:
                log.exception("input=%s: internal error", self._settings.name)
                self._failed = error
                return
            with self._lock:
                self._received += found
                self._allow()

    def _allow(self) -> None:
        most = max(self._settings.batch, self._settings.downloads * AHEAD)
        if len(self._in_hand) + len(self._received) < most and self._files.has_room:
            self._may_receive.set()
        else:
            self._may_receive.clear()

    def _take_in(self) -> None:
        if self._failed is not None:
            raise self._failed
        with self._lock:
            found, self._received = self._received, []
        for answered in found:
            self._in_hand.append(self._opened(answered))
        with self._lock:
            self._allow()

    def _opened(self, answered: dict[str, Any]) -> InHand:
        message = received(answered)
        taken = InHand(message)
        is_fresh = message.receives == 1 and dead_letters.REDRIVEN not in (answered.get("MessageAttributes") or {})
        try:
            notice = notifications.objects(message.body)
        except ResponderError as error:
            taken.error = error
            return taken
        if not notice.objects:
            log.info("message=%s kind=%s has no files", message.id, notice.kind.value)
        taken.files = [self._files.add(what, is_fresh) for what in notice.objects]
        return taken

    # -- ending ------------------------------------------------------------------------------------------------------

    def _settle(self, is_last: bool = False) -> None:
        try:
            self._files.settle(is_last)
        except ResponderError as error:
            if not error.transient:
                raise
            log.warning("input=%s %s", self._settings.name, error)
        over = [one for one in self._in_hand if one.is_over]
        self._in_hand = [one for one in self._in_hand if not one.is_over]
        for one in over:
            if one.error is not None or any(map(_is_left, one.files)):
                self._again(one)
            else:
                self._delete_at = self._delete_at if self._done else self._monotonic() + DELETE_AFTER
                self._done.append(one.message)
        if len(self._done) >= DELETED or not self._in_hand or self._monotonic() >= self._delete_at:
            self._delete()

    def _delete(self) -> None:
        """What comes again, since it stops in between or SQS fails, is known by then."""
        done, self._done = self._done, []
        self._deleted += len(done) - len(self._queue.delete(done))

    def _again(self, one: InHand) -> None:
        """It was not read as a whole: it comes again, or is a dead letter."""
        error, what = one.error, ""
        for file in one.files:
            if file.state is State.FAILED and (error is None or error.transient):
                error, what = file.error, source_of(file.what)
        message = one.message
        if error is None:
            self._queue.release([message], min(BUSY, self._settings.visibility))
            return
        if not error.transient and not isinstance(error, (UnreadableFile, NotOurs)):
            # It is about the input: no message is to blame.
            self._failed = error
            self._queue.release([message], min(BUSY, self._settings.visibility))
            return
        # Where nothing could be read yet, it is the input that is denied access.
        is_denied = isinstance(error, UnreadableFile) and error.is_denied and not self._files.totals.files
        is_poison = not error.transient and not is_denied and message.receives >= self._settings.poison_limit
        if is_poison and self._bury is not None:
            try:
                dead_letters.bury(self._queue, self._bury, message, str(error), what, self._settings.name)
                self._buried += 1
                return
            except ResponderError as failed:
                log.error("message=%s cannot be sent to the dead letters: %s", message.id, failed)
        log.warning("message=%s receives=%d object=%s %s", message.id, message.receives, what, error)
        seconds = min(AGAIN * message.receives, LONGEST_AGAIN, self._settings.visibility)
        self._queue.release([message], seconds)

    def _extend(self) -> None:
        try:
            self._files.renew()
        except ResponderError as error:
            if not error.transient:
                raise
            log.warning("input=%s %s", self._settings.name, error)
        lost = self._queue.keep([one.message for one in self._in_hand])
        for message in lost:
            # It may be in other hands; what they find done they leave.
            log.warning("message=%s is not extended", message.id)

    def _let_go(self) -> None:
        """Once more what is done, then whatever is left comes again at once."""
        self._files.end_reading()
        try:
            self._settle(is_last=True)
        except ResponderError as error:
            log.warning("input=%s %s", self._settings.name, error)
        self._files.close()
        with self._lock:
            untouched: Sequence[Message] = [received(one) for one in self._received]
        try:
            self._delete()
            self._queue.release(untouched)
            # What was written of these is looked up, and has to be there by then.
            self._queue.release([one.message for one in self._in_hand], min(SEARCHABLE, self._settings.visibility))
        except ResponderError as error:
            log.warning("input=%s %s", self._settings.name, error)


def _is_left(file: File) -> bool:
    return file.state in (State.FAILED, State.BUSY)
