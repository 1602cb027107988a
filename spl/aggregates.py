"""The functions of stats, as accumulators: ``add(row)`` for each row, ``result()`` at the end.

Source: Search Reference, "Statistical and charting functions".
"""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import SplRejected, SplUnsupported
from .row import Row, reader
from .values import Number, Value, as_list, least, number

LIST_LIMIT = 100
_NOT_BUILT = """
estdc_error first_value last_value per_day per_hour per_minute per_second rate_avg rate_sum sparkline
"""
UNSUPPORTED = frozenset(_NOT_BUILT.split())
Read = Callable[[Row], Value]


class Accumulator:
    """Collects the values of a field, each value of a multivalue field by itself."""

    def __init__(self, read: Read) -> None:
        self.read = read

    def add(self, row: Row) -> None:
        value = self.read(row)
        if value is not None:
            for item in as_list(value):
                self.take(item)

    def take(self, item: str) -> None:
        raise NotImplementedError

    def result(self) -> Value:
        raise NotImplementedError


class CountRows(Accumulator):
    def __init__(self, read: Read) -> None:
        super().__init__(read)
        self.total = 0

    def add(self, row: Row) -> None:
        self.total += 1

    def result(self) -> Value:
        return self.total


class CountValues(CountRows):
    add = Accumulator.add

    def take(self, item: str) -> None:
        self.total += 1


class CountTrue(CountRows):
    def add(self, row: Row) -> None:
        self.total += self.read(row) is True


class Collected(Accumulator):
    """Keeps every value and works them out at the end."""

    def __init__(self, read: Read, finish: Callable[[list[str]], Value]) -> None:
        super().__init__(read)
        self.items: list[str] = []
        self.finish = finish

    def take(self, item: str) -> None:
        self.items.append(item)

    def result(self) -> Value:
        return self.finish(self.items)


class Distinct(Accumulator):
    def __init__(self, read: Read, finish: Callable[[dict[str, None]], Value]) -> None:
        super().__init__(read)
        self.items: dict[str, None] = {}
        self.finish = finish

    def add(self, row: Row) -> None:
        value = self.read(row)
        # Nearly every value is one text, and detections collect a dozen of each row.
        if type(value) is str:
            self.items[value] = None
        elif value is not None:
            self.items.update(dict.fromkeys(as_list(value)))

    def result(self) -> Value:
        return self.finish(self.items)


class First(Accumulator):
    """The first value seen; ``last`` keeps replacing it."""

    def __init__(self, read: Read, last: bool) -> None:
        super().__init__(read)
        self.last, self.value = last, None

    def add(self, row: Row) -> None:
        if self.last or self.value is None:
            value: Any = self.read(row)
            if value is not None:
                self.value = value

    def result(self) -> Value:
        return self.value


class ByTime(Accumulator):
    """The value of the row with the least or greatest ``_time``, or that time itself."""

    def __init__(self, read: Read, latest: bool, when: bool) -> None:
        super().__init__(read)
        self.latest, self.when = latest, when
        self.time: Number | None = None
        self.value: Value = None

    def add(self, row: Row) -> None:
        value, time = self.read(row), number(row.get("_time"))
        if value is None or time is None:
            return
        if self.time is None or (time > self.time if self.latest else time < self.time):
            self.time, self.value = time, value

    def result(self) -> Value:
        return self.time if self.when else self.value


def _numbers(compute: Callable[[list[Number]], Value]) -> Callable[[Read], Accumulator]:
    def finish(items: list[str]) -> Value:
        found = [value for item in items if (value := number(item)) is not None]
        return compute(found) if found else None

    return lambda read: Collected(read, finish)


def _mode(items: list[str]) -> Value:
    return Counter(items).most_common(1)[0][0] if items else None


def percentile(values: list[Number], percent: float) -> Number:
    """Linear interpolation between the nearest ranks; small sets are undocumented in Splunk."""
    ordered = sorted(values)
    rank = (len(ordered) - 1) * percent / 100
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


def _deviation(compute: Callable[[list[Number]], Any]) -> Callable[[Read], Accumulator]:
    return _numbers(lambda found: compute(found) if len(found) > 1 else 0)


FUNCTIONS: dict[str, Callable[[Read], Accumulator]] = {
    "count": CountValues,
    "c": CountValues,
    "dc": lambda read: Distinct(read, len),
    "distinct_count": lambda read: Distinct(read, len),
    "estdc": lambda read: Distinct(read, len),
    "values": lambda read: Distinct(read, lambda items: sorted(items) or None),
    "list": lambda read: Collected(read, lambda items: items[:LIST_LIMIT] or None),
    "min": lambda read: Distinct(read, lambda items: least(items, min)),
    "max": lambda read: Distinct(read, lambda items: least(items, max)),
    "sum": _numbers(sum),
    "sumsq": _numbers(lambda found: sum(value * value for value in found)),
    "avg": _numbers(statistics.fmean),
    "mean": _numbers(statistics.fmean),
    "range": _numbers(lambda found: max(found) - min(found)),
    "stdev": _deviation(statistics.stdev),
    "stdevp": _deviation(statistics.pstdev),
    "var": _deviation(statistics.variance),
    "varp": _deviation(statistics.pvariance),
    # Of an even number of values the higher one of the two in the middle.
    "median": _numbers(statistics.median_high),
    "mode": lambda read: Collected(read, _mode),
    "first": lambda read: First(read, last=False),
    "last": lambda read: First(read, last=True),
    "earliest": lambda read: ByTime(read, latest=False, when=False),
    "latest": lambda read: ByTime(read, latest=True, when=False),
    "earliest_time": lambda read: ByTime(read, latest=False, when=True),
    "latest_time": lambda read: ByTime(read, latest=True, when=True),
}


@dataclass(frozen=True)
class Aggregate:
    """One term of stats. ``field`` is None for a plain ``count``; ``expression`` is that of ``eval(...)``."""

    function: str
    name: str
    field: str | None = None
    expression: Callable[[Row], Value] | None = None
    boolean: bool = False

    def accumulator(self) -> Accumulator:
        if self.function in ("count", "c"):
            if self.expression is not None and self.boolean:
                return CountTrue(self.expression)
            if self.field is None and self.expression is None:
                return CountRows(lambda row: None)
        return maker(self.function)(self.expression or reader(self.field or ""))


def maker(function: str) -> Callable[[Read], Accumulator]:
    """Raises SplRejected for no function of stats, SplUnsupported for one that is not built."""
    known = FUNCTIONS.get(function)
    if known is not None:
        return known
    # Up to a thousand values all three kinds of percentile are the same.
    match = re.fullmatch(r"(?:p|(?:upper|exact)?perc)(\d{1,2}(?:\.\d+)?|100)", function)
    if match:
        percent = float(match[1])
        return _numbers(lambda found: percentile(found, percent))
    if function in UNSUPPORTED:
        raise SplUnsupported(f"The function '{function}' is not supported.")
    raise SplRejected(f"The argument '{function}' is invalid: there is no such function of stats.")
