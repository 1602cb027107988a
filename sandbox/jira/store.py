"""A Jira site's state in SQLite: issues, what the search index knows of them, comments, properties, links, files."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

from sandbox.jira import history
from sandbox.jira.model import ME

_SCHEMA = """
CREATE TABLE IF NOT EXISTS issue (id INTEGER PRIMARY KEY, key TEXT UNIQUE, project TEXT, doc TEXT);
CREATE TABLE IF NOT EXISTS indexed (seq INTEGER PRIMARY KEY, issue INTEGER, at REAL, doc TEXT);
CREATE INDEX IF NOT EXISTS indexed_issue ON indexed (issue, seq);
CREATE TABLE IF NOT EXISTS comment (id INTEGER PRIMARY KEY, issue INTEGER, doc TEXT);
CREATE TABLE IF NOT EXISTS property (owner TEXT, id INTEGER, key TEXT, value TEXT, PRIMARY KEY (owner, id, key));
CREATE TABLE IF NOT EXISTS remote_link (id INTEGER PRIMARY KEY, issue INTEGER, global_id TEXT, doc TEXT);
CREATE TABLE IF NOT EXISTS attachment (id INTEGER PRIMARY KEY, issue INTEGER, doc TEXT, content BLOB);
CREATE TABLE IF NOT EXISTS history (id INTEGER PRIMARY KEY, issue INTEGER, doc TEXT);
CREATE TABLE IF NOT EXISTS moved (key TEXT PRIMARY KEY, issue INTEGER);
CREATE TABLE IF NOT EXISTS link (id INTEGER PRIMARY KEY, type TEXT, inward INTEGER, outward INTEGER,
    UNIQUE (type, inward, outward));
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT);
"""
_FIRST_ID = 10000


class Store:
    """Not thread-safe by itself: the stand-in carries out one request at a time.

    An issue is a plain dictionary; its rich texts are ``{"adf": document}`` or ``{"wiki": text}``.
    """

    def __init__(self, path: str | None = None) -> None:
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._db.executescript(_SCHEMA)
        self._db.execute("PRAGMA synchronous = OFF")
        self._reindexed_to = 0

    def close(self) -> None:
        self._db.close()

    def setting(self, name: str, value: str) -> str:
        """The stored value of ``name``; ``value`` becomes it the first time."""
        self._db.execute("INSERT OR IGNORE INTO setting VALUES (?, ?)", (name, value))
        return str(self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()[0])

    # --- issues -----------------------------------------------------------------------------------------------------

    def new_issue(self, project: str, issue: dict[str, Any]) -> dict[str, Any]:
        number = self._count("key:" + project, 1)
        issue_id = self._count("issue", _FIRST_ID)
        issue.update(id=str(issue_id), key=f"{project}-{number}", project=project)
        self._db.execute("INSERT INTO issue VALUES (?, ?, ?, ?)", (issue_id, issue["key"], project, json.dumps(issue)))
        self._index(issue)
        return issue

    def save_issue(self, issue: dict[str, Any], author: str = ME.account_id) -> None:
        """Write an issue; what has changed is in its changelog, as done by ``author``."""
        issue["updated"] = time.time()
        before = self.issue(issue["id"])
        items = history.items(before, issue) if before is not None else []
        if items:
            entry = {"id": str(self._count("history", _FIRST_ID)), "author": author, "created": issue["updated"]}
            row = (int(entry["id"]), int(issue["id"]), json.dumps({**entry, "items": items}))
            self._db.execute("INSERT INTO history VALUES (?, ?, ?)", row)
        self._db.execute("UPDATE issue SET doc = ? WHERE id = ?", (json.dumps(issue), int(issue["id"])))
        self._index(issue)

    def delete_issue(self, issue: dict[str, Any]) -> None:
        number = int(issue["id"])
        for comment in self.comments(issue):
            self._db.execute("DELETE FROM property WHERE owner = 'comment' AND id = ?", (int(comment["id"]),))
        self._db.execute("DELETE FROM property WHERE owner = 'issue' AND id = ?", (number,))
        self._db.execute("DELETE FROM issue WHERE id = ?", (number,))
        for table in ("indexed", "comment", "remote_link", "attachment", "history", "moved"):
            self._db.execute(f"DELETE FROM {table} WHERE issue = ?", (number,))
        self._db.execute("DELETE FROM link WHERE inward = ? OR outward = ?", (number, number))

    def relocate(self, issue: dict[str, Any], project: str, author: str) -> None:
        """Give an issue a key of another project; it is found under its old keys, too."""
        self._db.execute("INSERT OR REPLACE INTO moved VALUES (?, ?)", (issue["key"], int(issue["id"])))
        issue["key"] = f"{project}-{self._count('key:' + project, 1)}"
        issue["project"] = project
        self.save_issue(issue, author)
        row = (issue["key"], project, int(issue["id"]))
        self._db.execute("UPDATE issue SET key = ?, project = ? WHERE id = ?", row)

    def history(self, issue: str) -> list[dict[str, Any]]:
        """What has changed in an issue, oldest first."""
        rows = self._db.execute("SELECT doc FROM history WHERE issue = ? ORDER BY id", (int(issue),))
        return [json.loads(row[0]) for row in rows]

    def links(self, issue: str) -> list[tuple[int, str, str, str]]:
        """Id, type, and the ids of the issues that it links, of each link of an issue."""
        found = self._db.execute(
            "SELECT id, type, inward, outward FROM link WHERE inward = ? OR outward = ? ORDER BY id",
            (int(issue), int(issue)),
        )
        return [(number, kind, str(inward), str(outward)) for number, kind, inward, outward in found]

    def add_link(self, kind: str, inward: str, outward: str) -> None:
        """A link that is there already is taken, and nothing comes of it."""
        row = (kind, int(inward), int(outward))
        self._db.execute("INSERT OR IGNORE INTO link (type, inward, outward) VALUES (?, ?, ?)", row)

    def issue(self, id_or_key: str) -> dict[str, Any] | None:
        column = "id" if id_or_key.isdigit() else "key"
        row = self._db.execute(f"SELECT doc FROM issue WHERE {column} = ?", (id_or_key.upper(),)).fetchone()
        if row is None and column == "key":
            moved = "SELECT i.doc FROM issue i JOIN moved m ON m.issue = i.id WHERE m.key = ?"
            row = self._db.execute(moved, (id_or_key.upper(),)).fetchone()
        return json.loads(row[0]) if row else None

    @property
    def issue_count(self) -> int:
        (count,) = self._db.execute("SELECT COUNT(*) FROM issue").fetchone()
        return int(count)

    def issues(self) -> list[dict[str, Any]]:
        return [json.loads(row[0]) for row in self._db.execute("SELECT doc FROM issue ORDER BY id")]

    # --- the search index -------------------------------------------------------------------------------------------

    def indexed_issues(self, lag: float, reconcile: set[int]) -> Iterator[dict[str, Any]]:
        """Every issue as a search sees it: as it was ``lag`` seconds ago, except for those in ``reconcile``."""
        until = time.time() - lag
        rows = self._db.execute(
            "SELECT i.id, i.doc, (SELECT x.doc FROM indexed x WHERE x.issue = i.id AND (x.at <= ? OR x.seq <= ?)"
            " ORDER BY x.seq DESC LIMIT 1) FROM issue i ORDER BY i.id",
            (until, self._reindexed_to),
        )
        for number, now, seen in rows.fetchall():
            doc = now if number in reconcile else seen
            if doc is not None:
                yield json.loads(doc)

    def reindex(self) -> None:
        """Let the search index know everything written so far."""
        self._reindexed_to = self._db.execute("SELECT coalesce(max(seq), 0) FROM indexed").fetchone()[0]

    def _index(self, issue: dict[str, Any]) -> None:
        self._db.execute(
            "INSERT INTO indexed (issue, at, doc) VALUES (?, ?, ?)", (int(issue["id"]), time.time(), json.dumps(issue))
        )

    # --- what hangs on issues ---------------------------------------------------------------------------------------

    def add_comment(self, issue: dict[str, Any], comment: dict[str, Any]) -> dict[str, Any]:
        comment["id"] = str(self._count("comment", _FIRST_ID))
        self._db.execute(
            "INSERT INTO comment VALUES (?, ?, ?)", (int(comment["id"]), int(issue["id"]), json.dumps(comment))
        )
        return comment

    def save_comment(self, comment: dict[str, Any]) -> None:
        comment["updated"] = time.time()
        self._db.execute("UPDATE comment SET doc = ? WHERE id = ?", (json.dumps(comment), int(comment["id"])))

    def delete_comment(self, comment: dict[str, Any]) -> None:
        self._db.execute("DELETE FROM comment WHERE id = ?", (int(comment["id"]),))
        self._db.execute("DELETE FROM property WHERE owner = 'comment' AND id = ?", (int(comment["id"]),))

    def comments(self, issue: dict[str, Any]) -> list[dict[str, Any]]:
        rows = self._db.execute("SELECT doc FROM comment WHERE issue = ? ORDER BY id", (int(issue["id"]),))
        return [json.loads(row[0]) for row in rows]

    def comment(self, comment_id: str) -> tuple[dict[str, Any], str] | None:
        """A comment and the id of its issue."""
        row = self._db.execute("SELECT doc, issue FROM comment WHERE id = ?", (comment_id,)).fetchone()
        return (json.loads(row[0]), str(row[1])) if row else None

    def properties(self, owner: str, number: str) -> dict[str, Any]:
        """Entity properties of an ``issue`` or ``comment``."""
        rows = self._db.execute(
            "SELECT key, value FROM property WHERE owner = ? AND id = ? ORDER BY key", (owner, int(number))
        )
        return {key: json.loads(value) for key, value in rows}

    def set_property(self, owner: str, number: str, key: str, value: Any) -> bool:
        """Write a property; whether it is new."""
        new = key not in self.properties(owner, number)
        self._db.execute(
            "INSERT OR REPLACE INTO property VALUES (?, ?, ?, ?)", (owner, int(number), key, json.dumps(value))
        )
        return new

    def delete_property(self, owner: str, number: str, key: str) -> None:
        self._db.execute("DELETE FROM property WHERE owner = ? AND id = ? AND key = ?", (owner, int(number), key))

    def remote_links(self, issue: dict[str, Any]) -> list[dict[str, Any]]:
        rows = self._db.execute("SELECT doc FROM remote_link WHERE issue = ? ORDER BY id", (int(issue["id"]),))
        return [json.loads(row[0]) for row in rows]

    def put_remote_link(self, issue: dict[str, Any], link: dict[str, Any]) -> tuple[int, bool]:
        """Add a link, or replace the one with its global id; (id, whether it is new)."""
        row = self._db.execute(
            "SELECT id FROM remote_link WHERE issue = ? AND global_id = ?", (int(issue["id"]), link.get("globalId"))
        ).fetchone()
        number = int(row[0]) if row else self._count("remote_link", _FIRST_ID)
        self._db.execute(
            "INSERT OR REPLACE INTO remote_link VALUES (?, ?, ?, ?)",
            (number, int(issue["id"]), link.get("globalId"), json.dumps({**link, "id": number})),
        )
        return number, row is None

    def add_attachment(self, issue: dict[str, Any], attachment: dict[str, Any], content: bytes) -> dict[str, Any]:
        attachment["id"] = str(self._count("attachment", _FIRST_ID))
        self._db.execute(
            "INSERT INTO attachment VALUES (?, ?, ?, ?)",
            (int(attachment["id"]), int(issue["id"]), json.dumps(attachment), content),
        )
        return attachment

    def attachments(self, issue: dict[str, Any]) -> list[dict[str, Any]]:
        rows = self._db.execute("SELECT doc FROM attachment WHERE issue = ? ORDER BY id", (int(issue["id"]),))
        return [json.loads(row[0]) for row in rows]

    def attachment(self, number: str) -> tuple[dict[str, Any], bytes] | None:
        row = self._db.execute("SELECT doc, content FROM attachment WHERE id = ?", (number,)).fetchone()
        return (json.loads(row[0]), bytes(row[1])) if row else None

    def _count(self, name: str, first: int) -> int:
        # Numbers are never given twice, also not after a deletion.
        number = int(self.setting("next:" + name, str(first)))
        self._db.execute("UPDATE setting SET value = ? WHERE name = ?", (str(number + 1), "next:" + name))
        return number
