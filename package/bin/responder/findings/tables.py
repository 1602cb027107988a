"""Rows of a table of numbers, as ``stats``, ``chart`` and ``timechart`` make: what each of them is about.

Such a row may name nobody and no resource. What stands left of its numbers are the values that it was grouped by
(``BY``, ``OVER``). A row of ``timechart`` is about a time, which is another each time; its columns have the values of
the field that it was split by for names, so it is about those of which it has counted something.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from . import sources
from .cells import Cells

_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
#: What ``stats`` calls a result that nobody has named.
_RESULT = re.compile(r"count|\w+\(.*\)")
#: Columns of what a split leaves over; ``count: mara`` where a chart has several results.
_REST = ("OTHER", "NULL")
_OF_RESULT = re.compile(r"(?:count|\w+\([^()]*\)): (.+)")
#: Whom a series may be about; a name has no form that tells it from any other word.
_FORMS = ("user_arn", "access_key_id", "vendor_account")


def groups(cells: Cells, known: str = "") -> list[tuple[str, str]]:
    """Columns left of the numbers with their values; none where the row is an event or no table of numbers.

    ``known``: a value that says nothing new.
    """
    found: list[tuple[str, str]] = []
    for name in _columns(cells):
        values = cells.values(name)
        if _RESULT.fullmatch(name) or _is_number(values) and list(values) != [known]:
            # A column that nobody has named, of texts as ``values(user)``, still stands right of the groups.
            return found if any(_is_number(cells.values(one)) for one in _columns(cells)) else []
        if len(set(values)) == 1 and values[0] != known:
            found.append((name, values[0]))
    return []


def series(cells: Cells) -> tuple[str, ...]:
    """Of a row of ``timechart``, the values of the field it was split by of which it has counted something."""
    names = _columns(cells)
    if not cells.values("_time") or cells.values("_raw") or not all(_is_number(cells.values(one)) for one in names):
        return ()
    split = {_OF_RESULT.sub(r"\1", name): name for name in names if _counted(cells.values(name))}
    return tuple(sorted(name for name in split if name not in _REST and not _RESULT.fullmatch(name)))


def about(names: Sequence[str]) -> dict[str, str]:
    """The finding's fields that the one series of a row names by its form."""
    if len(names) != 1:
        return {}
    (name,) = names
    for field in _FORMS:
        if sources.FORMS[field].fullmatch(name):
            return {field: name}
    try:
        return {"src_ip": str(ipaddress.ip_address(name))}
    except ValueError:
        return {}


def _columns(cells: Cells) -> list[str]:
    return [] if cells.values("_raw") else cells.names()


def _is_number(values: Sequence[str]) -> bool:
    return len(values) == 1 and _NUMBER.fullmatch(values[0]) is not None


def _counted(values: Sequence[str]) -> bool:
    return float(values[0].replace(",", "")) != 0
