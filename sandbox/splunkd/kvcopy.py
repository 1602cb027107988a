"""The copy of the KV store that a member of a search head cluster reads: it lags behind what was written.

Members write to the KV store captain and read their own copy. Source: Splunk documentation, Splexicon, "KV store
captain".
"""

from __future__ import annotations

import sqlite3

from .store import Store

#: Seconds for which earlier states are kept, so the greatest lag there can be.
MAX_LAG = 60.0
#: Triggers and not code of ours, so that a copy also knows what other processes write to the same file.
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS kv_history(id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, app TEXT, collection TEXT,
    owner TEXT, key TEXT, before TEXT);
CREATE INDEX IF NOT EXISTS kv_history_at ON kv_history(at);
CREATE TRIGGER IF NOT EXISTS kv_inserted AFTER INSERT ON documents BEGIN
    INSERT INTO kv_history(at, app, collection, owner, key, before)
    VALUES ((julianday('now') - 2440587.5) * 86400, NEW.app, NEW.collection, NEW.owner, NEW.key, NULL); END;
CREATE TRIGGER IF NOT EXISTS kv_updated AFTER UPDATE ON documents BEGIN
    INSERT INTO kv_history(at, app, collection, owner, key, before)
    VALUES ((julianday('now') - 2440587.5) * 86400, OLD.app, OLD.collection, OLD.owner, OLD.key, OLD.body); END;
CREATE TRIGGER IF NOT EXISTS kv_deleted AFTER DELETE ON documents BEGIN
    INSERT INTO kv_history(at, app, collection, owner, key, before)
    VALUES ((julianday('now') - 2440587.5) * 86400, OLD.app, OLD.collection, OLD.owner, OLD.key, OLD.body); END;
CREATE TRIGGER IF NOT EXISTS kv_forgotten AFTER INSERT ON kv_history BEGIN
    DELETE FROM kv_history WHERE at < NEW.at - {MAX_LAG + 1}; END;
"""
_CHANGES = """SELECT key, before FROM kv_history
    WHERE app=? AND collection=? AND owner=? AND at > (julianday('now') - 2440587.5) * 86400 - ? ORDER BY id DESC"""


class LocalCopy:
    """How far the reads of one splunkd are behind, for each collection. Without a lag nothing is kept."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._everywhere = 0.0
        self._by_collection: dict[str, float] = {}

    def lag(self, seconds: float, *collections: str) -> None:
        """Let reads of these collections (none given: of all, and of all alike) answer from the state ``seconds`` ago.

        Earlier states are known from the first lag on, at most ``MAX_LAG`` seconds of them; 0 ends a lag. Raises
        ValueError for a lag that cannot be.
        """
        if not 0 <= seconds <= MAX_LAG:
            raise ValueError(f"a lag of {seconds} s is not between 0 and {MAX_LAG:g}")
        if seconds:
            self.store.script(SCHEMA)
        if collections:
            self._by_collection.update(dict.fromkeys(collections, seconds))
        else:
            self._everywhere, self._by_collection = seconds, {}

    def seconds(self, collection: str) -> float:
        return self._by_collection.get(collection, self._everywhere)

    def not_seen_yet(self, db: sqlite3.Connection, app: str, collection: str, owner: str) -> dict[str, str | None]:
        """What the copy still has under the keys that were written since: the body before, None for no document.

        Read it after the documents: what was written in between is in it, so the two make one state.
        """
        seconds = self.seconds(collection)
        if not seconds:
            return {}
        # Latest first, so that of several writes of a key the state before the first one stays.
        return dict(db.execute(_CHANGES, (app, collection, owner, seconds)).fetchall())
