"""What was learned a short while ago, so that nobody is asked the same again for each of a thousand tasks."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from typing import Callable, Generic, TypeVar

V = TypeVar("V")


class Remembered(Generic[V]):
    """Values by key, each for so many seconds; of more than ``most`` the oldest go. Safe to share between threads."""

    def __init__(self, seconds: float, most: int = 1_000, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._most = most
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, tuple[float, V]] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        with self._lock:
            known = self._values.get(key)
        return known[1] if known is not None and self._monotonic() - known[0] < self._seconds else None

    def put(self, key: Hashable, value: V) -> None:
        with self._lock:
            self._values[key] = (self._monotonic(), value)
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def forget(self, key: Hashable) -> None:
        with self._lock:
            self._values.pop(key, None)
