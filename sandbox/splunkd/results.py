"""Search results as JSON, CSV and XML."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from spl import Results
from spl.times import strftime

from .errors import ApiError
from .jobs import Job
from .message import Response
from .render import JSON_TYPE, XML_TYPE, clean


def page(results: Results, count: int, offset: int, fields: Sequence[str]) -> Results:
    """Rows ``offset`` to ``offset + count`` (0: all), only the wanted fields; ``_time`` as ISO 8601."""
    rows = results.rows[offset:] if count <= 0 else results.rows[offset : offset + count]
    names = [name for name in results.fields if not fields or name in fields]
    shown = [{name: _value(name, row[name]) for name in names if name in row} for row in rows]
    return Results(names, shown)


def _value(name: str, value: Any) -> Any:
    if name != "_time" or not isinstance(value, str):
        return value
    try:
        return strftime(float(value), "%Y-%m-%dT%H:%M:%S.%3N+00:00")
    except ValueError:
        return value


def render(results: Results, mode: str, offset: int = 0, job: Job | None = None) -> Response:
    """The answer to ``results``, ``events`` and oneshot searches."""
    messages = job.messages if job else []
    fields = [{"name": name} for name in results.fields]
    listed = [{"type": kind, "text": text} for kind, text in messages]
    head: dict[str, Any] = {"preview": False, "init_offset": offset, "messages": listed}
    if mode == "json":
        body: Any = {**head, "fields": fields, "results": results.rows, "highlighted": {}}
    elif mode == "json_rows":
        rows = [[row.get(name) for name in results.fields] for row in results.rows]
        body = {**head, "fields": results.fields, "rows": rows}
    elif mode == "json_cols":
        columns = [[row.get(name) for row in results.rows] for name in results.fields]
        body = {**head, "fields": results.fields, "columns": columns}
    elif mode == "csv":
        return Response(200, _csv(results), "text/csv; charset=UTF-8")
    elif mode == "xml":
        return Response(200, _xml(results, offset, messages), XML_TYPE)
    elif mode == "raw":
        return Response(200, "".join(f"{row.get('_raw', '')}\n" for row in results.rows), "text/plain; charset=UTF-8")
    else:
        raise ApiError(400, f"Invalid output_mode '{mode}'.")
    return Response(200, json.dumps(body), JSON_TYPE)


def export(results: Results, mode: str) -> Response:
    """The answer to ``search/jobs/export``: as ``render``, but JSON is one object a line."""
    if mode != "json":
        return render(results, mode)
    last = len(results.rows) - 1
    lines = [
        json.dumps({"preview": False, "offset": number, **({"lastrow": True} if number == last else {}), "result": row})
        for number, row in enumerate(results.rows)
    ]
    return Response(200, "\n".join(lines or [json.dumps({"preview": False, "lastrow": True})]) + "\n", JSON_TYPE)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "\n".join(value)


def _csv(results: Results) -> str:
    out = io.StringIO(newline="")
    if results.rows:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(results.fields)
        writer.writerows([_text(row.get(name, "")) for name in results.fields] for row in results.rows)
    return out.getvalue()


def _xml(results: Results, offset: int, messages: Sequence[tuple[str, str]]) -> str:
    order = "".join(f"<field>{escape(clean(name))}</field>" for name in results.fields)
    listed = "".join(f"<msg type={quoteattr(kind)}>{escape(clean(text))}</msg>" for kind, text in messages)
    rows = "".join(_xml_row(row, offset + number) for number, row in enumerate(results.rows))
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<results preview='0'>\n<meta>\n<fieldOrder>{order}</fieldOrder>\n"
        f"</meta>\n<messages>{listed}</messages>\n{rows}</results>\n"
    )


def _xml_row(row: dict[str, Any], number: int) -> str:
    cells = []
    for name, value in row.items():
        if name == "_raw":
            cells.append(f"<field k='_raw'><v xml:space='preserve' trunc='0'>{escape(clean(_text(value)))}</v></field>")
            continue
        values = [value] if isinstance(value, str) else value
        texts = "".join(f"<value h='1'><text>{escape(clean(item))}</text></value>" for item in values)
        cells.append(f"<field k={quoteattr(clean(name))}>{texts}</field>")
    return f"<result offset='{number}'>{''.join(cells)}</result>\n"
