"""How many changes may be made: a run of an alert; all runs within an hour; of these, one playbook in one account.

Counted across every process and search head by a ledger: each claim is the insert of the next number, so that two
processes never take the same one, and whoever holds a number knows all that came before it. A claim counts for its run
and for the hour in one document, and for all tasks that ask at the same moment. Only the system may write the
collection.

The limits are exact although reads are not: they are answered by the search head's own copy of the KV store
(Splexicon, "KV store captain"), which lags behind, and behind a load balancer by another one each time, so that a
read may show less than the one before. An insert goes to the captain and is exact. So what is known is always all
claims up to a number, without a gap: the insert of the next one is refused (409) if a claim is missing, which is then
fetched and learned, one after the other. Only what is older than the newest claims that were read is taken from a
second read, of the run, which must not lag by more than ``LAG``; where all that are kept were read, there is none.

Nor is any clock: each search head counts by its own. The time of a claim is never before that of the one before it, so
that a clock that is behind hides nothing; and an hour is counted ``SKEW`` longer, for one that is ahead. Where claims
are missing within it, because somebody has deleted them, nobody knows how many changes were made, and a person decides.
A process that dies between its claim and the change leaves fewer changes for that hour, never more.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from .. import at_work
from ..coalescing import Coalescer
from ..errors import LimitReached, ResponderError, Unavailable
from . import change_stops
from .change_claims import (
    CHANGES,
    SCOPE,
    WINDOW,
    Asked,
    Claim,
    Counts,
    hour_by_task,
    in_window,
    lost_at,
    scope_by_task,
)
from .change_stops import ALL
from .ports import Documents
from .together import PerStore

#: Seconds for which a claim is kept: longer than any task is retried.
KEPT = 8 * 86_400.0
#: Old claims are deleted each time that so many more were made.
SWEEP_EVERY = 50
#: Tasks in one claim, and seconds in which those who ask nearly at the same moment come together.
MOST, LINGER = 50, 0.01
#: Seconds after which the ledger is read anew although nobody else has claimed anything: people may delete it.
READ_AGAIN = 60.0
#: Seconds by which the KV store's copy on a search head lags behind, at most.
LAG = 60.0
#: Claims that are read at least: most sites keep fewer, and then nothing has to be read of any run.
LEAST_READ = 500
#: Runs that are remembered.
RUNS = 200
#: Tries to claim the next number: each fails because another process was faster.
TRIES = 50
_HINT = "Look at the findings and approve the change if it is right, or raise the limit on the Safety tab."
_RESET_HINT = "Look at the findings and approve the change if it is right; to go on, reset it: | respondchangelimits"


class Ledger:
    """What this process knows of the claims in one KV store. One thread at a time claims, for all that ask."""

    def __init__(self) -> None:
        self._coalescer: Coalescer[tuple[Documents, Callable[[], float], Asked], None] = Coalescer(
            self._claim_for_all, MOST, LINGER, at_work.number
        )
        #: Tasks that were refused, by run, and not allowed since.
        self._refused: OrderedDict[str, frozenset[str]] = OrderedDict()
        self._forget()

    def claim(self, documents: Documents, clock: Callable[[], float], asked: Asked) -> None:
        self._coalescer.ask((documents, clock, asked))

    def allowed(self, run: str) -> frozenset[str]:
        """Tasks of a run that have claimed changes, as far as this process knows."""
        return frozenset(self._runs.get(run, {}))

    def refused(self, run: str) -> frozenset[str]:
        return self._refused.get(run, frozenset())

    def reset(self, documents: Documents, clock: Callable[[], float], scopes: Collection[str]) -> None:
        """Have nothing count any more for these scopes that was claimed until now.

        In a ledger of its own: that of a process claims for many threads, and learns of it as of any other claim.
        """
        run = _run_key("reset")
        for _ in range(TRIES):
            self._read(documents, run, 1, clock())
            claim = Claim(self._last + 1, run, self._time(clock()), {}, frozenset(scopes))
            if self._insert(documents, claim, 1, clock()):
                return
        raise Unavailable("Other processes claim changes at the same time.", "Try it again.", 1.0)

    def used(self, documents: Documents, now: float) -> Mapping[str, int]:
        """Changes that count for the hour, by scope."""
        recent = in_window(self._newest(documents, 1_000, now), now)
        scopes = {one.scope for claim in recent for one in claim.tasks.values() if one.scope}
        found = {scope: sum(scope_by_task(recent, scope).values()) for scope in sorted(scopes)}
        return {ALL: sum(hour_by_task(recent).values()), **{scope: n for scope, n in found.items() if n}}

    # What is known

    def _forget(self) -> None:
        self._last = -1
        self._last_at = self._lost_at = float("-inf")
        self._read_at = self._learned_at = float("-inf")
        self._depth = 0
        #: Whether what is known is every claim that is kept, and not only the newest.
        self._is_whole = False
        self._recent: dict[int, Claim] = {}
        self._runs: OrderedDict[str, dict[str, int]] = OrderedDict()

    def _knows(self, per_hour: int) -> bool:
        is_recent = time.monotonic() - self._read_at < READ_AGAIN
        return is_recent and self._last >= 0 and per_hour <= self._depth

    def _read(self, documents: Documents, run: str, per_hour: int, now: float) -> None:
        """What is missing in the newest claims came later than them, and stands in the way of the next number.

        Of the run nothing is known after this.
        """
        depth = max(per_hour, LEAST_READ)
        newest = self._newest(documents, depth, now)
        self._lost_at = lost_at(newest)
        last = max((claim.number for claim in newest), default=0)
        ahead = self._ahead_of(last)
        last += len(ahead)
        if last != self._last:
            # Of other runs it is not known what was claimed up to here.
            self._runs = OrderedDict()
        self._runs.pop(run, None)
        self._last, self._depth, self._read_at = last, depth, time.monotonic()
        self._is_whole = len(newest) < depth
        self._recent = {claim.number: claim for claim in (*newest, *ahead)}
        self._last_at = max((claim.at for claim in self._recent.values()), default=float("-inf"))

    def _read_run(self, documents: Documents, run: str) -> None:
        """What a run has claimed, up to the last claim that is known."""
        query = {"scope": SCOPE, "run": run}
        of_run = () if self._is_whole else [Claim.of(document) for document in documents.find(CHANGES, query)]
        self._runs[run] = {}
        # This read may be older than what is known, which tells of the run as well; or newer, which is for later.
        for claim in {**{claim.number: claim for claim in of_run}, **self._recent}.values():
            if claim.run == run and claim.number <= self._last:
                self._count_for_run(claim)
        while len(self._runs) > RUNS:
            self._runs.popitem(last=False)

    @staticmethod
    def _newest(documents: Documents, per_hour: int, now: float) -> list[Claim]:
        """So many that they tell all of the hour, or that no more changes are left of it."""
        depth = max(per_hour, 1)
        while True:
            newest = [Claim.of(d) for d in documents.find(CHANGES, {"scope": SCOPE}, sort="number:-1", limit=depth)]
            if len(newest) < depth:
                return newest
            oldest = min(newest, key=lambda claim: claim.number)
            used = sum(hour_by_task(in_window(newest, now)).values())
            if oldest.at < now - WINDOW - LAG or (used >= per_hour and oldest.at < now - LAG):
                return newest
            # Some count for their runs only, or are of the last moments, where the copies differ.
            depth *= 2

    def _ahead_of(self, last: int) -> list[Claim]:
        """What is known here beyond the copy that was read, which goes up to a number. Nothing where there is a gap."""
        ahead = sorted((claim for claim in self._recent.values() if claim.number > last), key=lambda c: c.number)
        is_whole = [claim.number for claim in ahead] == list(range(last + 1, self._last + 1))
        return ahead if is_whole and not self._is_old else []

    @property
    def _is_old(self) -> bool:
        """Whether every copy has what this process learned last, unless somebody has deleted it."""
        return time.monotonic() - self._learned_at > LAG

    def _time(self, now: float) -> float:
        """Of the next claim: by no clock is it before the last one."""
        return max(now, self._last_at)

    def _learn(self, claim: Claim) -> None:
        """The claim that comes after all that is known."""
        self._last, self._learned_at = claim.number, time.monotonic()
        self._last_at = max(self._last_at, claim.at)
        # They are read anew after a minute, so these do not become many.
        self._recent[claim.number] = claim
        if claim.run in self._runs:
            self._count_for_run(claim)

    def _count_for_run(self, claim: Claim) -> None:
        counted = self._runs[claim.run]
        self._runs[claim.run] = {
            **counted,
            **{task: counted.get(task, 0) + one.run for task, one in claim.tasks.items()},
        }

    # Claims

    def _claim_for_all(
        self, group: Sequence[tuple[Documents, Callable[[], float], Asked]]
    ) -> Sequence[None | Exception]:
        documents, clock, _ = group[0]
        answers: dict[int, None | Exception] = {}
        by_run: dict[str, list[int]] = {}
        for number, (_, _, asked) in enumerate(group):
            by_run.setdefault(asked.run, []).append(number)
        for run, numbers in by_run.items():
            asked_of_run = [group[number][2] for number in numbers]
            try:
                answers.update(zip(numbers, self._claim_for_run(documents, clock, run, asked_of_run)))
            except ResponderError as error:
                # A claim may have been made, and not be known here.
                self._forget()
                answers.update(dict.fromkeys(numbers, error))
        return [answers[number] for number in range(len(group))]

    def _claim_for_run(
        self, documents: Documents, clock: Callable[[], float], run: str, asked: Sequence[Asked]
    ) -> Sequence[None | Exception]:
        per_hour = max(one.per_hour for one in asked)
        is_read = False
        for _ in range(TRIES):
            if not self._knows(per_hour):
                self._read(documents, run, per_hour, clock())
                is_read = True
            if run not in self._runs:
                self._read_run(documents, run)
            now = clock()
            tasks, answers = self._decide(run, asked, now)
            if any(answers) and not is_read:
                # Nobody is refused by what this process remembers.
                self._read_at = float("-inf")
                continue
            claim = Claim(self._last + 1, run, self._time(now), tasks)
            if not tasks or self._insert(documents, claim, per_hour, now):
                self._remember(run, asked, answers)
                return answers
            is_read = True
        raise Unavailable("Other processes claim changes at the same time.", "It is tried again.", 1.0)

    def _decide(
        self, run: str, asked: Iterable[Asked], now: float
    ) -> tuple[dict[str, Counts], list[None | Exception]]:
        """What is to be claimed, and who is refused."""
        recent = in_window(self._recent.values(), now)
        of_run, of_hour = dict(self._runs[run]), hour_by_task(recent)
        of_scopes: dict[str, dict[str, int]] = {}
        lost = "Claims of changes are missing, so it is not known how many were made." if self._is_lossy(now) else ""
        tasks: dict[str, Counts] = {}
        answers: list[None | Exception] = []
        for one in asked:
            of_scope = of_scopes.setdefault(one.scope, scope_by_task(recent, one.scope)) if one.scope else {}
            for_run = max(0, one.changes - of_run.get(one.task, 0))
            for_hour = max(0, one.changes - of_hour.get(one.task, 0))
            for_scope = max(0, one.changes - of_scope.get(one.task, 0)) if one.scope else 0
            refusals = (
                LimitReached(lost, _HINT) if lost else None,
                _refusal(sum(of_run.values()), for_run, one.per_run, "This run has made", change_stops.run_scope(run)),
                _refusal(sum(of_hour.values()), for_hour, one.per_hour, _ALERTS, ALL),
                _refusal(sum(of_scope.values()), for_scope, one.per_scope, _scope_words(one.scope), one.scope)
                if one.scope
                else None,
            )
            refusal = next(filter(None, refusals), None)
            answers.append(refusal)
            if refusal is None and (for_run or for_hour or for_scope):
                tasks[one.task] = Counts(for_run, for_hour, one.scope, for_scope)
                for counted, more in ((of_run, for_run), (of_hour, for_hour), (of_scope, for_scope)):
                    counted[one.task] = counted.get(one.task, 0) + more
        return tasks, answers

    def _is_lossy(self, now: float) -> bool:
        return self._lost_at > now - WINDOW

    def _insert(self, documents: Documents, claim: Claim, per_hour: int, now: float) -> bool:
        """False when another process has that number; then it is known what it has claimed."""
        name = uuid.uuid4().hex
        document = claim.to_document(name)
        is_ours = documents.insert(CHANGES, document)
        if not is_ours:
            # Or our insert was sent twice, because its first answer was lost.
            found = documents.fetch(CHANGES, document["_key"])
            if found is None:
                raise Unavailable("The KV store's copy here lags behind.", "It is read again.", 1.0)
            is_ours = found.get("claim") == name
            if not is_ours:
                self._follow(documents, Claim.of(found), claim.run, per_hour, now)
                return False
        self._learn(claim)
        if claim.number % SWEEP_EVERY == 0:
            documents.delete_where(CHANGES, {"at": {"$lt": now - KEPT}})
        return True

    def _follow(self, documents: Documents, found: Claim, run: str, per_hour: int, now: float) -> None:
        """Another process was faster, perhaps by many numbers; or what was read lags behind, perhaps for a while."""
        self._learn(found)
        self._read(documents, run, per_hour, now)

    def _remember(self, run: str, asked: Sequence[Asked], answers: Sequence[object]) -> None:
        refused = {one.task for one, answer in zip(asked, answers) if answer}
        allowed = {one.task for one, answer in zip(asked, answers) if not answer}
        self._refused[run] = (self.refused(run) - allowed) | refused
        self._refused.move_to_end(run)
        while len(self._refused) > RUNS:
            self._refused.popitem(last=False)


_ledgers = PerStore(Ledger)


class ChangeLimit:
    def __init__(self, documents: Documents, clock: Callable[[], float], ledger: Ledger | None = None) -> None:
        """``ledger`` is that of the process unless it is given."""
        self._documents = documents
        self._clock = clock
        self._ledger = ledger or _ledgers.of(documents)

    def reserve(
        self, run: str, task: str, changes: int, per_run: int, per_hour: int, scope: str = "", per_scope: int = 0
    ) -> None:
        """Count a task's changes for its run, for this hour, and for its scope; a task that tries again counts once.

        ``scope``: of account and playbook (``change_stops.scope_of``), with its limit of an hour.

        Raises LimitReached, and counts none, when fewer than ``changes`` are left of any.
        """
        asked = Asked(_run_key(run or task), task, changes, per_run, per_hour, scope, per_scope)
        self._ledger.claim(self._documents, self._clock, asked)

    def reset(self, scope: str) -> None:
        """Have nothing count any more for a scope that was claimed until now."""
        Ledger().reset(self._documents, self._clock, (scope,))

    def used(self) -> Mapping[str, int]:
        """Changes that count for the hour, by scope."""
        return Ledger().used(self._documents, self._clock())

    def others_waiting(self, run: str, task: str, unfinished: Collection[str] = ()) -> int:
        """How many other tasks of the run have no changes left to make, of those that are known to have asked.

        ``unfinished`` are tasks of the run that are not at their end.
        """
        key = _run_key(run or task)
        return len((self._ledger.refused(key) | frozenset(unfinished)) - self._ledger.allowed(key) - {task})


def _run_key(run: str) -> str:
    return hashlib.sha256(run.encode("utf-8", "replace")).hexdigest()[:20]


#: How refusals begin.
_ALERTS = "Within the last hour all alerts together have made"


def _scope_words(scope: str) -> str:
    return f"Within the last hour {change_stops.said(scope)} has made"


def _refusal(used: int, missing: int, limit: int, who: str, scope: str) -> LimitReached | None:
    if not missing or used + missing <= limit:
        return None
    message = f"{who} {used} of {limit} allowed changes; this needs {missing} more."
    return LimitReached(message, _HINT if scope.startswith(change_stops.RUN) else _RESET_HINT, scope)
