"""The KV store: documents in SQLite, unique on collection, key and user."""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import kvquery
from .errors import ApiError
from .kvcopy import LocalCopy
from .kvindex import Accelerated, Indexes
from .kvselect import Selection, Statement
from .kvtypes import typed
from .store import Store

SCHEMA = """CREATE TABLE IF NOT EXISTS documents(app TEXT, collection TEXT, owner TEXT, key TEXT, body TEXT NOT NULL,
    PRIMARY KEY(app, collection, owner, key)) WITHOUT ROWID;"""
#: limits.conf [kvstore] max_rows_per_query, max_documents_per_batch_save, max_size_per_batch_save_mb
MAX_ROWS, MAX_BATCH, MAX_BATCH_BYTES = 50_000, 1000, 50 * 1024 * 1024
Document = dict[str, Any]


@dataclass(frozen=True)
class Collection:
    """One collection of one user (``nobody`` for the shared one). ``stanza`` is its part of collections.conf."""

    app: str
    name: str
    owner: str = "nobody"
    stanza: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def where(self) -> tuple[str, str, str]:
        return (self.app, self.name, self.owner)


@dataclass(frozen=True)
class Query:
    query: Mapping[str, Any] = field(default_factory=dict)
    fields: Sequence[tuple[str, bool]] = ()
    sort: str = ""
    skip: int = 0
    limit: int = 0


