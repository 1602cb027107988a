"""Paths into JSON as spath and json_extract write them: ``a.b``, ``list{}.c``, ``list{0}.c``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Union

from . import extraction
from .errors import SplRejected
from .messages import note
from .values import Value

ALL = object()
#: A key, an index, or ``ALL`` members.
Step = Union[str, int, object]
_PIECE = re.compile(r"([^.{}]*)((?:\{-?\d*\})*)(?:\.|$)")


@lru_cache(maxsize=4096)
def steps(path: str) -> tuple[Step, ...]:
    """Raises SplRejected for a path with unbalanced braces."""
    found: list[Step] = []
    position = 0
    while position < len(path):
        match = _PIECE.match(path, position)
        if not match or match.end() == position:
            raise SplRejected(f"'{path}' is not a path into JSON: see '{path[position:]}'.")
        if match[1]:
            found.append(match[1])
        found.extend(ALL if not index else int(index) for index in re.findall(r"\{(-?\d*)\}", match[2]))
        position = match.end()
    return tuple(found)


def read(document: Any, path: Sequence[Step]) -> list[Any]:
    """Every value the path leads to, in document order."""
    current = [document]
    for step in path:
        following: list[Any] = []
        for value in current:
            if step is ALL:
                following.extend(value if isinstance(value, list) else _single(value))
            elif isinstance(step, int):
                if isinstance(value, list) and -len(value) <= step < len(value):
                    following.append(value[step])
            elif isinstance(value, dict) and step in value:
                following.append(value[step])
        current = following
    return current


def _single(value: Any) -> list[Any]:
    note("{} was applied to what is not an array: Splunk does not document it; it stood for the value itself")
    return [value]


def children(document: Any, path: str) -> Value:
    """What ``spath`` puts into its output field: objects and lists as JSON text. A last array gives its members.

    A list at the end of a path that does not say ``{}`` comes back as JSON text. Raises SplRejected for no path.
    """
    return reader(path)(document)


@lru_cache(maxsize=4096)
def reader(path: str) -> Callable[[Any], Value]:
    """``children`` for one path. Raises SplRejected for what is none."""
    parts, keys_only = steps(path), "{" not in path

    def read_from(document: Any) -> Value:
        if keys_only and isinstance(document, dict):
            value = document
            for part in parts:
                if not isinstance(value, dict) or part not in value:
                    return None
                value = value[part]
            return value if type(value) is str else _written(value)
        return [item for value in read(document, parts) if (item := _written(value)) is not None] or None

    return read_from


def _written(value: Any) -> str | None:
    return extraction.dump(value) if isinstance(value, (dict, list)) else extraction.scalar(value)


def assign(document: Any, path: Sequence[Step], value: Any) -> None:
    """Set the value at a path, making objects on the way; a path through something else changes nothing."""
    current = document
    for index, step in enumerate(path):
        last = index == len(path) - 1
        if isinstance(step, int) and isinstance(current, list) and -len(current) <= step < len(current):
            if last:
                current[step] = value
            current = current[step]
        elif isinstance(step, str) and isinstance(current, dict):
            if last:
                current[step] = value
            current = current.setdefault(step, {})
        else:
            return
