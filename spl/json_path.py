"""Paths into JSON as spath and json_extract write them: ``a.b``, ``list{}.c``, ``list{0}.c``."""

from __future__ import annotations

import re
from collections.abc import Sequence
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

    A list at the end of a path that does not say ``{}`` comes back as JSON text.
    """
    parts = steps(path)
    if "{" not in path and isinstance(document, dict):
        value = document
        for part in parts:
            if not isinstance(value, dict) or part not in value:
                return None
            value = value[part]
        return extraction.dump(value) if isinstance(value, (dict, list)) else extraction.scalar(value)
    found = read(document, parts)
    texts = [extraction.dump(value) if isinstance(value, (dict, list)) else extraction.scalar(value) for value in found]
    return [item for item in texts if item is not None] or None


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
