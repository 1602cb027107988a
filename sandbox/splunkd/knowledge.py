"""Macros, lookup definitions and lookup tables as one user sees them from one app, for ``spl``."""

from __future__ import annotations

import csv
import io
import ipaddress
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Union

from spl import SplRejected
from spl.external import External

from .access import Identity
from .appcommands import AppCommands
from .confs import SYSTEM, Confs
from .kvstore import MAX_BATCH, Collection, KvStore

Cell = Union[str, Sequence[str]]


class AppKnowledge:
    """The ``Knowledge`` of ``spl`` over confs, ``lookups/*.csv`` and the KV store."""

    def __init__(
        self,
        confs: Confs,
        kv: KvStore,
        locations: Locations,
        identity: Identity,
        app: str,
        commands: AppCommands | None = None,
    ) -> None:
        self.confs = confs
        self.kv = kv
        self.locations = locations
        self.identity = identity
        self.app = app
        self.commands = commands
        self._stanzas: dict[str, dict[str, Any]] = {}
        #: What was asked for, by file and name: a search has the same macros again and again.
        self._seen: dict[tuple[str, str], Mapping[str, str] | None] = {}

    def external(self, name: str) -> External | None:
        """A command that is none of the interpreter's own."""
        return self.commands.find(name) if self.commands else None

    def _get(self, file: str, name: str) -> Mapping[str, str] | None:
        if (file, name) not in self._seen:
            self._seen[file, name] = self._find(file, name)
        return self._seen[file, name]

    def _find(self, file: str, name: str) -> Mapping[str, str] | None:
        if file not in self._stanzas:
            self._stanzas[file] = dict(self.confs.merged(file, self.app, self.identity.user))
        stanza = self._stanzas[file].get(name)
        if stanza is None or name == "default":
            return None
        readable = stanza.user or self.identity.allowed(self.confs.metadata.acl(stanza.app, file, name).read)
        return stanza.values if readable else None

    def macro(self, name: str) -> Mapping[str, str] | None:
        return self._get("macros", name)

    def transform(self, name: str) -> Mapping[str, str] | None:
        return self._get("transforms", name)

    def read_lookup(self, name: str) -> Sequence[Mapping[str, str]]:
        transform = self.transform(name) or {}
        if transform.get("collection"):
            return [_texts(document) for document in self.kv.find(self._collection(transform["collection"], False))]
        path = self._file(transform.get("filename", name))
        if path is None:
            raise KeyError(name)
        return _read(path)

    def write_lookup(self, name: str, rows: Sequence[Mapping[str, Cell]], append: bool) -> None:
        transform = self.transform(name) or {}
        if transform.get("collection"):
            self._write_collection(transform["collection"], rows, append)
            return
        filename = transform.get("filename", name)
        if filename != os.path.basename(filename) or not filename.endswith(".csv"):
            raise SplRejected(f"The lookup file name '{filename}' is invalid.")
        path = self._file(filename) or self.confs.folder(self.app) / "lookups" / filename
        acl = self.confs.metadata.acl(path.parent.parent.name, "lookups", filename)
        if path.exists() and not self.identity.allowed(acl.write):
            raise SplRejected(f"You do not have write permission for the lookup file '{filename}'.")
        texts = [{key: _text(value) for key, value in row.items()} for row in rows]
        with self.confs.lock:
            _write(path, [*(_read(path) if append and path.exists() else []), *texts])

    def ip_location(self, address: str) -> Mapping[str, str] | None:
        return self.locations.find(address)

    def _file(self, filename: str) -> Path | None:
        """The app's own file, else one that another app exports."""
        for app in [self.app, *(name for name in reversed([*self.confs.apps(), SYSTEM]) if name != self.app)]:
            path = self.confs.folder(app) / "lookups" / filename
            if filename != os.path.basename(filename) or not path.is_file():
                continue
            acl = self.confs.metadata.acl(app, "lookups", filename)
            if (app == self.app or acl.sharing == "global") and self.identity.allowed(acl.read):
                return path
        return None

    def _collection(self, name: str, write: bool) -> Collection:
        stanza = self.confs.merged("collections", self.app).get(name)
        if stanza is None:
            raise SplRejected(f"The KV store collection '{name}' does not exist in this app.")
        acl = self.confs.metadata.acl(stanza.app, "collections", name)
        if not self.identity.allowed(acl.write if write else acl.read):
            raise SplRejected(f"You have no {'write' if write else 'read'} permission for the collection '{name}'.")
        return Collection(stanza.app, name, "nobody", stanza.values)

    def _write_collection(self, name: str, rows: Sequence[Mapping[str, Cell]], append: bool) -> None:
        collection = self._collection(name, True)
        documents = [
            {key: value if isinstance(value, str) else list(value) for key, value in row.items()} for row in rows
        ]
        if not append:
            self.kv.delete(collection, {})
        for start in range(0, len(documents), MAX_BATCH):
            self.kv.save(collection, documents[start : start + MAX_BATCH])


class Locations:
    """What ``iplocation`` knows: ``share/ip_locations.csv`` under home, with the columns network, Country, City, ...

    The sandbox ships no geographic database; the estate and the tests write the networks that they use.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / "share" / "ip_locations.csv"
        self._lock = threading.Lock()
        self._mark: int | None = None
        self._table: list[tuple[Any, Mapping[str, str]]] = []

    def add(self, network: str, **place: str) -> None:
        """``add("203.0.113.0/24", Country="Netherlands", City="Amsterdam")``. Raises ValueError for no network."""
        row = {"network": str(ipaddress.ip_network(network)), **place}
        with self._lock:
            _write(self.path, [*(_read(self.path) if self.path.exists() else []), row])

    def find(self, address: str) -> Mapping[str, str] | None:
        """The narrowest network that holds the address."""
        try:
            wanted = ipaddress.ip_address(address)
        except ValueError:
            return None
        holding = [
            (net.prefixlen, place) for net, place in self._read() if net.version == wanted.version and wanted in net
        ]
        return max(holding, key=lambda pair: pair[0])[1] if holding else None

    def _read(self) -> list[tuple[Any, Mapping[str, str]]]:
        with self._lock:
            mark = self.path.stat().st_mtime_ns if self.path.exists() else None
            if mark != self._mark:
                rows = _read(self.path) if mark is not None else []
                self._table = [
                    (ipaddress.ip_network(row["network"]), {k: v for k, v in row.items() if k != "network" and v})
                    for row in rows
                ]
                self._mark = mark
            return self._table


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "\n".join(_text(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _texts(document: Mapping[str, Any]) -> dict[str, str]:
    return {key: _text(value) for key, value in document.items() if key != "_user"}


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{k: v or "" for k, v in row.items() if k is not None} for row in csv.DictReader(file)]


def _write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{threading.get_ident()}.new")
    fresh.write_text(text.getvalue(), encoding="utf-8")
    os.replace(fresh, path)
