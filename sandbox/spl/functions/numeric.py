"""Mathematical, statistical and conversion functions."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ..compiled import Compiled
from ..errors import SplRejected
from ..row import Row
from ..values import Number, Value, as_list, finite, number, text
from . import MANY, fields_of, plain, special


def _numeric(name: str, compute: Callable[..., Any], fewest: int = 1, most: int | None = None) -> None:
    @plain(name, fewest, most, kind="number")
    def run(*values: Value) -> Value:
        numbers = [number(value) for value in values]
        if None in numbers:
            return None
        try:
            result = compute(*numbers)
            return None if isinstance(result, complex) else finite(result)
        except (ValueError, OverflowError, ZeroDivisionError):
            return None


def rounded(value: Number, digits: Number = 0) -> Number:
    """Half away from zero, on the decimal text: round(2.555, 2) is 2.56."""
    if abs(value) >= 1e15:
        return value
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP)
    return int(exact) if int(digits) <= 0 else float(exact)


_numeric("abs", abs)
_numeric("ceiling", math.ceil)
_numeric("ceil", math.ceil)
_numeric("floor", math.floor)
_numeric("sqrt", math.sqrt)
_numeric("exp", math.exp)
_numeric("ln", math.log)
_numeric("log", lambda value, base=10: math.log(value, base), 1, 2)
_numeric("pow", lambda base, power: float(base) ** float(power), 2)
_numeric("exact", lambda value: value)
_numeric("pi", lambda: math.pi, 0)


@plain("round", 1, 2, kind="number")
def _round(value: Value, digits: Value = 0) -> Value:
    found, places = number(value), number(digits)
    if found is None or places is None or abs(places) > 10:
        return None
    result = rounded(found, places)
    return f"{result:.{int(places)}f}" if places > 0 else result


def _extreme(name: str, greatest: bool) -> None:
    @special(name, 1, MANY)
    def build(arguments: list[Compiled]) -> Compiled:
        calls = [argument.call for argument in arguments]

        def choose(row: Row) -> Value:
            found = [item for call in calls for item in as_list(call(row))]
            if not found:
                return None
            # Strings rank above numbers.
            key = lambda item: (number(item) is None, number(item) if number(item) is not None else item)  # noqa: E731
            return (max if greatest else min)(found, key=key)

        return Compiled(choose, "any", fields=fields_of(arguments))


_extreme("max", True)
_extreme("min", False)


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
