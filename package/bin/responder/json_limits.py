"""JSON that somebody else wrote, read within limits.

Python's parser recurses: some thousand brackets end it with RecursionError, which no reader of JSON expects. It also
takes numbers that are no JSON (``NaN``, ``1e999``), integers of any length, and halves of surrogate pairs, over which
whoever writes the value next stumbles.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

#: Objects and lists within each other. CloudTrail's own records have about ten.
MAX_DEPTH = 50
MAX_INTEGER = 2**63
_MARK = re.compile(r'["\[\]{}]')
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


class NotPlain(ValueError):
    """The text or value is not JSON within the limits; the message is a clause: "is not JSON"."""


def bounded_json(text: str, max_depth: int = MAX_DEPTH) -> Any:
    """The value of a JSON text, as ``plain`` gives it. Raises NotPlain. Takes time in proportion to its length."""
    _check_depth(text, max_depth)
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_float, parse_int=_int)
    except json.JSONDecodeError:
        raise NotPlain("is not JSON") from None
    return plain(value, max_depth=max_depth)


def plain(value: Any, most: int = 0, max_depth: int = MAX_DEPTH) -> Any:
    """A copy of a JSON value with U+FFFD for halves of surrogate pairs. Raises NotPlain.

    ``most`` limits its size, which is the characters of its texts and eight for each value; 0 is no limit.
    """
    return _Copy(most, max_depth).of(value, 1)


def _check_depth(text: str, max_depth: int) -> None:
    place = depth = 0
    while True:
        mark = _MARK.search(text, place)
        if mark is None:
            return
        place = mark.end()
        if mark.group() == '"':
            string = _STRING.match(text, mark.start())
            if string is None:
                raise NotPlain("is not JSON")
            place = string.end()
        elif mark.group() in "[{":
            depth += 1
            if depth > max_depth:
                raise NotPlain(f"is nested deeper than {max_depth} levels")
        else:
            depth -= 1


def _refuse(text: str) -> NoReturn:
    raise NotPlain(f"holds {text}, which is not a JSON number")


def _float(text: str) -> float:
    return _finite(float(text))


def _int(text: str) -> int:
    # Python takes quadratic time for long ones, and has a limit of its own.
    if len(text) > 20:
        raise NotPlain("holds an integer of more than 64 bits")
    return _short(int(text))


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise NotPlain("holds a number that is infinite or not a number")
    return value


def _short(value: int) -> int:
    if not -MAX_INTEGER <= value < MAX_INTEGER:
        raise NotPlain("holds an integer of more than 64 bits")
    return value


class _Copy:
    def __init__(self, most: int, max_depth: int) -> None:
        self._most = most
        self._max_depth = max_depth
        self._size = 0

    def of(self, value: Any, depth: int) -> Any:
        """``depth`` is that of the value if it is an object or a list."""
        self._grow(8)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int):
            return _short(value)
        if isinstance(value, float):
            return _finite(value)
        if not isinstance(value, (Mapping, list, tuple)):
            raise NotPlain("holds a value that is not JSON")
        if depth > self._max_depth:
            raise NotPlain(f"is nested deeper than {self._max_depth} levels")
        if isinstance(value, Mapping):
            return {self._key(name): self.of(inner, depth + 1) for name, inner in value.items()}
        return [self.of(inner, depth + 1) for inner in value]

    def _key(self, name: Any) -> str:
        if not isinstance(name, str):
            raise NotPlain("holds a name that is not a text")
        return self._text(name)

    def _text(self, text: str) -> str:
        self._grow(len(text))
        return text if text.isascii() else _SURROGATE.sub("\ufffd", text)

    def _grow(self, by: int) -> None:
        self._size += by
        if self._most and self._size > self._most:
            raise NotPlain("is too large")
