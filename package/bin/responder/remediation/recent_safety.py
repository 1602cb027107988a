"""The Safety tab as of this moment, and what is protected beside it, read once for all threads.

So the kill switch, and an entry that somebody adds, count for what is under way.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import replace
from typing import Callable

from ..coalescing import Coalescer
from ..settings import protections
from ..settings.model import Safety
from ..settings.reader import Configuration
from ..splunk.client import Splunkd

#: Seconds that a reading counts, from the moment at which it was asked for.
COUNTS_FOR = 0.5


class RecentSafety:
    """Gives what was read half a second ago at most."""

    def __init__(
        self,
        read: Callable[[], Safety],
        clock: Callable[[], float] = time.monotonic,
        known: Callable[[], Safety | None] = lambda: None,
    ) -> None:
        """``known``: the tab as of now, where that is known without asking for it."""
        self._read = read
        self._without_asking = known
        self._clock = clock
        self._together: Coalescer[None, Safety] = Coalescer(self._read_for_all, most=1_000)
        self._known: tuple[float, Safety] | None = None

    def __call__(self) -> Safety:
        """Raises ConfigurationError when a guardrail cannot be read."""
        return self._recent() or self._together.ask(None)

    def to_plan(self) -> Safety:
        """The same where nothing is changed by it: splunkd is asked only if its files do not tell what it would say."""
        return self._recent() or self._without_asking() or self()

    def _recent(self) -> Safety | None:
        known = self._known
        if known is None or not 0 <= self._clock() - known[0] < COUNTS_FOR:
            return None
        return known[1]

    def _read_for_all(self, asked: Sequence[None]) -> Sequence[Safety]:
        # Whoever came while the last answer was under way takes that, as long as it is recent.
        found = self._recent()
        if found is None:
            began = self._clock()
            found = self._read()
            self._known = began, found
        return [found] * len(asked)


_lock = threading.Lock()
_shared: weakref.WeakKeyDictionary[Splunkd, RecentSafety] = weakref.WeakKeyDictionary()


def recent_safety(splunkd: Splunkd) -> RecentSafety:
    """The same for all threads that use one client of splunkd."""
    with _lock:
        if splunkd not in _shared:
            # Weakly, or it would never be forgotten.
            client = weakref.ref(splunkd)
            _shared[splunkd] = RecentSafety(lambda: _safety_of(client()), known=lambda: _known_of(client()))
        return _shared[splunkd]


def _known_of(splunkd: Splunkd | None) -> Safety | None:
    if splunkd is None:
        return None
    tab = Configuration.known_safety(splunkd)
    if tab is None:
        return None
    protected = protections.known(splunkd)
    return replace(tab, protections=protections.read(splunkd) if protected is None else protected)


def _safety_of(splunkd: Splunkd | None) -> Safety:
    if splunkd is None:
        raise ReferenceError("the client of splunkd is gone")
    return replace(Configuration(splunkd, ask=True).safety, protections=protections.read(splunkd))
