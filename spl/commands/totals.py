"""accum, delta, addtotals, addcoltotals: sums and differences of numbers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ..arguments import Arguments, boolean, count
from ..patterns import matching_fields
from ..row import Row
from ..stage import Context, Run, Stage, Table, command
from ..values import Cell, Number, Value, number
from .columns import all_names


@command("accum")
def _accum(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    field = reader.name("The field")
    target = reader.name("The name after AS") if reader.take_word("as") else field
    reader.end()

    def rows(table: Table) -> Iterator[Row]:
        total: Number = 0
        for row in table.rows:
            value = number(row.get(field))
            if value is not None:
                total += value
                row = _set(row, target, total)
            yield row

    return lambda table, run: Table(rows(table), table.columns)


@command("delta")
def _delta(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    back = reader.options({"p": count}).get("p", 1)
    field = reader.name("The field")
    target = reader.name("The name after AS") if reader.take_word("as") else f"delta({field})"
    reader.end()

    def rows(table: Table) -> Iterator[Row]:
        before: deque[Number | None] = deque(maxlen=back)
        for row in table.rows:
            value = number(row.get(field))
            earlier = before[0] if len(before) == back else None
            before.append(value)
            yield row if value is None or earlier is None else _set(row, target, value - earlier)

    return lambda table, run: Table(rows(table), table.columns)


def _set(row: Row, name: str, value: Value) -> Row:
    row = row.copy()
    row.set(name, value)
    return row


@command("addtotals")
def _addtotals(arguments: str, context: Context) -> Stage:
    return _totals(arguments, {"row": True, "col": False})


@command("addcoltotals")
def _addcoltotals(arguments: str, context: Context) -> Stage:
    return _totals(arguments, {"row": False, "col": True})


def _totals(arguments: str, default: dict[str, bool]) -> Stage:
    reader = Arguments(arguments)
    options = reader.options({"row": boolean, "col": boolean, "labelfield": str, "label": str, "fieldname": str})
    patterns = reader.names() or ["*"]
    total = options.get("fieldname", "Total")

    def run(table: Table, run: Run) -> Table:
        rows = list(table.rows)
        known = all_names(rows, table.columns)
        names = [found for pattern in patterns for found in matching_fields(pattern, known)]
        if options.get("row", default["row"]):
            rows = [_set(row, total, _sum(number(row.get(name)) for name in names)) for row in rows]
            names = [*names, total]
        columns = table.columns and list(dict.fromkeys([*table.columns, *all_names(rows)]))
        if options.get("col", default["col"]):
            rows.append(_column_totals(rows, names, options.get("labelfield"), options.get("label", "Total")))
        return Table(rows, columns)

    return run


def _sum(values: Iterator[Number | None]) -> Number:
    return sum(value for value in values if value is not None)


def _column_totals(rows: list[Row], names: list[str], label_field: str | None, label: str) -> Row:
    cells: dict[str, Cell | None] = {}
    row = Row(cells)
    for name in names:
        if any(number(one.get(name)) is not None for one in rows):
            row.set(name, _sum(number(one.get(name)) for one in rows))
    if label_field is not None:
        row.set(label_field, label)
    return row
