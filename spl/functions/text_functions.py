"""Text and cryptographic functions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from ..compiled import Compiled
from ..function import fields_of, plain, special
from ..patterns import compile_regex
from ..row import Row
from ..values import Value, number, text


def each(compute: Callable[..., Any]) -> Callable[..., Value]:
    """Apply to every value of a multivalue first argument."""

    def run(value: Value, *rest: Value) -> Value:
        if isinstance(value, list):
            return [text(found) for item in value if (found := compute(item, *rest)) is not None]
        return compute(text(value), *rest)  # type: ignore[no-any-return]

    return run


plain("lower", 1)(each(lambda value: value.lower()))
plain("upper", 1)(each(lambda value: value.upper()))
plain("urldecode", 1)(each(lambda value: unquote_plus(value.replace("+", "%2B"), errors="replace")))
plain("trim", 1, 2)(each(lambda value, characters=" \t": value.strip(text(characters))))
plain("ltrim", 1, 2)(each(lambda value, characters=" \t": value.lstrip(text(characters))))
plain("rtrim", 1, 2)(each(lambda value, characters=" \t": value.rstrip(text(characters))))


@plain("len", 1, kind="number")
def _len(value: Value) -> Value:
    return len(text(value))


@plain("substr", 2, 3)
def _substr(value: Value, start: Value, length: Value = 1 << 30) -> Value:
    whole, first, count = text(value), number(start), number(length)
    if first is None or count is None:
        return None
    begin = int(first) - 1 if first > 0 else max(0, len(whole) + int(first)) if first < 0 else 0
    return whole[begin : begin + max(0, int(count))]


@special("replace", 3)
def _replace(arguments: list[Compiled]) -> Compiled:
    subject, pattern, new = arguments
    if pattern.literal:
        compile_regex(text(pattern.constant))

    @each
    def substitute(value: str, expression: str, template: str) -> str:
        # Only \0 to \99 are special in the replacement; anything else is taken as it is written.
        parts = re.split(r"\\(\d{1,2})", template)

        def fill(match: Any) -> str:
            pieces = [
                part if index % 2 == 0 else (match.group(int(part)) or "") if int(part) <= len(match.groups()) else ""
                for index, part in enumerate(parts)
            ]
            return "".join(pieces)

        return str(compile_regex(expression).sub(fill, value))

    def run(row: Row) -> Value:
        values = subject.call(row), pattern.call(row), new.call(row)
        return None if None in values else substitute(values[0], text(values[1]), text(values[2]))

    return Compiled(run, "string", fields=fields_of(arguments))


def _digest(name: str) -> None:
    plain(name, 1)(lambda value: hashlib.new(name, text(value).encode()).hexdigest())


for _name in ("md5", "sha1", "sha256", "sha512"):
    _digest(_name)
