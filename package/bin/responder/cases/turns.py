"""Turns: of the tasks of one lane only one runs at a time, on whichever search head.

The KV store has no compare-and-set; the insert of a ``_key`` is its only atomic thing. So a turn is the insert of
``<lane>:<number>``, one more than the last one. A turn ends when its holder writes ``released_at``, or when it is
superseded: its time is up.

A turn is claimed as late as possible: everything is read and rendered first, and the insert that claims it says in the
same write what is about to be sent. Whatever somebody else did in the lane since it was read took a turn, too; then the
number is gone, and nothing was sent.

Two facts make it safe against a holder that was stopped for longer than that and then goes on:

- It sends nothing: ``Turn.check`` is asked at the socket, and counts by this machine's monotonic clock.
- It overwrites nothing: what a turn did is kept in the turn's own document, which nobody else writes. A task's document
  that is older than a turn which worked on it is brought up to date when it is read (``overlay``).

Time is that of splunkd, not of the process. A turn taken through another splunkd is superseded only after this one has
seen it held for the whole time by its own clock, so that clocks of two search heads are never compared.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import socket
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Protocol

from ..errors import OutOfTime, ResponderError
from ..json_limits import bounded_json
from .keys import Lane, turn
from .states import State
from .task import Attempt, Task

log = logging.getLogger("cloudtrail_responder")

LEASE_SECONDS = 180.0
#: Nothing is sent in the last part of a turn: what is sent must have ended before somebody else may look it up.
MAY_SEND = 0.6
#: Turns of a lane that are read: enough to see what is in doubt, and what a stopped holder may have overwritten.
RECENT = 50
#: Older ones are removed each time the lane has had as many turns; never within so many seconds, which is longer than
#: any request can be under way.
CLEAN_EVERY, KEPT = 20, 7200.0
#: Of a turn's document, beside those that a task's has, too.
TURN_FIELDS = ("number", "holder", "member", "taken_at", "released_at", "sent", "results")
#: Characters of what a turn did from which on only the newest few that were read are remembered.
LONG_RESULTS = 4_000
#: Seconds after which what was read of a lane claims nothing any more: much less than turns are kept for.
LONGEST_READ = 600.0


class TurnTaken(Exception):
    """Somebody else has taken the turn. Nothing was sent, and nothing of what was worked out counts."""


@dataclass(frozen=True)
class StoredTurn:
    """A turn as its document says."""

    number: int
    holder: str
    member: str
    taken_at: float
    released_at: float
    attempts: Sequence[Attempt]
    results: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> StoredTurn | None:
        """None for one that cannot be read: only a person can have damaged it."""
        attempts, results = _contents(document)
        try:
            return cls(
                # The key is what was claimed.
                number=int(str(document["_key"]).rpartition(":")[2]),
                holder=str(document.get("holder") or ""),
                member=str(document.get("member") or ""),
                taken_at=float(document.get("taken_at") or 0),
                released_at=float(document.get("released_at") or 0),
                attempts=attempts,
                results=results,
            )
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            log.error("turn=%s is damaged (%s) and is passed over", document.get("_key"), type(error).__name__)
            return None


def _contents(document: Mapping[str, Any]) -> tuple[Sequence[Attempt], Mapping[str, Mapping[str, Any]]]:
    """What a turn did. Of a document that only a person can have damaged, nothing."""
    try:
        stored, sent = document.get("results") or "{}", document.get("sent")
        results = _long_results(stored) if len(stored) > LONG_RESULTS else _short_results(stored)
        return [Attempt.from_dict(attempt) for attempt in bounded_json(sent)] if sent else [], results
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        log.error("turn=%s is damaged (%s); what it sent cannot be looked up", document.get("_key"), error)
        return [], {}


def _results(stored: str) -> Mapping[str, Mapping[str, Any]]:
    results = bounded_json(stored)
    if not isinstance(results, dict):
        raise TypeError("results")
    return results


#: A turn is read again with each occurrence of its case. Not to be changed.
_short_results = functools.lru_cache(maxsize=512)(_results)
_long_results = functools.lru_cache(maxsize=16)(_results)


class Documents(Protocol):
    """Where turns are written; ``store.TaskStore`` is one."""

    def insert(self, document: Mapping[str, Any]) -> bool: ...

    def fetch(self, key: str) -> Mapping[str, Any] | None: ...

    def save(self, *documents: Mapping[str, Any]) -> None: ...

    def delete_where(self, query: Mapping[str, Any]) -> None: ...


@dataclass
class Turn:
    """The next turn of a lane: this process's from ``claim`` on."""

    documents: Documents
    lane: Lane
    number: int
    holder: str
    member: str
    lease_seconds: float
    #: Monotonic seconds of this machine: before the lane was read, and from ``claim`` on, before it was asked for.
    began: float
    #: Epoch seconds, by splunkd's clock.
    clock: Callable[[], float]
    #: Turns before it, oldest first.
    earlier: Sequence[StoredTurn] = ()
    #: What is in doubt: sent by this turn or an earlier one, without anybody knowing what came of it.
    attempts: dict[str, Attempt] = field(default_factory=dict)
    results: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    is_claimed: bool = False
    taken_at: float = 0.0
    released_at: float = 0.0

    @property
    def left(self) -> float:
        """Seconds in which an effect may still begin."""
        return self.lease_seconds * MAY_SEND - (time.monotonic() - self.began)

    @property
    def is_over(self) -> bool:
        """Whether somebody else may have taken the next turn."""
        return time.monotonic() - self.began > self.lease_seconds

    def check(self) -> None:
        """Ask right before each effect, at the socket. Raises OutOfTime when it must not begin any more."""
        if self.left <= 0:
            raise OutOfTime(f"The turn of {self.lane} is over.", "The worker goes on with it.", retry_after=0)
        if not self.is_claimed:
            raise OutOfTime(f"The turn of {self.lane} was not claimed.", "The worker goes on with it.", retry_after=0)

    def claim(self) -> None:
        """Make it ours, with what is about to be sent. Raises TurnTaken when somebody else was first."""
        if not self.is_claimed:
            self._claim()

    def send(self, attempt: Attempt) -> None:
        """Write down what is about to be sent; only then it may be. Raises TurnTaken."""
        self.attempts[attempt.task] = replace(attempt, turn=self.number)
        if self.is_claimed:
            self.documents.save(self.document())
        else:
            self._claim()

    def settled(self, task: Task) -> None:
        """Remember how a task stands now that it was worked on; written with the next effect or the release."""
        owed = {"audit": json.dumps(task.audit, default=str)} if task.audit else {}
        self.results[task.key] = {**task.progress(), **owed}
        if task.state is not State.UNKNOWN:
            self.attempts.pop(task.key, None)

    @property
    def is_released(self) -> bool:
        return self.released_at > 0

    def released(self) -> dict[str, Any]:
        """The document that ends it."""
        self.released_at = self.released_at or self.clock()
        return self.document()

    def claim_and_release(self) -> None:
        """In one: there is nothing to send, only how the tasks stand. Raises TurnTaken."""
        self.released_at = self.clock()
        try:
            self._claim()
        except Exception:
            self.released_at = 0.0
            raise

    def release(self) -> None:
        """End it without anything else to write."""
        self.documents.save(self.released())
        self.clean()

    def clean(self) -> None:
        """Now and then, remove turns that nothing depends on any more."""
        if self.is_claimed and self.number % CLEAN_EVERY == 0:
            old = {"lane": str(self.lane), "number": {"$gte": 1, "$lte": self.number - RECENT}}
            try:
                self.documents.delete_where({**old, "taken_at": {"$lt": self.clock() - KEPT}})
            except ResponderError as error:
                log.warning("lane=%s: old turns are removed another time: %s", self.lane, error)

    def _claim(self) -> None:
        now = time.monotonic()
        if now - self.began > LONGEST_READ:
            raise OutOfTime(f"The lane {self.lane} was read too long ago.", "It is read again.", retry_after=0)
        # Others count from when they see it claimed: everything until then was read while nobody had a turn.
        self.began, self.taken_at = now, self.clock()
        if not self.documents.insert(self.document()):
            # Inserted by somebody else; or by us, in a request whose answer was lost.
            found = self.documents.fetch(turn(self.lane, self.number))
            if found is None or found.get("holder") != self.holder:
                raise TurnTaken(str(self.lane))
            self.documents.save(self.document())
        self.is_claimed = True

    def in_doubt(self, tasks: Mapping[str, Task]) -> list[Attempt]:
        """What earlier turns sent, or may have sent, and never found out about; oldest first.

        ``tasks``: those of the lane by key, after ``overlay``. From here on this turn carries them: they are written
        into its document until they are settled.
        """
        newest: dict[str, Attempt] = {}
        for attempt in (attempt for earlier in self.earlier for attempt in earlier.attempts):
            known = newest.get(attempt.task)
            if known is None or attempt.turn > known.turn:
                newest[attempt.task] = attempt
        self.attempts = {key: attempt for key, attempt in newest.items() if _is_open(attempt, tasks.get(key))}
        return sorted(self.attempts.values(), key=lambda attempt: attempt.turn)

    def document(self) -> dict[str, Any]:
        return {
            "_key": turn(self.lane, self.number),
            "case_id": self.lane.case_id,
            "lane": str(self.lane),
            "number": self.number,
            "holder": self.holder,
            "member": self.member,
            "taken_at": self.taken_at,
            "released_at": self.released_at,
            "sent": json.dumps([a.to_dict() for a in self.attempts.values()]) if self.attempts else "",
            "results": json.dumps(self.results) if self.results else "",
        }


