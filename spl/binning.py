"""Where a value falls: spans of time and of numbers, as bin, chart and timechart cut them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime, timezone

from . import times
from .errors import SplRejected, SplUnsupported
from .values import Number, Value, number, text

Place = Callable[[Number], Value]
_SPAN = re.compile(r"(\d*)([a-z]+)(?:@(\w+))?")
_LOG = re.compile(r"(\d*\.?\d*)log(\d*\.?\d*)")
#: Spans that a chart over time picks from; it takes the finest that needs at most so many bins.
CHOICES = ("1s", "5s", "10s", "30s", "1m", "5m", "10m", "30m", "1h", "1d", "1mon", "1y")
MOST_BINS = 100


def time_place(span: str, align: float | None = None) -> Place:
    """The start of the bin of a time. ``align``: where bins shorter than a day begin, if not at the epoch."""
    match = _SPAN.fullmatch(f"{span}s" if span.isdigit() else span)
    unit = times.unit(match[2]) if match else None
    if match is None or unit is None:
        raise SplRejected(f"The value '{span}' of the option 'span' is invalid: use a number and a unit of time.")
    size, snap = int(match[1] or 1), match[3]
    if size < 1:
        raise SplRejected("The span must be greater than 0.")
    if unit in ("mon", "q", "y"):
        return _months(size * {"mon": 1, "q": 3, "y": 12}[unit])
    if unit == "w" and size == 1 and not snap:
        return lambda value: times.relative(value, "@w")
    seconds = size * times.SECONDS[unit]
    if snap:
        return lambda value: _floor(value, seconds, times.relative(0.0, f"@{snap}"))
    origin = (align or 0.0) if unit in ("s", "m", "h") else 0.0
    return lambda value: _floor(value, seconds, origin)


def _floor(value: Number, width: Number, origin: Number = 0) -> Number:
    return math.floor((value - origin) / width) * width + origin


def _months(count: int) -> Place:
    def place(value: Number) -> Value:
        moment = datetime.fromtimestamp(value, timezone.utc)
        year, month = divmod((moment.year * 12 + moment.month - 1) // count * count, 12)
        return datetime(year, month + 1, 1, tzinfo=timezone.utc).timestamp()

    return place


def next_start(start: float, span: str) -> float:
    """The start of the bin after the one that begins at ``start``."""
    match = _SPAN.fullmatch(f"{span}s" if span.isdigit() else span)
    unit = times.unit(match[2]) if match else None
    if match is None or unit is None:
        raise SplRejected(f"The span '{span}' is invalid.")
    return float(times.relative(start, f"+{match[1] or 1}{unit}"))


def span_for(length: float) -> str:
    """The span that a chart over a time range of so many seconds has when none is given."""
    for span in CHOICES:
        match = _SPAN.fullmatch(span)
        assert match is not None
        unit = times.unit(match[2]) or ""
        seconds = int(match[1]) * {**times.SECONDS, "mon": 30 * 86400, "y": 365 * 86400}[unit]
        if length / seconds <= MOST_BINS:
            return span
    return CHOICES[-1]


def number_place(span: str) -> Place:
    """The range a number falls into, as text: ``20-30``."""
    log = _LOG.fullmatch(span)
    if log:
        return _logarithmic(float(log[1] or 1), float(log[2] or 10), span)
    size = number(span)
    if size is None:
        raise SplUnsupported(f"The span '{span}' on a field other than a time is not supported.")
    if size <= 0:
        raise SplRejected("The span must be greater than 0.")
    width = size
    return lambda value: _range(_floor(value, width), _floor(value, width) + width)


def _range(low: Number, high: Number) -> str:
    return f"{text(low)}-{text(high)}"


def _logarithmic(coefficient: float, base: float, span: str) -> Place:
    if not (1 <= coefficient < base and base > 1):
        raise SplRejected(f"The log span '{span}' is invalid: 1 <= coefficient < base, and base > 1.")

    def place(value: Number) -> Value:
        if value <= 0:
            return text(value)
        power = math.floor(math.log(value / coefficient, base) + 1e-12)
        return _range(coefficient * base**power, coefficient * base ** (power + 1))

    return place


def width_for(low: Number, high: Number, bins: int) -> float:
    """The least power of ten that cuts a range of numbers into at most so many bins."""
    width = 10.0 ** math.floor(math.log10((high - low) / bins)) if high > low else 1.0
    while math.floor(high / width) - math.floor(low / width) + 1 > bins:
        width *= 10
    return width
