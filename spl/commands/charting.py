"""chart, timechart: aggregates with a column for each value of a field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Optional

from .. import binning
from ..aggregates import Accumulator, Aggregate
from ..aggregation import has_wildcards, read
from ..arguments import Arguments, boolean, word_at_top
from ..errors import SplRejected, SplUnsupported
from ..row import Row
from ..stage import Context, Run, Stage, Table, command
from ..values import Value, as_list, natural_key, number, text

DEFAULT_LIMIT = 10
MOST_ROWS, DAY = 50_000, 86_400
_LEADING = re.compile(r"\s*(\w+)\s*=\s*(\"[^\"]*\"|\S+)\s+")
_LIMIT = re.compile(r"(top|bottom)?\s*(\d+)")
#: Makes of a row the texts of its row label or column label.
Labels = Callable[[Row], list[str]]


def _limit(value: str) -> tuple[bool, int]:
    """Whether the greatest columns are kept, and how many (0: all)."""
    match = _LIMIT.fullmatch(value)
    if not match:
        raise ValueError("Use a number, topN or bottomN.")
    return match[1] != "bottom", int(match[2])


_OPTIONS: dict[str, Callable[[str], Any]] = {
    "limit": _limit, "useother": boolean, "usenull": boolean, "otherstr": str, "nullstr": str, "cont": boolean,
    "span": str, "sep": str, "partial": boolean, "fixedrange": boolean,
}  # fmt: skip
_NOT_BUILT = ("agg", "bins", "format", "minspan", "start", "end", "aligntime", "dedup_splitvals")


@dataclass(frozen=True)
class Plan:
    aggregates: list[Aggregate]
    rows_by: str
    columns_by: str | None
    options: dict[str, Any] = field(default_factory=dict)

    def name_of(self, aggregate: Aggregate, column: str | None) -> str:
        if column is None:
            return aggregate.name
        sep = self.options.get("sep", ": ")
        return column if len(self.aggregates) == 1 else f"{aggregate.name}{sep}{column}"


def _leading(arguments: str) -> tuple[dict[str, Any], str]:
    options: dict[str, Any] = {}
    while match := _LEADING.match(arguments):
        reader = Arguments(match.group())
        options.update(_taken(reader))
        arguments = arguments[match.end() :]
    return options, arguments


def _taken(reader: Arguments) -> dict[str, Any]:
    options = reader.options({**_OPTIONS, **dict.fromkeys(_NOT_BUILT, str)})
    for name in _NOT_BUILT:
        if name in options:
            raise SplUnsupported(f"The option '{name}' is not supported.")
    return options


def _split(arguments: str, word: str) -> tuple[str, str | None]:
    start, end = word_at_top(arguments, word)
    return arguments[:start], arguments[end:] if end > start else None


def _aggregates(terms: str) -> list[Aggregate]:
    aggregation = read(terms)
    if has_wildcards(aggregation):
        raise SplUnsupported("Wildcards in the fields of a chart are not supported.")
    return aggregation.aggregates


def _fields(written: str | None, options: dict[str, Any]) -> list[str]:
    if written is None:
        return []
    before, where = _split(written, "where")
    if where is not None:
        raise SplUnsupported("The where clause of a chart is not supported.")
    reader = Arguments(before)
    options.update(_taken(reader))
    names = reader.names("A BY field")
    if not names:
        raise SplRejected("There is no field after BY.")
    return names


@command("chart")
def _chart(arguments: str, context: Context) -> Stage:
    options, rest = _leading(arguments)
    rest, written = _split(rest, "by")
    terms, over = _split(rest, "over")
    names = (_fields(over, options) if over is not None else []) + _fields(written, options)
    if not names or len(names) > 2 or (over is not None and len(names) - bool(written) != 1):
        raise SplRejected("It takes one field after OVER and one after BY, or one or two after BY.")
    plan = Plan(_aggregates(terms), names[0], names[1] if len(names) > 1 else None, options)
    span = options.get("span")
    place = None if span is None else _place(plan.rows_by, span)

    def labels(row: Row) -> list[str]:
        values = as_list(row.get(plan.rows_by))
        if place is None:
            return values
        return [text(place(known)) for value in values if (known := number(value)) is not None]

    def run(table: Table, run: Run) -> Table:
        rows = list(table.rows)
        cells, columns = _cells(rows, plan, labels)
        return _table(plan, sorted(cells, key=natural_key), cells, columns)

    return run


def _place(name: str, span: str) -> binning.Place:
    return binning.time_place(span) if name == "_time" else binning.number_place(span)


@command("timechart")
def _timechart(arguments: str, context: Context) -> Stage:
    options, rest = _leading(arguments)
    terms, written = _split(rest, "by")
    names = _fields(written, options)
    if len(names) > 1:
        raise SplRejected(f"The argument '{names[1]}' is invalid: it splits by one field.")
    plan = Plan(_aggregates(terms), "_time", names[0] if names else None, options)
    if "span" in options:
        binning.time_place(options["span"])

    def run(table: Table, run: Run) -> Table:
        rows = [row for row in table.rows if number(row.get("_time")) is not None]
        low, high = _range(rows, run, options.get("fixedrange", True))
        span = options.get("span") or binning.span_for(high - low)
        place = binning.time_place(span)
        cells, columns = _cells(rows, plan, lambda row: [text(place(number(row.get("_time")) or 0))])
        starts = _starts(low, high, span, place) if options.get("cont", True) else ()
        found = sorted({*cells, *starts}, key=natural_key)
        return _with_spans(_table(plan, found, cells, columns), span)

    return run


def _with_spans(table: Table, span: str) -> Table:
    """How long each bin is, in hidden fields as Splunk has them: seconds, and days where it is as long as that."""
    rows, names = list(table.rows), ["_span"]
    for row in rows:
        start = float(number(row.get("_time")) or 0)
        seconds = binning.next_start(start, span) - start
        row.set("_span", text(seconds))
        if seconds >= DAY:
            row.set("_spandays", text(seconds / DAY))
            names = ["_span", "_spandays"]
    return Table(rows, [*(table.columns or ()), *names])


def _range(rows: list[Row], run: Run, fixed: bool) -> tuple[float, float]:
    """The time that is charted: that of the search where it has bounds, else from the first event to the last."""
    found = [float(number(row.get("_time")) or 0) for row in rows]
    low, high = (min(found), max(found)) if found else (run.now, run.now)
    if not fixed or run.earliest <= 0:
        return low, high
    return run.earliest, max(high, min(run.latest, run.now) - 1)


def _starts(low: float, high: float, span: str, place: binning.Place) -> Iterator[str]:
    start = float(number(place(low)) or 0)
    for _ in range(MOST_ROWS):
        if start > high:
            return
        yield text(start)
        start = binning.next_start(start, span)
    raise SplRejected(f"The span {span} would result in too many (>{MOST_ROWS}) rows.")


#: By the row's label, then by the column's (None where there is no split): the accumulators.
Cells = dict[str, dict[Optional[str], list[Accumulator]]]


def _cells(rows: list[Row], plan: Plan, labels: Labels) -> tuple[Cells, list[str | None]]:
    """The aggregates of every cell, and the columns. Columns beyond the limit are counted together."""
    kept = _columns(rows, plan, labels)
    other = plan.options.get("otherstr", "OTHER")
    cells: Cells = {}
    found: dict[str | None, None] = dict.fromkeys(kept)
    for row in rows:
        for label in labels(row):
            for column in _names(row, plan):
                if column not in kept:
                    if not plan.options.get("useother", True):
                        continue
                    column = other
                found.setdefault(column)
                _add(cells.setdefault(label, {}), column, plan.aggregates, row)
    return cells, list(found)


def _names(row: Row, plan: Plan) -> Iterable[str | None]:
    if plan.columns_by is None:
        return [None]
    values = as_list(row.get(plan.columns_by))
    if values or not plan.options.get("usenull", True):
        return values
    return [plan.options.get("nullstr", "NULL")]


def _add(cells: dict[str | None, list[Accumulator]], column: str | None, made: list[Aggregate], row: Row) -> None:
    if column not in cells:
        cells[column] = [one.accumulator() for one in made]
    for accumulator in cells[column]:
        accumulator.add(row)


def _columns(rows: list[Row], plan: Plan, labels: Labels) -> list[str | None]:
    """The columns that are shown by name: those with the greatest sums of the first aggregate."""
    if plan.columns_by is None:
        return [None]
    null = plan.options.get("nullstr", "NULL")
    greatest, most = plan.options.get("limit", (True, DEFAULT_LIMIT))
    cells: Cells = {}
    for row in rows:
        for label in labels(row):
            for column in _names(row, plan):
                _add(cells.setdefault(label, {}), column, plan.aggregates[:1], row)
    sums: dict[str, float] = {}
    for columns in cells.values():
        for name, made in columns.items():
            sums[str(name)] = sums.get(str(name), 0.0) + (number(made[0].result()) or 0)
    named = sorted((name for name in sums if name != null), key=natural_key)
    if most and len(named) > most:
        chosen = sorted(named, key=lambda name: -sums[name] if greatest else sums[name])[:most]
        named = [name for name in named if name in chosen]
    return [*named, *([null] if null in sums else [])]


def _table(plan: Plan, labels: list[str], cells: Cells, columns: list[str | None]) -> Table:
    made: list[Row] = []
    for label in labels:
        row = Row({plan.rows_by: label})
        for aggregate_index, aggregate in enumerate(plan.aggregates):
            for column in columns:
                held = cells.get(label, {}).get(column)
                value: Value = (held[aggregate_index] if held else aggregate.accumulator()).result()
                row.set(plan.name_of(aggregate, column), value)
        made.append(row)
    names = [plan.rows_by, *(plan.name_of(a, column) for a in plan.aggregates for column in columns)]
    return Table(made, names)
