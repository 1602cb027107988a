"""Which words of a base search the index looks up, so that a run reads only events with one of them."""

from __future__ import annotations

import re

from .model import SOURCES
from .shared_macros import expanded

_MACRO = re.compile(r"`[^`]*`")
#: What is excluded may be in parentheses, and have lists in them.
_NEGATED = re.compile(r"NOT\s+(?:`[^`]*`|\((?:[^()]|\([^()]*\))*\)|[\w.]+\s+IN\s+\([^)]*\)|\S+)")
_VALUES = re.compile(r"[\w.]+\s+IN\s+\(([^)]*)\)|[\w.]+\s*=\s*(\S+)|([^\s(),]+)")


def literal_terms(base: str) -> tuple[str, ...]:
    """``base``: the base search, whose shared macros are written out.

    What is excluded is not among them: the index cannot look up what an event lacks. Nor is what a subsearch gives,
    which nobody knows before it runs.
    """
    base = _NEGATED.sub(" ", _MACRO.sub(_written_out, _NEGATED.sub(" ", base)))
    found: dict[str, None] = {}
    for listed, equal, word in _VALUES.findall(base):
        for value in re.split(r"[\s,]+", listed or equal or word):
            value = value.strip('"()')
            if value and value not in ("AND", "OR"):
                found[value] = None
    return tuple(found)


def _written_out(macro: re.Match[str]) -> str:
    text = "" if macro[0] in SOURCES.values() else expanded(macro[0])
    return "" if "[" in text else text