class KvStore:
    def __init__(self, store: Store) -> None:
        self.store = store
        store.script(SCHEMA)
        #: What this splunkd reads; ``copy.lag(seconds)`` lets it fall behind. Writes meet the documents themselves.
        self.copy = LocalCopy(store)
        self.indexes = Indexes(store)
        #: How many documents queries have read so far, matching or not.
        self.documents_read = 0
        self._counting = threading.Lock()

    def insert(self, collection: Collection, document: Any) -> str:
        """Give back the key; 409 when it is taken. This insert is the one atomic claim there is."""
        self._accelerated(collection)
        key, body = self._prepare(collection, document)
        try:
            with self.store.write() as db:
                db.execute("INSERT INTO documents VALUES (?,?,?,?,?)", (*collection.where, key, body))
        except sqlite3.IntegrityError:
            raise ApiError(409, "A document with the same key and user already exists.") from None
        return key

    def replace(self, collection: Collection, key: str, document: Any) -> None:
        """The whole document is replaced; 404 when there is none."""
        if isinstance(document, dict) and document.get("_key", key) != key:
            raise ApiError(400, "The _key in the document is not that of the address.")
        _, body = self._prepare(collection, document, key)
        with self.store.write() as db:
            changed = db.execute(
                "UPDATE documents SET body=? WHERE app=? AND collection=? AND owner=? AND key=?",
                (body, *collection.where, key),
            ).rowcount
        if not changed:
            raise ApiError(404, "Could not find object.")

    def save(self, collection: Collection, documents: Any) -> list[str]:
        """Insert or replace each (``batch_save``): it never conflicts, so it never claims."""
        if not isinstance(documents, list):
            raise ApiError(400, "Request body must be an array of documents.")
        if len(documents) > MAX_BATCH:
            raise ApiError(
                400,
                f"The batch has {len(documents)} documents; at most {MAX_BATCH} are allowed "
                "(max_documents_per_batch_save).",
            )
        rows = [self._prepare(collection, document) for document in documents]
        self._accelerated(collection)
        with self.store.write() as db:
            # No REPLACE: its deletions go past triggers, and with them past the copies of other members.
            db.executemany(
                "INSERT INTO documents VALUES (?,?,?,?,?) "
                "ON CONFLICT(app, collection, owner, key) DO UPDATE SET body=excluded.body",
                [(*collection.where, key, body) for key, body in rows],
            )
        return [key for key, _ in rows]

    def get(self, collection: Collection, key: str) -> Document:
        found = self.find(collection, Query({"_key": key}))
        if not found:
            raise ApiError(404, "Could not find object.")
        return found[0]

    def find(self, collection: Collection, query: Query = Query()) -> list[Document]:
        """At most ``MAX_ROWS`` documents; what is beyond is cut without a word, as Splunk does."""
        matches, order = kvquery.predicate(query.query), kvquery.read_sort(query.sort)
        most = min(query.limit or MAX_ROWS, MAX_ROWS)
        selection = self._selection(collection, query.query)
        with self.store.snapshot() as db:
            lags = self.copy.seconds(collection.name) > 0
            page = None if lags else selection.page(db, order, query.skip, most)
            bodies = list(self._bodies(db, page or selection.candidates).items())
            earlier = self.copy.not_seen_yet(db, *collection.where)
        if page is not None:
            found = [json.loads(body) for _, body in bodies]
        else:
            seen = sorted({**dict(bodies), **earlier}.items())
            documents = [json.loads(body) for _, body in seen if body is not None]
            found = kvquery.sort([document for document in documents if matches(document)], order)
            found = found[query.skip : query.skip + most]
        return [kvquery.project(document, query.fields) for document in found] if query.fields else found

    def explain(self, collection: Collection, query: Query = Query()) -> list[str]:
        """SQLite's plan for ``find``: which indexes it uses, and what it has to scan or to sort."""
        order = kvquery.read_sort(query.sort)
        selection = self._selection(collection, query.query)
        with self.store.snapshot() as db:
            sql, values = selection.page(db, order, query.skip, query.limit or MAX_ROWS) or selection.candidates
            return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", values)]

    def delete(self, collection: Collection, query: Mapping[str, Any]) -> None:
        matches, selection = kvquery.predicate(query), self._selection(collection, query)
        with self.store.write() as db:
            bodies = self._bodies(db, selection.candidates)
            keys = [(key,) for key, body in bodies.items() if matches(json.loads(body))]
            db.executemany(
                "DELETE FROM documents WHERE app=? AND collection=? AND owner=? AND key=?",
                [(*collection.where, *key) for key in keys],
            )

    def delete_key(self, collection: Collection, key: str) -> None:
        with self.store.write() as db:
            gone = db.execute(
                "DELETE FROM documents WHERE app=? AND collection=? AND owner=? AND key=?", (*collection.where, key)
            ).rowcount
        if not gone:
            raise ApiError(404, "Could not find object.")

    def drop(self, app: str, collection: str) -> None:
        """Forget every user's documents of a collection."""
        with self.store.write() as db:
            db.execute("DELETE FROM documents WHERE app=? AND collection=?", (app, collection))
        self.indexes.forget(app, collection)

    def _selection(self, collection: Collection, query: Mapping[str, Any]) -> Selection:
        return Selection(collection.where, self._accelerated(collection), query)

    def _accelerated(self, collection: Collection) -> Accelerated:
        return self.indexes.of(collection.app, collection.name, collection.stanza)

    def _bodies(self, db: sqlite3.Connection, statement: Statement) -> dict[str, str]:
        found = db.execute(*statement).fetchall()
        with self._counting:
            self.documents_read += len(found)
        return dict(found)

    def _prepare(self, collection: Collection, document: Any, key: str = "") -> tuple[str, str]:
        if not isinstance(document, dict):
            raise ApiError(400, "A document must be a JSON object.")
        key = key or document.get("_key") or secrets.token_hex(12)
        if not isinstance(key, str):
            raise ApiError(400, "The _key of a document must be a string.")
        for name in document:
            if name.startswith("$"):
                raise ApiError(400, f"Invalid field name '{name}': it must not begin with a dollar sign.")
        values = {name: value for name, value in document.items() if name not in ("_key", "_user")}
        body = {**typed(values, collection.stanza), "_user": collection.owner, "_key": key}
        try:
            return key, json.dumps(body, allow_nan=False)
        except ValueError:
            raise ApiError(400, "A number in the document is too large for JSON.") from None
