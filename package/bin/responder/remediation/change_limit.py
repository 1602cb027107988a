"""How many changes may be made: a run of an alert, and all runs together within an hour.

Counted across every process and search head: each change takes the next number of its scope, and the insert of a number
is the claim, so that two processes never take the same one. Only the system may write the collection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from ..errors import NeedsApproval
from .ports import Document, Documents

CHANGES = "responder_changes"
HOUR = 3600.0
#: Seconds for which a number is kept: longer than any task is retried.
KEPT = 8 * 86_400.0
#: Old numbers are deleted each time that so many more were taken.
SWEEP_EVERY = 50
_HINT = "Look at the findings and approve the change if it is right, or raise the limit on the Safety tab."


class ChangeLimit:
    def __init__(self, documents: Documents, clock: Callable[[], float]) -> None:
        self._documents = documents
        self._clock = clock

    def reserve(self, run: str, task: str, changes: int, limit: int) -> None:
        """Count a task's changes for its run; a task that tries again counts once.

        Raises NeedsApproval, and counts none, when fewer than ``changes`` of ``limit`` are left.
        """
        scope = "run:" + hashlib.sha256((run or task).encode("utf-8", "replace")).hexdigest()[:20]
        self._take(scope, task, changes, limit, KEPT, "This run has made")

    def reserve_hourly(self, task: str, changes: int, limit: int) -> None:
        """The same over all runs of the last hour."""
        self._take("hour", task, changes, limit, HOUR, "Within the last hour all alerts together have made")

    def _take(self, scope: str, task: str, changes: int, limit: int, window: float, who: str) -> None:
        newest = self._documents.find(CHANGES, {"scope": scope}, sort="number:-1", limit=max(limit, 1))
        counted = [place for place in newest if float(place["at"]) > self._clock() - window]
        missing = changes - sum(place["task"] == task for place in counted)
        used, number = len(counted), max((int(place["number"]) for place in newest), default=0)
        taken: list[str] = []
        while len(taken) < missing:
            if used + missing - len(taken) > limit:
                for key in taken:
                    self._documents.delete_where(CHANGES, {"_key": key})
                raise NeedsApproval(f"{who} {used} of {limit} allowed changes; this needs {missing} more.", _HINT)
            number, used = number + 1, used + 1
            key = f"{scope}:{number}"
            place = {"_key": key, "scope": scope, "number": number, "task": task, "at": self._clock()}
            if self._documents.insert(CHANGES, place) or self._is_ours(place):
                taken.append(key)
        if number // SWEEP_EVERY > (number - len(taken)) // SWEEP_EVERY:
            self._documents.delete_where(CHANGES, {"at": {"$lt": self._clock() - KEPT}})

    def _is_ours(self, place: Document) -> bool:
        """Whether a number that is taken was taken by this very insert, sent twice since its first answer was lost."""
        found = self._documents.fetch(CHANGES, place["_key"]) or {}
        return bool(found.get("task") == place["task"] and found.get("at") == place["at"])
