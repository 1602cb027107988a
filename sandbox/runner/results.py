"""Search results as splunkd hands them to a process: gzipped CSV with a ``__mv_`` column for each field."""

from __future__ import annotations

import csv
import gzip
import io
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from .host import Row, Value


def columns(rows: Iterable[Row], fields: Sequence[str] = ()) -> list[str]:
    """``fields``, then whatever else the rows have, in order of appearance."""
    names = dict.fromkeys(fields)
    for row in rows:
        names.update(dict.fromkeys(row))
    return list(names)


def text(value: Value) -> str:
    """A value as one string; several are joined by newlines."""
    return value if isinstance(value, str) else "\n".join(value)


def encode_multivalue(value: Value) -> str:
    """``$a$;$b$`` (a ``$`` in a value doubled) for several values, nothing for one."""
    if isinstance(value, str) or len(value) < 2:
        return ""
    return ";".join("$" + item.replace("$", "$$") + "$" for item in value)


def decode_multivalue(cell: str) -> list[str]:
    """The values of a ``__mv_`` cell. Raises ValueError when it is not in that form."""
    values, rest = [], cell
    while rest:
        if not rest.startswith("$"):
            raise ValueError(f"not a multivalue cell: {cell!r}")
        position, value = 1, ""
        while True:
            end = rest.index("$", position)
            value += rest[position:end]
            if rest[end + 1 : end + 2] != "$":
                break
            value, position = value + "$", end + 2
        values.append(value)
        rest = rest[end + 1 :]
        if rest and not rest.startswith(";"):
            raise ValueError(f"not a multivalue cell: {cell!r}")
        rest = rest[1:]
    return values


def to_csv(rows: Sequence[Row], names: Sequence[str]) -> str:
    """Header and rows, with a ``__mv_`` column for each field."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*names, *(f"__mv_{name}" for name in names)])
    for row in rows:
        values = [row.get(name, "") for name in names]
        writer.writerow([text(value) for value in values] + [encode_multivalue(value) for value in values])
    return buffer.getvalue()


def write_csv_gz(path: Path, rows: Sequence[Row], fields: Sequence[str] = ()) -> Path:
    """Write ``results.csv.gz``. A search without results leaves a file without even a header."""
    content = to_csv(rows, columns(rows, fields)) if rows else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The actions of one alert share the file and run side by side: none may see it half written.
    fresh = path.with_name(f"{path.name}.{threading.get_ident()}")
    fresh.write_bytes(gzip.compress(content.encode("utf-8", "surrogateescape"), mtime=0))
    os.replace(fresh, path)
    return path


def parse_csv(data: str) -> tuple[list[str], list[dict[str, Value]]]:
    """Fields and rows of a CSV with or without ``__mv_`` columns. Raises ValueError."""
    reader = csv.reader(io.StringIO(data, newline=""))
    header = next(reader, [])
    fields = [name for name in header if not name.startswith("__mv_")]
    rows: list[dict[str, Value]] = []
    for cells in reader:
        if len(cells) != len(header):
            raise ValueError(f"line {reader.line_num} has {len(cells)} values for {len(header)} columns")
        row = dict(zip(header, cells))
        several = {name: row.get(f"__mv_{name}", "") for name in fields}
        rows.append({name: decode_multivalue(several[name]) if several[name] else row[name] for name in fields})
    return fields, rows


def read_csv(path: Path) -> tuple[list[str], list[dict[str, Value]]]:
    """Fields and rows of a CSV file, gzipped or not. Raises OSError and ValueError."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    return parse_csv(data.decode("utf-8-sig"))


def write_search_info(folder: Path, known: Mapping[str, object]) -> Path:
    """``info.csv`` of a search in its dispatch folder: a header and one row, as the SDK and alert actions read it.

    ``known``: ``_sid``, ``_ppc.app``, ``_ppc.user``, ``_auth_token``, ``_splunkd_uri``, ``_search``, ``_timestamp``,
    and ``_search_et``, ``_search_lt`` where the search has bounds, seconds since the epoch.
    """
    found = {
        **known,
        "_splunkd_protocol": str(known["_splunkd_uri"]).partition(":")[0],
        "_splunkd_port": str(known["_splunkd_uri"]).rpartition(":")[2],
        # Of a search in real time only.
        "_rt_earliest": "",
        "_rt_latest": "",
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "info.csv"
    # The actions of an alert run side by side, and each writes it.
    fresh = folder / f".info-{os.getpid()}-{threading.get_ident()}.csv"
    with fresh.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([found.keys(), found.values()])
    fresh.replace(path)
    return path
