"""Which records have been handed over: those that the index has taken (on disk), and those of files under way."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence

from .seen import Seen


class KnownIds:
    """A key is under way from when its record is about to be written until its file is confirmed or given up.

    Only what is confirmed is written to disk: what stops in between is unknown, and is looked up. Safe to share
    between threads.
    """

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._lock = threading.Lock()
        self._under_way: set[bytes] = set()
        self._of_file: dict[str, list[bytes]] = {}

    def __len__(self) -> int:
        """Keys under way."""
        return len(self._under_way)

    def count(self, file: str) -> int:
        """Those of a file."""
        return len(self._of_file.get(file, ()))

    def take(self, file: str, keys: Sequence[bytes]) -> list[bool]:
        """For each key, whether it is new; then it is under way for this file."""
        with self._lock:
            fresh = self._seen.new_keys(keys)
            of_file = self._of_file.setdefault(file, [])
            if all(fresh) and self._under_way.isdisjoint(keys):
                taken: Collection[bytes] = keys
            else:
                fresh = [is_new and one not in self._under_way for one, is_new in zip(keys, fresh)]
                taken = [one for one, is_new in zip(keys, fresh) if is_new]
            self._under_way.update(taken)
            of_file += taken
            return fresh

    def confirm(self, files: Collection[str], now: float) -> None:
        """The index has them. Raises OSError where that cannot be written down; then they stay under way."""
        with self._lock:
            keys = [one for file in files for one in self._of_file.get(file, ())]
            if keys:
                self._seen.mark_keys(keys, now)
            for file in files:
                self._drop(file)

    def give_up(self, file: str) -> None:
        with self._lock:
            self._drop(file)

    def close(self) -> None:
        with self._lock:
            self._seen.close()

    def _drop(self, file: str) -> None:
        self._under_way.difference_update(self._of_file.pop(file, ()))
