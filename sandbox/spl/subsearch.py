"""A subsearch's rows as the text of a search condition (Search Manual, "Change the format of subsearch results")."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from .messages import note
from .row import Row
from .values import Cell, as_list

#: limits.conf [subsearch] maxout.
LIMIT = 10_000


def condition(rows: Iterable[Row]) -> str:
    """Rows joined with OR, the fields of one row with AND. Fields with a leading underscore are left out."""
    groups = [group for row in islice(rows, LIMIT) if (group := _group(row))]
    if not groups:
        note("a subsearch gave no rows: Splunk does not document that case; it counted as a condition that never holds")
        return "()"
    return f"({' OR '.join(groups)})"


def _group(row: Row) -> str:
    parts = []
    for name, value in row.to_dict().items():
        if name.startswith("_"):
            continue
        if name in ("search", "query"):
            parts.append(" ".join(as_list(value)))
        else:
            parts.append(_field(name, value))
    return f"({' AND '.join(parts)})" if parts else ""


def _field(name: str, value: Cell) -> str:
    tests = [f"{quoted(name)}={quoted(item)}" for item in as_list(value)]
    return tests[0] if len(tests) == 1 else f"({' OR '.join(tests)})"


def quoted(text: str) -> str:
    """A text as a quoted value that search reads back as the same text."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
