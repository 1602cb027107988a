"""Access lists: ``metadata/default.meta`` and ``metadata/local.meta`` of an app.

Source: default.meta.conf specification. The most specific of ``[kind/name]``, ``[kind]`` and ``[]`` decides, each
attribute (read, write, export, owner) on its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import RLock
from urllib.parse import quote, unquote

from spl.conffile import Stanzas

from .conffiles import ConfFiles
from .model import Acl

_PERMISSION = re.compile(r"(read|write)\s*:\s*\[([^\]]*)\]")


class Metadata:
    """``folder`` gives an app's own; ``lock`` is held while one is written."""

    def __init__(self, files: ConfFiles, folder: Callable[[str], Path], lock: RLock) -> None:
        self._files = files
        self._folder = folder
        self._lock = lock
        #: Of each file: its stanzas as they were read, and the same by their decoded names.
        self._decoded: dict[str, tuple[Stanzas, Stanzas]] = {}

    def acl(self, app: str, kind: str, name: str) -> Acl:
        """The access list of one object, or (without a name) of all of a kind that have none of their own.

        Without an entry, everybody reads and admin writes.
        """
        acl = Acl(app=app)
        export = "none"
        for key in dict.fromkeys(("", kind, _key(kind, name))):
            values = self._values(app, key)
            for permission, roles in _PERMISSION.findall(values.get("access", "")):
                setattr(acl, permission, tuple(role.strip() for role in roles.split(",") if role.strip()))
            export = values.get("export", export)
            acl.owner = values.get("owner", acl.owner)
        acl.sharing = "global" if export.strip() == "system" or app == "system" else "app"
        return acl

    def exported(self, app: str, kind: str, name: str) -> bool:
        return self.acl(app, kind, name).sharing == "global"

    def _values(self, app: str, key: str) -> dict[str, str]:
        folder, name = f"{self._folder(app)}/metadata/", unquote(key)
        merged: dict[str, str] = {}
        for part in ("default.meta", "local.meta"):
            merged.update(self._by_decoded_name(folder + part).get(name, {}))
        return merged

    def _by_decoded_name(self, path: str) -> Stanzas:
        """A file's stanzas; those whose names are two spellings of one are put together, in the order of the file."""
        stanzas = self._files.read(path)
        known = self._decoded.get(path)
        if known is not None and known[0] is stanzas:
            return known[1]
        decoded: dict[str, dict[str, str]] = {}
        for name, values in stanzas.items():
            decoded.setdefault(unquote(name), {}).update(values)
        self._decoded[path] = (stanzas, decoded)
        return decoded

    def change(
        self,
        app: str,
        kind: str,
        name: str,
        read: Sequence[str] | None,
        write: Sequence[str] | None,
        sharing: str,
        owner: str = "",
    ) -> None:
        """Write an access list to local.meta, as ``POST .../acl`` does."""
        current = self.acl(app, kind, name)
        access = (
            f"read : [ {', '.join(current.read if read is None else read)} ], "
            f"write : [ {', '.join(current.write if write is None else write)} ]"
        )
        with self._lock:
            path = self._folder(app) / "metadata" / "local.meta"
            stanzas = {key: dict(values) for key, values in self._files.read(path).items()}
            stanzas.setdefault(_key(kind, name), {}).update(
                {
                    "access": access,
                    "export": "system" if sharing == "global" else "none",
                    **({"owner": owner} if owner else {}),
                }
            )
            self._files.write(path, stanzas)


def _key(kind: str, name: str) -> str:
    """The name of a stanza of a .meta file."""
    return f"{kind}/{quote(name, safe='')}" if name else kind
