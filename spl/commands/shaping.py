"""mvexpand, makemv, nomv, fillnull, iplocation: multivalue fields, empty ones, addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from ..arguments import Arguments, boolean, choice, count
from ..errors import SplRejected, SplUnsupported
from ..patterns import compile_regex, matching_fields
from ..row import Row
from ..stage import Context, Run, Stage, Table, command
from ..values import Value, as_list, text
from .columns import all_names


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
    if not delimiter:
        raise SplUnsupported("An empty delimiter is not supported.")
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
