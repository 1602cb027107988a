"""How many threads of this process do work that asks the same services again and again.

Threads that have come apart a little would stay apart, each with requests of its own; while several are at work,
whoever asks first waits a moment for the others.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

_lock = threading.Lock()
_threads = 0


@contextlib.contextmanager
def at_work() -> Iterator[None]:
    """Within it, this thread is one of them."""
    _add(1)
    try:
        yield
    finally:
        _add(-1)


def number() -> int:
    """How many may be about to ask, for a ``Coalescer``."""
    return _threads


def _add(threads: int) -> None:
    global _threads
    with _lock:
        _threads += threads