def overlay(tasks: Iterable[Task], turns: Sequence[StoredTurn]) -> list[Task]:
    """The tasks of a lane as its newest turn left them, whatever an older holder wrote over them since."""
    newest = {task.key: task for task in tasks}
    # A busy lane has hundreds of tasks and turns: each turn knows which few of them it has worked on.
    for stored in turns:
        for key in stored.results:
            if key in newest:
                newest[key] = _as_left(newest[key], stored)
    return list(newest.values())


def newest(task: Task, turns: Sequence[StoredTurn]) -> Task:
    """The same for one task."""
    for stored in turns:
        if task.key in stored.results:
            task = _as_left(task, stored)
    return task


def _as_left(task: Task, by: StoredTurn) -> Task:
    progress = by.results[task.key]
    try:
        # A turn may save a task twice: of the same number, what is not final may be the first of the two.
        if by.number > task.turn or (by.number == task.turn and not task.stands_as(progress)):
            return task.with_progress(progress)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        # Of a newer version of the app, or damaged by hand: the task's own document counts.
        log.error("task=%s: what turn %s says of it cannot be read (%s)", task.key, by.number, error)
    return task


def _is_open(attempt: Attempt, task: Task | None) -> bool:
    """Whether nobody has found out since what came of an attempt.

    A turn that has looked up in vain saves the task and then sends it anew: of what it left open, its number says
    nothing.
    """
    if task is None or task.turn < attempt.turn or task.state is State.UNKNOWN:
        return True
    return task.turn == attempt.turn and not task.final


