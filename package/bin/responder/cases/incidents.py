"""Which cases are told in the ticket and thread of another one, their parent: docs/incidents.md.

A subject is what cases have in common: an actor, or a detection that finds many things at once. Of each subject there
is a log, ``responder_incidents``, that only grows:

    <subject>:<number>    parent, since, first, last, run, at

The insert of the next number is the claim, so what two search heads decide at once is decided once. An entry says: what
happened from ``first`` to ``last`` (and a little before and after) is told in the case ``parent``. Of several entries
that cover a finding the oldest counts, whichever subject it is of. So a finding that is handed over again, by another
action or in a later run, is told where it was told before, whatever else has been decided since.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Callable

from ..errors import Unavailable, one_line
from ..remembered import Remembered
from ..splunk.client import Splunkd
from ..splunk.queries import either
from .keys import case_checked

log = logging.getLogger("cloudtrail_responder")

INCIDENTS = "responder_incidents"
HOUR, DAY = 3600.0, 86_400.0
#: No incident goes on for longer, and no entry is needed for longer than that and what alerts look back.
LONGEST, KEPT = 7 * DAY, 60 * DAY
#: Hours within which a digest of a detection goes on, where incidents are switched off.
DIGEST_HOURS = 24
#: An entry covers what is within this part of the window.
MARGIN = 1 / 8
#: Subjects named in one query: it is a part of an address.
NAMED = 220
#: Claims that are tried again because somebody else was first.
TRIES = 8
#: Seconds for which the actions of one run need not read again what was read for the first.
REMEMBERED = 20.0

#: By the splunkd, the run and what was asked for.
_read_lately: Remembered[tuple[Entry, ...]] = Remembered(REMEMBERED)


def subject_of(*names: str) -> str:
    """The key of a subject: 16 hex digits."""
    joined = "\x00".join(names)
    return hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True)
class Entry:
    subject: str
    number: int
    #: The subject of the access key, where the first was the principal's: a finding may name a key only.
    alias: str
    parent: str
    #: When the incident began, and what the entry covers, in epoch seconds of events.
    since: float
    first: float
    last: float
    run: str
    #: When it was written.
    at: float

    @property
    def key(self) -> str:
        return f"{self.subject}:{self.number}"

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Entry:
        """One that cannot be read keeps its number and says nothing."""
        subject, _, number = str(document["_key"]).rpartition(":")
        taken = int(number) if number.isdecimal() else 0
        try:
            return cls(
                subject=subject,
                number=taken,
                alias=str(document.get("alias") or ""),
                parent=case_checked(document.get("parent")),
                since=float(document["since"]),
                first=float(document["first"]),
                last=float(document["last"]),
                run=str(document.get("run") or ""),
                at=float(document["at"]),
            )
        except (ValueError, KeyError, TypeError):
            log.error("The entry %s of %s cannot be read; it is passed over.", one_line(document["_key"]), INCIDENTS)
            return cls(subject, taken, "", "", 0.0, 0.0, 0.0, "", 0.0)

    def distance(self, time: float) -> float:
        """Seconds between a moment and what is covered."""
        return max(self.first - time, time - self.last, 0.0)


@dataclass(frozen=True)
class Candidate:
    """A finding, as far as it matters in which case it is told."""

    case_id: str
    #: Epoch seconds of its last event; 0 when it has no time.
    time: float
    #: Subjects of its actor, the best first: none for a finding without one.
    actors: tuple[str, ...] = ()
    #: Subject of its detection; empty where that makes no digests.
    detection: str = ""

    @property
    def one(self) -> str:
        """What makes it one of many: what one actor did is not many things, for it is an incident."""
        return self.actors[0] if self.actors else self.case_id


#: Given places of candidates, each with the parent that it would have ("" for none yet): those that go on in their own
#: cases, which have told of them.
Stay = Callable[[Mapping[int, str]], Iterable[int]]


@dataclass
class Incidents:
    """Decides for the findings of one batch of a run."""

    splunkd: Splunkd
    run: str
    #: Seconds: 0 where incidents are switched off.
    window: float
    #: New cases of one detection above which they are one digest; 0 for never.
    limit: int
    stay: Stay = lambda places: ()
    #: Whether each result of the run is a batch of its own: then the new cases of the run are counted in a log, too.
    one_by_one: bool = False
    _entries: list[Entry] = field(default_factory=list)

    def parents(self, candidates: Sequence[Candidate]) -> list[str]:
        """The case in which each is told, in order: its own, or another. Raises ResponderError."""
        subjects = _asked_about(candidates, self._counting)
        if not subjects:
            return [one.case_id for one in candidates]
        lately = (self.splunkd.uri, self.run, subjects)
        remembered = _read_lately.get(lately)
        self._entries = list(remembered) if remembered is not None else self._read(subjects)
        for _ in range(TRIES):
            found = self._decide(candidates)
            if found is not None:
                _read_lately.put(lately, tuple(self._entries))
                return found
            # Somebody else was first: as it stands now, then.
            self._entries = self._read(subjects)
        raise Unavailable("Other processes group findings of the same actor now.", "It is tried again.", retry_after=1)

    # -- deciding ------------------------------------------------------------------------------------------------

    def _decide(self, candidates: Sequence[Candidate]) -> list[str] | None:
        """None where a claim was not granted."""
        # What was counted has a ticket and a thread of its own, whatever has come of the others since.
        candidates = [replace(one, detection="") if self._is_counted(one) else one for one in candidates]
        parents: dict[int, str] = {}
        for place, one in enumerate(candidates):
            entry = self._covering(one)
            if entry is not None:
                parents[place] = entry.parent
        digests = self._digests(candidates, [place for place in range(len(candidates)) if place not in parents])
        if digests is None:
            return None
        parents.update(digests)
        for place, one in enumerate(candidates):
            if place in parents:
                continue
            parent = self._incident(one) if one.actors else one.case_id
            if parent is None:
                return None
            parents[place] = parent
        self._leave_some(candidates, parents)
        return [parents[place] for place in range(len(candidates))]

    def _digests(self, candidates: Sequence[Candidate], places: Sequence[int]) -> dict[int, str] | None:
        """Parents of those that are too many of one detection, or come while a digest of it goes on."""
        by_detection: dict[str, list[int]] = {}
        for place in places:
            if candidates[place].detection:
                by_detection.setdefault(candidates[place].detection, []).append(place)
        found: dict[int, str] = {}
        for detection, of_it in by_detection.items():
            going_on = self._going_on(detection, [candidates[place].time for place in of_it])
            if going_on is None:
                of_it = self._new(candidates, of_it)
                are_many = self._are_many(detection, [candidates[place] for place in of_it])
                if are_many is None:
                    return None
                if not are_many:
                    continue
            times = [candidates[place].time for place in of_it if candidates[place].time]
            parent = going_on.parent if going_on else candidates[of_it[0]].case_id
            first, last = min(times, default=0.0), max(times, default=0.0)
            since = going_on.since if going_on else first
            if not self._claim(detection, "", parent, since, first, last):
                return None
            found.update((place, parent) for place in of_it)
        return found

    def _are_many(self, detection: str, new: Sequence[Candidate]) -> bool | None:
        """Whether there are more new cases of a detection than the limit; None where a claim was not granted."""
        if len({one.one for one in new}) > self.limit:
            return True
        for one in new if self.one_by_one and self.run else ():
            counted = {entry.parent for entry in self._entries if entry.subject == self._counting(detection)}
            if len(counted) >= self.limit:
                return True
            if not self._claim(self._counting(detection), "", one.case_id, one.time, one.time, one.time):
                return None
        return False

    def _counting(self, detection: str) -> str:
        """The subject of the cases of a detection that are counted; empty where none are."""
        return subject_of("run", detection, self.run) if self.one_by_one and self.run and detection else ""

    def _is_counted(self, one: Candidate) -> bool:
        subject = self._counting(one.detection)
        return bool(subject) and any((entry.subject, entry.parent) == (subject, one.case_id) for entry in self._entries)

    def _new(self, candidates: Sequence[Candidate], places: list[int]) -> list[int]:
        """Those that were not told of in their own cases; asked only where there are too many."""
        if len({candidates[place].one for place in places}) <= self.limit:
            return places
        staying = set(self.stay(dict.fromkeys(places, "")))
        return [place for place in places if place not in staying]

    def _going_on(self, detection: str, times: Sequence[float]) -> Entry | None:
        """The digest that findings of a detection belong to: that of the same run, else one of a short while ago."""
        found = [entry for entry in self._entries if entry.subject == detection and entry.parent]
        of_run = [entry for entry in found if self.run and entry.run == self.run]
        window = self.window or DIGEST_HOURS * HOUR
        near = [entry for entry in found if any(_is_near(entry, time, window) for time in times)]
        return min(of_run or near, key=_age, default=None)

    def _incident(self, one: Candidate) -> str | None:
        """The case of the actor's incident, a new one where none goes on. None where the claim was not granted."""
        near = [entry for entry in self._about(one.actors) if _is_near(entry, one.time, self.window)]
        # The principal's before the key's; then the nearest.
        near.sort(key=lambda entry: (_place(entry, one.actors), entry.distance(one.time), _age(entry)))
        parent, since = (near[0].parent, near[0].since) if near else (one.case_id, one.time)
        alias = one.actors[1] if len(one.actors) > 1 else ""
        since = min(since, one.time)
        return parent if self._claim(one.actors[0], alias, parent, since, one.time, one.time) else None

    def _covering(self, one: Candidate) -> Entry | None:
        """The oldest entry that covers a finding."""
        if not one.time:
            return None
        about = self._about((*one.actors, one.detection))
        found = [entry for entry in about if entry.distance(one.time) <= self._margin(entry, one)]
        return min(found, key=_age, default=None)

    def _margin(self, entry: Entry, one: Candidate) -> float:
        is_digest = entry.subject == one.detection
        return MARGIN * (self.window or (DIGEST_HOURS * HOUR if is_digest else 0.0))

    def _about(self, subjects: Sequence[str]) -> list[Entry]:
        named = set(filter(None, subjects))
        return [one for one in self._entries if one.parent and (one.subject in named or one.alias in named)]

    def _leave_some(self, candidates: Sequence[Candidate], parents: dict[int, str]) -> None:
        """What goes on in its own case stays out of digests."""
        digests = {entry.parent for entry in self._entries if entry.subject in {one.detection for one in candidates}}
        moved = {place: parents[place] for place, one in enumerate(candidates) if parents[place] != one.case_id}
        moved = {place: parent for place, parent in moved.items() if parent in digests}
        for place in self.stay(moved) if moved else ():
            parents[place] = candidates[place].case_id

    # -- the log -------------------------------------------------------------------------------------------------

    def _claim(self, subject: str, alias: str, parent: str, since: float, first: float, last: float) -> bool:
        number = max((entry.number for entry in self._entries if entry.subject == subject), default=0) + 1
        entry = Entry(subject, number, alias, parent, since, first, last, self.run, self.splunkd.now())
        if any(_says_the_same(entry, known) for known in self._entries):
            return True
        if not self.splunkd.insert(INCIDENTS, {"_key": entry.key, **vars(entry)}):
            return False
        self._entries.append(entry)
        return True

    def _read(self, subjects: Sequence[tuple[str, str]]) -> list[Entry]:
        found: dict[str, Entry] = {}
        queries = [{name: subject} for name, subject in subjects]
        for first in range(0, len(queries), NAMED):
            for document in self.splunkd.find(INCIDENTS, either(queries[first : first + NAMED])):
                found[str(document["_key"])] = Entry.of(document)
        return list(found.values())


