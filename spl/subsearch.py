"""A subsearch's rows as the text that stands in its place (Search Reference, "format" and "return")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from .messages import note
from .row import Row
from .scanner import bracket_end, quoted_end
from .stage import Pipeline, Run
from .values import Cell, as_list

_QUOTE_OR_BRACKET = re.compile(r'["\[]')
#: limits.conf [subsearch] maxout.
LIMIT = 10_000
_AFTER_OPERATOR = re.compile(r"(?:[=<>]|\bIN\s*\()\s*\Z")


@dataclass(frozen=True)
class Style:
    """How rows become text; the defaults are those of the implied ``format`` at a subsearch's end."""

    marks: tuple[str, ...] = ("(", "(", "AND", ")", "OR", ")")
    separator: str = "OR"
    empty: str = "NOT ( )"
    most: int = LIMIT


DEFAULT = Style()


def condition(rows: Iterable[Row], style: Style = DEFAULT) -> str:
    """Rows joined with OR, the fields of one row with AND. Fields with a leading underscore are left out."""
    start, group_start, between_fields, group_end, between_rows, end = style.marks
    groups = []
    for row in islice(rows, style.most):
        parts = _parts(row, style)
        if parts:
            groups.append(" ".join([group_start, f" {between_fields} ".join(parts), group_end]))
    if not groups:
        note("a subsearch gave no rows: it became NOT ( ), which no event fits")
        return style.empty
    return " ".join([start, f" {between_rows} ".join(groups), end])


def _parts(row: Row, style: Style) -> list[str]:
    return [
        " ".join(as_list(value)) if name in ("search", "query") else _field(name, value, style)
        for name, value in row.to_dict().items()
        if not name.startswith("_")
    ]


def _field(name: str, value: Cell, style: Style) -> str:
    tests = [f"{name_of(name)}={quoted(item)}" for item in as_list(value)]
    return tests[0] if len(tests) == 1 else f"( {f' {style.separator} '.join(tests)} )"


def name_of(name: str) -> str:
    return name if re.fullmatch(r"[\w.:{}\-]+", name) else quoted(name)


def quoted(text: str) -> str:
    """A text as a quoted value that search reads back as the same text."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class Text:
    """A command's arguments with bracketed subsearches in them."""

    def __init__(self, arguments: str, parse: Callable[[str], Pipeline]) -> None:
        self._parts = _cut(arguments)
        self._inner = {i: parse(part[1:-1]) for i, part in enumerate(self._parts) if part.startswith("[")}

    def __bool__(self) -> bool:
        """Whether there is any subsearch."""
        return bool(self._inner)

    def checked(self) -> str:
        """The arguments with something that parses in the place of each subsearch."""
        return self._filled(lambda index, value: "placeholder" if value else "subsearch=placeholder")

    def resolved(self, run: Run) -> str:
        """The arguments with each subsearch replaced by its rows as text."""
        return self._filled(lambda index, value: _as_text(list(self._inner[index].run(run).rows), value))

    def _filled(self, fill: Callable[[int, bool], str]) -> str:
        made: list[str] = []
        for index, part in enumerate(self._parts):
            after_operator = _AFTER_OPERATOR.search("".join(made)) is not None
            made.append(f" {fill(index, after_operator)} " if index in self._inner else part)
        return "".join(made)


def _as_text(rows: list[Row], value: bool) -> str:
    """After an operator the bare text of ``return $field`` stands for a value; elsewhere it is a group."""
    bare = _bare(rows)
    if bare is None:
        return condition(rows)
    return bare if value else f"( {bare} )"


def _bare(rows: list[Row]) -> str | None:
    fields = [list(row.to_dict().items()) for row in rows]
    if len(fields) != 1 or len(fields[0]) != 1 or fields[0][0][0] not in ("search", "query"):
        return None
    return " ".join(as_list(fields[0][0][1]))


def _cut(arguments: str) -> list[str]:
    """The text cut before and after each bracketed subsearch."""
    parts, start, position = [], 0, 0
    while match := _QUOTE_OR_BRACKET.search(arguments, position):
        position = match.start()
        if match[0] == '"':
            position = quoted_end(arguments, position)
        else:
            end = bracket_end(arguments, position)
            parts += [arguments[start:position], arguments[position:end]]
            start = position = end
    return [*parts, arguments[start:]]