class Turns:
    """Prepares turns for one process."""

    def __init__(
        self,
        documents: Documents,
        uri: str,
        clock: Callable[[], float],
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._documents = documents
        self._now = clock
        self.lease_seconds = lease_seconds
        self._member = hashlib.sha256(f"{socket.gethostname()} {uri}".encode()).hexdigest()[:16]

    def prepare(self, lane: Lane, earlier: Sequence[StoredTurn], began: float) -> Turn | None:
        """The next turn of a lane, not claimed yet; None while somebody else has one.

        ``earlier``: the newest turns, oldest first, read after ``began`` (monotonic seconds). Raises ResponderError.
        """
        last = earlier[-1] if earlier else None
        if last and not last.released_at and not self._is_over(lane, last):
            return None
        prepared = Turn(
            self._documents,
            lane,
            last.number + 1 if last else 1,
            uuid.uuid4().hex,
            self._member,
            self.lease_seconds,
            began,
            self._now,
            earlier,
        )
        # Carried on from the first moment: were this turn to end at once, the next one must still see them.
        prepared.in_doubt({})
        return prepared

    def _is_over(self, lane: Lane, held: StoredTurn) -> bool:
        now = self._now()
        if held.member == self._member:
            return now - held.taken_at > self.lease_seconds
        # Taken through another splunkd, whose clock may be any: count from when this one saw it first.
        sighting = f"{turn(lane, held.number)}:{self._member}"
        document = {"_key": sighting, "lane": f"{lane}:sightings", "number": 0, "taken_at": now}
        if self._documents.insert(document):
            return False
        seen = self._documents.fetch(sighting)
        return seen is not None and now - float(seen.get("taken_at") or now) > self.lease_seconds
