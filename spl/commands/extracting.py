"""rex, regex, spath: fields out of texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import islice
from typing import Any

from .. import extraction, json_path
from ..arguments import Arguments, count
from ..errors import SplRejected, SplUnsupported
from ..patterns import compile_regex
from ..row import Row
from ..scanner import unquote
from ..stage import Context, EachRow, Stage, command
from ..values import as_list, text


@command("rex")
def _rex(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    options = reader.options({"field": str, "max_match": count, "mode": str, "offset_field": str})
    pattern = reader.name("The regular expression")
    reader.end()
    field = options.get("field", "_raw")
    if options.get("mode") == "sed":
        substitute = _sed(pattern)
        return EachRow(lambda row: _replace(row, field, substitute))
    if "mode" in options:
        raise SplRejected(f"Invalid mode '{options['mode']}': only sed is known.")
    expression = compile_regex(pattern)
    if not expression.groupindex:
        raise SplRejected(f"The regex '{pattern}' does not extract anything: it needs a named group (?<name>...).")
    most = options.get("max_match", 1)
    offsets = options.get("offset_field")
    return EachRow(lambda row: _extract(row, field, expression, most, offsets))


def _extract(row: Row, field: str, expression: Any, most: int, offsets: str | None) -> None:
    found: dict[str, list[str]] = {}
    places: list[str] = []
    matches = (match for item in as_list(row.get(field)) for match in expression.finditer(item))
    for match in islice(matches, most or None):
        for name, value in match.groupdict().items():
            if value is not None:
                found.setdefault(name, []).append(value)
                places.append(f"{name}={match.start(name)}-{match.end(name) - 1}")
    for name, values in found.items():
        row.set(name, values)
    if found and offsets is not None:
        row.set(offsets, "&".join(places))


def _sed(script: str) -> Callable[[str], str]:
    if script[:1] == "y":
        return _transliteration(script)
    parts = re.split(r"(?<!\\)" + re.escape(script[1:2]), script[2:]) if len(script) > 1 else []
    if script[:1] != "s" or len(parts) != 3 or not re.fullmatch(r"g?|\d+", parts[2].strip()):
        raise SplRejected(f"'{script}' is not a sed expression (as in s/regex/replacement/g).")
    delimiter, flag = script[1], parts[2].strip()
    pattern, template = (part.replace("\\" + delimiter, delimiter) for part in parts[:2])
    expression, nth = compile_regex(pattern), int(flag) if flag.isdigit() else 0

    def fill(match: Any) -> str:
        return re.sub(r"\\(\d)|&", lambda part: match.group(int(part[1] or 0)) or "", template)

    def only_nth(value: str) -> str:
        match = next(islice(expression.finditer(value), nth - 1, None), None)
        return value if match is None else value[: match.start()] + fill(match) + value[match.end() :]

    return only_nth if nth else lambda value: expression.sub(fill, value, count=0 if flag == "g" else 1)


def _transliteration(script: str) -> Callable[[str], str]:
    parts = script[2:].split(script[1:2]) if len(script) > 1 else []
    if len(parts) != 3 or parts[2].strip() or len(parts[0]) != len(parts[1]):
        raise SplRejected(
            f"'{script}' is not a sed expression (as in y/abc/xyz/, with as many characters on each side)."
        )
    mapping = str.maketrans(parts[0], parts[1])
    return lambda value: value.translate(mapping)


def _replace(row: Row, field: str, substitute: Callable[[str], str]) -> None:
    value = row.get(field)
    if value is not None:
        row.set(field, [substitute(item) for item in as_list(value)])


@command("regex")
def _regex(arguments: str, context: Context) -> Stage:
    match = re.fullmatch(r"\s*(?:([^\s=!\"]+)\s*(!?=))?\s*(\"(?:[^\"\\]|\\.)*\")\s*", arguments, re.S)
    if not match:
        raise SplRejected('Usage: regex field="expression" or regex field!="expression".')
    field, wanted = match[1] or "_raw", match[2] != "!="
    search = compile_regex(unquote(match[3])).search

    def keep(row: Row) -> bool:
        # A row without the field is kept by != and dropped by =.
        return any(search(item) for item in as_list(row.get(field))) is wanted

    return EachRow(keep, changes=False)


@command("spath")
def _spath(arguments: str, context: Context) -> Stage:
    reader = Arguments(arguments)
    options = reader.options({"input": str, "output": str, "path": str})
    if reader.peek():
        if "path" in options:
            raise SplRejected(f"There are two paths: see {reader.where()}.")
        options["path"] = reader.name("The path")
    reader.end()
    source, path = options.get("input", "_raw"), options.get("path")
    if path is None:
        if "output" in options:
            raise SplRejected("output needs a path.")
        return EachRow(lambda row: _spread(row, source))
    target = options.get("output", path)
    if source == "_raw":
        return EachRow(_put_of_event(path, target))
    return EachRow(_putting(source, path, target))


def _document(row: Row, source: str) -> Any:
    value = row.get(source)
    return None if value is None else _parsed(text(value))


@lru_cache(maxsize=256)
def _parsed(value: str) -> Any:
    """For reading only. Rows pass one by one, so a search that takes a text apart by ten paths finds it here."""
    _refuse_xml(value)
    return extraction.parse(value)


def _refuse_xml(value: str) -> None:
    if value.lstrip()[:1] == "<":
        raise SplUnsupported("spath reads JSON here, not XML.")


def _putting(source: str, path: str, target: str) -> Callable[[Row], None]:
    """Raises SplRejected for what is no path."""
    read = json_path.reader(path)

    def put(row: Row) -> None:
        value = read(_document(row, source))
        if value is not None:
            row.set(target, value)

    return put


def _put_of_event(path: str, target: str) -> Callable[[Row], None]:
    """The same of ``_raw``, which the event has read already as long as it is its text."""
    of_text = _putting("_raw", path, target)

    def put(row: Row) -> None:
        event, values = row.event, row.values
        if event is None or ("_raw" in values and values["_raw"] is not event.raw):
            of_text(row)
            return
        value = event.at(path)
        if value is not None:
            row.set(target, value)

    return put


def _spread(row: Row, source: str) -> None:
    value = row.get(source)
    if isinstance(value, str):
        _refuse_xml(value)
        for name, found in extraction.fields_of(extraction.document_head(value), limit=None).items():
            if name:
                row.set(name, found)
