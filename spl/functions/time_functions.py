"""Date and time functions."""

from __future__ import annotations

import time as clock
from contextvars import ContextVar

from .. import times
from ..compiled import Compiled
from ..function import plain, special
from ..values import Value, number, text

#: The search's start, or the scheduled time of a scheduled search: what now() gives.
NOW: ContextVar[float] = ContextVar("spl_now")


@special("now", 0)
def _now(arguments: list[Compiled]) -> Compiled:
    return Compiled(lambda row: int(NOW.get(clock.time())), "number")


@special("time", 0)
def _time(arguments: list[Compiled]) -> Compiled:
    return Compiled(lambda row: clock.time(), "number")


@plain("strftime", 2)
def _strftime(value: Value, pattern: Value) -> Value:
    moment = number(value)
    return None if moment is None else times.strftime(moment, text(pattern))


@plain("strptime", 2, kind="number")
def _strptime(value: Value, pattern: Value) -> Value:
    return times.strptime(text(value), text(pattern))


@plain("relative_time", 2, kind="number")
def _relative_time(value: Value, modifier: Value) -> Value:
    moment = number(value)
    return None if moment is None else times.relative(moment, text(modifier))
