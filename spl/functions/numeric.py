"""Mathematical and statistical functions."""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ..compiled import Compiled
from ..function import MANY, fields_of, plain, special
from ..row import Row
from ..values import Number, Value, as_list, finite, number


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
_numeric("hypot", math.hypot, 2)
_numeric("atan2", math.atan2, 2)
for _name in ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"):
    _numeric(_name, getattr(math, _name))


@special("random", 0)
def _random(arguments: list[Compiled]) -> Compiled:
    return Compiled(lambda row: random.randrange(2**31), "number")


def _whole(value: Number) -> int:
    """Bits are those of a whole number that is not negative."""
    if value < 0 or value != int(value):
        raise ValueError
    return int(value)


def _bitwise(name: str, compute: Callable[[int, int], int], most: int) -> None:
    _numeric(name, lambda first, *rest: functools.reduce(compute, map(_whole, rest), _whole(first)), 2, most)


_bitwise("bit_and", lambda a, b: a & b, MANY)
_bitwise("bit_or", lambda a, b: a | b, MANY)
_bitwise("bit_xor", lambda a, b: a ^ b, MANY)
_bitwise("bit_shift_left", lambda a, b: a << b, 2)
_bitwise("bit_shift_right", lambda a, b: a >> b, 2)


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


def _summary(name: str, compute: Callable[[list[Number]], Number]) -> None:
    """Of the numbers among its arguments; what is no number is left out."""

    @special(name, 1, MANY)
    def build(arguments: list[Compiled]) -> Compiled:
        calls = [argument.call for argument in arguments]

        def run(row: Row) -> Value:
            numbers = [known for call in calls for item in as_list(call(row)) if (known := number(item)) is not None]
            return finite(compute(numbers)) if numbers else None

        return Compiled(run, "number", fields=fields_of(arguments))


_summary("sum", sum)
_summary("avg", lambda numbers: sum(numbers) / len(numbers))
