"""makeresults: rows out of nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from .. import extraction
from ..arguments import Arguments, boolean, choice, count
from ..errors import SplRejected, SplUnsupported
from ..row import Row
from ..stage import Context, Run, Stage, Table, command
from ..values import Cell, text


@command("makeresults", generating=True, later=False)
def _makeresults(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    known: dict[str, Callable[[str], Any]] = {
        "count": count, "annotate": boolean, "format": choice("csv", "json"), "data": str,
        "splunk_server": str, "splunk_server_group": str,
    }  # fmt: skip
    options = reader.options(known)
    reader.end()
    if options.get("annotate"):
        raise SplUnsupported("annotate is not supported.")
    if ("data" in options) != ("format" in options):
        raise SplRejected("format and data go together.")
    if "data" in options:
        rows = _rows(options["format"], options["data"])
        columns = list(dict.fromkeys(name for row in rows for name in row))
        return lambda table, run: Table([Row(dict(row)) for row in rows], columns)

    def run(table: Table, run: Run) -> Table:
        return Table((Row({"_time": text(int(run.now))}) for _ in range(options.get("count", 1))), ["_time"])

    return run


def _rows(form: str, data: str) -> list[dict[str, Cell]]:
    if form == "csv":
        reader = csv.DictReader(io.StringIO(data.strip()), skipinitialspace=True)
        return [{name: value for name, value in row.items() if name and value} for row in reader]
    found = extraction.parse(data)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise SplRejected("The data is not a JSON array of objects.")
    return [
        {
            name: extraction.dump(v) if isinstance(v, (dict, list)) else extraction.scalar(v) or ""
            for name, v in item.items()
        }
        for item in found
    ]
