"""Indexer acknowledgement of the HTTP Event Collector: which requests of a channel have been indexed.

Source: Splunk, "About HTTP Event Collector Indexer Acknowledgment": a channel has IDs of its own, which count from 0;
an acknowledgement is given once, and a restart forgets all of them.
"""

from __future__ import annotations

import threading
import time


class Acks:
    """``lag``: seconds after which a request counts as indexed; infinite for never."""

    def __init__(self) -> None:
        self.lag = 0.0
        self._lock = threading.Lock()
        self._next: dict[str, int] = {}
        self._open: dict[tuple[str, int], float] = {}

    def new(self, channel: str) -> int:
        with self._lock:
            number = self._next.get(channel, 0)
            self._next[channel] = number + 1
            self._open[channel, number] = time.monotonic()
            return number

    def of(self, channel: str, numbers: list[int]) -> dict[str, bool]:
        """As the endpoint answers: also false for what is unknown or was given before."""
        with self._lock:
            now = time.monotonic()
            found = {}
            for number in numbers:
                at = self._open.get((channel, number))
                found[str(number)] = at is not None and now - at >= self.lag
                if found[str(number)]:
                    del self._open[channel, number]
            return found

    def forget(self) -> None:
        with self._lock:
            self._next.clear()
            self._open.clear()
