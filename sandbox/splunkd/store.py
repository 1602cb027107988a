"""SQLite for many threads: a pool of connections, writers one at a time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Store:
    """One database file in WAL mode. ``read()`` and ``write()`` lend a connection; a write commits or rolls back."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._pool = threading.Lock()
        self._writers = threading.RLock()
        self._functions: list[tuple[str, int, Callable[..., Any]]] = []

    def function(self, name: str, arguments: int, function: Callable[..., Any]) -> None:
        """Let SQL call a function without side effects (-1: any number of arguments), also within indexes."""
        with self._pool:
            self._functions.append((name, arguments, function))
            for connection in self._idle:
                connection.create_function(name, arguments, function, deterministic=True)

    def _take(self) -> sqlite3.Connection:
        with self._pool:
            if self._idle:
                return self._idle.pop()
        connection = sqlite3.connect(self.path, timeout=30, check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        for name, arguments, function in self._functions:
            connection.create_function(name, arguments, function, deterministic=True)
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
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """``read()`` for several statements that have to see one and the same state."""
        with self.read() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")

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
