"""Which records have been handed over: those that the index has taken (on disk), and those of files under way."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence

from .seen import Seen


class KnownIds:
    """An ID is under way from when its record is about to be written until its file is confirmed or given up.

    Only what is confirmed is written to disk: what stops in between is unknown, and is looked up. Safe to share
    between threads.
    """

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._lock = threading.Lock()
        self._file_of: dict[str, str] = {}
        self._of_file: dict[str, list[str]] = {}

    def __len__(self) -> int:
        """IDs under way."""
        return len(self._file_of)

    def take(self, file: str, ids: Sequence[str]) -> list[bool]:
        """For each ID, whether it is new; then it is under way for this file."""
        with self._lock:
            fresh = self._seen.new(ids)
            of_file = self._of_file.setdefault(file, [])
            for number, one in enumerate(ids):
                fresh[number] = fresh[number] and one not in self._file_of
                if fresh[number]:
                    self._file_of[one] = file
                    of_file.append(one)
            return fresh

    def confirm(self, files: Collection[str], now: float) -> None:
        """The index has them. Raises OSError where that cannot be written down; then they stay under way."""
        with self._lock:
            ids = [one for file in files for one in self._of_file.get(file, ())]
            if ids:
                self._seen.mark(ids, now)
            for file in files:
                self._drop(file)

    def give_up(self, file: str) -> None:
        with self._lock:
            self._drop(file)

    def close(self) -> None:
        with self._lock:
            self._seen.close()

    def _drop(self, file: str) -> None:
        for one in self._of_file.pop(file, ()):
            self._file_of.pop(one, None)
