"""What is read in the background and believed for a while, so that whoever asks waits for it only so long."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Callable, Generic, TypeVar

from .remembered import Remembered

V = TypeVar("V")


class Background(Generic[V]):
    """By key: what is known or under way is not read again. Safe to share between threads.

    ``known_for``: seconds for which an answer is believed; ``failed_for``: for which what failed is not tried again.
    ``at_once``: readings; each has a thread of its own, so that one that does not end keeps no other waiting.
    """

    def __init__(
        self,
        known_for: float,
        failed_for: float,
        at_once: int = 32,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._known: Remembered[Future[V]] = Remembered(known_for, monotonic=monotonic)
        self._failed: Remembered[Future[V]] = Remembered(failed_for, monotonic=monotonic)
        self._under_way: dict[Hashable, Future[V]] = {}
        # What has ended at once is noted within ``ask``.
        self._lock = threading.RLock()
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="background")

    def ask(self, key: Hashable, read: Callable[[], V]) -> Future[V]:
        """What ``read`` gives, or raises; it is called unless that is known."""
        with self._lock:
            found = self._under_way.get(key) or self._known.get(key) or self._failed.get(key)
            if found is None:
                found = self._under_way[key] = self._pool.submit(read)
                found.add_done_callback(lambda ended: self._ended(key, ended))
            return found

    def _ended(self, key: Hashable, ended: Future[V]) -> None:
        with self._lock:
            (self._known if ended.exception() is None else self._failed).put(key, ended)
            del self._under_way[key]
