"""The digests of one account and region: each by itself, how they follow each other, and the files that they list.

Every digest of the time is verified by itself, so one that is missing hides nothing but its own hour. What is left is
what lies in the bucket and no valid digest lists: CloudTrail did not write it, or nobody can tell any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..aws.client import Aws
from ..errors import ResponderError
from . import objects, trail_files
from .digest_files import DigestFiles, Verified
from .digests import DigestKey, Listed
from .file_names import parse
from .inflate import Damaged, inflated
from .trail_files import Location, LogKey
from .validation_report import Chain, Problem

#: A digest comes within two hours of what it lists; nothing is late before.
DELIVERY = timedelta(hours=2)
_HOUR = timedelta(hours=1)
#: Digests follow each other to the second; what is shorter is no gap.
_TOLERANCE = timedelta(minutes=1)
#: Log files that wait for their turn.
_AT_ONCE = 1000
#: Bytes of a log file's content, beyond which it is not CloudTrail's.
_MOST = 8_000_000_000
_UNSIGNED = (
    "No valid digest lists it: CloudTrail did not write it, its digest is missing or not valid, or validation was off."
)
_NO_FILES = "The bucket has no file of it, of any day: all of them were deleted, or none was ever written."


@dataclass(frozen=True)
class Times:
    start: datetime
    end: datetime
    now: datetime


class ChainValidation:
    """``pool``: for files; whoever calls ``run`` is in none of its threads."""

    def __init__(self, aws: Aws, files: DigestFiles, place: Location, times: Times, pool: Executor) -> None:
        self._aws = aws
        self._files = files
        self._place = place
        self._times = times
        self._pool = pool
        self._chain = Chain(place.account, place.region)
        self._bucket = place.trail.bucket

    def run(self) -> Chain:
        """What AWS refuses becomes a problem of the kind ``unchecked``."""
        try:
            self._run()
        except ResponderError as error:
            self._chain.problems.append(Problem("unchecked", str(error)))
        return self._chain

    def _run(self) -> None:
        times, chain = self._times, self._chain
        keys = trail_files.digest_keys(self._aws, self._place, times.start, times.end + DELIVERY)
        own = [key for key in keys if self._place.is_own(key) and key.end > times.start and key.end - _HOUR < times.end]
        found = self._verified(own)
        valid = [one for one in found if isinstance(one, Verified) and one.digest.start < times.end]
        chain.problems += [one for one in found if isinstance(one, Problem)]
        hours = [one for one in valid if not one.named.is_backfill]
        chain.digests, chain.backfill_digests = len(hours), len(valid) - len(hours)
        chain.problems += self._links(valid)
        chain.problems += self._gaps(hours)
        listed = _listed(valid)
        self._check(listed.values())
        self._look_for_unlisted(set(listed), {one.named.key for one in valid})

    def _verified(self, keys: Iterable[DigestKey]) -> list[Verified | Problem]:
        return list(self._pool.map(lambda key: self._files.verified(self._place, key), keys))

    # How they follow each other

    def _links(self, valid: Sequence[Verified]) -> list[Problem]:
        """Digests that a later one names as the one before it, and that are gone or are others."""
        by_key = {one.named.key: one for one in valid}
        reported = {problem.file for problem in self._chain.problems}
        found = []
        for one in valid:
            previous = one.digest.previous
            if previous is None or previous.bucket != self._bucket:
                continue
            file, named = f"{previous.bucket}/{previous.key}", DigestKey.of(previous.key)
            before = by_key.get(previous.key)
            if before is not None:
                if (before.digest.sha256, before.signature) != (previous.sha256, previous.signature.lower()):
                    detail = f"It is another digest than the one that {one.named.key} follows."
                    found.append(Problem("digest_invalid", detail, file, end=before.named.end))
            elif file not in reported and (named is None or named.end > self._times.start):
                kind = "backfill digest" if one.named.is_backfill else "digest"
                detail = f"The {kind} was deleted or moved: {one.named.key} follows it."
                found.append(Problem("digest_missing", detail, file, end=named.end if named else one.digest.start))
        return found

    def _gaps(self, hours: Sequence[Verified]) -> list[Problem]:
        """The time for which no valid digest speaks, and why."""
        times, found = self._times, []
        covered = times.start
        for one in sorted(hours, key=lambda one: one.digest.start):
            if one.digest.start > covered + _TOLERANCE:
                found += self._gap(covered, one.digest.start, one)
            covered = max(covered, one.digest.end)
        if covered + _TOLERANCE < min(times.end, times.now):
            end = min(times.end, times.now)
            if times.now - covered <= DELIVERY:
                detail = "The digest of this time has not been delivered yet: validate it later."
                found.append(Problem("not_yet", detail, start=covered, end=end))
            else:
                found += self._gap(covered, end, None)
        return found

    def _gap(self, start: datetime, end: datetime, after: Verified | None) -> list[Problem]:
        within = [one for one in self._chain.problems if one.end and start < one.end <= end]
        if any(one.kind == "unchecked" for one in within):
            return []
        if self._place.why:
            return [Problem("region_missing", f"{_NO_FILES} {self._place.why}", start=start, end=end)]
        previous = after.digest.previous if after else None
        if after is not None and previous is None:
            why = "A new chain begins after it: logging or log file validation was off, or the trail did not exist."
        elif previous is not None and previous.bucket != self._bucket:
            why = f"The digests of this time are in bucket {previous.bucket}: validate them there."
        elif within:
            why = "Its digest is missing or not valid."
        elif after is None:
            why = "There is no later digest: logging or validation was turned off, or the digests were deleted."
        else:
            why = "Digests are missing, and the ones that would name them are missing, too."
        return [Problem("gap", f"Nothing vouches for log files of this time. {why}", start=start, end=end)]

    # The log files

    def _check(self, listed: Iterable[Listed]) -> None:
        every = list(listed)
        by_hash = {one.sha256: one.key for one in every}
        for first in range(0, len(every), _AT_ONCE):
            for problem in self._pool.map(lambda one: self._wrong(one, by_hash), every[first : first + _AT_ONCE]):
                if problem is None:
                    self._chain.logs += 1
                else:
                    self._chain.problems.append(problem)

    def _wrong(self, listed: Listed, by_hash: dict[str, str]) -> Problem | None:
        file = f"{listed.bucket}/{listed.key}"
        try:
            answer = objects.opened(self._aws, listed.bucket, listed.key)
            if answer is None:
                return Problem("log_missing", "A valid digest lists it, and it was deleted or moved.", file)
            found = hashlib.sha256()
            for block in inflated(objects.blocks(answer, f"s3://{file}"), _MOST):
                found.update(block)
        except Damaged as damage:
            return Problem("log_changed", f"It was changed since CloudTrail wrote it: it {damage}.", file)
        except ResponderError as error:
            return Problem("unchecked", str(error), file)
        if found.hexdigest() == listed.sha256:
            return None
        other = by_hash.get(found.hexdigest())
        what = f"it has the content of {other}" if other else "its content has another hash than its digest lists"
        return Problem("log_changed", f"It was changed since CloudTrail wrote it: {what}.", file)

    def _look_for_unlisted(self, listed: set[tuple[str, str]], known: set[str]) -> None:
        """Log files in the bucket that the digests of their time do not list: later ones may, or another trail's."""
        times = self._times
        in_bucket = trail_files.log_keys(self._aws, self._place, times.start, min(times.end, times.now))
        unlisted = [log for log in in_bucket if (self._bucket, log.key) not in listed]
        if not unlisted:
            return
        others = [one for one in self._verified(self._later(unlisted, known)) if isinstance(one, Verified)]
        vouched = _listed(others)
        newest = max((one.digest.end for one in others if self._place.is_own(one.named)), default=times.start)
        is_unread = any(problem.kind == "unchecked" for problem in self._chain.problems)
        for log in unlisted:
            if (self._bucket, log.key) in vouched:
                continue
            if times.now - log.modified < DELIVERY and newest < log.modified:
                kind, detail = "not_yet", "Its digest has not been delivered yet: validate it later."
            elif is_unread:
                kind, detail = "unchecked", "A digest that could not be read may list it."
            else:
                kind, detail = "log_unsigned", _UNSIGNED
            self._chain.problems.append(Problem(kind, detail, f"{self._bucket}/{log.key}"))
        keys = {(self._bucket, log.key) for log in unlisted}
        self._check(one for place, one in vouched.items() if place in keys)

    def _later(self, unlisted: Sequence[LogKey], known: set[str]) -> list[DigestKey]:
        """Digests that may list them: of the hours in which they were made, and in which they came to the bucket."""
        hours = set()
        for log in unlisted:
            name = parse(log.key)
            for moment in (name.time if name else None, log.modified):
                if moment is not None:
                    hours.add(moment.replace(minute=0, second=0, microsecond=0))
        found: dict[str, DigestKey] = {}
        for hour in sorted(hours):
            for key in trail_files.digest_keys(self._aws, self._place, hour, hour + _HOUR + DELIVERY):
                if key.key not in known:
                    found[key.key] = key
        return list(found.values())


def _listed(digests: Iterable[Verified]) -> dict[tuple[str, str], Listed]:
    return {(log.bucket, log.key): log for one in digests for log in one.digest.logs}
