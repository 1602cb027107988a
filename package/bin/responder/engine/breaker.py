"""A breaker leaves a service alone that is away: after a few failures in a row nothing is sent to it for a while.

When its pause is over, one request is let through. If that succeeds everything goes on, slowly at first; if not, the
pause was doubled already. All search heads share it through the KV store, a document for each opening:

    responder_marks/breaker:<service>:<number>   {"service", "until", "pause"}, at

The insert of the next number is at the same time the claim of the one request that is let through, and what puts off
everybody else until that is answered: of all processes one can make it. Whoever has success removes the documents. So
two thousand tasks that wait for the service cost one write for each pause, and none of them is written.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Callable, Protocol

from ..errors import ResponderError
from ..splunk.client import Document, Splunkd
from ..splunk.queries import either

log = logging.getLogger("cloudtrail_responder")

MARKS = "responder_marks"
PREFIX = "breaker:"
#: Failures in a row that open it.
FAILURES = 3
#: Seconds of the first pause; doubled with each failure after it, up to the longest, and spread by up to this part.
FIRST_PAUSE, LONGEST_PAUSE, SPREAD = 30.0, 300.0, 0.2
#: Seconds that a document needs, at most, until every search head can read it.
LAG = 10.0


@dataclass(frozen=True)
class Opening:
    """Until when a service is left alone. ``number``: which of the openings in a row it is."""

    number: int
    #: Epoch seconds, by splunkd's clock.
    until: float
    #: Seconds, without the spread.
    pause: float
    at: float = 0.0
    #: When the first of the openings in a row was, as far as that was read; 0 for unknown.
    since: float = 0.0


class Ledger(Protocol):
    """Where openings are written down for all processes."""

    def open(self, service: str, opening: Opening) -> bool:
        """False when somebody else was first with this number."""

    def close(self, service: str) -> None: ...


class Marks:
    """The openings in the KV store. While that does not answer, each process is on its own."""

    def __init__(self, splunkd: Splunkd) -> None:
        self._splunkd = splunkd

    def open(self, service: str, opening: Opening) -> bool:
        document = {"service": service, "until": opening.until, "pause": opening.pause}
        key = f"{PREFIX}{service}:{opening.number}"
        try:
            return self._splunkd.insert(MARKS, {"_key": key, "value": json.dumps(document), "at": opening.at})
        except ResponderError as error:
            log.error("service=%s: that it is left alone could not be written: %s", service, error)
            return True

    def close(self, service: str) -> None:
        self._remove(f"{PREFIX}{service}:", f"{PREFIX}{service};")

    def close_all(self) -> None:
        self._remove(PREFIX, PREFIX[:-1] + ";")

    def _remove(self, first: str, end: str) -> None:
        try:
            self._splunkd.delete_where(MARKS, {"_key": {"$gte": first, "$lt": end}})
        except ResponderError as error:
            # Others let one request through when the pause is over, and then remove it.
            log.error("mark=%s was not removed: %s", first, error)

    def read(self) -> dict[str, Opening]:
        """The newest opening of each service that is left alone. Raises a ResponderError when splunkd fails."""
        return self.read_beside(())[0]

    def read_beside(self, others: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Opening], list[Document]]:
        """The same; and by the same request the marks that match one of some other queries of keys."""
        found, beside = dict[str, Opening](), list[Document]()
        openings = {"_key": {"$gte": PREFIX, "$lt": PREFIX[:-1] + ";"}}
        for document in self._splunkd.find(MARKS, either([openings, *others])):
            if not str(document.get("_key")).startswith(PREFIX):
                beside.append(document)
                continue
            read = _opening(document)
            if read is not None:
                service, opening = read
                known = found.get(service, opening)
                first = min(filter(None, (known.since, opening.at)), default=0.0)
                found[service] = replace(max(known, opening, key=lambda one: one.number), since=first)
        return found, beside


def _opening(document: Mapping[str, object]) -> tuple[str, Opening] | None:
    key = str(document.get("_key"))
    try:
        stored = json.loads(str(document.get("value")))
        number, at = int(key.rpartition(":")[2]), float(str(document.get("at") or 0))
        return str(stored["service"]), Opening(number, float(stored["until"]), float(stored["pause"]), at)
    except (ValueError, KeyError, TypeError):
        log.error("mark=%s is damaged and has no effect", key)
        return None


class Note:
    """Something to be written down for all processes: an opening, or None for that the service works again."""

    def __init__(self, opening: Opening | None) -> None:
        self.opening = opening
        #: Whether it is written, and nobody else was first with the opening's number.
        self.is_taken = False

    def write(self, ledger: Ledger, service: str) -> None:
        if self.opening is None:
            ledger.close(service)
        else:
            self.is_taken = ledger.open(service, self.opening)


class Breaker:
    """Of one service, in one process. Not thread-safe. It decides; what it wants written down others write."""

    def __init__(self, service: str, chance: Callable[[], float] = random.random) -> None:
        self.service = service
        self._chance = chance
        self._failures = 0
        self._opening: Opening | None = None
        self._has_probe = False

    def left(self, now: float) -> float:
        """Seconds for which nothing is to be tried; 0 also when it is time to let one request through."""
        return max(0.0, self._opening.until - now) if self._opening is not None else 0.0

    @property
    def is_closed(self) -> bool:
        return self._opening is None

    def enter(self, now: float) -> tuple[float, Note | None]:
        """Seconds to stay away; 0 for a request that may be made.

        With a note it is the one that is let through if the note is taken; ``lost`` otherwise.
        """
        if self._opening is None:
            return 0.0, None
        left = self.left(now)
        if left > 0:
            return left, None
        self._opening, self._has_probe = self._next(now), True
        return 0.0, Note(self._opening)

    def lost(self, note: Note) -> None:
        """Somebody else's request is let through. What came of it is read with the next round."""
        if self._opening is note.opening:
            self._has_probe = False

    def failed(self, now: float) -> Note | None:
        self._failures += 1
        if self._has_probe:
            # It was opened anew before it was tried.
            self._has_probe = False
        elif self._opening is None and self._failures >= FAILURES:
            self._opening = self._next(now)
            log.warning("service=%s is left alone for %.0f s", self.service, self.left(now))
            return Note(self._opening)
        return None

    def hold(self, now: float, seconds: float) -> Note:
        """It asked to be left alone for a longer while."""
        self._has_probe = False
        number = self._opening.number + 1 if self._opening is not None else 1
        self._opening = Opening(number, now + seconds * (1 + SPREAD * self._chance()), FIRST_PAUSE, now)
        log.warning("service=%s asks to be left alone for %.0f s", self.service, seconds)
        return Note(self._opening)

    def worked(self) -> Note | None:
        """What is to be written when this ends a time in which the service was left alone."""
        self._failures = 0
        if self._opening is None or not self._has_probe:
            # What was sent before it was left alone says nothing about now.
            return None
        self._opening, self._has_probe = None, False
        log.warning("service=%s works again", self.service)
        return Note(None)

    def not_tried(self, now: float) -> None:
        """The request that was let through has told nothing: another one may."""
        if self._has_probe and self._opening is not None:
            self._has_probe = False
            self._opening = Opening(self._opening.number, now, self._opening.pause, self._opening.at)

    def heard(self, opening: Opening | None, now: float) -> bool:
        """What the KV store says of it, None for nothing. Whether this ends a time in which it was left alone."""
        if self._has_probe:
            return False
        own = self._opening
        if opening is not None:
            if own is None or opening.number > own.number:
                self._opening = opening
            return False
        if own is None or now - own.at < LAG:
            return False
        self._opening, self._failures = None, 0
        return True

    def _next(self, now: float) -> Opening:
        before = self._opening
        pause = FIRST_PAUSE if before is None else min(before.pause * 2, LONGEST_PAUSE)
        number = 1 if before is None else before.number + 1
        return Opening(number, now + pause * (1 + SPREAD * self._chance()), pause, now)
