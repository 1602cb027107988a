"""top, rare: the most and least common values of fields."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from ..arguments import Arguments, boolean, count
from ..errors import SplRejected
from ..row import Row
from ..stage import Context, Run, Stage, Table, command
from ..values import as_list, natural_key

Key = tuple[str, ...]


@command("top")
def _top(arguments: str, context: Context) -> Stage:
    return _frequency(arguments, lambda item: (-item[1], [natural_key(value) for value in item[0]]))


@command("rare")
def _rare(arguments: str, context: Context) -> Stage:
    return _frequency(arguments, lambda item: (item[1], [natural_key(value) for value in item[0]]))


def _frequency(arguments: str, order: Callable[[tuple[Key, int]], Any]) -> Stage:
    reader = Arguments(arguments)
    known: dict[str, Callable[[str], Any]] = {"limit": count, "countfield": str, "percentfield": str}
    options = reader.options(
        {**known, "otherstr": str, **dict.fromkeys(("showperc", "showcount", "useother"), boolean)}
    )
    token = reader.peek()
    limit = options.get("limit", 10)
    if token and token.value.isdigit() and "limit" not in options:
        limit = count(reader.take().value[:9])
    fields, by = _split(reader.names())
    if not fields:
        raise SplRejected("It needs at least one field.")
    shown = {
        options.get("countfield", "count"): options.get("showcount", True),
        options.get("percentfield", "percent"): options.get("showperc", True),
    }
    columns = [*by, *fields, *(name for name, wanted in shown.items() if wanted)]

    def run(table: Table, run: Run) -> Table:
        rows = []
        for group, counts in _counted(table, by, fields).items():
            total = sum(counts.values())
            shown_counts = sorted(counts.items(), key=order)[: limit or None]
            left = total - sum(found for _, found in shown_counts)
            if options.get("useother") and left:
                shown_counts.append(((options.get("otherstr", "OTHER"),) * len(fields), left))
            for key, found in shown_counts:
                figures = dict(zip(shown, (str(found), f"{found * 100 / total:.6f}")))
                cells = {**dict(zip([*by, *fields], [*group, *key])), **figures}
                rows.append(Row({name: cells[name] for name in columns}))
        return Table(rows, columns)

    return run


def _counted(table: Table, by: list[str], fields: list[str]) -> dict[Key, dict[Key, int]]:
    groups: dict[Key, dict[Key, int]] = {}
    for row in table.rows:
        for key in product(*(as_list(row.get(name)) for name in [*by, *fields])):
            counts = groups.setdefault(key[: len(by)], {})
            counts[key[len(by) :]] = counts.get(key[len(by) :], 0) + 1
    return groups


def _split(names: list[str]) -> tuple[list[str], list[str]]:
    lowered = [name.lower() for name in names]
    if "by" not in lowered:
        return names, []
    at = lowered.index("by")
    if not names[at + 1 :]:
        raise SplRejected("There is no field after BY.")
    return names[:at], names[at + 1 :]
