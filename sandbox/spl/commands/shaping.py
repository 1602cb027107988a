"""mvexpand, makemv, nomv, fillnull, bin, convert, iplocation, makeresults."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from .. import times
from ..arguments import Arguments, boolean, choice, count
from ..errors import SplRejected, SplUnsupported
from ..patterns import compile_regex, matching_fields
from ..row import Row
from ..values import Number, Value, as_list, number, text
from . import Context, Run, Stage, Table, command
from .columns import all_names


@command("makeresults", generating=True, later=False)
def _makeresults(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    options = reader.options({"count": count, "annotate": boolean})
    reader.end()
    if options.get("annotate"):
        raise SplUnsupported("annotate is not supported.")
    rows = options.get("count", 1)
    return lambda table, run: Table([Row({"_time": text(int(run.now))}) for _ in range(rows)], ["_time"])


@command("mvexpand")
def _mvexpand(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    options = reader.options({"limit": count})
    field = reader.name("The field to expand")
    reader.end()
    limit = options.get("limit", 0)

    def rows(table: Table) -> Iterator[Row]:
        for row in table.rows:
            value = row.get(field)
            if not isinstance(value, list):
                yield row
                continue
            for item in islice(value, limit or None):
                one = row.copy()
                one.set(field, item)
                yield one

    return lambda table, run: Table(rows(table), table.columns)


def _changed(field: str, change: Callable[[Value], Value]) -> Stage:
    def rows(table: Table) -> Iterator[Row]:
        for row in table.rows:
            value = row.get(field)
            if value is not None:
                row = row.copy()
                row.set(field, change(value))
            yield row

    return lambda table, run: Table(rows(table), table.columns)


@command("makemv")
def _makemv(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    options = reader.options({"delim": str, "tokenizer": str, "allowempty": boolean, "setsv": boolean})
    field = reader.name("The field")
    reader.end()
    if "delim" in options and "tokenizer" in options:
        raise SplRejected("Use delim or tokenizer, not both.")
    if options.get("setsv"):
        raise SplUnsupported("setsv is not supported.")
    if "tokenizer" in options:
        expression = compile_regex(options["tokenizer"])
        if expression.groups < 1:
            raise SplRejected("The tokenizer needs a capturing group.")
        return _changed(field, lambda value: [m.group(1) or "" for m in expression.finditer(text(value))] or value)
    delimiter, empty = options.get("delim", " "), options.get("allowempty", False)
    return _changed(field, lambda value: [part for part in text(value).split(delimiter) if part or empty] or None)


@command("nomv")
def _nomv(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    field = reader.name("The field")
    reader.end()
    return _changed(field, lambda value: "\n".join(as_list(value)))


@command("fillnull")
def _fillnull(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    filler = reader.options({"value": str}).get("value", "0")
    names = reader.names()

    def run(table: Table, run: Run) -> Table:
        if names and not any("*" in name for name in names):
            return Table(_filled(table.rows, names, filler), table.columns)
        rows = list(table.rows)
        known = all_names(rows, table.columns)
        wanted = [found for name in names or ["*"] for found in matching_fields(name, known)]
        return Table(_filled(rows, wanted, filler), table.columns)

    return run


def _filled(rows: Iterable[Row], names: list[str], filler: str) -> Iterator[Row]:
    for row in rows:
        missing = [name for name in names if row.get(name) is None]
        if missing:
            row = row.copy()
            for name in missing:
                row.set(name, filler)
        yield row


@command("bin", "bucket", "discretize")
def _bin(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    options = reader.options(dict.fromkeys(("span", "bins", "minspan", "start", "end", "aligntime"), str))
    field = reader.name("The field")
    target = reader.name("The name after AS") if reader.take_word("as") else field
    reader.end()
    if set(options) != {"span"}:
        raise SplUnsupported("Only span=... is supported, and it is needed.")
    place = _time_bin(options["span"]) if field.startswith("_") else _number_bin(options["span"])

    def rows(table: Table) -> Iterator[Row]:
        for row in table.rows:
            value = number(row.get(field))
            if value is not None:
                row = row.copy()
                row.set(target, place(value))
            yield row

    return lambda table, run: Table(rows(table), table.columns)


def _time_bin(span: str) -> Callable[[Number], Value]:
    match = re.fullmatch(r"(\d*)([a-z]+)", span)
    unit = times.unit(match[2]) if match else ("s" if span.isdigit() else None)
    if unit is None:
        raise SplRejected(f"The value '{span}' of the option 'span' is invalid: use a number and a unit of time.")
    size = int((match[1] if match else span) or 1)
    if size < 1:
        raise SplRejected("The span must be greater than 0.")
    if unit in times.SECONDS and (unit != "w" or size == 1):
        if unit == "w":
            return lambda value: times.relative(value, "@w")
        seconds = size * times.SECONDS[unit]
        return lambda value: math.floor(value / seconds) * seconds
    if size == 1:
        return lambda value: times.relative(value, f"@{unit}")
    raise SplUnsupported(f"The span '{span}' is not supported.")


def _number_bin(span: str) -> Callable[[Number], Value]:
    size = number(span)
    if size is None:
        raise SplUnsupported(f"The span '{span}' on a field other than a time is not supported.")
    if size <= 0:
        raise SplRejected("The span must be greater than 0.")
    width = size

    def place(value: Number) -> Value:
        low = math.floor(value / width) * width
        return f"{text(low)}-{text(low + width)}"

    return place


@command("convert")
def _convert(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    pattern = reader.options({"timeformat": str}).get("timeformat", "%m/%d/%Y %H:%M:%S")
    steps: list[tuple[Callable[[Value], Value], str, str]] = []
    while reader.peek():
        call = reader.name("A conversion")
        match = re.fullmatch(r"(\w+)\(([^()]+)\)", call)
        if not match:
            raise SplRejected(f"'{call}' is not a conversion, as in ctime(_time).")
        field = match[2].strip()
        target = reader.name("The name after AS") if reader.take_word("as") else field
        if "*" in field:
            raise SplUnsupported("Wildcards are not supported.")
        steps.append((_conversion(match[1], pattern), field, target))
        reader.skip_comma()
    if not steps:
        raise SplRejected("It needs at least one conversion, as in ctime(_time).")

    def rows(table: Table) -> Iterator[Row]:
        for row in table.rows:
            row = row.copy()
            for convert, field, target in steps:
                value = row.get(field)
                if value is not None:
                    row.set(target, convert(value))
            yield row

    return lambda table, run: Table(rows(table), table.columns)


def _conversion(name: str, pattern: str) -> Callable[[Value], Value]:
    def ctime(value: Value) -> Value:
        return [times.strftime(n, pattern) if (n := number(item)) is not None else item for item in as_list(value)]

    known: dict[str, Callable[[Value], Value]] = {
        "ctime": ctime,
        "mktime": lambda value: times.strptime(text(value), pattern),
        "num": number,
        "auto": lambda value: found if (found := number(value)) is not None else value,
        "rmcomma": lambda value: text(value).replace(",", ""),
        "none": lambda value: value,
    }
    if name in known:
        return known[name]
    if name in ("dur2sec", "memk", "mstime", "rmunit"):
        raise SplUnsupported(f"The conversion '{name}' is not supported.")
    raise SplRejected(f"There is no conversion '{name}'.")


_PLACES = ("City", "Country", "Region", "lat", "lon")
_MORE_PLACES = ("Continent", "MetroCode", "Timezone")


@command("iplocation")
def _iplocation(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    options = reader.options({"prefix": str, "allfields": boolean, "lang": choice("en")})
    field = reader.name("The field with the address")
    reader.end()
    names = [*_PLACES, *(_MORE_PLACES if options.get("allfields") else ())]
    prefix = options.get("prefix", "")

    def rows(table: Table, run: Run) -> Iterator[Row]:
        for row in table.rows:
            value = row.get(field)
            place = run.knowledge.ip_location(value) if isinstance(value, str) else None
            if place:
                row = row.copy()
                for name in names:
                    if place.get(name):
                        row.set(prefix + name, str(place[name]))
            yield row

    return lambda table, run: Table(rows(table, run), table.columns)
