"""Credentials, encrypted at rest with a key that lies under home."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from cryptography.fernet import Fernet

from .store import Store

SCHEMA = """CREATE TABLE IF NOT EXISTS passwords(app TEXT, realm TEXT, username TEXT, secret BLOB NOT NULL,
    PRIMARY KEY(app, realm, username));"""


class Vault:
    """The credentials of every app."""

    def __init__(self, home: Path, store: Store) -> None:
        self.store = store
        store.script(SCHEMA)
        self._cipher = Fernet(_key(home / "etc" / "auth" / "splunk.secret"))

    def add(self, app: str, realm: str, username: str, password: str) -> bool:
        """False when there is one of that realm and user already."""
        row = (app, realm, username, self._cipher.encrypt(password.encode()))
        try:
            with self.store.write() as db:
                db.execute("INSERT INTO passwords VALUES (?,?,?,?)", row)
        except sqlite3.IntegrityError:
            return False
        return True

    def change(self, app: str, realm: str, username: str, password: str) -> None:
        with self.store.write() as db:
            db.execute(
                "UPDATE passwords SET secret=? WHERE app=? AND realm=? AND username=?",
                (self._cipher.encrypt(password.encode()), app, realm, username),
            )

    def remove(self, app: str, realm: str, username: str) -> None:
        with self.store.write() as db:
            db.execute("DELETE FROM passwords WHERE app=? AND realm=? AND username=?", (app, realm, username))

    def find(self, app: str) -> list[tuple[str, str, str, str]]:
        """(app, realm, username, clear text) of an app, or of all (``-``)."""
        with self.store.read() as db:
            rows = db.execute(
                "SELECT app, realm, username, secret FROM passwords WHERE ? IN ('-', app) ORDER BY realm, username",
                (app,),
            ).fetchall()
        return [(row[0], row[1], row[2], self._cipher.decrypt(row[3]).decode()) for row in rows]


def _key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key())
    return path.read_bytes()


def entry_name(realm: str, username: str) -> str:
    """``realm:username:``, with colons inside either escaped."""
    return "".join(part.replace("\\", "\\\\").replace(":", "\\:") + ":" for part in (realm, username))
