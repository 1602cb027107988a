"""What a sweep knows of what it has seen wrong: since when, and whether it was right in between.

    responder_sweep/episode:<sweep>:<case>:<number>     from when it is seen wrong until it is seen right

An episode begins by the insert of the next number, so it is one, whoever sees it. What is recorded of it follows from
when it began: recorded again after a stop, it is the same tasks. It ends when a whole look at its place does not see
it, or when it is seen after the app has put it right: then somebody has done it again, and the next one begins. One
that begins within the days of the sweep after the one before is a recurrence.

What people take back stays: while it is wrong in the way in which they left it, nothing is recorded. Where more is
wrong then, an episode begins about which a person is asked, whatever the mode.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Callable

from ...cases.keys import Lane
from ...cases.outcomes import Remediated
from ...cases.snapshot import CaseReader, CaseSnapshot
from ...cases.turns import overlay
from ...errors import Unavailable
from ...handlers.time_limit import RUN, UNDO
from ...remediation.sweeping import Wrong
from ...splunk.client import Splunkd
from ...splunk.queries import any_of
from .places import SWEEP

OPEN, KEPT, ENDED = "open", "kept", "ended"
#: Seconds after a change of ours in which AWS may still show the state before it.
SETTLING = 30.0
DAY = 86_400.0


@dataclass(frozen=True)
class Episode:
    """Times in epoch seconds."""

    key: str
    sweep: str
    case_id: str
    number: int
    place: str
    state: str
    #: When it was first seen wrong.
    since: float
    seen_at: float
    ended_at: float = 0.0
    #: The how-manieth time within the days of the sweep; 1 for the first.
    occurrence: int = 1
    #: When it was seen right, or put right, before that; 0 where it was not.
    right_at: float = 0.0
    #: Whether a part of it is as people have left it when they took a change back.
    is_disputed: int = 0
    #: What is wrong.
    digest: str = ""
    #: What was recorded of it last.
    recorded: str = ""

    def to_document(self) -> dict[str, Any]:
        stored = asdict(self)
        return {"_key": stored.pop("key"), "kind": "episode", "at": max(self.seen_at, self.ended_at), **stored}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Episode:
        """Raises Unavailable for what this app did not write."""
        try:
            read: dict[str, Any] = {name: str(document.get(name) or "") for name in _TEXTS}
            read.update((name, float(document.get(name) or 0)) for name in _TIMES)
            read.update(occurrence=int(document.get("occurrence") or 1))
            read.update(is_disputed=int(document.get("is_disputed") or 0))
            return cls(key=str(document["_key"]), number=int(document["number"]), **read)
        except (KeyError, ValueError, TypeError) as error:
            raise Unavailable(
                f"A document of the collection {SWEEP} is damaged.", "Delete it there; the sweep looks again."
            ) from error


_TEXTS = ("sweep", "case_id", "place", "state", "digest", "recorded")
_TIMES = ("since", "seen_at", "ended_at", "right_at")


@dataclass(frozen=True)
class History:
    """When the app put right what a case is about, and when that was taken back, last; 0 for never.

    Where another playbook than the one that looks found nothing to do, that says nothing: it asks for something else.
    """

    fixed_at: float = 0.0
    undone_at: float = 0.0


class Episodes:
    """Those of one sweep. ``days``: within which it is a recurrence."""

    def __init__(
        self, splunkd: Splunkd, sweep: str, days: int, now: Callable[[], float], longest_excuse: Callable[[], int]
    ) -> None:
        """``longest_excuse``: days for which a case may be excused at most."""
        self._splunkd = splunkd
        self._sweep = sweep
        self._days = days
        self._now = now
        self._longest_excuse = longest_excuse
        self._reader = CaseReader(splunkd)

    def seen(self, place: str, wrong: Mapping[str, Sequence[Wrong]], playbook: str) -> dict[str, Episode]:
        """The episodes of what a look of a playbook has just seen wrong, by case: those that are answered.

        Written down before anything is recorded of them.
        """
        at = self._now()
        known, cases = self._newest(list(wrong)), self._reader.read_many(list(wrong))
        found, touched = dict[str, Episode](), list[Episode]()
        for case_id, ones in wrong.items():
            before = known.get(case_id)
            history = self._history(cases[case_id], playbook)
            if before is not None and before.state == OPEN and before.since < history.fixed_at <= at - SETTLING:
                # Put right since, and wrong again.
                before = replace(before, state=ENDED, ended_at=history.fixed_at)
                touched.append(before)
            lapsed_at = self._lapsed_at(cases[case_id], at)
            episode = self._next(case_id, place, before, history, digest_of(ones), at, lapsed_at)
            if episode is not None:
                touched.append(episode)
                if episode.state == OPEN:
                    found[case_id] = episode
        self._save(touched)
        return found

    def _lapsed_at(self, case: CaseSnapshot, at: float) -> float:
        """When the excuse of a case ended or was lifted; 0 where it has none, or it stands."""
        excuse, longest = self._reader.excuse(case), self._longest_excuse()
        return excuse.ends_at(longest) if excuse is not None and not excuse.stands(at, longest) else 0.0

    def _next(
        self,
        case_id: str,
        place: str,
        before: Episode | None,
        history: History,
        digest: str,
        at: float,
        lapsed_at: float = 0.0,
    ) -> Episode | None:
        """None while it cannot be said yet, AWS being as it is."""
        if before is not None and before.state == KEPT:
            if before.digest == digest:
                return replace(before, seen_at=at)
            return self._begin(case_id, place, before, OPEN, 0.0, digest, at)
        if _is_taken_back(before, history):
            if before is not None:
                return replace(before, state=KEPT, seen_at=at, ended_at=0.0, digest=digest)
            return self._begin(case_id, place, None, KEPT, 0.0, digest, at)
        if at - history.fixed_at < SETTLING:
            return replace(before, seen_at=at) if before is not None and before.state != ENDED else None
        if before is not None and before.state == OPEN:
            if before.since < lapsed_at <= at:
                # Nobody was notified while the case was excused: now people are, as of something new.
                return self._begin(case_id, place, before, OPEN, 0.0, digest, at)
            return replace(before, seen_at=at, digest=digest, place=place)
        right_at = max(history.fixed_at, before.ended_at if before is not None else 0.0)
        return self._begin(case_id, place, before, OPEN, right_at, digest, at)

    def _begin(
        self, case_id: str, place: str, before: Episode | None, state: str, right_at: float, digest: str, at: float
    ) -> Episode:
        """Insert the next one; where somebody has done so, it is that one."""
        is_recurrence = right_at > 0 and at - right_at <= self._days * DAY
        number = before.number + 1 if before is not None else 1
        episode = Episode(
            key=f"episode:{self._sweep}:{case_id}:{number}",
            sweep=self._sweep,
            case_id=case_id,
            number=number,
            place=place,
            state=state,
            since=at,
            seen_at=at,
            occurrence=(before.occurrence if before is not None else 1) + 1 if is_recurrence else 1,
            right_at=right_at if is_recurrence else 0.0,
            is_disputed=int(before is not None and before.state == KEPT),
            digest=digest,
        )
        if self._splunkd.insert(SWEEP, episode.to_document()):
            return episode
        stored = self._splunkd.fetch(SWEEP, episode.key)
        if stored is None:
            raise Unavailable("What the sweep has seen was removed meanwhile.", "It looks again in the next round.")
        return Episode.of(stored)

    def recorded(self, episodes: Sequence[Episode]) -> None:
        """Written last: what a stop has kept from being recorded is recorded in the next round."""
        self._save(episodes)

    def conclude(self, place: str, began_at: float) -> int:
        """End those of a place that a whole look, begun then, has not seen; how many."""
        query = {
            "sweep": self._sweep, "kind": "episode", "place": place,
            "state": {"$ne": ENDED}, "seen_at": {"$lt": began_at},
        }  # fmt: skip
        now = self._now()
        over = [Episode.of(one) for one in self._splunkd.find(SWEEP, query)]
        self._save([replace(one, state=ENDED, ended_at=now) for one in over])
        return len(over)

    def forget(self, before: float) -> None:
        """Remove what was touched last before then: places and episodes of what is no more, and ends of long ago."""
        self._splunkd.delete_where(SWEEP, {"sweep": self._sweep, "at": {"$lt": before}})
        ended = self._now() - self._days * DAY
        self._splunkd.delete_where(
            SWEEP, {"sweep": self._sweep, "kind": "episode", "state": ENDED, "at": {"$lt": ended}}
        )

    def _save(self, episodes: Sequence[Episode]) -> None:
        if episodes:
            self._splunkd.save_many(SWEEP, [one.to_document() for one in episodes])

    def _newest(self, case_ids: Sequence[str]) -> dict[str, Episode]:
        found: dict[str, Episode] = {}
        for query in any_of("case_id", case_ids, sweep=self._sweep, kind="episode"):
            for document in self._splunkd.find(SWEEP, query):
                episode = Episode.of(document)
                known = found.get(episode.case_id)
                if known is None or known.number < episode.number:
                    found[episode.case_id] = episode
        return found

    def _history(self, case: CaseSnapshot, playbook: str) -> History:
        """Whatever has brought it about: a detection's finding is of the same case."""
        state = self._reader.lane(case, Lane(case.case_id, "remediate"))
        ended = [(task.kind, task.outcome) for task in overlay(state.tasks, state.turns)]
        done = [(kind, outcome) for kind, outcome in ended if isinstance(outcome, Remediated)]
        return History(
            fixed_at=max((*_times(done, RUN, ("done",)), *_times(done, RUN, ("already",), playbook)), default=0.0),
            undone_at=max(_times(done, UNDO, ("undone",)), default=0.0),
        )


def digest_of(wrong: Sequence[Wrong]) -> str:
    """What is wrong; the same in the next round, unless something has changed."""
    said = sorted(json.dumps([one.object_id, one.region, dict(one.detail)], sort_keys=True) for one in wrong)
    return hashlib.sha256("\n".join(said).encode("utf-8", "replace")).hexdigest()[:16]


def _times(
    done: Sequence[tuple[str, Remediated]], kind: str, statuses: Sequence[str], playbook: str = ""
) -> Iterator[float]:
    """``playbook``: whose outcomes count; empty: all."""
    for of, outcome in done:
        if of == kind and outcome.status in statuses and playbook in ("", outcome.playbook):
            yield outcome.finished_at


def _is_taken_back(before: Episode | None, history: History) -> bool:
    """Whether the last thing that the app did about it was to undo, and it was not seen right since."""
    if history.undone_at <= history.fixed_at:
        return False
    return before is None or (before.since <= history.undone_at and before.ended_at <= history.undone_at)
