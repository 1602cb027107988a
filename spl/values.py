"""Values as SPL sees them: texts, numbers, lists of texts; how they become each other and how they compare."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import Any, Union

from .messages import note

Number = Union[int, float]
#: What a field of a row holds.
Cell = Union[str, "list[str]"]
#: What an expression yields; None is null.
Value = Union[None, bool, int, float, str, "list[str]"]

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z")
#: Below this every whole number is exact as a double.
_EXACT = 10**15
_INTEGER = re.compile(r"[+-]?\d{1,15}\Z")


class JsonText(str):
    """The JSON text that a JSON function made: nested as JSON, not as a string, in another one."""

    __slots__ = ()


def number(value: Any) -> Number | None:
    """The number a value is or spells, else None. Blanks around the digits do not parse."""
    if isinstance(value, str):
        # Most texts begin with a letter, and need no expression.
        if value[:1].isalpha():
            return None
        if _INTEGER.match(value):
            return int(value)
        return finite(float(value)) if _NUMBER.match(value) else None
    if isinstance(value, bool) or value is None or isinstance(value, list):
        return None
    return value  # type: ignore[no-any-return]


def finite(value: Number) -> Number | None:
    """A number as Splunk can hold it, a double; None when it is too large for one."""
    if isinstance(value, int) and abs(value) < _EXACT:
        return value
    try:
        double = float(value)
    except OverflowError:
        return None
    return double if math.isfinite(double) else None


def text(value: Any) -> str:
    """The text of a single value. Whole numbers have no decimal point; 15 significant digits otherwise."""
    if isinstance(value, str):
        return value
    if value is True or value is False:
        return "True" if value else "False"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else f"{value:.15g}"
    if isinstance(value, list):
        return "\n".join(value)
    raise TypeError(f"no text for {type(value).__name__}")


def cell(value: Value) -> Cell | None:
    """An expression's value as a field holds it; null and the empty list become None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return collapse(value)  # type: ignore[return-value]
    return text(value)


def collapse(value: Value) -> Value:
    """A list of one value is that value, an empty one null."""
    if isinstance(value, list):
        return None if not value else value[0] if len(value) == 1 else value
    return value


def as_list(value: Value) -> list[str]:
    """The values of a field: none for null, one for a single value."""
    if value is None:
        return []
    return value if isinstance(value, list) else [text(value)]


def natural_key(value: str) -> tuple[int, Any]:
    """Order in which every number stands before every text."""
    known = number(value)
    return (1, value) if known is None else (0, known)


def least(values: Iterable[str], choose: Callable[..., Any]) -> str | None:
    """min or max: every number stands before every text, numbers by value and texts lexicographically."""
    found = list(values)
    return choose(found, key=natural_key) if found else None


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def comparison(operator: str) -> Callable[[Value, Value], bool | None]:
    """Comparison as ``where`` does it: null gives null; two numbers as numbers, all else as text, case-sensitively."""
    test = _OPERATORS[operator]

    def compare(left: Value, right: Value) -> bool | None:
        if left is None or right is None:
            return None
        if isinstance(left, list) or isinstance(right, list):
            note(f"a multivalue field was compared with {operator}: Splunk does not document it; any value counted")
            return any(compare(a, b) for a in as_list(left) for b in as_list(right))
        if isinstance(left, str) and isinstance(right, str) and left == right:
            return test(0, 0)
        first, second = number(left), number(right)
        if first is not None and second is not None:
            return test(first, second)
        return test(text(left), text(right))

    return compare


def comparison_with(operator: str, constant: Value) -> Callable[[Value], bool | None]:
    """``comparison`` with a right side that is written out, of which all that can be known is known beforehand."""
    compare, test = comparison(operator), _OPERATORS[operator]
    if constant is None or isinstance(constant, list):
        return lambda left: compare(left, constant)
    known, written = number(constant), text(constant)

    def compare_with(left: Value) -> bool | None:
        if type(left) is not str:
            return compare(left, constant)
        if known is not None:
            first = number(left)
            if first is not None:
                return test(first, known)
        return test(left, written)

    return compare_with
