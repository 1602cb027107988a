"""stats, eventstats, streamstats."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, product
from typing import Any

from ..aggregates import Accumulator, Aggregate
from ..aggregation import Aggregation, Plan, has_wildcards, read
from ..arguments import boolean, count
from ..errors import SplUnsupported
from ..row import Row
from ..values import Value, as_list, natural_key
from . import Context, Run, Stage, Table, command

_OPTION = re.compile(r"\s*(\w+)\s*=\s*(\S+)\s+")


def _leading_options(arguments: str, known: dict[str, Callable[[str], Any]]) -> tuple[dict[str, Any], str]:
    """stats takes its options before its terms."""
    found: dict[str, Any] = {}
    while match := _OPTION.match(arguments):
        name = match[1].lower()
        if name not in known:
            raise SplUnsupported(f"The option '{match[1]}' is not supported.")
        try:
            found[name] = known[name](match[2])
        except ValueError as error:
            raise SplUnsupported(f"The option '{match[1]}={match[2]}' is not supported: {error}") from None
        arguments = arguments[match.end() :]
    return found, arguments


@command("stats")
def _stats(arguments: str, context: Context) -> Stage:
    options, terms = _leading_options(arguments, {"dedup_splitvals": boolean})
    match = re.search(r"\sdedup_splitvals\s*=\s*(\S+)\s*$", terms)
    if match:
        options["dedup_splitvals"], terms = boolean(match[1]), terms[: match.start()]
    aggregation = read(terms)
    once = options.get("dedup_splitvals", False)

    def run(table: Table, run: Run) -> Table:
        plan = Plan(aggregation)
        groups = _groups(table.rows, aggregation.by, plan, once)
        aggregates = plan.all()
        columns = [*aggregation.by, *(aggregate.name for aggregate in aggregates)]
        return Table(list(_result_rows(groups, aggregation.by, aggregates)), list(dict.fromkeys(columns)))

    return run


#: By the values of the BY fields: the accumulators by the name of what they make.
Groups = dict[tuple[str, ...], dict[str, Accumulator]]


def _groups(rows: Iterable[Row], by: list[str], plan: Plan, once: bool) -> Groups:
    groups: Groups = {} if by else {(): {}}
    for row in rows:
        aggregates = plan.of(row)
        for key in group_keys(row, by, once):
            _add(groups.setdefault(key, {}), aggregates, row)
    return groups


def _add(state: dict[str, Accumulator], aggregates: list[Aggregate], row: Row) -> None:
    for aggregate in aggregates:
        accumulator = state.get(aggregate.name)
        if accumulator is None:
            accumulator = state[aggregate.name] = aggregate.accumulator()
        accumulator.add(row)


def _results(state: dict[str, Accumulator], aggregates: list[Aggregate]) -> list[tuple[str, Value]]:
    """Name and value of every aggregate; one that met no row of this group gives what it gives for none."""
    return [(one.name, (state.get(one.name) or one.accumulator()).result()) for one in aggregates]


def group_keys(row: Row, by: list[str], once: bool = False) -> Iterator[tuple[str, ...]]:
    """The groups a row belongs to: none when it lacks a BY field, several when one is multivalue."""
    values = [as_list(row.get(name)) for name in by]
    keys = product(*values)
    return iter(dict.fromkeys(keys)) if once else keys


def _result_rows(groups: Groups, by: list[str], aggregates: list[Aggregate]) -> Iterator[Row]:
    for key in sorted(groups, key=lambda key: [natural_key(value) for value in key]):
        row = Row(dict(zip(by, key)))
        for name, value in _results(groups[key], aggregates):
            row.set(name, value)
        yield row


@command("eventstats")
def _eventstats(arguments: str, context: Context) -> Stage:
    _, terms = _leading_options(arguments, {"allnum": _only_default})
    aggregation = read(terms)

    def run(table: Table, run: Run) -> Table:
        rows, plan = list(table.rows), Plan(aggregation)
        groups = _groups(rows, aggregation.by, plan, once=True)
        aggregates = plan.all()
        results = {key: _results(state, aggregates) for key, state in groups.items()}
        return Table([_with(row, aggregation.by, results) for row in rows], table.columns)

    return run


def _only_default(value: str) -> bool:
    if boolean(value):
        raise ValueError("only its default is.")
    return False


def _with(row: Row, by: list[str], results: dict[tuple[str, ...], list[tuple[str, Value]]]) -> Row:
    row = row.copy()
    for key in islice(group_keys(row, by), 1):
        for name, value in results[key]:
            row.set(name, value)
    return row


@command("streamstats")
def _streamstats(arguments: str, context: Context) -> Stage:
    known: dict[str, Callable[[str], Any]] = {"window": count, "current": boolean, "global": boolean}
    options, terms = _leading_options(arguments, known)
    aggregation = read(terms)
    if has_wildcards(aggregation):
        raise SplUnsupported("Wildcards in the fields of streamstats are not supported.")
    window, current = options.get("window", 0), options.get("current", True)
    if window and aggregation.by and options.get("global", True):
        raise SplUnsupported("window with BY needs global=f here.")

    def run(table: Table, run: Run) -> Table:
        if window:
            return Table(_windowed(table.rows, aggregation, window, current), table.columns)
        return Table(_running(table.rows, aggregation, current), table.columns)

    return run


def _put(row: Row, aggregates: list[Aggregate], state: dict[str, Accumulator]) -> None:
    for name, value in _results(state, aggregates):
        row.set(name, value)


def _running(rows: Iterable[Row], aggregation: Aggregation, current: bool) -> Iterator[Row]:
    groups: Groups = {}
    for source in rows:
        row = source.copy()
        for key in islice(group_keys(source, aggregation.by), 1):
            state = groups.setdefault(key, {})
            if not current:
                _put(row, aggregation.aggregates, state)
            _add(state, aggregation.aggregates, source)
            if current:
                _put(row, aggregation.aggregates, state)
        yield row


def _windowed(rows: Iterable[Row], aggregation: Aggregation, window: int, current: bool) -> Iterator[Row]:
    recent: dict[tuple[str, ...], deque[Row]] = {}
    for source in rows:
        row = source.copy()
        for key in islice(group_keys(source, aggregation.by), 1):
            held = recent.setdefault(key, deque(maxlen=window))
            if current:
                held.append(source)
            state: dict[str, Accumulator] = {}
            for member in held:
                _add(state, aggregation.aggregates, member)
            _put(row, aggregation.aggregates, state)
            if not current:
                held.append(source)
        yield row
