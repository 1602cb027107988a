"""Queries of the KV store that name many values: a query is part of an address, which must not become too long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
#: Values named in one query.
NAMED = 20


def either(queries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What matches one of these queries, of which there is at least one."""
    return queries[0] if len(queries) == 1 else {"$or": queries}


def any_of(name: str, values: Sequence[str], **more: Any) -> Iterator[Mapping[str, Any]]:
    """Queries that together match the documents whose field is one of these values."""
    return (either([{name: value, **more} for value in some]) for some in portions(values))


def portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many at a time as one query may name."""
    return (values[first : first + NAMED] for first in range(0, len(values), NAMED))
