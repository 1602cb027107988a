"""Which requests a splunkd has had, for tests that count them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

#: How many are kept; ``dropped`` counts the older ones that were let go.
KEPT = 100_000


class Logged(NamedTuple):
    """A request as it came in: its path without the query string; ``user`` is empty without a session."""

    method: str
    path: str
    user: str
    user_agent: str


class RequestLog:
    """Thread-safe and bounded: the newest ``KEPT`` requests, oldest first."""

    def __init__(self, kept: int = KEPT) -> None:
        self._entries: deque[Logged] = deque(maxlen=kept)
        self._lock = threading.Lock()
        self.dropped = 0

    def add(self, entry: Logged) -> None:
        with self._lock:
            self.dropped += len(self._entries) == self._entries.maxlen
            self._entries.append(entry)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self.dropped = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Logged]:
        """Over those that are there now; what comes in meanwhile is not among them."""
        with self._lock:
            return iter(list(self._entries))

    def count(self, method: str = "*", path: str = "*", user: str = "*", user_agent: str = "*") -> int:
        """How many fit: each is a pattern such as ``/servicesNS/*/storage/*``."""
        wanted = (method, path, user, user_agent)
        return sum(all(map(fnmatchcase, entry, wanted)) for entry in self)
