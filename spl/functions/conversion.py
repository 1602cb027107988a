"""Conversion functions."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from ..compiled import Compiled
from ..errors import SplRejected
from ..function import MANY, fields_of, plain, special
from ..row import Row
from ..values import Number, Value, number, text
from .numeric import rounded


@special("tonumber", 1, 2)
def _tonumber(arguments: list[Compiled]) -> Compiled:
    subject = arguments[0]
    base = 10
    if len(arguments) == 2:
        found = number(arguments[1].constant) if arguments[1].literal else None
        if found is None or not 2 <= found <= 36:
            raise SplRejected("The base of tonumber is a number from 2 to 36.")
        base = int(found)
    if subject.literal and _parse_number(subject.constant, base) is None:
        raise SplRejected(f"tonumber: the literal '{text(subject.constant)}' is not a number of base {base}.")
    return Compiled(lambda row: _parse_number(subject.call(row), base), "number", fields=subject.fields)


def _parse_number(value: Value, base: int) -> Value:
    if value is None or isinstance(value, list):
        return None
    if base == 10:
        return number(value)
    written = text(value)
    try:
        return int(written, base) if re.fullmatch(r"-?\w+", written) else None
    except ValueError:
        return None


@special("tostring", 1, 2)
def _tostring(arguments: list[Compiled]) -> Compiled:
    shape = arguments[1] if len(arguments) == 2 else None
    if shape is not None and shape.literal and shape.constant not in _SHAPES:
        raise SplRejected(f"tostring: '{text(shape.constant)}' is none of {', '.join(_SHAPES)}.")

    def run(row: Row) -> Value:
        value = arguments[0].call(row)
        if value is None or shape is None:
            return None if value is None else value if isinstance(value, list) else text(value)
        found, make = number(value), _SHAPES.get(text(shape.call(row) or ""))
        return text(value) if found is None or make is None else make(found)

    return Compiled(run, "string", fields=fields_of(arguments))


def _commas(value: Number) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{rounded(value, 2):,.2f}"


def _duration(value: Number) -> str:
    seconds = int(value)
    days, rest = divmod(abs(seconds), 86400)
    clock = f"{rest // 3600:02d}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
    return ("-" if seconds < 0 else "") + (f"{days}+{clock}" if days else clock)


_SHAPES: dict[str, Callable[[Number], str]] = {
    "hex": lambda value: f"0x{int(value):X}",
    "commas": _commas,
    "duration": _duration,
    "binary": lambda value: f"{int(value):b}",
}
_CONVERSION = re.compile(r"%(?P<flags>['\-+ 0#]*)(?P<width>\d{0,3})(?:\.(?P<precision>\d{0,3}))?(?P<letter>[a-zA-Z%])")


@plain("printf", 1, MANY)
def _printf(pattern: Value, *values: Value) -> Value:
    remaining = list(values)

    def put(match: re.Match[str]) -> str:
        letter = match["letter"]
        if letter == "%":
            return "%"
        if letter not in "sdifFeEgGxXouc":
            raise SplRejected(f"printf does not know %{letter}.")
        if not remaining:
            raise SplRejected("printf: there are fewer values than conversions.")
        value = remaining.pop(0)
        grouped = "," if "'" in match["flags"] else ""
        shape = "%" + match["flags"].replace("'", "") + match["width"]
        if match["precision"] is not None:
            shape += "." + (match["precision"] or "0")
        if letter in "sc":
            return (shape + "s") % (text(value)[:1] if letter == "c" else text(value))
        found = number(value) or 0
        if letter in "dioxXu":
            found = int(found)
        made = (shape + ("d" if letter == "u" else letter)) % found
        return re.sub(r"(?<!\.)(?<=\d)(?=(?:\d{3})+(?!\d))", ",", made, count=0) if grouped else made

    return _CONVERSION.sub(put, text(pattern))


@plain("ipmask", 2)
def _ipmask(mask: Value, address: Value) -> Value:
    try:
        return str(
            ipaddress.IPv4Address(int(ipaddress.IPv4Address(text(mask))) & int(ipaddress.IPv4Address(text(address))))
        )
    except ValueError:
        return None
