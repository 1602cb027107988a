"""bin: values cut into ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .. import times
from ..arguments import Arguments, count
from ..binning import Place, number_place, span_for, time_place, width_for
from ..errors import SplRejected, SplUnsupported
from ..row import Row
from ..stage import Context, Run, Stage, Table, command
from ..values import number, text

DEFAULT_BINS = 100


@command("bin", "bucket", "discretize")
def _bin(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    known: dict[str, Callable[[str], Any]] = {
        **dict.fromkeys(("span", "minspan", "start", "end", "aligntime"), str),
        "bins": count,
    }
    options = reader.options(known)
    field = reader.name("The field")
    target = reader.name("The name after AS") if reader.take_word("as") else field
    reader.end()
    for name in ("minspan", "start", "end"):
        if name in options:
            raise SplUnsupported(f"The option '{name}' is not supported.")
    if options.get("bins", 2) < 2:
        raise SplRejected("The option 'bins' must be at least 2.")
    place_of(field, options, 0.0)

    def run(table: Table, run: Run) -> Table:
        rows = table.rows if "span" in options else list(table.rows)
        align = _align(options.get("aligntime"), run)
        place = place_of(field, options, align, rows)
        return Table(_placed(rows, field, target, place), table.columns)

    return run


def place_of(field: str, options: dict[str, Any], align: float | None, rows: Any = ()) -> Place:
    """``rows``: looked through for the range to cut when no span is given."""
    span, over_time = options.get("span"), field.startswith("_")
    if span is not None:
        return time_place(span, align) if over_time else number_place(span)
    values = [found for row in rows if (found := number(row.get(field))) is not None]
    if not values:
        return lambda value: value
    low, high = min(values), max(values)
    if over_time:
        return time_place(span_for(float(high - low)), align)
    return number_place(text(width_for(low, high, options.get("bins", DEFAULT_BINS))))


def _align(written: str | None, run: Run) -> float | None:
    if written is None:
        return None
    if written in ("earliest", "latest"):
        bound = run.earliest if written == "earliest" else run.latest
        return bound if 0 < bound < float("inf") else None
    return times.bound(written, run.now, 0.0)


def _placed(rows: Any, field: str, target: str, place: Place) -> Iterator[Row]:
    for row in rows:
        value = number(row.get(field))
        if value is not None:
            row = row.copy()
            row.set(target, place(value))
        yield row
