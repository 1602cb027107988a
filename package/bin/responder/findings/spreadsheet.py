"""Results as CSV for people's spreadsheets. What a cell says is text: no program may take it as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

#: What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"), also in its full-width form.
_SIGN = "=+\\-@＝＋－＠"
#: What may stand before it unseen: white space, controls, characters that show nothing, and the quotes that a program
#: with another separator takes off.
_BEFORE = (
    '\\s"\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e'
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
)
_FORMULA = re.compile(f"[\t\r\n]|[{_BEFORE}]*[{_SIGN}]")
#: Where a program that takes another separator, as many do by the country they are set to, begins a cell of its own.
#: It matches with and without a sign, so that no character is looked at twice.
_INNER = re.compile(f"([;,\t\r\n][;,{_BEFORE}]*)([{_SIGN}]?)")
_INNER_MADE = re.compile(f"([;,\t\r\n][;,{_BEFORE}]*)'([{_SIGN}])")
#: Read as UTF-8 by spreadsheets only with this in front.
_MARK = "\ufeff"


def csv_of(rows: Sequence[Mapping[str, str]]) -> bytes:
    """A table of the rows, with the columns in the order in which they first appear."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(_texts(columns))
    for row in rows:
        writer.writerow(_texts(row.get(name, "") for name in columns))
    return (_MARK + text.getvalue()).encode("utf-8", "replace")


def _texts(cells: Iterable[str]) -> list[str]:
    return [_text(cell) for cell in cells]


def _text(cell: str) -> str:
    inside = _INNER.sub(lambda found: f"{found[1]}'{found[2]}" if found[2] else found[1], cell)
    return "'" + inside if _FORMULA.match(cell) else inside


def as_written(cell: str) -> str:
    """The text that ``csv_of`` has written as this cell; of a cell that somebody else wrote, the cell."""
    inside = _INNER_MADE.sub(r"\1\2", cell)
    return inside[1:] if inside.startswith("'") and _FORMULA.match(inside[1:]) else inside
