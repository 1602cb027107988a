"""JSON from outside, within limits: Python's parser recurses, and a deep enough document ends the process."""

from __future__ import annotations

import json
import re
from typing import Any

MAX_DEPTH = 50
_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{\]}]', re.DOTALL)


def depth(text: str, enough: int = MAX_DEPTH + 1) -> int:
    """How deep arrays and objects are nested; counts no further than ``enough``."""
    deepest = level = 0
    for match in _STRUCTURE.finditer(text):
        token = match[0]
        if token in "[{":
            level += 1
            deepest = max(deepest, level)
            if deepest >= enough:
                break
        elif token in "]}":
            level -= 1
    return deepest


def bounded_json(text: str, max_depth: int = MAX_DEPTH) -> Any:
    """The value of a JSON text. Raises ValueError for what is no JSON and for what is nested too deep."""
    if depth(text, max_depth + 1) > max_depth:
        raise ValueError(f"nested deeper than {max_depth} levels")
    return json.loads(text)
