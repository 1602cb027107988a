"""replace, strcat, rangemap, filldown, fieldformat, addinfo: values changed or added row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..arguments import Arguments, boolean
from ..errors import SplRejected
from ..patterns import field_wildcard, fill_wildcards, matching_fields
from ..row import Row
from ..stage import Context, Run, Stage, Table, command
from ..values import Cell, Number, as_list, number, text
from .columns import all_names
from .searching import assignments_of


@command("replace")
def _replace(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    pairs: list[tuple[str, str]] = []
    while reader.peek() and not reader.next_is("in"):
        old = reader.name("The text to replace")
        if not reader.take_word("with"):
            raise SplRejected(f"Usage: replace old WITH new; WITH is missing at {reader.where()}.")
        new = reader.name("The new text")
        if new.count("*") > old.count("*"):
            raise SplRejected(f"Wildcard mismatch: '{new}' has more * than '{old}'.")
        pairs.append((old, new))
        reader.skip_comma()
    names = reader.names() if reader.take_word("in") else ["*"]
    if not pairs or not names:
        raise SplRejected("It needs at least one 'old WITH new', and fields after IN.")

    def run(table: Table, run: Run) -> Table:
        return Table((_substituted(row, pairs, names) for row in table.rows), table.columns)

    return run


def _substituted(row: Row, pairs: list[tuple[str, str]], names: list[str]) -> Row:
    made, present = row.copy(), row.names()
    for name in dict.fromkeys(found for pattern in names for found in matching_fields(pattern, present)):
        value = row.get(name)
        if value is not None:
            made.set(name, [_replaced(item, pairs) for item in as_list(value)])
    return made


def _replaced(value: str, pairs: list[tuple[str, str]]) -> str:
    for old, new in pairs:
        match = field_wildcard(old).fullmatch(value)
        if match:
            return fill_wildcards(new, match.groups())
    return value


@command("strcat")
def _strcat(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    required = reader.options({"allrequired": boolean}).get("allrequired", False)
    tokens = [token for token in reader.tokens if token.kind in ("word", "string")]
    if len(tokens) < 2 or tokens[-1].kind != "word":
        raise SplRejected("It needs fields or quoted texts, and the name of the field to make.")
    *sources, target = tokens

    def one(row: Row) -> Row:
        pieces = [token.value if token.kind == "string" else row.get(token.value) for token in sources]
        if required and None in pieces:
            return row
        row = row.copy()
        row.set(target.value, "".join(text(piece) for piece in pieces if piece is not None))
        return row

    return lambda table, run: Table((one(row) for row in table.rows), table.columns)


_BOUNDS = re.compile(r"(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)")


@command("rangemap")
def _rangemap(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    names = re.findall(r"([\w.]+)\s*=", arguments)
    options = reader.options(dict.fromkeys((name.lower() for name in names), str))
    reader.end()
    field, default = options.pop("field", None), options.pop("default", "None")
    if field is None:
        raise SplRejected("It needs field=...")
    ranges: list[tuple[str, Number, Number]] = []
    for name in names:
        if name.lower() not in ("field", "default"):
            match = _BOUNDS.fullmatch(options[name.lower()])
            if not match:
                raise SplRejected(f"The range '{name}={options[name.lower()]}' is invalid: use a number, -, a number.")
            ranges.append((name, number(match[1]) or 0, number(match[2]) or 0))

    def one(row: Row) -> Row:
        value = number(row.get(field))
        row = row.copy()
        row.set("range", [name for name, low, high in ranges if value is not None and low <= value <= high] or default)
        return row

    return lambda table, run: Table((one(row) for row in table.rows), table.columns)


@command("filldown")
def _filldown(arguments: str, context: Context) -> Stage:
    patterns = Arguments(arguments).names() or ["*"]

    def run(table: Table, run: Run) -> Table:
        rows = list(table.rows)
        known = all_names(rows, table.columns)
        names = [found for pattern in patterns for found in matching_fields(pattern, known)]
        return Table(_filled(rows, names), table.columns)

    return run


def _filled(rows: list[Row], names: list[str]) -> Iterator[Row]:
    last: dict[str, Cell] = {}
    for row in rows:
        row = row.copy()
        for name in names:
            value = row.get(name)
            if value is not None:
                last[name] = value
            elif name in last:
                row.set(name, last[name])
        yield row


@command("fieldformat")
def _fieldformat(arguments: str, context: Context) -> Stage:
    """Changes what is shown, not the value that later commands and exports see; so here nothing."""
    if len(assignments_of(arguments)) != 1:
        raise SplRejected("It takes one field=expression.")
    return lambda table, run: table


@command("addinfo")
def _addinfo(arguments: str, context: Context) -> Stage:
    Arguments(arguments).end()

    def run(table: Table, run: Run) -> Table:
        latest = text(run.latest) if run.latest < float("inf") else "+Infinity"
        info = {"info_min_time": text(run.earliest), "info_max_time": latest, "info_search_time": text(run.now)}
        added: dict[str, Cell] = {**info, "info_sid": run.sid}
        return Table((_with(row, added) for row in table.rows), table.columns and [*table.columns, *added])

    return run


def _with(row: Row, added: dict[str, Cell]) -> Row:
    row = row.copy()
    for name, value in added.items():
        row.set(name, value)
    return row
