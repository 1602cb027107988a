"""A list that people keep as a CSV file: written for spreadsheets, read back, and compared with what there is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Rejected, one_line
from ..findings import spreadsheet
from . import lists
from .lists import PeoplesList

#: Of a file.
MOST_CHARACTERS, MOST_ROWS = 1_000_000, 2_000
LAST_DAY = "last_day"
#: What other programs call the end of an entry, and columns that say nothing to us.
_ENDS, _IGNORED = ("last_day", "last day", "expires"), ("_key", "_user")
Values = Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """A line of a file: an entry as it is stored and as people write it, or what is wrong with it."""

    number: int
    values: Values
    entry: Mapping[str, Any] | None = None
    problem: str = ""


@dataclass(frozen=True)
class Planned:
    """``what``: added, changed or removed. Values are as people write them; empty where there is no entry."""

    what: str
    line: int
    key: str
    before: Values
    after: Values
    entry: Mapping[str, Any] | None


def text_of(one: PeoplesList, entries: Iterable[Mapping[str, Any]]) -> str:
    """The file. ``entries``: as they are stored."""
    rows = [written(one, entry) for entry in entries]
    return spreadsheet.csv_of(rows or [dict.fromkeys(_columns(one), "")][:1]).decode("utf-8")


def written(one: PeoplesList, entry: Mapping[str, Any]) -> dict[str, str]:
    """An entry as people write it: with its last day, where it can end."""
    found = {column.name: _text(entry.get(column.name)) for column in one.columns}
    if one.expires:
        day = lists.last_day(entry.get("expires"))
        found[LAST_DAY] = _text(entry.get("expires")) if day is None else day
    return found


def read(one: PeoplesList, text: str) -> list[Line]:
    """Raises Rejected for what is no table of this list."""
    if len(text) > MOST_CHARACTERS:
        raise Rejected(f"The file has more than {MOST_CHARACTERS:,} characters.", "Import it in parts.")
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=_separator(text), strict=True)
    try:
        table = [(rows.line_num, [spreadsheet.as_written(cell) for cell in row]) for row in rows]
    except csv.Error as error:
        raise Rejected(f"Line {rows.line_num} is not CSV: {error}.", "Save it as CSV, in UTF-8.") from error
    if not table:
        raise Rejected("The file is empty.", f"Its first line is {', '.join(_columns(one))}.")
    if len(table) - 1 > MOST_ROWS:
        raise Rejected(f"The file has more than {MOST_ROWS:,} entries.", "Import it in parts.")
    names = _names(one, table[0][1])
    return [_line(one, names, number, cells) for number, cells in table[1:] if any(cell.strip() for cell in cells)]


def plan(one: PeoplesList, stored: Sequence[Mapping[str, Any]], lines: Sequence[Line], removes: bool) -> list[Planned]:
    """What is to be done so that the list is as the file says. Raises Rejected where two lines are about the same.

    ``removes``: entries that the file does not have are removed; else they stay.
    """
    there = {_about(one, written(one, document)): document for document in stored}
    found, seen = [], dict[tuple[str, ...], int]()
    for line in lines:
        if line.entry is None:
            continue
        about = _about(one, line.values)
        if about in seen:
            raise Rejected(f"Lines {seen[about]} and {line.number} are about the same entry.", "Keep one of them.")
        seen[about] = line.number
        document = there.get(about)
        if document is None:
            found.append(Planned("added", line.number, "", {}, line.values, line.entry))
        elif written(one, document) != line.values:
            before = written(one, document)
            found.append(Planned("changed", line.number, str(document["_key"]), before, line.values, line.entry))
    if removes:
        gone = [document for about, document in there.items() if about not in seen]
        found += [Planned("removed", 0, str(one_["_key"]), written(one, one_), {}, None) for one_ in gone]
    return found


def _about(one: PeoplesList, values: Values) -> tuple[str, ...]:
    return tuple(values.get(name, "").strip().lower() for name in one.identity)


def _columns(one: PeoplesList) -> list[str]:
    return [column.name for column in one.columns] + [LAST_DAY] * one.expires


def _separator(text: str) -> str:
    """Spreadsheets separate by the country they are set to."""
    head = text.partition("\n")[0]
    return max((",", ";", "\t"), key=head.count)


def _names(one: PeoplesList, head: Sequence[str]) -> list[str]:
    known = {column.label.lower(): column.name for column in one.columns} | {c.name: c.name for c in one.columns}
    known |= dict.fromkeys(_ENDS, LAST_DAY) if one.expires else {}
    known |= dict.fromkeys(_IGNORED, "")
    wanted = [cell.strip().lower() for cell in head]
    other = next((cell for cell, name in zip(head, wanted) if name not in known), None)
    if other is not None:
        raise Rejected(
            f"{one.title} has no column '{one_line(other)[:40]}'.", f"The first line is {', '.join(_columns(one))}."
        )
    names = [known[name] for name in wanted]
    if len({name for name in names if name}) < len([name for name in names if name]):
        raise Rejected("Two columns of the file have the same name.", "Keep one of them.")
    return names


def _line(one: PeoplesList, names: Sequence[str], number: int, cells: Sequence[str]) -> Line:
    if len(cells) != len(names):
        return Line(number, {}, problem=f"It has {len(cells)} cells; the first line has {len(names)}.")
    given = {name: cell.strip() for name, cell in zip(names, cells) if name}
    ends = given.pop(LAST_DAY, "")
    if one.expires and ends.isdigit():
        # As a lookup keeps it: epoch seconds.
        ends = lists.last_day(ends) or ""
    try:
        entry = lists.checked(one, {**given, **({"expires": ends} if one.expires else {})})
    except Rejected as error:
        return Line(number, {**given, **({LAST_DAY: ends} if one.expires else {})}, problem=str(error))
    return Line(number, written(one, entry), entry)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
