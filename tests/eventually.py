"""Waits for what another process or thread is about to do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
#: Seconds after which a test that waits is taken to hang. It measures nothing: no machine is so slow.
HANGS_AFTER = 300.0


def eventually(found: Callable[[], T]) -> T:
    """What ``found`` gives as soon as it is true. Fails where it never is."""
    gives_up = time.monotonic() + HANGS_AFTER
    while not (value := found()):
        assert time.monotonic() < gives_up, "it never came about"
        time.sleep(0.02)
    return value
