"""convert: texts into numbers and times, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .. import times
from ..arguments import Arguments
from ..errors import SplRejected
from ..patterns import matching_fields
from ..row import Row
from ..stage import Context, Stage, Table, command
from ..values import Value, as_list, number, text

Conversion = Callable[[Value], Value]


@command("convert")
def _convert(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    pattern = reader.options({"timeformat": str}).get("timeformat", "%m/%d/%Y %H:%M:%S")
    steps: list[tuple[Conversion, str, str]] = []
    left_alone: list[str] = []
    while reader.peek():
        call = reader.name("A conversion")
        match = re.fullmatch(r"(\w+)\(([^()]+)\)", call)
        if not match:
            raise SplRejected(f"'{call}' is not a conversion, as in ctime(_time).")
        field = match[2].strip().strip('"')
        target = reader.name("The name after AS") if reader.take_word("as") else field
        if "*" in field and target != field:
            raise SplRejected(f"'{call}' converts several fields, so it takes no name after AS.")
        if match[1] == "none":
            left_alone.append(field)
        else:
            steps.append((_conversion(match[1], pattern), field, target))
        reader.skip_comma()
    if not steps and not left_alone:
        raise SplRejected("It needs at least one conversion, as in ctime(_time).")

    def rows(table: Table) -> Iterator[Row]:
        for row in table.rows:
            yield _converted(row, steps, left_alone)

    return lambda table, run: Table(rows(table), table.columns)


def _converted(row: Row, steps: list[tuple[Conversion, str, str]], left_alone: list[str]) -> Row:
    row = row.copy()
    for convert, field, target in steps:
        names = matching_fields(field, row.names()) if "*" in field else [field]
        skipped = [name for pattern in left_alone for name in matching_fields(pattern, names)]
        for name in names:
            value = row.get(name)
            if value is not None and name not in skipped:
                row.set(name if "*" in field else target, convert(value))
    return row


def _conversion(name: str, pattern: str) -> Conversion:
    def ctime(value: Value) -> Value:
        return [times.strftime(n, pattern) if (n := number(item)) is not None else item for item in as_list(value)]

    known: dict[str, Conversion] = {
        "ctime": ctime,
        "mktime": lambda value: times.strptime(text(value), pattern),
        "num": number,
        "auto": lambda value: found if (found := number(value)) is not None else value,
        "rmcomma": lambda value: text(value).replace(",", ""),
        "rmunit": _without_unit,
        "dur2sec": _seconds,
        "mstime": _seconds,
        "memk": _kilobytes,
    }
    if name in known:
        return known[name]
    raise SplRejected(f"There is no conversion '{name}'.")


def _without_unit(value: Value) -> Value:
    match = re.match(r"\s*([+-]?\d+(?:\.\d+)?)", text(value))
    return number(match[1]) if match else None


def _seconds(value: Value) -> Value:
    """Of [D+]HH:MM:SS, or of [MM:]SS.SSS."""
    match = re.fullmatch(r"(?:(\d+)\+)?((?:\d+:){0,2})(\d+(?:\.\d+)?)", text(value).strip())
    if not match:
        return None
    seconds = 0
    for part in match[2].split(":")[:-1]:
        seconds = seconds * 60 + int(part) * 60
    return int(match[1] or 0) * 86400 + seconds + (number(match[3]) or 0)


def _kilobytes(value: Value) -> Value:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmg]?)b?", text(value).strip(), re.I)
    return float(match[1]) * {"": 1, "k": 1, "m": 1024, "g": 1024**2}[match[2].lower()] if match else None
