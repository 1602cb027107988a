"""streamstats: aggregates over the rows so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from .. import times
from ..aggregates import Aggregate
from ..aggregation import Aggregation, has_wildcards, read
from ..arguments import boolean, count
from ..errors import SplRejected, SplUnsupported
from ..evaluation import compile_condition
from ..row import Row
from ..stage import Context, Run, Stage, Table, command
from ..values import Value, number
from .stats import Groups, add, group_keys, leading_options, results_of

Key = tuple[str, ...]
Test = Callable[[Row], Value]


def _seconds(value: str) -> float:
    seconds = times.relative(0.0, f"+{value}")
    if seconds <= 0:
        raise ValueError("It must be a span of time.")
    return seconds


_KNOWN: dict[str, Callable[[str], Any]] = {
    "window": count, "current": boolean, "global": boolean, "time_window": _seconds, "reset_on_change": boolean,
    "reset_before": compile_condition, "reset_after": compile_condition,
}  # fmt: skip


@command("streamstats")
def _streamstats(arguments: str, context: Context) -> Stage:
    options, terms = leading_options(arguments, _KNOWN)
    aggregation = read(terms)
    if has_wildcards(aggregation):
        raise SplUnsupported("Wildcards in the fields of streamstats are not supported.")
    span = options.get("time_window")
    if span is not None and not options.get("current", True):
        raise SplRejected("time_window needs current=t.")
    reset = _Reset(options, aggregation.by)

    def run(table: Table, run: Run) -> Table:
        if options.get("window") or span is not None:
            return Table(_windowed(table.rows, aggregation, options, reset), table.columns)
        return Table(_running(table.rows, aggregation, options.get("current", True), reset), table.columns)

    return run


class _Reset:
    """Decides before and after which rows the aggregates begin anew."""

    def __init__(self, options: dict[str, Any], by: list[str]) -> None:
        self._by = by if options.get("reset_on_change") else None
        self._before: Test | None = options["reset_before"].call if "reset_before" in options else None
        self._after: Test | None = options["reset_after"].call if "reset_after" in options else None

    def before(self, row: Row, previous: Row | None) -> bool:
        if self._before is not None and self._before(row) is True:
            return True
        if self._by is None or previous is None:
            return False
        return [row.get(name) for name in self._by] != [previous.get(name) for name in self._by]

    def after(self, row: Row) -> bool:
        """``row`` holds the aggregates, which the condition may speak of."""
        return self._after is not None and self._after(row) is True


def _put(row: Row, aggregates: list[Aggregate], state: dict[str, Any]) -> None:
    for name, value in results_of(state, aggregates):
        row.set(name, value)


def _running(rows: Iterable[Row], aggregation: Aggregation, current: bool, reset: _Reset) -> Iterator[Row]:
    groups: Groups = {}
    previous: Row | None = None
    for source in rows:
        if reset.before(source, previous):
            groups.clear()
        row = source.copy()
        for key in islice(group_keys(source, aggregation.by), 1):
            state = groups.setdefault(key, {})
            if not current:
                _put(row, aggregation.aggregates, state)
            add(state, aggregation.aggregates, source)
            if current:
                _put(row, aggregation.aggregates, state)
        if reset.after(row):
            groups.clear()
        previous = source
        yield row


def _windowed(rows: Iterable[Row], aggregation: Aggregation, options: dict[str, Any], reset: _Reset) -> Iterator[Row]:
    """One window over all rows, or one for each group (``global=f``); of it the rows of the same group count."""
    current, common, span = options.get("current", True), options.get("global", True), options.get("time_window")
    recent: dict[Key, deque[tuple[Key, Row]]] = {}
    previous: Row | None = None
    for source in rows:
        if reset.before(source, previous):
            recent.clear()
        row = source.copy()
        for key in islice(group_keys(source, aggregation.by), 1):
            held = recent.setdefault(() if common else key, deque(maxlen=options.get("window") or None))
            if current:
                held.append((key, source))
            while span is not None and not _within(held[0][1], source, span):
                held.popleft()
            state: dict[str, Any] = {}
            for other, member in held:
                if other == key:
                    add(state, aggregation.aggregates, member)
            _put(row, aggregation.aggregates, state)
            if not current:
                held.append((key, source))
        if reset.after(row):
            recent.clear()
        previous = source
        yield row


def _within(member: Row, source: Row, span: float) -> bool:
    """Rows are in the order of their time, which is what Splunk asks for with time_window."""
    first, second = number(member.get("_time")), number(source.get("_time"))
    return member is source or (first is not None and second is not None and abs(second - first) < span)
