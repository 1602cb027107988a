"""A KV store query as SQL over indexed fields: never too narrow, and exact wherever it says so.

The reference is ``kvquery.predicate``, which every document that is read still has to pass.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .kvindex import COLUMNS, NotComparable, Stored, expression, stored


@dataclass(frozen=True)
class Condition:
    """What a document must fulfill to be able to match; ``exact``: then it does match.

    Both hold for documents whose indexed fields an index can hold; the others (``kv_odd``) are always looked at.
    """

    sql: str
    values: tuple[Stored, ...] = ()
    exact: bool = True


EVERY, NONE, ROUGHLY_EVERY = Condition("1"), Condition("0"), Condition("1", exact=False)


class Translator:
    """``fields``: those that are indexed. ``place``: the SQL that the documents of the collection fulfill."""

    def __init__(self, fields: Collection[str], place: str) -> None:
        self.fields = fields
        self.place = place

    def condition(self, query: Mapping[str, Any]) -> Condition:
        """The query has been through ``kvquery.predicate``, so it is well formed."""
        return _all([self._clause(key, wanted) for key, wanted in query.items()])

    def order(self, fields: Sequence[tuple[str, bool]]) -> str | None:
        """ORDER BY for (field, descending) pairs, equal ones by key; None when one of them is not indexed."""
        if any(name not in self.fields for name, _ in fields):
            return None
        return ", ".join([*(expression(name) + (" DESC" if down else "") for name, down in fields), "key"])

    def _clause(self, key: str, wanted: Any) -> Condition:
        if key == "$and":
            return _all([self.condition(part) for part in wanted])
        if key == "$or":
            return self._any([self.condition(part) for part in wanted])
        if key not in self.fields:
            return ROUGHLY_EVERY
        if isinstance(wanted, dict) and any(name.startswith("$") for name in wanted):
            return _all([self._operator(expression(key), name, operand) for name, operand in wanted.items()])
        return self._operator(expression(key), "$eq", wanted)

    def _operator(self, field: str, name: str, operand: Any) -> Condition:
        if name == "$not":
            return ROUGHLY_EVERY
        if isinstance(operand, (list, dict)):
            # Only lists and objects are equal to one, and those are looked at anyway; nothing is greater or less.
            return EVERY if name == "$ne" else NONE
        try:
            value = stored(operand)
        except NotComparable:
            return ROUGHLY_EVERY
        if field in COLUMNS.values() and not isinstance(value, str):
            # These are always texts, and SQLite would make a text of the number that it compares them with.
            return EVERY if name == "$ne" else NONE
        if name == "$eq":
            return Condition(f"{field} IS NULL") if value is None else Condition(f"{field} = ?", (value,))
        return self._different(field, value) if name == "$ne" else _range(field, name, value)

    def _different(self, field: str, value: Stored) -> Condition:
        if value is None:
            return Condition(f"{field} IS NOT NULL")
        # Without the hint SQLite takes each of the two ranges for a large part, and reads everything instead.
        ranges = [Condition(f"likelihood({field} {sign} ?, 0.01)", (value,)) for sign in "<>"]
        return self._any([*ranges, Condition(f"{field} IS NULL")])

    def _any(self, parts: list[Condition]) -> Condition:
        if EVERY in parts:
            return EVERY
        if any(part.sql == "1" for part in parts):
            return ROUGHLY_EVERY
        # SQLite looks for an index of a part in that part alone.
        placed = [
            part if part.sql == "0" else Condition(f"({self.place} AND {part.sql})", part.values, part.exact)
            for part in parts
        ]
        return _joined(" OR ", "0", placed)


_BOUNDS = {"$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}


def _range(field: str, name: str, value: Stored) -> Condition:
    """Values are ordered within their own type only: SQLite has numbers before texts, texts before our Booleans."""
    if value is None:
        return NONE
    bound = Condition(f"{field} {_BOUNDS[name]} ?", (value,))
    if name in ("$gt", "$gte"):
        after: Stored = "" if isinstance(value, (int, float)) else b"" if isinstance(value, str) else None
        return bound if after is None else _all([bound, Condition(f"{field} < ?", (after,))])
    first: Stored = "" if isinstance(value, str) else b"" if isinstance(value, bytes) else None
    return bound if first is None else _all([bound, Condition(f"{field} >= ?", (first,))])


def _all(parts: list[Condition]) -> Condition:
    if any(part.sql == "0" for part in parts):
        return NONE
    return _joined(" AND ", "1", parts)


def _joined(word: str, neutral: str, parts: list[Condition]) -> Condition:
    needed = [part for part in parts if part.sql != neutral]
    exact = all(part.exact for part in parts)
    if len(needed) == 1:
        return Condition(needed[0].sql, needed[0].values, exact)
    texts = word.join(part.sql for part in needed)
    values = tuple(value for part in needed for value in part.values)
    # Parentheses only around OR: SQLite looks for indexes in the parts of an AND wherever it stands.
    return Condition(f"({texts})" if needed else neutral, values, exact)
