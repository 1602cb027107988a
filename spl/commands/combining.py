"""append, appendcols, appendpipe, join, union, multisearch: rows of several searches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

from ..arguments import Arguments, boolean, choice, count
from ..errors import SplRejected, SplUnsupported
from ..row import Row
from ..scanner import bracket_end
from ..stage import Context, Pipeline, Run, Stage, Table, command
from ..values import number, text
from .columns import all_names

#: limits.conf [join] subsearch_maxout.
JOIN_LIMIT = 50_000
_ALIASES = re.compile(r"\b(left|right)\s*=\s*\w", re.I)
_LIMITS: dict[str, Callable[[str], Any]] = dict.fromkeys(("maxtime", "maxout", "timeout"), count)
_COMMON: dict[str, Callable[[str], Any]] = {**_LIMITS, "extendtimerange": boolean}


def _subsearches(arguments: str, parse: Callable[[str], Pipeline]) -> tuple[Arguments, list[Pipeline]]:
    """The arguments before the first bracket, and the searches in brackets."""
    start = arguments.find("[")
    if start < 0:
        raise SplRejected("It needs a subsearch in brackets.")
    found, rest = [], arguments[start:].strip()
    while rest:
        if not rest.startswith("["):
            raise SplRejected(f"Unexpected argument after the subsearch: '{rest[:24]}'.")
        end = bracket_end(rest, 0)
        found.append(parse(rest[1 : end - 1]))
        rest = rest[end:].lstrip(" ,\t\r\n")
    return Arguments(arguments[:start]), found


def _one(arguments: str, parse: Callable[[str], Pipeline]) -> tuple[Arguments, Pipeline]:
    reader, found = _subsearches(arguments, parse)
    if len(found) != 1:
        raise SplRejected("It takes one subsearch.")
    return reader, found[0]


def _after(table: Table, added: Table) -> Table:
    rows = [*table.rows, *added.rows]
    if table.columns is None or added.columns is None:
        return Table(rows, table.columns)
    return Table(rows, list(dict.fromkeys([*table.columns, *added.columns])))


@command("append")
def _append(arguments: str, context: Context) -> Stage:
    reader, inner = _one(arguments, context.subsearch)
    most = reader.options(_COMMON).get("maxout", 0)
    reader.end()

    def run(table: Table, run: Run) -> Table:
        before, added = Table(list(table.rows), table.columns), inner.run(run)
        return _after(before, Table(list(added.rows)[: most or None], added.columns))

    return run


@command("appendpipe")
def _appendpipe(arguments: str, context: Context) -> Stage:
    reader, inner = _one(arguments, context.subpipeline)
    reader.options({"run_in_preview": boolean})
    reader.end()

    def run(table: Table, run: Run) -> Table:
        before = Table(list(table.rows), table.columns)
        return _after(before, inner.run(run, Table([row.copy() for row in before.rows], table.columns)))

    return run


@command("appendcols")
def _appendcols(arguments: str, context: Context) -> Stage:
    reader, inner = _one(arguments, context.subsearch)
    override = reader.options({**_COMMON, "override": boolean}).get("override", False)
    reader.end()

    def run(table: Table, run: Run) -> Table:
        rows, added = list(table.rows), inner.run(run)
        made = [_merged(row or Row(), more, override) for row, more in zip_longest(rows, added.rows)]
        columns = table.columns and [*table.columns, *all_names(made)]
        return Table(made, columns and list(dict.fromkeys(columns)))

    return run


def _merged(row: Row, more: Row | None, override: bool) -> Row:
    """``row`` with the other's fields, internal ones apart; ``override``: also where it has one itself."""
    row = row.copy()
    for name, value in (more.to_dict() if more else {}).items():
        if not name.startswith("_") and (override or row.get(name) is None):
            row.set(name, value)
    return row


@command("join")
def _join(arguments: str, context: Context) -> Stage:
    reader, inner = _one(arguments, context.subsearch)
    known: dict[str, Callable[[str], Any]] = {
        "type": choice("inner", "outer", "left"), "max": count, "overwrite": boolean, "usetime": boolean,
        "earlier": boolean, "keepnull": boolean,
    }  # fmt: skip
    if _ALIASES.search(reader.text):
        raise SplUnsupported("Aliases (left=, right= and where) are not supported; name the common fields.")
    options = reader.options(known)
    if options.get("usetime"):
        raise SplUnsupported("usetime=t is not supported.")
    names, most = reader.names(), options.get("max", 1)

    def run(table: Table, run: Run) -> Table:
        rows, others = list(table.rows), list(inner.run(run).rows)[:JOIN_LIMIT]
        keys = names or [name for name in all_names(rows) if name in all_names(others) and name[0] != "_"]
        index: dict[tuple[str, ...], list[Row]] = {}
        for other in others:
            if (key := _key(other, keys)) is not None:
                index.setdefault(key, []).append(other)
        outer = options.get("type", "inner") != "inner"
        made = list(_joined(rows, index, keys, most, outer, options.get("overwrite", True)))
        return Table(made, table.columns and all_names(made, table.columns))

    return run


def _joined(
    rows: list[Row], index: dict[tuple[str, ...], list[Row]], keys: list[str], most: int, outer: bool, overwrite: bool
) -> Iterator[Row]:
    for row in rows:
        key = _key(row, keys)
        found = index.get(key, [])[: most or None] if key is not None else []
        if not found and outer:
            yield row
        for other in found:
            yield _merged(row, other, overwrite)


def _key(row: Row, names: list[str]) -> tuple[str, ...] | None:
    values = [row.get(name) for name in names]
    return None if None in values or not names else tuple(text(value) for value in values)


def _newest_first(tables: list[Table]) -> Table:
    """Events of several searches as those of one; anything else one after the other."""
    rows = [row for table in tables for row in table.rows]
    if all(table.columns is None for table in tables):
        return Table(sorted(rows, key=lambda row: -(number(row.get("_time")) or 0)))
    return Table(rows, list(dict.fromkeys(name for table in tables for name in table.columns or ())))


@command("union", generating=True)
def _union(arguments: str, context: Context) -> Stage:
    reader, found = _subsearches(arguments, context.subsearch)
    reader.options(_COMMON)
    if reader.peek():
        raise SplUnsupported("Only subsearches are supported as data sets.")
    if context.first and len(found) < 2:
        raise SplRejected("It needs two data sets.")

    def run(table: Table, run: Run) -> Table:
        given = [] if context.first else [Table(list(table.rows), table.columns)]
        return _newest_first(given + [inner.run(run) for inner in found])

    return run


@command("multisearch", generating=True, later=False)
def _multisearch(arguments: str, context: Context) -> Stage:
    reader, found = _subsearches(arguments, context.subsearch)
    reader.end()
    if len(found) < 2:
        raise SplRejected("It needs at least two searches in brackets.")
    return lambda table, run: _newest_first([inner.run(run) for inner in found])
