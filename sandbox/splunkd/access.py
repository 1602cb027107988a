"""Users, sessions, roles and capabilities."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from spl.conffile import Stanzas

from .confs import Confs
from .errors import forbidden
from .model import Acl
from .roles import Roles
from .store import Store

SYSTEM_USER = "splunk-system-user"
#: Cheap on purpose: it guards a sandbox, and the tests log in thousands of times.
_SCRYPT = {"n": 2**10, "r": 8, "p": 1}
SCHEMA = """
CREATE TABLE IF NOT EXISTS users(name TEXT PRIMARY KEY, hash TEXT NOT NULL, roles TEXT NOT NULL,
    realname TEXT NOT NULL DEFAULT '', email TEXT NOT NULL DEFAULT '', default_app TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS sessions(token TEXT PRIMARY KEY, user TEXT NOT NULL, created REAL NOT NULL);
"""


@dataclass(frozen=True)
class Identity:
    """Who is asking."""

    user: str
    roles: tuple[str, ...]
    capabilities: frozenset[str]
    token: str = ""

    @property
    def is_system(self) -> bool:
        return self.user == SYSTEM_USER

    def may(self, capability: str) -> bool:
        return self.is_system or capability in self.capabilities

    def require(self, capability: str) -> None:
        """Raises the 403 splunkd answers."""
        if not self.may(capability):
            raise forbidden(self.user, capability)

    def allowed(self, roles: Iterable[str]) -> bool:
        """Whether an access list lets this user through; ``admin_all_objects`` is above access lists."""
        return self.may("admin_all_objects") or any(role == "*" or role in self.roles for role in roles)


def may_see(identity: Identity, acl: Acl) -> bool:
    return _reaches(identity, acl, acl.read)


def may_change(identity: Identity, acl: Acl) -> bool:
    return _reaches(identity, acl, acl.write)


def _reaches(identity: Identity, acl: Acl, roles: Iterable[str]) -> bool:
    if acl.private:
        return identity.user == acl.owner or identity.may("admin_all_objects")
    return identity.allowed(roles)


class Access:
    """Users and sessions in SQLite; roles and capabilities from authorize.conf of the system and of every app."""

    def __init__(self, store: Store, confs: Confs) -> None:
        self.store = store
        self.confs = confs
        self._roles: tuple[list[Stanzas], Roles | None] = ([], None)
        store.script(SCHEMA)

    # --- users --------------------------------------------------------------------------------------------------

    def add_user(self, name: str, password: str, roles: Iterable[str], **more: str) -> bool:
        """Give back False when the name is taken."""
        row = (
            name,
            _hash(password),
            json.dumps(list(roles)),
            more.get("realname", ""),
            more.get("email", ""),
            more.get("defaultApp", ""),
        )
        with self.store.write() as db:
            return db.execute("INSERT OR IGNORE INTO users VALUES (?,?,?,?,?,?)", row).rowcount == 1

    def edit_user(self, name: str, values: Mapping[str, Any]) -> None:
        columns = {
            "password": "hash",
            "roles": "roles",
            "realname": "realname",
            "email": "email",
            "defaultApp": "default_app",
        }
        for key, value in values.items():
            if key == "password":
                value = _hash(value)
            elif key == "roles":
                value = json.dumps(list(value))
            with self.store.write() as db:
                db.execute(f"UPDATE users SET {columns[key]}=? WHERE name=?", (value, name))

    def remove_user(self, name: str) -> bool:
        with self.store.write() as db:
            db.execute("DELETE FROM sessions WHERE user=?", (name,))
            return db.execute("DELETE FROM users WHERE name=?", (name,)).rowcount == 1

    def users(self) -> list[dict[str, Any]]:
        with self.store.read() as db:
            rows = db.execute("SELECT name, roles, realname, email, default_app FROM users ORDER BY name").fetchall()
        keys = ("name", "roles", "realname", "email", "default_app")
        return [{**dict(zip(keys, row)), "roles": json.loads(row[1])} for row in rows]

    # --- sessions -----------------------------------------------------------------------------------------------

    def login(self, name: str, password: str) -> str | None:
        with self.store.read() as db:
            row = db.execute("SELECT hash FROM users WHERE name=?", (name,)).fetchone()
        if row is None or not _matches(password, row[0]):
            return None
        return self.open_session(name)

    def open_session(self, user: str) -> str:
        token = secrets.token_urlsafe(48)
        with self.store.write() as db:
            db.execute("INSERT INTO sessions VALUES (?,?,?)", (token, user, time.time()))
        return token

    def close_session(self, token: str) -> None:
        with self.store.write() as db:
            db.execute("DELETE FROM sessions WHERE token=?", (token,))

    def identify(self, token: str) -> Identity | None:
        with self.store.read() as db:
            row = db.execute("SELECT user FROM sessions WHERE token=?", (token,)).fetchone()
        return self.identity(row[0], token) if row else None

    def identity(self, user: str, token: str = "") -> Identity | None:
        """The rights of a user as they are now. None for an unknown user."""
        if user == SYSTEM_USER:
            return Identity(user, ("splunk-system-role", "admin"), frozenset(self.roles().everything()), token)
        with self.store.read() as db:
            row = db.execute("SELECT roles FROM users WHERE name=?", (user,)).fetchone()
        if row is None:
            return None
        table = self.roles()
        roles = table.closure(json.loads(row[0]))
        return Identity(user, tuple(roles), frozenset(table.capabilities(roles)), token)

    def roles(self) -> Roles:
        """As they are now. Every request asks, so what does not change is merged once."""
        layers, (known, roles) = self.confs.layers("authorize"), self._roles
        if roles is None or len(known) != len(layers) or any(a is not b for a, b in zip(known, layers)):
            roles = Roles(self.confs.merged("authorize", None))
            self._roles = (layers, roles)
        return roles


def _hash(password: str) -> str:
    salt = secrets.token_bytes(16)
    return salt.hex() + ":" + hashlib.scrypt(password.encode(), salt=salt, **_SCRYPT).hex()


def _matches(password: str, stored: str) -> bool:
    salt, _, digest = stored.partition(":")
    given = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), **_SCRYPT).hex()
    return hmac.compare_digest(given, digest)
