"""stats, eventstats, streamstats."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any

from ..aggregates import Accumulator, Aggregate
from ..aggregation import Aggregation, expanded, has_wildcards, read
from ..arguments import boolean, count
from ..errors import SplUnsupported
from ..row import Row
from ..values import as_list, natural_key
from . import Context, Run, Stage, Table, command
from .columns import all_names

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
        rows: Iterable[Row] = table.rows
        aggregates = aggregation.aggregates
        if has_wildcards(aggregation):
            rows = list(rows)
            aggregates = expanded(aggregation, all_names(rows))
        groups = _groups(rows, aggregation.by, aggregates, once)
        columns = [*aggregation.by, *(aggregate.name for aggregate in aggregates)]
        return Table(list(_result_rows(groups, aggregation.by, aggregates)), list(dict.fromkeys(columns)))

    return run


Groups = dict[tuple[str, ...], list[Accumulator]]


def _groups(rows: Iterable[Row], by: list[str], aggregates: list[Aggregate], once: bool) -> Groups:
    groups: Groups = {}
    if not by:
        groups[()] = [aggregate.accumulator() for aggregate in aggregates]
    for row in rows:
        for key in group_keys(row, by, once):
            accumulators = groups.get(key)
            if accumulators is None:
                accumulators = groups[key] = [aggregate.accumulator() for aggregate in aggregates]
            for accumulator in accumulators:
                accumulator.add(row)
    return groups


def group_keys(row: Row, by: list[str], once: bool = False) -> Iterator[tuple[str, ...]]:
    """The groups a row belongs to: none when it lacks a BY field, several when one is multivalue."""
    values = [as_list(row.get(name)) for name in by]
    keys = product(*values)
    return iter(dict.fromkeys(keys)) if once else keys


def _result_rows(groups: Groups, by: list[str], aggregates: list[Aggregate]) -> Iterator[Row]:
    for key in sorted(groups, key=lambda key: [natural_key(value) for value in key]):
        row = Row(dict(zip(by, key)))
        for aggregate, accumulator in zip(aggregates, groups[key]):
            row.set(aggregate.name, accumulator.result())
        yield row


@command("eventstats")
def _eventstats(arguments: str, context: Context) -> Stage:
    _, terms = _leading_options(arguments, {"allnum": _only_default})
    aggregation = read(terms)

    def run(table: Table, run: Run) -> Table:
        rows = list(table.rows)
        aggregates = _known(aggregation, rows)
        groups = _groups(rows, aggregation.by, aggregates, once=True)
        results = {key: [accumulator.result() for accumulator in found] for key, found in groups.items()}
        return Table([_with(row, aggregation.by, aggregates, results) for row in rows], table.columns)

    return run


def _only_default(value: str) -> bool:
    if boolean(value):
        raise ValueError("only its default is.")
    return False


def _known(aggregation: Aggregation, rows: list[Row]) -> list[Aggregate]:
    return expanded(aggregation, all_names(rows)) if has_wildcards(aggregation) else aggregation.aggregates


def _with(row: Row, by: list[str], aggregates: list[Aggregate], results: dict[tuple[str, ...], list[Any]]) -> Row:
    row = row.copy()
    for key in group_keys(row, by, once=True):
        for aggregate, value in zip(aggregates, results[key]):
            row.set(aggregate.name, value)
        break
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


def _put(row: Row, aggregates: list[Aggregate], accumulators: list[Accumulator]) -> None:
    for aggregate, accumulator in zip(aggregates, accumulators):
        row.set(aggregate.name, accumulator.result())


def _running(rows: Iterable[Row], aggregation: Aggregation, current: bool) -> Iterator[Row]:
    groups: Groups = {}
    for source in rows:
        row = source.copy()
        for key in group_keys(source, aggregation.by, once=True):
            if key not in groups:
                groups[key] = [aggregate.accumulator() for aggregate in aggregation.aggregates]
            if not current:
                _put(row, aggregation.aggregates, groups[key])
            for accumulator in groups[key]:
                accumulator.add(source)
            if current:
                _put(row, aggregation.aggregates, groups[key])
            break
        yield row


def _windowed(rows: Iterable[Row], aggregation: Aggregation, window: int, current: bool) -> Iterator[Row]:
    recent: dict[tuple[str, ...], deque[Row]] = {}
    for source in rows:
        row = source.copy()
        for key in group_keys(source, aggregation.by, once=True):
            held = recent.setdefault(key, deque(maxlen=window))
            if current:
                held.append(source)
            accumulators = [aggregate.accumulator() for aggregate in aggregation.aggregates]
            for member in held:
                for accumulator in accumulators:
                    accumulator.add(member)
            _put(row, aggregation.aggregates, accumulators)
            if not current:
                held.append(source)
            break
        yield row
