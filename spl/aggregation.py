"""Reading ``stats``' arguments: ``function(field) AS name ... BY field ...``, shared by its three commands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .aggregates import Aggregate, maker
from .arguments import Arguments, split_top
from .errors import SplRejected, SplUnsupported, excerpt
from .evaluation import compile_expression
from .patterns import field_wildcard, fill_wildcards, matching_fields
from .row import Row
from .scanner import quoted_end, unquote

_FUNCTION = re.compile(r"\s*([A-Za-z_][\w.]*)\s*")
_AS = re.compile(r"\s*as\s+", re.I)
_NAME = re.compile(r"[^\s,\"]+")
_SINGLE = re.compile(r"'[^']+'")
_BY = re.compile(r"\s*by\s+", re.I)


@dataclass(frozen=True)
class Aggregation:
    aggregates: list[Aggregate]
    by: list[str]


def read(arguments: str) -> Aggregation:
    """Raises SplRejected naming the term that is wrong."""
    aggregates: list[Aggregate] = []
    position, by = 0, []
    while arguments[position:].strip(" ,\t\r\n"):
        match = _BY.match(arguments, position)
        if match:
            by = _by_fields(arguments[match.end() :])
            break
        aggregate, position = _term(arguments, position)
        aggregates.append(aggregate)
        position += len(re.match(r"[\s,]*", arguments[position:]).group())  # type: ignore[union-attr]
    if not aggregates:
        raise SplRejected("It needs at least one function, such as count.")
    names = [aggregate.name for aggregate in aggregates]
    for name in names:
        if name in by:
            raise SplRejected(f"The output field '{name}' cannot have the same name as a group-by field.")
    return Aggregation(aggregates, by)


def _by_fields(text: str) -> list[str]:
    names = [_unquoted(name) for name in Arguments(text).names("A BY field")]
    if not names:
        raise SplRejected("There is no field after BY.")
    for name in names:
        if "*" in name:
            raise SplRejected(f"Wildcards in the BY clause ('{name}') are not allowed.")
    return names


def _term(text: str, start: int) -> tuple[Aggregate, int]:
    match = _FUNCTION.match(text, start)
    if not match:
        raise SplRejected(f"The argument is invalid at {excerpt(text, start)}.")
    function, position = match[1], match.end()
    inside: str | None = None
    if text[position : position + 1] == "(":
        end = closing(text, position)
        inside, position = text[position + 1 : end - 1].strip(), end
    else:
        position = match.start() + len(match.group().rstrip())
    name: str | None = None
    alias = _AS.match(text, position)
    if alias:
        name, position = _alias(text, alias.end())
    return _aggregate(function, inside, name), position


def _alias(text: str, position: int) -> tuple[str, int]:
    if text[position : position + 1] == '"':
        end = quoted_end(text, position)
        return unquote(text[position:end]), end
    match = _SINGLE.match(text, position) or _NAME.match(text, position)
    if not match:
        raise SplRejected(f"There is no name after AS at {excerpt(text, position)}.")
    return _unquoted(match.group()), match.end()


def _unquoted(name: str) -> str:
    """A field's name without the single quotes that eval expressions need and stats allows."""
    return name[1:-1] if _SINGLE.fullmatch(name) else name


def closing(text: str, start: int) -> int:
    """Index after the parenthesis that closes the one at ``start``. Raises SplRejected when there is none."""
    depth, position = 0, start
    while position < len(text):
        if text[position] == '"':
            position = quoted_end(text, position)
            continue
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        position += 1
        if depth == 0:
            return position
    raise SplRejected(f"Unbalanced parentheses at {excerpt(text, start)}.")


def _aggregate(function: str, inside: str | None, name: str | None) -> Aggregate:
    maker(function)
    if inside is None or inside == "":
        if function not in ("count", "c"):
            raise SplRejected(f"The function '{function}' needs a field, as in {function}(x).")
        return Aggregate(function, name or function)
    match = re.fullmatch(r"eval\s*\((.*)\)", inside, re.S)
    if match:
        if name is None:
            raise SplRejected(f"You must give {function}(eval(...)) a name with AS.")
        compiled = compile_expression(match[1])
        if compiled.kind == "bool" and function not in ("count", "c"):
            raise SplRejected(f"{function}(eval(...)) cannot take a Boolean.")
        return Aggregate(function, name, None, compiled.call, compiled.kind == "bool")
    quoted = inside[0] == '"' and quoted_end(inside, 0) == len(inside)
    field = unquote(inside) if quoted else _unquoted(inside)
    if not quoted and field == inside and (len(split_top(field)) > 1 or re.search(r"[\s()\"]", inside)):
        raise SplRejected(f"The argument '{function}({inside})' is invalid: it takes one field.")
    if name is not None and name.count("*") != (field.count("*") if "*" in name else 0):
        raise SplRejected(f"Wildcard mismatch: '{function}({field}) as {name}' must have the same number of *.")
    if "*" in field and name is not None and "*" not in name:
        raise SplUnsupported(f"'{function}({field})' under one name without a wildcard is not supported.")
    return Aggregate(function, name or f"{function}({field})", field)


class Plan:
    """The aggregates of each row: those written down, with ``*`` replaced by the fields the row has."""

    def __init__(self, aggregation: Aggregation) -> None:
        self._by = frozenset(aggregation.by)
        self._written = aggregation.aggregates
        self._fixed = [one for one in self._written if not _is_pattern(one)]
        self._patterns = [one for one in self._written if _is_pattern(one)]
        self._known: dict[str, list[Aggregate]] = {}

    def of(self, row: Row) -> list[Aggregate]:
        if not self._patterns:
            return self._fixed
        return self._fixed + [one for name in row.names() for one in self._for_field(name)]

    def _for_field(self, name: str) -> list[Aggregate]:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = (
                []
                if name in self._by
                else [
                    _for_name(pattern, name)
                    for pattern in self._patterns
                    if matching_fields(pattern.field or "", [name])
                ]
            )
        return known

    def all(self) -> list[Aggregate]:
        """Every aggregate that some row had, in the order of the written terms, then of the fields' names."""
        found: list[Aggregate] = []
        for written in self._written:
            if not _is_pattern(written):
                found.append(written)
                continue
            seen = sorted(name for name in self._known if matching_fields(written.field or "", [name]))
            found.extend(_for_name(written, name) for name in seen if name not in self._by)
        return list({one.name: one for one in found}.values())


def _is_pattern(aggregate: Aggregate) -> bool:
    return aggregate.field is not None and "*" in aggregate.field


def _for_name(pattern: Aggregate, field: str) -> Aggregate:
    match = field_wildcard(pattern.field or "").fullmatch(field)
    assert match is not None
    return Aggregate(pattern.function, fill_wildcards(pattern.name, match.groups()), field)


def has_wildcards(aggregation: Aggregation) -> bool:
    return any(_is_pattern(aggregate) for aggregate in aggregation.aggregates)
