"""Waits for what another process or thread is about to do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(found: Callable[[], T]) -> T:
    """What ``found`` gives as soon as it is true. Where it never is, the time limit of all tests ends it."""
    while not (value := found()):
        time.sleep(0.02)
    return value
