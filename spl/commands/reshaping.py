"""mvcombine, xyseries, untable, transpose: rows into columns and back."""

from __future__ import annotations

from typing import Any

from ..arguments import Arguments, boolean
from ..errors import SplRejected, SplUnsupported
from ..row import Row
from ..stage import Context, Run, Stage, Table, command
from ..values import as_list, natural_key, text
from .columns import all_names


@command("mvcombine")
def _mvcombine(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    # The delimiter is how the single-value form of the field is shown; the field is multivalue all the same.
    reader.options({"delim": str})
    field = reader.name("The field")
    reader.end()

    def run(table: Table, run: Run) -> Table:
        groups: dict[tuple[Any, ...], Row] = {}
        for row in table.rows:
            cells = row.to_dict()
            values = as_list(cells.pop(field, None))
            names = sorted(name for name in cells if name[0] != "_" or name == "_time")
            key = tuple((name, tuple(as_list(cells[name]))) for name in names)
            known = groups.get(key)
            if known is None:
                groups[key] = row.copy()
            else:
                known.set(field, [*as_list(known.get(field)), *values])
        return Table(list(groups.values()), table.columns)

    return run


@command("xyseries")
def _xyseries(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    options = reader.options({"grouped": boolean, "sep": str, "format": str})
    names = reader.names()
    if len(names) < 3:
        raise SplRejected("It needs the field of the rows, the field of the columns' names, and the data.")
    if "format" in options or options.get("grouped"):
        raise SplUnsupported("format and grouped are not supported.")
    label, series, *data = names

    def run(table: Table, run: Run) -> Table:
        made: dict[str, Row] = {}
        columns: dict[str, None] = {}
        for row in table.rows:
            key, name = row.get(label), row.get(series)
            if key is None or name is None:
                continue
            target = made.setdefault(text(key), Row({label: text(key)}))
            for field in data:
                column = text(name) if len(data) == 1 else f"{field}{options.get('sep', ': ')}{text(name)}"
                columns.setdefault(column)
                target.set(column, row.get(field))
        rows = [made[key] for key in sorted(made, key=natural_key)]
        return Table(rows, [label, *sorted(columns)])

    return run


@command("untable")
def _untable(arguments: str, context: Context) -> Stage:
    names = Arguments(arguments).names()
    if len(names) != 3:
        raise SplRejected("It takes three fields: that of the rows, and those for the columns' names and their data.")
    label, series, data = names

    def run(table: Table, run: Run) -> Table:
        rows = []
        source = list(table.rows)
        columns = [name for name in all_names(source, table.columns) if name != label and name[0] != "_"]
        for row in source:
            for name in columns:
                value = row.get(name)
                if value is not None and row.get(label) is not None:
                    rows.append(Row({label: row.get(label), series: name, data: value}))
        return Table(rows, names)

    return run


@command("transpose")
def _transpose(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    options = reader.options({"column_name": str, "header_field": str, "include_empty": boolean})
    most = reader.number("The number of rows") if reader.peek() else 5
    reader.end()
    name, header = options.get("column_name", "column"), options.get("header_field")

    def run(table: Table, run: Run) -> Table:
        rows = list(table.rows)[: most or None]
        heads = [f"row {i}" if header is None else text(row.get(header) or "") for i, row in enumerate(rows, 1)]
        made = []
        for field in all_names(rows, table.columns):
            if field != header:
                made.append(Row({name: field, **{head: row.get(field) for head, row in zip(heads, rows)}}))
        return Table(made, [name, *heads])

    return run