def remove_old(splunkd: Splunkd, now: float) -> None:
    """Remove what no finding can be about any more."""
    splunkd.delete_where(INCIDENTS, {"at": {"$lt": now - KEPT}})


def _asked_about(candidates: Sequence[Candidate], counting: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    """Fields and values of the entries that matter."""
    named = ((*one.actors, one.detection, counting(one.detection)) for one in candidates)
    found = {("subject", name) for names in named for name in names if name}
    # A finding that names a key only belongs to its principal's incident.
    found |= {("alias", one.actors[0]) for one in candidates if len(one.actors) == 1}
    return tuple(sorted(found))


def _age(entry: Entry) -> tuple[float, str]:
    return entry.at, entry.key


def _is_near(entry: Entry, time: float, window: float) -> bool:
    """Whether a moment is within the window of an incident, which then lasts a week at most."""
    return bool(time) and entry.distance(time) <= window and abs(time - entry.since) <= LONGEST


def _place(entry: Entry, actors: Sequence[str]) -> int:
    return next(place for place, name in enumerate(actors) if name in (entry.subject, entry.alias))


def _says_the_same(entry: Entry, known: Entry) -> bool:
    """Whether a claim would add nothing: the same findings, another action of the run."""
    return replace(entry, number=known.number, at=known.at) == known
