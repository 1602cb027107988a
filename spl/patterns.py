"""Regular expressions (PCRE, by the ``regex`` library) and the two wildcard languages of SPL."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import regex

from .errors import SplRejected


@lru_cache(maxsize=4096)
def compile_regex(pattern: str) -> Any:
    """A PCRE pattern. Raises SplRejected with the fault and its place."""
    try:
        # The library knows PCRE's \h, \K, atoms and possessives, and two of its three forms of a named group. Without
        # UCP, which Splunk does not ask for, PCRE's \d, \w, \s and \b are ASCII.
        return regex.compile(re.sub(r"\(\?'(\w+)'", r"(?<\1>", pattern), regex.VERSION0 | regex.ASCII)
    except (regex.error, RecursionError) as error:
        raise SplRejected(f"The regex '{pattern[:80]}' is invalid: {error}.") from None


@lru_cache(maxsize=4096)
def like_pattern(pattern: str) -> Any:
    """``%`` stands for any text, ``_`` for one character; a backslash makes them plain."""
    out, position = [], 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\" and pattern[position + 1 : position + 2] in ("%", "_"):
            position += 1
            out.append(re.escape(pattern[position]))
        else:
            out.append({"%": ".*", "_": "."}.get(character) or re.escape(character))
        position += 1
    return re.compile("".join(out), re.S)


@lru_cache(maxsize=4096)
def wildcard(pattern: str, case_sensitive: bool = False) -> re.Pattern[str]:
    """``*`` stands for any text; the whole value has to fit (use ``fullmatch``)."""
    flags = re.S if case_sensitive else re.S | re.I
    return re.compile(".*".join(re.escape(piece) for piece in re.split(r"\*+", pattern)), flags)


def one_of_wildcards(patterns: frozenset[str]) -> re.Pattern[str]:
    """``wildcard`` for several at once."""
    return re.compile("|".join(wildcard(one).pattern for one in sorted(patterns)), re.S | re.I)


@lru_cache(maxsize=1024)
def field_wildcard(pattern: str) -> re.Pattern[str]:
    """Field names: case-sensitive, each ``*`` a group."""
    return re.compile("(.*)".join(re.escape(piece) for piece in pattern.split("*")), re.S)


def matching_fields(pattern: str, names: list[str]) -> list[str]:
    """The names that a pattern selects; internal ones (``_x``) only when it starts with an underscore."""
    if "*" not in pattern:
        return [pattern] if pattern in names else []
    expression = field_wildcard(pattern)
    hidden = pattern.startswith("_")
    return [name for name in names if expression.fullmatch(name) and (hidden or not name.startswith("_"))]


def fill_wildcards(pattern: str, values: tuple[str, ...]) -> str:
    """``n_*`` with what each ``*`` of the other pattern stood for."""
    first, *rest = pattern.split("*")
    return first + "".join(value + piece for value, piece in zip(values, rest))
