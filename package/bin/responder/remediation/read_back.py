"""Reading back until AWS has caught up: it is eventually consistent, and a read right after a write can be old."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Seconds before each read.
READ_BACK_DELAYS = (0.0, 0.5, 1.5, 3.0, 5.0)


@dataclass(frozen=True)
class Verification:
    """What was read back after a change (or its undo)."""

    ok: bool
    #: One sentence: what AWS says now.
    observed: str
    state: Mapping[str, Any] = field(default_factory=dict)


def read_back(
    sleep: Callable[[float], None],
    read: Callable[[], Mapping[str, Any]],
    is_right: Callable[[Mapping[str, Any]], bool],
    describe: Callable[[Mapping[str, Any]], str],
) -> Verification:
    """Read until the state is right, about ten seconds at most."""
    state: Mapping[str, Any] = {}
    for delay in READ_BACK_DELAYS:
        if delay:
            sleep(delay)
        state = read()
        if is_right(state):
            return Verification(True, describe(state), state)
    return Verification(False, describe(state), state)
