"""table, fields, rename: which columns there are and what they are called."""

from __future__ import annotations

from collections.abc import Iterator

from ..arguments import Arguments
from ..errors import SplRejected
from ..model import METADATA, Event
from ..patterns import field_wildcard, fill_wildcards, matching_fields
from ..row import Row
from ..stage import Context, EachRow, Run, Stage, Table, command


def all_names(rows: list[Row], columns: list[str] | None = None) -> list[str]:
    """The fields of all rows, in the order of the columns, then of their first appearance."""
    found: dict[str, None] = dict.fromkeys(columns or ())
    for row in rows:
        found.update(dict.fromkeys(row.names()))
    return list(found)


@command("table")
def _table(arguments: str, context: Context) -> Stage:
    wanted = Arguments(arguments).names()
    if not wanted:
        raise SplRejected("It needs at least one field name.")

    def run(table: Table, run: Run) -> Table:
        rows, columns = table.rows, wanted
        if any("*" in name for name in wanted):
            rows = list(rows)
            columns = _expand(wanted, all_names(rows, table.columns))
        return Table((_only(row, columns) for row in rows), list(dict.fromkeys(columns)))

    return run


def _expand(wanted: list[str], names: list[str]) -> list[str]:
    return [found for name in wanted for found in (matching_fields(name, names) if "*" in name else [name])]


def _only(row: Row, names: list[str]) -> Row:
    return Row({name: value for name in names if (value := row.get(name)) is not None})


@command("fields")
def _fields(arguments: str, context: Context) -> Stage:
    stripped = arguments.strip()
    sign = stripped[:1] if stripped[:1] in "+-" else ""
    names = Arguments(stripped[len(sign) :]).names()
    if not names:
        raise SplRejected("It needs at least one field name.")
    return _without(names) if sign == "-" else _keeping(names)


def _keeping(names: list[str]) -> Stage:
    wanted = [*names, "_time", "_raw"]
    hidden = [name for name in METADATA if name not in wanted]

    by_pattern = any("*" in name for name in wanted)

    def one(row: Row) -> None:
        if by_pattern or row.event is None:
            kept = _only(row, _expand(wanted, row.names()) if by_pattern else wanted)
            row.values, row.event = kept.values, kept.event
        else:
            of_event(row, row.event)

    def of_event(row: Row, event: Event) -> None:
        """A row that still knows its event, whose text others may have read already."""
        values = {name: row.get(name) for name in wanted if name in row.values or name not in METADATA}
        values.update(dict.fromkeys(hidden))
        row.values, row.event = values, event.bare

    return EachRow(
        one,
        columns=lambda old: old and [c for c in old if any(matching_fields(name, [c]) for name in wanted)],
    )


def _without(names: list[str]) -> Stage:
    def one(row: Row) -> None:
        for name in names:
            for found in matching_fields(name, row.names()) if "*" in name else [name]:
                row.set(found, None)

    return EachRow(
        one,
        columns=lambda old: old and [c for c in old if not any(matching_fields(name, [c]) for name in names)],
    )


@command("rename")
def _rename(arguments: str, context: Context) -> Stage:
    pairs = _pairs(Arguments(arguments))

    def run(table: Table, run: Run) -> Table:
        columns = table.columns
        for old, new in pairs:
            columns = columns and list(dict.fromkeys(_renamed(name, old, new) for name in columns))
        return Table(_rename_rows(table, pairs), columns)

    return run


def _pairs(arguments: Arguments) -> list[tuple[str, str]]:
    pairs = []
    while arguments.peek():
        old = arguments.name("The field to rename")
        if not arguments.take_word("as"):
            raise SplRejected(f"Usage: rename old AS new; AS is missing at {arguments.where()}.")
        new = arguments.name("The new name")
        if old.count("*") != new.count("*"):
            raise SplRejected(f"Wildcard mismatch: '{old}' as '{new}' must have the same number of *.")
        pairs.append((old, new))
        arguments.skip_comma()
    if not pairs:
        raise SplRejected("It needs at least one 'old AS new'.")
    return pairs


def _renamed(name: str, old: str, new: str) -> str:
    if "*" not in old:
        return new if name == old else name
    match = field_wildcard(old).fullmatch(name)
    return fill_wildcards(new, match.groups()) if match else name


def _rename_rows(table: Table, pairs: list[tuple[str, str]]) -> Iterator[Row]:
    for row in table.rows:
        row = row.copy()
        for old, new in pairs:
            # Renaming a field that the row lacks removes the one it would have replaced.
            for name in matching_fields(old, row.names()) if "*" in old else [old]:
                target, value = _renamed(name, old, new), row.get(name)
                if target != name:
                    row.set(name, None)
                    row.set(target, value)
        yield row
