"""format, return: what a subsearch hands to the search around it."""

from __future__ import annotations

import re
from itertools import islice

from ..arguments import Arguments, count
from ..errors import SplRejected, SplUnsupported
from ..row import Row
from ..stage import Context, Run, Stage, Table, command
from ..subsearch import DEFAULT, LIMIT, Style, condition, name_of, quoted
from ..values import text


@command("format")
def _format(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    options = reader.options({"mvsep": str, "maxresults": count, "emptystr": str})
    marks = tuple(reader.names("A prefix or separator"))
    if marks and len(marks) != len(DEFAULT.marks):
        raise SplRejected(f"It takes all six row and column options or none, and there are {len(marks)}.")
    style = Style(
        marks or DEFAULT.marks,
        options.get("mvsep", DEFAULT.separator),
        options.get("emptystr", DEFAULT.empty),
        options.get("maxresults") or LIMIT,
    )
    return lambda table, run: Table([Row({"search": condition(table.rows, style)})], ["search"])


@command("return")
def _return(arguments: str, context: Context) -> Stage:
    match = re.fullmatch(r"\s*(\d{1,9}\s)?(.*)", arguments, re.S)
    assert match is not None
    names = [_item(item) for item in _items(match[2])]
    if not names:
        raise SplRejected("It needs at least one field.")
    most = int(match[1] or 1)

    def run(table: Table, run: Run) -> Table:
        groups = [" ".join(_written(row, item) for item in names).strip() for row in islice(table.rows, most)]
        groups = [group for group in groups if group]
        bare = all(not name for name, _ in names)
        made = groups[0] if bare and len(groups) == 1 else " OR ".join(f"({group})" for group in groups)
        return Table([Row({"search": made})] if made else [], ["search"])

    return run


def _items(text: str) -> list[str]:
    compact = re.sub(r"\s*=\s*", "=", text.replace(",", " "))
    if '"' in compact or "(" in compact:
        raise SplUnsupported("Only field names, alias=field and $field are supported.")
    return compact.split()


def _item(written: str) -> tuple[str, str]:
    """The name to compare (empty for the bare value) and the field."""
    if written.startswith("$"):
        return "", written[1:]
    alias, equals, field = written.partition("=")
    return (alias, field) if equals else (written, written)


def _written(row: Row, item: tuple[str, str]) -> str:
    name, field = item
    value = row.get(field)
    if value is None:
        return ""
    return f"{name_of(name)}={quoted(text(value))}" if name else text(value)
