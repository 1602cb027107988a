"""foreach: an eval for each of several fields, or for each value of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from .. import extraction, scanner
from ..arguments import Arguments, choice
from ..errors import SplRejected, SplUnsupported
from ..patterns import field_wildcard, matching_fields
from ..row import Row
from ..scanner import bracket_end
from ..stage import Context, Run, Stage, Table, command
from ..values import Cell, as_list, text
from .columns import all_names
from .searching import assign, assignments_of

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
        **dict.fromkeys(("fieldstr", "matchstr", "itemstr", "iterstr"), str),
    }
    options = reader.options(known)
    patterns, mode = reader.names(), options.get("mode", "multifield")
    if not patterns:
        raise SplRejected("It needs at least one field.")
    if mode == "auto_collections":
        raise SplUnsupported("The mode auto_collections is not supported.")
    if mode == "multifield":
        return _over_fields(patterns, template, options)
    if len(patterns) > 1:
        raise SplRejected(f"The mode {mode} takes one field.")
    return _over_items(patterns[0], template, options, mode == "json_array")


def _template(inner: str) -> str:
    """The assignments of the eval commands between the brackets."""
    segments = scanner.pipeline(inner if inner.lstrip().startswith("|") else f"|{inner}")
    if any(segment.name != "eval" for segment in segments):
        raise SplUnsupported("Only eval is supported between the brackets.")
    return ",".join(segment.arguments for segment in segments)


def _over_fields(patterns: list[str], template: str, options: dict[str, Any]) -> Stage:
    def run(table: Table, run: Run) -> Table:
        rows = list(table.rows)
        known = all_names(rows, table.columns)
        steps = []
        for pattern in patterns:
            for name in matching_fields(pattern, known) if "*" in pattern else [pattern]:
                steps.append(assignments_of(_for_field(template, name, pattern, options)))
        made = []
        for row in rows:
            row = row.copy()
            for step in steps:
                assign(row, step)
            made.append(row)
        return Table(made, table.columns and all_names(made, table.columns))

    return run


def _for_field(template: str, name: str, pattern: str, options: dict[str, Any]) -> str:
    match = field_wildcard(pattern).fullmatch(name)
    segments = match.groups() if match else ()
    filled = template.replace(options.get("fieldstr", "<<FIELD>>"), name)
    filled = filled.replace(options.get("matchstr", "<<MATCHSTR>>"), "".join(segments))
    return re.sub(
        r"<<MATCHSEG([123])>>", lambda m: segments[int(m[1]) - 1] if int(m[1]) <= len(segments) else "", filled
    )


def _over_items(name: str, template: str, options: dict[str, Any], as_json: bool) -> Stage:
    mark, counter = options.get("itemstr", "<<ITEM>>"), options.get("iterstr", "<<ITER>>")
    # By itself the mark is a value, whatever characters that holds; as part of a name it is replaced as text.
    written = re.escape(mark)
    alone = re.compile(rf"\"{written}\"|(?<![\w'\"]){written}(?![\w'\"])")
    expression = alone.sub(f"'{_ITEM}'", template)
    assignments_of(expression.replace(mark, "item").replace(counter, "0"))

    def one(row: Row) -> Row:
        row = row.copy()
        for index, item in enumerate(_items(row.get(name), as_json)):
            row.values[_ITEM] = item
            assign(row, assignments_of(expression.replace(mark, item).replace(counter, str(index))))
        row.values.pop(_ITEM, None)
        return row

    return lambda table, run: Table((one(row) for row in table.rows), table.columns)


def _items(value: Cell | None, as_json: bool) -> Iterable[str]:
    if not as_json:
        return as_list(value)
    found = None if value is None else extraction.parse(text(value))
    members = found if isinstance(found, list) else []
    return [extraction.dump(m) if isinstance(m, (dict, list)) else extraction.scalar(m) or "" for m in members]
