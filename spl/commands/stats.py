"""stats, eventstats."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, product
from typing import Any

from ..aggregates import Accumulator, Aggregate
from ..aggregation import Plan, closing, read
from ..arguments import boolean, count
from ..errors import SplUnsupported
from ..row import Row
from ..scanner import unquote
from ..stage import Context, Run, Stage, Table, command
from ..values import Value, as_list, natural_key

_OPTION = re.compile(r"\s*(\w+)\s*=\s*(?=\S)")
_VALUE = re.compile(r"\"(?:[^\"\\]|\\.)*\"|[^\s(\"]+", re.S)


def leading_options(arguments: str, known: dict[str, Callable[[str], Any]]) -> tuple[dict[str, Any], str]:
    """stats takes its options before its terms."""
    found: dict[str, Any] = {}
    while match := _OPTION.match(arguments):
        name = match[1].lower()
        if name not in known:
            raise SplUnsupported(f"The option '{match[1]}' is not supported.")
        value = _value(arguments[match.end() :])
        try:
            found[name] = known[name](unquote(value) if value[:1] == '"' else value)
        except ValueError as error:
            raise SplUnsupported(f"The option '{match[1]}={value}' is not supported: {error}") from None
        arguments = arguments[match.end() + len(value) :]
    return found, arguments


def _value(text: str) -> str:
    """An option's value: a word, a quoted text, or an expression in parentheses."""
    if text[0] == "(":
        return text[: closing(text, 0)]
    match = _VALUE.match(text)
    return match.group() if match else text[:1]


@command("stats")
def _stats(arguments: str, context: Context) -> Stage:
    options, terms = leading_options(
        arguments, {"dedup_splitvals": boolean, "allnum": _only_default, "partitions": count, "delim": str}
    )
    match = re.search(r"\sdedup_splitvals\s*=\s*(\S+)\s*$", terms)
    if match:
        options.update(leading_options(f"{match.group().strip()} ", {"dedup_splitvals": boolean})[0])
        terms = terms[: match.start()]
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
            add(groups.setdefault(key, {}), aggregates, row)
    return groups


def add(state: dict[str, Accumulator], aggregates: list[Aggregate], row: Row) -> None:
    for aggregate in aggregates:
        accumulator = state.get(aggregate.name)
        if accumulator is None:
            accumulator = state[aggregate.name] = aggregate.accumulator()
        accumulator.add(row)


def results_of(state: dict[str, Accumulator], aggregates: list[Aggregate]) -> list[tuple[str, Value]]:
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
        for name, value in results_of(groups[key], aggregates):
            row.set(name, value)
        yield row


@command("eventstats")
def _eventstats(arguments: str, context: Context) -> Stage:
    _, terms = leading_options(arguments, {"allnum": _only_default})
    aggregation = read(terms)

    def run(table: Table, run: Run) -> Table:
        rows, plan = list(table.rows), Plan(aggregation)
        groups = _groups(rows, aggregation.by, plan, once=True)
        aggregates = plan.all()
        results = {key: results_of(state, aggregates) for key, state in groups.items()}
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
