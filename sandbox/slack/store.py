"""A workspace's state in SQLite: messages, who joined what, and the tokens."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sandbox.slack.model import Channel, Message

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (channel TEXT, ts TEXT, thread_ts TEXT, doc TEXT, PRIMARY KEY (channel, ts));
CREATE TABLE IF NOT EXISTS joined (channel TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT);
"""


class Store:
    """Not thread-safe by itself: the stand-in carries out one request at a time."""

    def __init__(self, path: str | None = None) -> None:
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._db.executescript(_SCHEMA)
        self._db.execute("PRAGMA synchronous = OFF")

    def setting(self, name: str, value: str) -> str:
        """The stored value of ``name``; ``value`` becomes it the first time."""
        self._db.execute("INSERT OR IGNORE INTO setting VALUES (?, ?)", (name, value))
        return str(self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()[0])

    def new_ts(self) -> str:
        """A time stamp that no message has yet."""
        newest = self._db.execute("SELECT max(ts) FROM message").fetchone()[0] or "0"
        now = f"{time.time():.6f}"
        return now if now > newest else f"{(int(newest.replace('.', '')) + 1) / 1e6:.6f}"

    def save(self, message: Message) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?)",
            (message.channel, message.ts, message.thread_ts, json.dumps(asdict(message))),
        )

    def delete(self, message: Message) -> None:
        self._db.execute("DELETE FROM message WHERE channel = ? AND ts = ?", (message.channel, message.ts))

    def message(self, channel: str, ts: str) -> Message | None:
        row = self._db.execute("SELECT doc FROM message WHERE channel = ? AND ts = ?", (channel, ts)).fetchone()
        return Message(**json.loads(row[0])) if row else None

    def messages(self, channel: str) -> list[Message]:
        """All messages of a channel, replies included, oldest first."""
        rows = self._db.execute("SELECT doc FROM message WHERE channel = ? ORDER BY ts", (channel,))
        return [Message(**json.loads(row[0])) for row in rows]

    def replies(self, channel: str, ts: str) -> list[Message]:
        return [message for message in self.messages(channel) if message.thread_ts == ts and message.ts != ts]

    def join(self, channel: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO joined VALUES (?)", (channel,))

    def channels(self, known: Sequence[Channel]) -> list[Channel]:
        """The channels with the bot's present membership."""
        joined = {row[0] for row in self._db.execute("SELECT channel FROM joined")}
        return [Channel(**{**asdict(one), "is_member": one.is_member or one.id in joined}) for one in known]


def shown(message: Message, replies: Sequence[Message], bot: dict[str, Any], with_metadata: bool) -> dict[str, Any]:
    """A message object of the Web API; the parent of a thread counts its replies."""
    out: dict[str, Any] = {"type": "message", "text": message.text, "ts": message.ts, **bot}
    if message.blocks:
        out["blocks"] = message.blocks
    if message.attachments:
        out["attachments"] = message.attachments
    if message.thread_ts:
        out["thread_ts"] = message.thread_ts
    if replies:
        out |= {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users_count": 1,
            "reply_users": [bot["user"]],
            "latest_reply": replies[-1].ts,
        }
    if message.edited:
        out["edited"] = {"user": bot["user"], "ts": message.edited}
    if message.reactions:
        out["reactions"] = message.reactions
    if message.metadata and with_metadata:
        out["metadata"] = message.metadata
    return out
