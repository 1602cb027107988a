"""format, return: what a subsearch hands to the search around it."""

from __future__ import annotations

import re
from itertools import islice

from ..errors import SplRejected, SplUnsupported
from ..row import Row
from ..subsearch import condition, quoted
from ..values import text
from . import Context, Run, Stage, Table, command


@command("format")
def _format(arguments: str, context: Context) -> Stage:
    if arguments.strip():
        raise SplUnsupported("Options of format are not supported.")
    return lambda table, run: Table([Row({"search": condition(table.rows)})], ["search"])


@command("return")
def _return(arguments: str, context: Context) -> Stage:
    match = re.fullmatch(r"\s*(\d{1,9}\s)?(.*)", arguments, re.S)
    assert match is not None
    names = [_item(item) for item in _items(match[2])]
    if not names:
        raise SplRejected("It needs at least one field.")
    most = int(match[1] or 1)

    def run(table: Table, run: Run) -> Table:
        groups = [" ".join(_written(row, item) for item in names) for row in islice(table.rows, most)]
        made = " OR ".join(f"({group.strip()})" for group in groups if group.strip())
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
    return f"{quoted(name)}={quoted(text(value))}" if name else text(value)
