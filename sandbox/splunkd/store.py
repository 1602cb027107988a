"""SQLite for many threads: a pool of connections, writers one at a time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Store:
    """One database file in WAL mode. ``read()`` and ``write()`` lend a connection; a write commits or rolls back."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._pool = threading.Lock()
        self._writers = threading.RLock()

    def _take(self) -> sqlite3.Connection:
        with self._pool:
            if self._idle:
                return self._idle.pop()
        connection = sqlite3.connect(self.path, timeout=30, check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    def _return(self, connection: sqlite3.Connection) -> None:
        with self._pool:
            self._idle.append(connection)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        connection = self._take()
        try:
            yield connection
        finally:
            self._return(connection)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        with self._writers:
            connection = self._take()
            try:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
            finally:
                self._return(connection)

    def script(self, schema: str) -> None:
        """Create what is missing."""
        with self._writers:
            connection = self._take()
            try:
                connection.executescript(schema)
            finally:
                self._return(connection)

    def close(self) -> None:
        with self._pool:
            for connection in self._idle:
                connection.close()
            self._idle.clear()
