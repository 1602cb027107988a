"""search, where, eval: the commands that take expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from .. import times
from ..arguments import split_top
from ..errors import SplRejected, SplUnsupported, excerpt
from ..evaluation import compile_condition, compile_expression
from ..model import Event, IndexedEvents
from ..row import Row
from ..searching import Search, compile_search
from ..stage import Context, EachRow, Run, Stage, Table, command
from ..subsearch import Text
from ..values import Value, text

_TARGET = r"\s*(?:'(?P<single>[^']+)'|\"(?P<double>[^\"]+)\"|(?P<bare>[\w.:{}\-]+))"
_ASSIGNMENT = re.compile(_TARGET + r"\s*=(?!=)(?P<value>.*)", re.S)
Assignment = tuple[str, Callable[[Row], Value]]


@command("search", generating=True)
def _search(arguments: str, context: Context) -> Stage:
    written = Text(arguments, context.subsearch)
    checked = compile_search(written.checked())

    def resolve(run: Run) -> Search:
        return compile_search(written.resolved(run)) if written else checked

    def scan(table: Table, run: Run) -> Table:
        search = resolve(run)
        for name, value in search.times.items():
            setattr(run, _RANGE[name], times.bound(value, run.now, 0.0))
        return Table(_scan(search, run))

    if context.first:
        return scan
    if checked.times:
        raise SplUnsupported("A time range in a search command that is not the first one is not supported.")

    def keep(table: Table, run: Run) -> Table:
        test = resolve(run).test
        return Table((row for row in table.rows if test(row)), table.columns)

    return keep if written else EachRow(checked.test, changes=False)


def _scan(search: Search, run: Run) -> Iterator[Row]:
    may_match, test = search.may_match, search.rest
    kept = getattr(run.events, "keeps_shared", False)
    for event in _candidates(search, run):
        if may_match(event):
            row = Row(None, event)
            if test(row):
                if kept:
                    row.memo = event.memo
                yield row


def _candidates(search: Search, run: Run) -> Iterable[Event]:
    known = run.events.with_words(search.required) if isinstance(run.events, IndexedEvents) else None
    if known is None:
        return run.events.scan(run.earliest, run.latest, run.index_earliest, run.index_latest)
    return (
        event
        for event in known
        if run.earliest <= event.time < run.latest and run.index_earliest <= event.indextime < run.index_latest
    )


_RANGE = {
    "earliest": "earliest",
    "latest": "latest",
    "_index_earliest": "index_earliest",
    "_index_latest": "index_latest",
}


@command("where")
def _where(arguments: str, context: Context) -> Stage:
    written = Text(arguments, context.subsearch)
    if written:
        # What the subsearch gives decides what the expression says, so it is checked when it is known.
        return lambda table, run: _kept(table, compile_condition(written.resolved(run)).call)
    test = compile_condition(arguments).call
    return EachRow(lambda row: test(row) is True, changes=False)


def _kept(table: Table, test: Callable[[Row], Value]) -> Table:
    return Table((row for row in table.rows if test(row) is True), table.columns)


@command("eval")
def _eval(arguments: str, context: Context) -> Stage:
    written = Text(arguments, context.subsearch)
    if written:
        return lambda table, run: Table(_assigned(table, assignments_of(written.resolved(run))), table.columns)
    assignments = assignments_of(arguments)
    if any("{" in name for name, _ in assignments):
        return EachRow(lambda row: assign(row, assignments))
    if len(assignments) == 1:
        name, call = assignments[0]
        return EachRow(lambda row: row.set(name, call(row)))

    def set_all(row: Row) -> None:
        for name, call in assignments:
            row.set(name, call(row))

    return EachRow(set_all)


def assignments_of(arguments: str) -> list[Assignment]:
    """``a=..., b=...`` as fields and compiled expressions. Raises SplRejected."""
    return [_assignment(part, arguments) for part in split_top(arguments)]


def assign(row: Row, assignments: list[Assignment]) -> None:
    """Left to right, so that later ones see what earlier ones made."""
    for name, call in assignments:
        row.set(_target(name, row) if "{" in name else name, call(row))


def _assigned(table: Table, assignments: list[Assignment]) -> Iterator[Row]:
    for row in table.rows:
        row = row.copy()
        assign(row, assignments)
        yield row


def _assignment(part: str, arguments: str) -> Assignment:
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
    if name.isdigit() and match["bare"]:
        raise SplRejected(f"'{name}' is no field name: one that begins with a digit needs quotes.")
    if name.count("{") != name.count("}"):
        raise SplRejected(f"Unbalanced braces in the field name at {excerpt(arguments, arguments.find(name))}.")
    return name, compiled.call


def _target(name: str, row: Row) -> str:
    """``{f}`` in an assigned name stands for the value of f; ``{}`` is part of the name."""
    return re.sub(r"\{([^{}]+)\}", lambda match: text(row.get(match[1]) or ""), name)
