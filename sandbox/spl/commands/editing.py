"""replace, strcat, rangemap, filldown, foreach, fieldformat, addinfo: values changed or added row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .. import extraction, scanner
from ..arguments import Arguments, boolean, choice
from ..errors import SplRejected, SplUnsupported
from ..patterns import field_wildcard, matching_fields
from ..row import Row
from ..scanner import bracket_end
from ..values import Cell, Number, as_list, number, text
from . import Context, Run, Stage, Table, command
from .columns import all_names, fill_wildcards
from .searching import assign, assignments_of


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
        added: dict[str, Cell] = {**info, "info_sid": f"{run.now:.0f}.1"}
        return Table((_with(row, added) for row in table.rows), table.columns and [*table.columns, *added])

    return run


def _with(row: Row, added: dict[str, Cell]) -> Row:
    row = row.copy()
    for name, value in added.items():
        row.set(name, value)
    return row


_ITEM = "_foreach_item"


@command("foreach")
def _foreach(arguments: str, context: Context) -> Stage:
    start = arguments.find("[")
    if start < 0 or arguments[bracket_end(arguments, start) :].strip():
        raise SplRejected("It takes fields and then one subsearch in brackets.")
    template = _template(arguments[start + 1 : bracket_end(arguments, start) - 1])
    reader = Arguments(arguments[:start])
    known: dict[str, Callable[[str], Any]] = {
        "mode": choice("multifield", "multivalue", "json_array", "auto_collections"),
        **dict.fromkeys(("fieldstr", "matchstr", "itemstr"), str),
    }
    options = reader.options(known)
    patterns, mode = reader.names(), options.get("mode", "multifield")
    if not patterns:
        raise SplRejected("It needs at least one field.")
    if mode == "auto_collections":
        raise SplUnsupported("The mode auto_collections is not supported.")
    if mode == "multifield":
        return _over_fields(patterns, template, options.get("fieldstr", "<<FIELD>>"), options)
    if len(patterns) > 1:
        raise SplRejected(f"The mode {mode} takes one field.")
    expression = re.sub(rf'"?{re.escape(options.get("itemstr", "<<ITEM>>"))}"?', f"'{_ITEM}'", template)
    assignments_of(expression)
    return _over_items(patterns[0], expression, mode == "json_array")


def _template(inner: str) -> str:
    """The assignments of the eval commands between the brackets."""
    segments = scanner.pipeline(inner if inner.lstrip().startswith("|") else f"|{inner}")
    if any(segment.name != "eval" for segment in segments):
        raise SplUnsupported("Only eval is supported between the brackets.")
    return ",".join(segment.arguments for segment in segments)


def _over_fields(patterns: list[str], template: str, mark: str, options: dict[str, Any]) -> Stage:
    def run(table: Table, run: Run) -> Table:
        rows = list(table.rows)
        known = all_names(rows, table.columns)
        steps = []
        for pattern in patterns:
            for name in matching_fields(pattern, known) if "*" in pattern else [pattern]:
                steps.append(assignments_of(_filled_in(template, name, pattern, mark, options.get("matchstr"))))
        made = []
        for row in rows:
            row = row.copy()
            for step in steps:
                assign(row, step)
            made.append(row)
        return Table(made, table.columns and all_names(made, table.columns))

    return run


def _filled_in(template: str, name: str, pattern: str, mark: str, match_mark: str | None) -> str:
    match = field_wildcard(pattern).fullmatch(name)
    segments = match.groups() if match else ()
    filled = template.replace(mark, name).replace(match_mark or "<<MATCHSTR>>", "".join(segments))
    return re.sub(
        r"<<MATCHSEG([123])>>", lambda m: segments[int(m[1]) - 1] if int(m[1]) <= len(segments) else "", filled
    )


def _over_items(name: str, expression: str, as_json: bool) -> Stage:
    def one(row: Row) -> Row:
        row = row.copy()
        for item in _items(row.get(name), as_json):
            row.values[_ITEM] = item
            assign(row, assignments_of(expression))
        row.values.pop(_ITEM, None)
        return row

    return lambda table, run: Table((one(row) for row in table.rows), table.columns)


def _items(value: Cell | None, as_json: bool) -> Iterable[str]:
    if not as_json:
        return as_list(value)
    found = None if value is None else extraction.parse(text(value))
    members = found if isinstance(found, list) else []
    return [extraction.dump(m) if isinstance(m, (dict, list)) else extraction.scalar(m) or "" for m in members]
