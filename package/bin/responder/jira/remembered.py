"""What Jira said a short while ago, so that it is not asked the same for each of a thousand tickets."""

from __future__ import annotations

import time
from collections.abc import Hashable
from typing import Callable, Generic, TypeVar

V = TypeVar("V")


class Remembered(Generic[V]):
    """Values by key, each for so many seconds. Safe to share between threads."""

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._values: dict[Hashable, tuple[float, V]] = {}

    def get(self, key: Hashable) -> V | None:
        at, value = self._values.get(key, (0.0, None))
        return value if value is not None and self._monotonic() - at < self._seconds else None

    def put(self, key: Hashable, value: V) -> None:
        self._values[key] = (self._monotonic(), value)
