"""Objects that are stanzas of a .conf file: list, get, create, edit and remove them under their access lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .access import Access, Identity
from .confs import SYSTEM, Confs, Stanza, parse_bool
from .errors import ApiError, exists, not_found
from .message import Request
from .model import Acl


class ConfObjects:
    """The stanzas of one file, as one request's user and namespace may see and change them.

    The sandbox keeps no private (per-user) configuration: a write into another owner's namespace than ``nobody`` is
    refused; without a namespace (``/services``) writes go to the app ``search``.
    """

    def __init__(self, confs: Confs, file: str, handler: str = "") -> None:
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", file):
            raise ApiError(400, f"'{file}' is not the name of a configuration file.")
        self.confs = confs
        self.file = file
        self.handler = handler or f"conf-{file}"

    def list(self, request: Request) -> list[tuple[Stanza, Acl]]:
        stanzas = (
            self.confs.everywhere(self.file)
            if request.app == "-"
            else list(self.confs.merged(self.file, request.app).values())
        )
        pairs = [(stanza, self.acl(stanza, request.identity)) for stanza in sorted(stanzas, key=lambda s: s.name)]
        return [(stanza, acl) for stanza, acl in pairs if request.identity.allowed(acl.read)]

    def get(self, request: Request, name: str) -> tuple[Stanza, Acl]:
        """Raises 404 for what is not there or may not be seen."""
        for stanza, acl in self.list(request):
            if stanza.name == name:
                return stanza, acl
        raise not_found(self.handler, name)

    def create(self, request: Request, name: str, values: Mapping[str, str]) -> None:
        _check_writable(name, values)
        app = self.target(request)
        self._check_write(request.identity, app, name, self.acl(Stanza(name, app), request.identity))
        if not self.confs.create(self.file, app, name, values):
            raise exists(self.handler, name)

    def edit(self, request: Request, name: str, values: Mapping[str, str]) -> None:
        _check_writable(name, values)
        stanza, acl = self.get(request, name)
        self._check_write(request.identity, stanza.app, name, acl)
        self.confs.set(self.file, self.target(request, stanza), name, values)

    def remove(self, request: Request, name: str) -> None:
        stanza, acl = self.get(request, name)
        self._check_write(request.identity, stanza.app, name, acl)
        if stanza.in_default or not self.confs.remove(self.file, self.target(request, stanza), name):
            raise ApiError(403, f"In handler '{self.handler}': Cannot remove {name}: it is defined in default.")

    def acl(self, stanza: Stanza, identity: Identity | None = None) -> Acl:
        acl = self.confs.metadata.acl(stanza.app, self.file, stanza.name)
        acl.removable = stanza.in_local and not stanza.in_default
        acl.writable = identity is None or identity.allowed(acl.write)
        return acl

    def target(self, request: Request, stanza: Stanza | None = None) -> str:
        """The app whose local folder is written."""
        if request.owner not in ("nobody", "-"):
            raise ApiError(
                400,
                "The sandbox keeps no private configuration: write under "
                f"/servicesNS/nobody/{request.app}/ instead of /servicesNS/{request.owner}/.",
            )
        if request.app == "-" or (request.ns is None and stanza is not None):
            if stanza is None:
                raise ApiError(400, "The app of a new object must be given, not '-'.")
            return stanza.app
        if stanza is not None and stanza.app not in (request.app, SYSTEM):
            return stanza.app
        return request.app

    def _check_write(self, identity: Identity, app: str, name: str, acl: Acl) -> None:
        if not identity.allowed(acl.write):
            raise ApiError(
                403,
                f"User '{identity.user}' with roles {{ {', '.join(identity.roles)} }} cannot write: "
                f"/nobody/{app}/{self.file}/{name} {{ read : [ {', '.join(acl.read)} ], "
                f"write : [ {', '.join(acl.write)} ] }}",
            )


def _check_writable(name: str, values: Mapping[str, str]) -> None:
    """Refuse what the .conf format cannot hold: it would change the meaning of the lines around it."""
    if not name.strip() or "\n" in name:
        raise ApiError(400, "The name of a stanza is one line that is not empty.")
    for key, value in values.items():
        if not key.strip() or any(c in key for c in "\n=") or key.lstrip()[0] in "#[":
            raise ApiError(400, f"{key!r} cannot be the name of a setting.")
        if value.endswith("\\"):
            raise ApiError(400, f"The value of {key} must not end with a backslash, which joins lines in .conf files.")


def content(stanza: Stanza, acl: Acl) -> dict[str, Any]:
    """What every conf-backed entry carries beside its own keys."""
    values: dict[str, Any] = {"disabled": False, "eai:appName": acl.app, "eai:userName": acl.owner, **stanza.values}
    values["disabled"] = parse_bool(str(values["disabled"]))
    return values


def change_acl(objects: ConfObjects, access: Access, request: Request, name: str) -> None:
    """``POST <object>/acl`` with perms.read, perms.write, sharing, owner."""
    stanza, acl = objects.get(request, name)
    if not request.identity.allowed(acl.write):
        raise ApiError(403, f"User '{request.identity.user}' cannot change the permissions of {name}.")
    sharing = request.required("sharing")
    if sharing not in ("app", "global"):
        raise ApiError(400, f"The sandbox keeps no private objects: sharing={sharing} is not supported.")

    owner = request.arg("owner")
    if owner and owner != acl.owner:
        request.identity.require("edit_saved_search_owner" if objects.file == "savedsearches" else "admin_all_objects")
        if owner != "nobody" and access.identity(owner) is None:
            raise ApiError(400, f"User '{owner}' does not exist.")

    def roles(key: str) -> Any:
        return [role for role in request.arg(key).split(",") if role] if key in request.args else None

    objects.confs.metadata.change(
        stanza.app, objects.file, name, roles("perms.read"), roles("perms.write"), sharing, owner
    )
