"""storage/passwords: credentials, encrypted at rest with a key that lies under home."""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet

from .errors import ApiError, exists, not_found
from .filters import check_arguments
from .message import Request
from .model import Entry, Feed, one
from .router import Answer, Router
from .store import Store

if TYPE_CHECKING:
    from .server import Splunkd

SCHEMA = """CREATE TABLE IF NOT EXISTS passwords(app TEXT, realm TEXT, username TEXT, secret BLOB NOT NULL,
    PRIMARY KEY(app, realm, username));"""
PATH = ("storage", "passwords")


def register(router: Router, splunkd: Splunkd) -> None:
    endpoint = Endpoint(splunkd)
    for path in ("storage/passwords", "admin/passwords"):
        router.add("GET", path, endpoint.list)
        router.add("POST", path, endpoint.create)
        router.add("GET", path + "/{name}", endpoint.get)
        router.add("POST", path + "/{name}", endpoint.edit)
        router.add("DELETE", path + "/{name}", endpoint.remove)


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


class Endpoint:
    """Reading needs ``list_storage_passwords``, writing ``edit_storage_passwords``."""

    def __init__(self, splunkd: Splunkd) -> None:
        self.vault = splunkd.vault
        self.metadata = splunkd.confs.metadata

    def _entries(self, request: Request) -> list[Entry]:
        entries = []
        for app, realm, username, clear in self.vault.find(request.app):
            name = entry_name(realm, username)
            acl = self.metadata.acl(app, "passwords", f"credential:{name}")
            acl.removable = True
            content = {
                "clear_password": clear,
                "encr_password": "$7$" + "*" * 8,
                "password": "********",
                "realm": realm or None,
                "username": username,
            }
            if request.identity.allowed(acl.read):
                entries.append(Entry(name, content, acl))
        return entries

    def _find(self, request: Request, name: str) -> Entry:
        wanted = re.sub(r"\\(.)", r"\1", name if name.endswith(":") else f"{name}:")
        for entry in self._entries(request):
            if re.sub(r"\\(.)", r"\1", entry.name) in (wanted, f":{wanted}"):
                return entry
        raise not_found("passwords", name)

    def list(self, request: Request) -> Answer:
        request.identity.require("list_storage_passwords")
        check_arguments(request)
        return Feed(PATH, self._entries(request))

    def get(self, request: Request, name: str) -> Answer:
        request.identity.require("list_storage_passwords")
        check_arguments(request)
        return one(PATH, self._find(request, name))

    def create(self, request: Request) -> Answer:
        request.identity.require("edit_storage_passwords")
        username = request.required("name")
        values = request.fields({"password", "realm"})
        if not values.get("password"):
            raise ApiError(400, "The following required arguments are missing: password.")
        if request.app == "-":
            raise ApiError(400, "The app of a credential must be given, not '-'.")
        realm = values.get("realm", "")
        if not self.vault.add(request.app, realm, username, values["password"]):
            raise exists("passwords", entry_name(realm, username))
        return one(PATH, self._find(request, entry_name(realm, username)), 201)

    def edit(self, request: Request, name: str) -> Answer:
        request.identity.require("edit_storage_passwords")
        entry = self._find(request, name)
        password = request.fields({"password"}).get("password", "")
        if not password:
            raise ApiError(400, "The following required arguments are missing: password.")
        self.vault.change(entry.acl.app, entry.content["realm"] or "", entry.content["username"], password)
        return one(PATH, self._find(request, name))

    def remove(self, request: Request, name: str) -> Answer:
        request.identity.require("edit_storage_passwords")
        entry = self._find(request, name)
        self.vault.remove(entry.acl.app, entry.content["realm"] or "", entry.content["username"])
        return Feed(PATH, self._entries(request) if request.identity.may("list_storage_passwords") else [])
