"""lookup, inputlookup, outputlookup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice, product

from ..arguments import Arguments, boolean, count
from ..errors import SplRejected
from ..lookups import LookupTable, declared_columns, describe, rows_of
from ..row import Row
from ..searching import compile_search
from ..stage import Context, Run, Stage, Table, command
from ..values import Cell, as_list

Renamed = tuple[str, str]


@command("lookup")
def _lookup(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    reader.options({"local": boolean, "update": boolean})
    name = reader.name("The lookup's name")
    keys = _fields(reader)
    mode = reader.take().value.upper() if reader.next_is("output", "outputnew") else ""
    outputs = _fields(reader) if mode else []
    reader.end()
    if not keys:
        raise SplRejected("It needs at least one field to match.")
    if mode and not outputs:
        raise SplRejected(f"There is no field after {mode}.")
    transform = describe(name, context.knowledge)

    def run(table: Table, run: Run) -> Table:
        matching = LookupTable(name, [column for column, _ in keys], transform, rows_of(name, run.knowledge))
        wanted = outputs or [(c, c) for c in matching.columns if c not in matching.keys]
        for column, _ in wanted:
            if matching.columns and column not in matching.columns:
                raise SplRejected(f"Could not find the field '{column}' in the lookup table '{name}'.")
        fields = [field for _, field in keys]
        return Table(_enriched(table, matching, fields, wanted, mode == "OUTPUTNEW"), table.columns)

    return run


def _fields(reader: Arguments) -> list[Renamed]:
    found = []
    while reader.peek() and not reader.next_is("output", "outputnew"):
        column = reader.name("A field")
        found.append((column, reader.name("The name after AS") if reader.take_word("as") else column))
        reader.skip_comma()
    return found


def _enriched(
    table: Table, lookup: LookupTable, fields: list[str], wanted: list[Renamed], only_new: bool
) -> Iterator[Row]:
    for row in table.rows:
        values = [as_list(row.get(field)) for field in fields]
        if not all(values) or (only_new and any(row.get(target) is not None for _, target in wanted)):
            yield row
            continue
        found = [match for combination in product(*values) for match in lookup.find(combination)][: lookup.most]
        yield _filled(row, found, lookup, wanted)


def _filled(row: Row, found: list[Mapping[str, str]], lookup: LookupTable, wanted: list[Renamed]) -> Row:
    padding = max(0, lookup.fewest - len(found)) if lookup.default else 0
    if not found and not padding:
        return row
    row = row.copy()
    for column, target in wanted:
        values = [match[column] for match in found if match.get(column)] + [lookup.default] * padding
        row.set(target, values or None)
    return row


@command("inputlookup", generating=True)
def _inputlookup(arguments: str, context: Context) -> Stage:
    arguments, where = _where(arguments)
    reader = Arguments(arguments)
    options = reader.options({"append": boolean, "strict": boolean, "start": count, "max": count})
    name = reader.name("The lookup's name")
    reader.end()
    appending = options.get("append", False)
    if not context.first and not appending:
        raise SplRejected("This command must be the first command of a search, unless it has append=t.")
    transform = describe(name, context.knowledge)
    keep = compile_search(where).test if where else None

    def run(table: Table, run: Run) -> Table:
        source = rows_of(name, run.knowledge)
        first = options.get("start", 0)
        rows = (Row({key: value for key, value in row.items() if value}) for row in source)
        chosen = islice((row for row in rows if keep is None or keep(row)), first, None)
        limited = islice(chosen, options["max"]) if "max" in options else chosen
        columns = list(dict.fromkeys([*declared_columns(transform), *(c for row in source for c in row)]))
        if not appending:
            return Table(list(limited), columns)
        before = list(table.rows)
        return Table([*before, *limited], None if table.columns is None else [*table.columns, *columns])

    return run


def _where(arguments: str) -> tuple[str, str | None]:
    match = re.search(r"\swhere\s(.*)$", arguments, re.S | re.I)
    return (arguments[: match.start()], match[1]) if match else (arguments, None)


_SWITCHES = ("append", "override_if_empty", "create_empty", "createinapp")


@command("outputlookup")
def _outputlookup(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    options = reader.options({**dict.fromkeys(_SWITCHES, boolean), "key_field": str})
    name = reader.name("The lookup's name")
    reader.end()
    key = options.get("key_field")
    # With key_field the rows of other keys stay: an update of part of the table.
    append = options.get("append", False) or key is not None
    transform = context.knowledge.transform(name)
    if transform is None and not name.endswith(".csv"):
        raise SplRejected(f"The lookup table '{name}' is invalid: there is no such definition or CSV file.")
    columns = declared_columns(transform or {})

    def run(table: Table, run: Run) -> Table:
        rows = list(table.rows)
        if rows or append or options.get("override_if_empty", True):
            run.knowledge.write_lookup(name, [_stored(row, columns, key) for row in rows], append)
        return Table(rows, table.columns)

    return run


def _stored(row: Row, columns: list[str], key: str | None) -> dict[str, Cell]:
    names = [*columns, "_key"] if columns else [n for n in row.names() if not n.startswith("_") or n == "_key"]
    cells = {name: value for name in dict.fromkeys(names) if (value := row.get(name)) is not None}
    if key and (value := row.get(key)) is not None:
        cells["_key"] = value
    return cells
