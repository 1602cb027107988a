"""The bulletin board: messages that Splunk Web shows to everybody until they are deleted."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .store import Store

SCHEMA = "CREATE TABLE IF NOT EXISTS messages(name TEXT PRIMARY KEY, text TEXT, severity TEXT, time REAL);"
#: The name under which splunkd says that changes wait for a restart; a restart takes the message away.
RESTART_REQUIRED = "restart_required"


@dataclass(frozen=True)
class Message:
    name: str
    text: str
    severity: str
    time: float


class Bulletin:
    def __init__(self, store: Store) -> None:
        self.store = store
        store.script(SCHEMA)

    def all(self) -> list[Message]:
        """Oldest first."""
        with self.store.read() as db:
            rows = db.execute("SELECT name, text, severity, time FROM messages ORDER BY time").fetchall()
        return [Message(*row) for row in rows]

    def post(self, name: str, text: str, severity: str = "info") -> Message:
        """A message of the same name is replaced."""
        message = Message(name, text, severity, time.time())
        with self.store.write() as db:
            db.execute("INSERT OR REPLACE INTO messages VALUES (?,?,?,?)", (name, text, severity, message.time))
        return message

    def require_restart(self) -> None:
        self.post(RESTART_REQUIRED, "Splunk must be restarted for changes to take effect.", "warn")

    def remove(self, name: str) -> bool:
        """False when there is none."""
        with self.store.write() as db:
            return db.execute("DELETE FROM messages WHERE name=?", (name,)).rowcount > 0
