"""What a search reads beside events: macros, and lookups in their definitions."""

from __future__ import annotations

import re
from collections.abc import Mapping

_MACRO = re.compile(r"`(\w+)(?:\(((?:[^()`\"]|\"[^\"]*\"|\([^()]*\))*)\))?`")
_LOOKUP = re.compile(r"\b(?:input)?lookup\s+(?:\w+=\S+\s+)*(\w+)")


def macros_of(spl: str, definitions: Mapping[str, str]) -> list[str]:
    """Names as macros.conf has them (``name(2)`` where it takes two), also those in definitions of others."""
    found: dict[str, None] = {}
    left = [spl]
    while left:
        for name, arguments in _MACRO.findall(left.pop()):
            known = f"{name}({len(arguments.split(','))})" if arguments else name
            if known in definitions and known not in found:
                found[known] = None
                left.append(definitions[known])
    return sorted(found)


def lookups_of(spl: str, definitions: Mapping[str, str]) -> list[str]:
    texts = [spl, *(definitions[name] for name in macros_of(spl, definitions))]
    return sorted({name for text in texts for name in _LOOKUP.findall(text)})
