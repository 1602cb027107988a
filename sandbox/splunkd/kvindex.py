"""``accelerated_fields`` of collections.conf as indexes: what a query compares is what SQLite keeps in order.

Source: collections.conf specification (``accelerated_fields.<name>``); ``_key`` and ``_user`` are always accelerated.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Union

from .errors import ApiError
from .kvquery import is_missing, lookup
from .store import Store

Stored = Union[None, int, float, str, bytes]
#: Those that are columns of their own.
COLUMNS = {"_key": "key", "_user": "owner"}
_INT64 = 2**63


class NotComparable(ValueError):
    """SQLite cannot hold the value so that it compares as it does in Python."""


def stored(value: Any) -> Stored:
    """A value as SQLite orders it: nothing, numbers, texts, Booleans. Raises NotComparable."""
    if value is None:
        return None
    if isinstance(value, bool):
        return b"\1" if value else b"\0"
    if isinstance(value, int) and -_INT64 <= value < _INT64:
        return value
    if isinstance(value, float) and value == value:
        return value
    if isinstance(value, str) and _encodes(value):
        return value
    raise NotComparable(repr(value))


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=256)
def _document(body: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(body)
    return document


def _value(body: str, path: str) -> Stored:
    value = lookup(_document(body), path)
    try:
        return None if is_missing(value) else stored(value)
    except NotComparable:
        # Its place does not matter: ``kv_odd`` tells that this document has to be looked at.
        return None


def _odd(body: str, *paths: str) -> int:
    """1 when a field holds what an index cannot: a list (each item counts), an object, a number beyond 64 bits."""
    for path in paths:
        value = lookup(_document(body), path)
        try:
            _ = is_missing(value) or stored(value)
        except NotComparable:
            return 1
    return 0


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def expression(field: str) -> str:
    """What stands for a field in SQL: the same text in index and query, or SQLite would not use the index."""
    return COLUMNS.get(field) or f"kv_value(body, {literal(field)})"


@dataclass(frozen=True)
class Accelerated:
    """The accelerated fields of a collection: all of them, and what finds the documents that indexes cannot hold."""

    fields: frozenset[str] = frozenset()
    odd: str = ""


class Indexes:
    """Keeps the indexes of each collection as its stanza wants them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._known: dict[tuple[str, str], tuple[tuple[tuple[str, int], ...], ...]] = {}
        self._lock = threading.Lock()
        store.function("kv_value", 2, _value)
        store.function("kv_odd", -1, _odd)

    def of(self, app: str, collection: str, stanza: Mapping[str, str]) -> Accelerated:
        """Make the indexes that are missing, drop those no longer wanted. Raises 400 for settings that are none."""
        wanted = accelerations(stanza)
        with self._lock:
            if self._known.get((app, collection), ()) != wanted:
                self._arrange(app, collection, wanted)
                self._known[app, collection] = wanted
        fields = sorted({name for fields in wanted for name, _ in fields} - set(COLUMNS))
        odd = f"kv_odd(body, {', '.join(map(literal, fields))})" if fields else ""
        return Accelerated(frozenset({*fields, *COLUMNS}), odd)

    def _arrange(self, app: str, collection: str, wanted: tuple[tuple[tuple[str, int], ...], ...]) -> None:
        prefix = f"kv_{_digest(app, collection)}_"
        place = f"WHERE app = {literal(app)} AND collection = {literal(collection)}"
        made = {}
        for fields in wanted:
            columns = [f"{expression(name)}{' DESC' if order < 0 else ''}" for name, order in fields]
            made[prefix + _digest(*map(str, fields))] = f"(app, collection, owner, {', '.join(columns)}) {place}"
        names = sorted({name for fields in wanted for name, _ in fields} - set(COLUMNS))
        if names:
            odd = f"kv_odd(body, {', '.join(map(literal, names))})"
            made[f"{prefix}odd_{_digest(*names)}"] = f"(app, collection, owner) {place} AND {odd}"
        with self.store.write() as db:
            for name in _existing(db, prefix) - set(made):
                db.execute(f"DROP INDEX IF EXISTS {name}")
            for name, rest in made.items():
                db.execute(f"CREATE INDEX IF NOT EXISTS {name} ON documents{rest}")
            _estimate(db)

    def forget(self, app: str, collection: str) -> None:
        with self._lock:
            self._arrange(app, collection, ())
            self._known.pop((app, collection), None)


def accelerations(stanza: Mapping[str, str]) -> tuple[tuple[tuple[str, int], ...], ...]:
    """Each acceleration's fields with their direction, 1 or -1, in order."""
    return tuple(
        _acceleration(key, value) for key, value in sorted(stanza.items()) if key.startswith("accelerated_fields.")
    )


def _acceleration(key: str, value: str) -> tuple[tuple[str, int], ...]:
    try:
        fields = json.loads(value)
    except ValueError:
        fields = None
    if not isinstance(fields, dict) or not fields or any(order not in (1, -1) for order in fields.values()):
        raise ApiError(400, f'collections.conf: {key} is not a JSON object such as {{"field": 1, "other": -1}}.')
    if any("\0" in name or not _encodes(name) for name in fields):
        raise ApiError(400, f"collections.conf: {key} names a field that cannot be.")
    return tuple((name, int(order)) for name, order in fields.items())


def _estimate(db: sqlite3.Connection) -> None:
    """Tell SQLite what is large: else it takes the key's index for a whole collection, however many documents it has.

    Source: SQLite documentation, "ANALYZE" (rows a value of the first 1, 2, ... columns) and "sqlite_stat1".
    """
    # It makes the table of estimates, which nothing else can; what it finds is not wanted.
    db.execute("PRAGMA analysis_limit = 1")
    db.execute("ANALYZE documents")
    db.execute("DELETE FROM sqlite_stat1 WHERE tbl = 'documents'")
    db.execute("INSERT INTO sqlite_stat1 VALUES ('documents', 'documents', '1000000 100000 100000 100000 1')")
    for name in _existing(db, "kv_"):
        fields = len(db.execute(f"PRAGMA index_info({name})").fetchall()) - 3
        each = " ".join(str(max(2, 20 - 2 * field)) for field in range(fields))
        # That of the odd documents has no fields.
        rows = f"1000000 100000 100000 100000 {each} 1" if fields else "100 10 10 10 1"
        db.execute("INSERT INTO sqlite_stat1 VALUES ('documents', ?, ?)", (name, rows))
    db.execute("ANALYZE sqlite_schema")


def _existing(db: sqlite3.Connection, prefix: str) -> set[str]:
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND name GLOB ?", (prefix + "*",))
    return {row[0] for row in rows}


def _digest(*parts: str) -> str:
    return hashlib.md5("\0".join(parts).encode(), usedforsecurity=False).hexdigest()[:12]
