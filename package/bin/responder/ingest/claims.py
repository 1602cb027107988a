"""Which input has a file in hand or has finished it, for all inputs of a search head cluster (or of one host).

A claim is an insert, so only one can have it: ``<file>:<number>`` in ``responder_ingest``. Whoever finds the newest one
left behind inserts the next number. A claim that is ``done`` says that the index has taken the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..splunk.client import Splunkd
from .notifications import S3Object

COLLECTION = "responder_ingest"
BEGUN, DONE, LEFT = "begun", "done", "left"
#: Seconds for which it is remembered that a file is done; messages that come twice come within minutes.
KEPT = 86_400.0


@dataclass(frozen=True)
class Claim:
    file: str
    number: int

    @property
    def is_first(self) -> bool:
        """Whether nobody had it before, as far as is remembered."""
        return self.number == 1


@dataclass(frozen=True)
class Taken:
    """Why a claim was not given: it is done already, or in other hands."""

    is_done: bool


def file_id(what: S3Object, index: str) -> str:
    """32 hex digits: the same for the same object into the same index, whoever tells of it and in whatever form."""
    # A version is said by some messages only, and CloudTrail never writes a key twice.
    text = "\n".join((what.bucket, what.key, index))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Claims:
    """``lease``: seconds after which a claim that was not renewed is free."""

    def __init__(self, splunkd: Splunkd, owner: str, lease: float) -> None:
        self._splunkd = splunkd
        self._owner = owner
        self._lease = lease

    def take(self, file: str) -> Claim | Taken:
        """Raises a ResponderError."""
        claim = Claim(file, 1)
        if self._splunkd.insert(COLLECTION, self._document(claim, BEGUN)):
            return claim
        newest = self._newest(file)
        if newest is None:
            # Removed at this moment: it is taken up when its message comes again.
            return Taken(is_done=False)
        if newest["state"] == DONE:
            return Taken(is_done=True)
        is_held = newest["state"] == BEGUN and self._splunkd.now() - float(newest["at"]) < self._lease
        claim = Claim(file, int(newest["number"]) + 1)
        if is_held or not self._splunkd.insert(COLLECTION, self._document(claim, BEGUN)):
            return Taken(is_done=False)
        return claim

    def renew(self, claims: Iterable[Claim]) -> None:
        self._save(claims, BEGUN)

    def done(self, claims: Iterable[Claim]) -> None:
        self._save(claims, DONE)

    def leave(self, claims: Iterable[Claim]) -> None:
        """Whoever comes next has it at once, and looks up what was done."""
        self._save(claims, LEFT)

    def forget(self) -> None:
        """Remove what was long ago."""
        self._splunkd.delete_where(COLLECTION, {"at": {"$lt": self._splunkd.now() - KEPT}})

    def _save(self, claims: Iterable[Claim], state: str) -> None:
        documents = [self._document(claim, state) for claim in claims]
        if documents:
            self._splunkd.save_many(COLLECTION, documents)

    def _newest(self, file: str) -> dict[str, Any] | None:
        found = self._splunkd.find(COLLECTION, {"file": file}, sort="number:-1", limit=1)
        return found[0] if found else None

    def _document(self, claim: Claim, state: str) -> dict[str, Any]:
        key = f"{claim.file}:{claim.number}"
        return {
            "_key": key,
            "file": claim.file,
            "number": claim.number,
            "state": state,
            "owner": self._owner,
            "at": self._splunkd.now(),
        }
