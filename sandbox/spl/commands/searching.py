"""search, where, eval: the commands that take expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from .. import times
from ..arguments import split_top
from ..errors import SplRejected, SplUnsupported, excerpt
from ..evaluation import compile_condition, compile_expression
from ..row import Row
from ..scanner import bracket_end, quoted_end
from ..searching import Search, compile_search
from ..subsearch import condition
from ..values import Value, text
from . import Context, Run, Stage, Table, command

#: Stands for a subsearch while the search around it is checked.
_PLACEHOLDER = " subsearch=placeholder "
_TARGET = r"\s*(?:'(?P<single>[^']+)'|\"(?P<double>[^\"]+)\"|(?P<bare>[\w.:{}\-]+))"
_ASSIGNMENT = re.compile(_TARGET + r"\s*=(?!=)(?P<value>.*)", re.S)


@command("search", generating=True)
def _search(arguments: str, context: Context) -> Stage:
    parts = _with_subsearches(arguments)
    inner = {index: context.subsearch(part[1:-1]) for index, part in enumerate(parts) if part.startswith("[")}
    checked = compile_search("".join(_PLACEHOLDER if i in inner else part for i, part in enumerate(parts)))

    def resolve(run: Run) -> Search:
        if not inner:
            return checked
        return compile_search(
            "".join(f" {condition(inner[i].run(run).rows)} " if i in inner else part for i, part in enumerate(parts))
        )

    if context.first:
        return lambda table, run: Table(_scan(resolve(run), run))
    if checked.times:
        raise SplUnsupported("A time range in a search command that is not the first one is not supported.")

    def keep(table: Table, run: Run) -> Table:
        test = resolve(run).test
        return Table((row for row in table.rows if test(row)), table.columns)

    return keep


def _with_subsearches(arguments: str) -> list[str]:
    """The text cut before and after each bracketed subsearch."""
    parts, start, position = [], 0, 0
    while position < len(arguments):
        if arguments[position] == '"':
            position = quoted_end(arguments, position)
        elif arguments[position] == "[":
            end = bracket_end(arguments, position)
            parts += [arguments[start:position], arguments[position:end]]
            start = position = end
        else:
            position += 1
    return [*parts, arguments[start:]]


def _scan(search: Search, run: Run) -> Iterator[Row]:
    changes: dict[str, Any] = {_RANGE[name]: times.bound(value, run.now, 0.0) for name, value in search.times.items()}
    bounded = replace(run, **changes)
    may_match, test = search.may_match, search.test
    for event in run.events.scan(bounded.earliest, bounded.latest, bounded.index_earliest, bounded.index_latest):
        if may_match(event):
            row = Row(None, event)
            if test(row):
                yield row


_RANGE = {
    "earliest": "earliest",
    "latest": "latest",
    "_index_earliest": "index_earliest",
    "_index_latest": "index_latest",
}


@command("where")
def _where(arguments: str, context: Context) -> Stage:
    _no_subsearch(arguments)
    test = compile_condition(arguments).call
    return lambda table, run: Table((row for row in table.rows if test(row) is True), table.columns)


@command("eval")
def _eval(arguments: str, context: Context) -> Stage:
    _no_subsearch(arguments)
    assignments = [_assignment(part, arguments) for part in split_top(arguments)]

    def rows(table: Table) -> Iterator[Row]:
        for row in table.rows:
            row = row.copy()
            for name, call in assignments:
                row.set(_target(name, row) if "{" in name else name, call(row))
            yield row

    return lambda table, run: Table(rows(table), table.columns)


def _no_subsearch(arguments: str) -> None:
    if len(_with_subsearches(arguments)) > 1:
        raise SplUnsupported("A subsearch inside an expression is not supported.")


def _assignment(part: str, arguments: str) -> tuple[str, Callable[[Row], Value]]:
    match = _ASSIGNMENT.fullmatch(part)
    if not match:
        raise SplRejected(f"It takes field=expression, and there is no assignment in '{part.strip()[:40]}'.")
    name = match["single"] or match["double"] or match["bare"]
    compiled = compile_expression(match["value"])
    if compiled.kind == "bool":
        raise SplRejected(
            f"The expression for '{name}' is malformed: its result is Boolean, which a field cannot hold. "
            'Use if(..., "true", "false") or tostring().'
        )
    if name.count("{") != name.count("}"):
        raise SplRejected(f"Unbalanced braces in the field name at {excerpt(arguments, arguments.find(name))}.")
    return name, compiled.call


def _target(name: str, row: Row) -> str:
    """``{f}`` in an assigned name stands for the value of f; ``{}`` is part of the name."""
    return re.sub(r"\{([^{}]+)\}", lambda match: text(row.get(match[1]) or ""), name)
