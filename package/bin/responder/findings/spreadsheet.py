"""Results as CSV for people's spreadsheets. What a cell says is text: no program may take it as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

#: What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"), also in its full-width form.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
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
    return ["'" + cell if cell.lstrip(" ").startswith(_FORMULA) else cell for cell in cells]
