"""sort, dedup, head, tail, reverse: which rows there are and in which order."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ..arguments import Arguments, boolean, count
from ..errors import SplRejected
from ..evaluation import compile_condition
from ..networks import network
from ..row import Row
from ..stage import Context, Run, Stage, Table, command
from ..values import number, text

DEFAULT_LIMIT = 10_000


@dataclass(frozen=True)
class Key:
    field: str
    descending: bool
    collation: str


@command("sort")
def _sort(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    options = reader.options({"limit": count})
    limit = options.get("limit", DEFAULT_LIMIT)
    token = reader.peek()
    if token and re.fullmatch(r"\d{1,9}", token.value) and len(reader.tokens) > 1:
        limit = int(reader.take().value)
    backwards = len(reader.tokens) > 1 and reader.tokens[-1].is_word("d", "desc")
    if backwards:
        reader.tokens.pop()
    keys = read_keys(reader)

    def run(table: Table, run: Run) -> Table:
        rows = sort_rows(list(table.rows), keys)
        if backwards:
            rows.reverse()
        return Table(rows[:limit] if limit else rows, table.columns)

    return run


def read_keys(reader: Arguments) -> list[Key]:
    """``-f, +num(g)``; a sign that stands alone applies to all fields after it."""
    keys, standing = [], False
    while reader.peek():
        name = reader.name("A field to sort by")
        if not name:
            raise SplRejected("A field to sort by has an empty name.")
        descending = standing
        if name in ("-", "+"):
            standing = name == "-"
            continue
        if name[0] in "+-" and len(name) > 1:
            descending, name = name[0] == "-", name[1:]
        match = re.fullmatch(r"(auto|num|str|ip)\((.+)\)", name)
        keys.append(Key(match[2].strip() if match else name, descending, match[1] if match else "auto"))
        reader.skip_comma()
    if not keys:
        raise SplRejected("It needs at least one field to sort by.")
    return keys


def sort_rows(rows: list[Row], keys: list[Key]) -> list[Row]:
    """Stable; rows without a field come last in either direction."""
    for key in reversed(keys):
        present = [(row, text(value)) for row in rows if (value := row.get(key.field)) is not None]
        missing = [row for row in rows if row.get(key.field) is None]
        order = _order(key.collation, [value for _, value in present])
        present.sort(key=lambda pair: order(pair[1]), reverse=key.descending)
        rows = [row for row, _ in present] + missing
    return rows


def _order(collation: str, values: list[str]) -> Callable[[str], Any]:
    if collation == "auto":
        if all(number(value) is not None for value in values):
            collation = "num"
        elif all("/" not in value and network(value) is not None for value in values):
            collation = "ip"
    if collation == "num":
        return lambda value: (0, found) if (found := number(value)) is not None else (1, 0)
    if collation == "ip":
        return _address
    return lambda value: value


def _address(value: str) -> tuple[int, int]:
    found = network(value)
    return (9, 0) if found is None else (found.version, int(found.network_address))


@command("dedup")
def _dedup(arguments: str, context: Context) -> Stage:
    before, keys = _sortby(arguments)
    reader = Arguments(before)
    options = reader.options({"keepempty": boolean, "consecutive": boolean, "keepevents": boolean})
    token = reader.peek()
    most = int(reader.take().value) if token and re.fullmatch(r"\d{1,9}", token.value) else 1
    names = reader.names()
    if not names or most < 1 or re.fullmatch(r"-\d+", names[0]):
        raise SplRejected("It needs a positive number (or none) and at least one field.")
    keep_empty, keep_events = options.get("keepempty", False), options.get("keepevents", False)

    def run(table: Table, run: Run) -> Table:
        rows = sort_rows(list(table.rows), keys) if keys else table.rows
        kept = _distinct(rows, names, most, keep_empty, options.get("consecutive", False))
        if keep_events:
            return Table((row if keep else _without(row, names) for row, keep in kept), table.columns)
        return Table((row for row, keep in kept if keep), table.columns)

    return run


def _sortby(arguments: str) -> tuple[str, list[Key]]:
    match = re.search(r"\ssortby(?:\s(.*))?$", arguments, re.S | re.I)
    return (arguments[: match.start()], read_keys(Arguments(match[1] or ""))) if match else (arguments, [])


def _without(row: Row, names: list[str]) -> Row:
    row = row.copy()
    for name in names:
        row.set(name, None)
    return row


def _distinct(
    rows: Any, names: list[str], most: int, keep_empty: bool, consecutive: bool
) -> Iterator[tuple[Row, bool]]:
    """Each row, and whether it is among the first of its kind."""
    seen: dict[tuple[Any, ...], int] = {}
    for row in rows:
        values = [row.get(name) for name in names]
        if None in values:
            yield row, keep_empty
            continue
        key = tuple(tuple(value) if isinstance(value, list) else value for value in values)
        if consecutive and key not in seen:
            seen.clear()
        seen[key] = seen.get(key, 0) + 1
        yield row, seen[key] <= most


@command("head")
def _head(arguments: str, context: Context) -> Stage:
    if re.search(r"[(<>=]", _HEAD_OPTION.sub("", arguments)):
        return _head_while(arguments)
    limit = _limit(arguments, 10)
    return lambda table, run: Table(islice(table.rows, limit), table.columns)


_HEAD_OPTION = re.compile(r"\b(limit|null|keeplast)\s*=\s*(\w+)")


def _head_while(arguments: str) -> Stage:
    """Rows up to the first one for which the condition does not hold."""
    options = dict(_HEAD_OPTION.findall(arguments))
    test = compile_condition(_HEAD_OPTION.sub("", arguments)).call
    try:
        limit = count(options["limit"]) if "limit" in options else None
        null, keep_last = boolean(options.get("null", "f")), boolean(options.get("keeplast", "f"))
    except ValueError as error:
        raise SplRejected(f"An option of head is invalid. {error}") from None

    def rows(table: Table) -> Iterator[Row]:
        for row in table.rows:
            holds = test(row)
            if not (null if holds is None else holds):
                if keep_last:
                    yield row
                return
            yield row

    return lambda table, run: Table(islice(rows(table), limit), table.columns)


@command("tail")
def _tail(arguments: str, context: Context) -> Stage:
    limit = _limit(arguments, 10)
    return lambda table, run: Table(list(deque(table.rows, limit))[::-1], table.columns)


def _limit(arguments: str, default: int) -> int:
    reader = Arguments(arguments)
    options = reader.options({"limit": count, "keeplast": boolean, "null": boolean})
    token = reader.peek()
    if token is None:
        return int(options.get("limit", default))
    value = reader.number("The number of rows")
    reader.end()
    return value


@command("reverse")
def _reverse(arguments: str, context: Context) -> Stage:
    Arguments(arguments).end()
    return lambda table, run: Table(list(table.rows)[::-1], table.columns)
