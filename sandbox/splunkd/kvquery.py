"""KV store queries: the documented operators, and no others.

Source: REST API Reference, "KV store endpoint descriptions" (query: equality, $gt $gte $lt $lte $ne $and $or $not).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .errors import ApiError
from .message import parse_json

Document = dict[str, Any]
Predicate = Callable[[Document], bool]
_MISSING = object()
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda a, b: a > b,
    "$gte": lambda a, b: a >= b,
    "$lt": lambda a, b: a < b,
    "$lte": lambda a, b: a <= b,
}


def read(text: str) -> Mapping[str, Any]:
    """The ``query`` argument. Raises 400 when it is not a JSON object."""
    return check(parse_json(text)) if text else {}


def check(query: Any) -> Mapping[str, Any]:
    if not isinstance(query, dict):
        raise ApiError(400, "A query must be a JSON object.")
    return query


def predicate(query: Mapping[str, Any]) -> Predicate:
    """Raises 400 for an operator that is not documented."""
    tests = [_clause(key, condition) for key, condition in query.items()]
    return lambda document: all(test(document) for test in tests)


def _clause(key: str, condition: Any) -> Predicate:
    if key in ("$and", "$or"):
        if not isinstance(condition, list) or not condition:
            raise ApiError(400, f"{key} needs a list of queries.")
        parts = [predicate(check(part)) for part in condition]
        combine = all if key == "$and" else any
        return lambda document: combine(part(document) for part in parts)
    if key == "$not":
        inner = predicate(check(condition))
        return lambda document: not inner(document)
    if key.startswith("$"):
        raise ApiError(400, f"Unsupported query operator '{key}'.")
    test = _condition(condition)
    return lambda document: test(lookup(document, key))


def _condition(condition: Any) -> Callable[[Any], bool]:
    if isinstance(condition, dict) and any(name.startswith("$") for name in condition):
        tests = [_operator(name, operand) for name, operand in condition.items()]
        return lambda value: all(test(value) for test in tests)
    return lambda value: _equal(value, condition)


def _operator(name: str, operand: Any) -> Callable[[Any], bool]:
    if name == "$ne":
        return lambda value: not _equal(value, operand)
    if name == "$not":
        inner = _condition(operand)
        return lambda value: not inner(value)
    if name not in _COMPARE:
        raise ApiError(400, f"Unsupported query operator '{name}'.")
    compare = _COMPARE[name]
    return lambda value: _comparable(value, operand) and compare(value, operand)


def _equal(value: Any, wanted: Any) -> bool:
    if value is _MISSING:
        return wanted is None
    if isinstance(value, list) and not isinstance(wanted, list):
        return any(_equal(item, wanted) for item in value)
    if isinstance(value, bool) != isinstance(wanted, bool):
        return False
    return bool(value == wanted)


def _comparable(value: Any, operand: Any) -> bool:
    """Values are ordered only within their own type, as in the database underneath."""
    if isinstance(value, bool) or isinstance(operand, bool):
        return isinstance(value, bool) and isinstance(operand, bool)
    numbers = (int, float)
    return (isinstance(value, numbers) and isinstance(operand, numbers)) or (
        isinstance(value, str) and isinstance(operand, str)
    )


def lookup(document: Document, path: str) -> Any:
    """The value at a dotted path, or a marker equal to nothing."""
    if path in document:
        return document[path]
    value: Any = document
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            return _MISSING
        value = value[part]
    return value


def is_missing(value: Any) -> bool:
    """Whether ``lookup`` found nothing."""
    return value is _MISSING


def read_sort(order: str) -> list[tuple[str, bool]]:
    """``a,b:-1`` as (field, descending): ascending unless -1."""
    fields = []
    for part in filter(None, (part.strip() for part in order.split(","))):
        name, _, direction = part.partition(":")
        if direction not in ("", "1", "-1"):
            raise ApiError(400, f"Invalid sort direction in '{part}': 1 or -1 is expected.")
        fields.append((name, direction == "-1"))
    return fields


def sort(documents: list[Document], fields: Sequence[tuple[str, bool]]) -> list[Document]:
    """Missing values come first, then numbers, strings and Booleans; equal ones stay in the order of their keys."""
    for name, down in reversed(fields):
        documents.sort(key=lambda document: _rank(lookup(document, name)), reverse=down)
    return documents


def _rank(value: Any) -> tuple[int, Any]:
    if value is _MISSING or value is None:
        return (0, 0)
    if isinstance(value, bool):
        return (3, value)
    if isinstance(value, (int, float)):
        return (1, value)
    return (2, value if isinstance(value, str) else json.dumps(value, sort_keys=True))


#: May be excluded beside wanted fields: the key, by Splunk's name and by that of the database underneath.
_KEYS = ("_key", "_id")


def project(document: Document, fields: Sequence[tuple[str, bool]]) -> Document:
    """Only the wanted fields (``_key`` stays unless it is excluded), or all but the excluded ones."""
    wanted = [name for name, keep in fields if keep]
    dropped = {"_key" if name == "_id" else name for name, keep in fields if not keep}
    if wanted:
        names = wanted if "_key" in wanted or "_key" in dropped else [*wanted, "_key"]
        return {name: document[name] for name in names if name in document}
    return {name: value for name, value in document.items() if name not in dropped}


def read_fields(text: str) -> list[tuple[str, bool]]:
    """``a,b`` or ``a:1,_key:0``. Raises 400 when fields are both wanted and excluded (the key may be)."""
    fields = []
    for part in text.split(","):
        name, _, flag = part.strip().partition(":")
        if flag not in ("", "0", "1"):
            raise ApiError(400, f"Invalid value in fields: '{part.strip()}'.")
        if name:
            fields.append((name, flag != "0"))
    if len({keep for name, keep in fields if name not in _KEYS}) > 1:
        raise ApiError(400, "Invalid fields: include and exclude cannot be mixed.")
    return fields
