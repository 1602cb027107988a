"""The clock of a service elsewhere: its times are compared with its own, never with those of this process."""

from __future__ import annotations

import threading
import time
from email.utils import parsedate_to_datetime

_CLOCKS: dict[str, ServiceClock] = {}
_CLOCKS_LOCK = threading.Lock()


class ServiceClock:
    """A service's clock, read off the dates of its answers (whole seconds) and carried on by the monotonic clock."""

    def __init__(self) -> None:
        self._ahead: float | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(cls, uri: str) -> ServiceClock:
        """That of the service at an address, shared by all clients in this process; each answer makes it truer."""
        with _CLOCKS_LOCK:
            return _CLOCKS.setdefault(uri, cls())

    def observe(self, date: str | None) -> None:
        """Take the ``Date`` header of an answer into account; one that is none is passed over."""
        try:
            ahead = parsedate_to_datetime(date or "").timestamp() - time.monotonic()
        except (TypeError, ValueError, IndexError, OverflowError):
            # No date, or none that can be read: the clock goes on as before.
            return
        with self._lock:
            # The header cuts off fractions, so the greatest difference seen is the truest; a jump begins anew.
            if self._ahead is None or not -2.0 < ahead - self._ahead <= 0.0:
                self._ahead = ahead

    def now(self) -> float:
        with self._lock:
            return time.time() if self._ahead is None else time.monotonic() + self._ahead
