"""The statements that read one collection: what can match a query, and nothing else where an index tells."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from .kvindex import Accelerated, Stored, literal
from .kvsql import Translator

Statement = tuple[str, tuple[Stored, ...]]


class Selection:
    """A query on the documents of one user in one collection."""

    def __init__(self, where: tuple[str, str, str], accelerated: Accelerated, query: Mapping[str, Any]) -> None:
        # Literals, because only they show SQLite that a partial index covers the statement.
        names = zip(("app", "collection", "owner"), where)
        self._place = " AND ".join(f"{column} = {literal(name)}" for column, name in names)
        self._base = f"SELECT key, body FROM documents WHERE {self._place}"
        self._odd = accelerated.odd
        self._translator = Translator(accelerated.fields, self._place)
        self._condition = self._translator.condition(query)

    @property
    def candidates(self) -> Statement:
        """Every document that matches, and maybe others, in no order; a document may come twice."""
        sql = f"{self._base} AND {self._condition.sql}"
        if self._odd and self._condition.sql != "1":
            sql += f" UNION ALL {self._base} AND {self._odd}"
        return sql, self._condition.values

    def page(
        self, db: sqlite3.Connection, order: Sequence[tuple[str, bool]], skip: int, limit: int
    ) -> Statement | None:
        """Exactly the documents from ``skip`` on, in order; None where SQL alone cannot tell them."""
        by = self._translator.order(order)
        if by is None or not self._condition.exact or self._has_odd(db):
            return None
        sql = f"{self._base} AND {self._condition.sql} ORDER BY {by} LIMIT ? OFFSET ?"
        return sql, (*self._condition.values, limit, skip)

    def _has_odd(self, db: sqlite3.Connection) -> bool:
        if not self._odd:
            return False
        found = db.execute(f"SELECT EXISTS(SELECT 1 FROM documents WHERE {self._place} AND {self._odd})")
        return bool(found.fetchone()[0])
