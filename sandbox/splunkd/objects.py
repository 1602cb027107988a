"""Objects that are stanzas of a .conf file: list, get, create, edit and remove them under their access lists."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .access import SYSTEM_USER, Identity, may_change, may_see
from .confs import SYSTEM, Confs, Stanza, parse_bool
from .errors import ApiError, exists, not_found
from .message import Request
from .model import Acl


class ConfObjects:
    """The stanzas of one file, as one request's user and namespace may see and change them.

    In a user's namespace what is written is private to that user, over what is shared (``private`` False: the file
    has no private form, and the namespace's owner does not matter). Without a namespace (``/services``) the caller's
    own private stanzas are seen, and new ones are shared in the app ``search``.
    """

    def __init__(self, confs: Confs, file: str, handler: str = "", private: bool = True) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", file):
            raise ApiError(400, f"'{file}' is not the name of a configuration file.")
        self.confs = confs
        self.file = file
        self.handler = handler or f"conf-{file}"
        self.private = private

    def list(self, request: Request, name: str = "") -> list[tuple[Stanza, Acl]]:
        """``name``: those of that name only; who asks for one does not pay for the access lists of all."""
        found = [stanza for stanza in self._stanzas(request) if not name or stanza.name == name]
        stanzas = sorted(found, key=lambda stanza: (stanza.name, stanza.app, stanza.user))
        pairs = [(stanza, self.acl(stanza, request.identity)) for stanza in stanzas]
        return [(stanza, acl) for stanza, acl in pairs if may_see(request.identity, acl)]

    def _stanzas(self, request: Request) -> Sequence[Stanza]:
        user = self.user(request)
        if request.app == "-":
            shared, apps = self.confs.everywhere(self.file), self.confs.apps()
        elif request.owner == "-":
            shared, apps = [*self.confs.merged(self.file, request.app).values()], [request.app]
        else:
            return [*self.confs.merged(self.file, request.app, user).values()]
        if not self.private:
            return shared
        own = [
            stanza
            for app in apps
            for owner in self.confs.users(app, self.file)
            if (request.owner == "-" or owner == user)
            for stanza in self.confs.private(self.file, app, owner)
        ]
        return [*shared, *own]

    def user(self, request: Request) -> str:
        """Whose private stanzas go over the shared ones; those of others only for who may do everything."""
        if not self.private or request.owner in ("-", SYSTEM_USER):
            return ""
        me = request.identity
        owner = me.user if request.ns is None and not me.is_system else request.owner
        return owner if owner != "nobody" and (owner == me.user or me.may("admin_all_objects")) else ""

    def get(self, request: Request, name: str) -> tuple[Stanza, Acl]:
        """Raises 404 for what is not there or may not be seen."""
        found = self.list(request, name) if name else []
        if not found:
            raise not_found(self.handler, name)
        # Of several, which only the namespace '-' can show: the caller's own.
        return max(found, key=lambda pair: pair[0].user == request.identity.user)

    def create(self, request: Request, name: str, values: Mapping[str, str]) -> None:
        _check_writable(name, values)
        app, user = self.target(request)
        self._check_write(request.identity, app, name, self.acl(Stanza(name, app, user=user), request.identity))
        if not self.confs.create(self.file, app, name, values, user):
            raise exists(self.handler, name)

    def edit(self, request: Request, name: str, values: Mapping[str, str]) -> None:
        _check_writable(name, values)
        stanza, acl = self.get(request, name)
        app, user = self.target(request, stanza)
        if user != stanza.user:
            # It goes over what is shared, which stays as it is.
            acl = self.acl(Stanza(name, app, user=user), request.identity)
        self._check_write(request.identity, stanza.app, name, acl)
        self.confs.set(self.file, app, name, values, user)

    def remove(self, request: Request, name: str) -> None:
        stanza, acl = self.get(request, name)
        self._check_write(request.identity, stanza.app, name, acl)
        app = stanza.app if stanza.user else self.target(request, stanza)[0]
        shipped = stanza.in_default and not stanza.user
        if shipped or not self.confs.remove(self.file, app, name, stanza.user):
            raise ApiError(403, f"In handler '{self.handler}': Cannot remove {name}: it is defined in default.")

    def acl(self, stanza: Stanza, identity: Identity | None = None) -> Acl:
        if stanza.user:
            acl = Acl(stanza.app, stanza.user, (), (), "user", removable=True)
        else:
            acl = self.confs.metadata.acl(stanza.app, self.file, stanza.name)
            acl.removable = stanza.in_local and not stanza.in_default
        acl.writable = identity is None or may_change(identity, acl)
        return acl

    def target(self, request: Request, stanza: Stanza | None = None) -> tuple[str, str]:
        """The app whose local folder is written, and the user, when it is that of his own."""
        user = self._target_user(request, stanza)
        if request.app == "-" or (request.ns is None and stanza is not None):
            if stanza is None:
                raise ApiError(400, "The app of a new object must be given, not '-'.")
            return stanza.app, user
        if not user and stanza is not None and stanza.app not in (request.app, SYSTEM):
            return stanza.app, user
        return request.app, user

    def _target_user(self, request: Request, stanza: Stanza | None) -> str:
        if request.ns is None or request.owner == "-":
            return stanza.user if stanza is not None else ""
        user = self.user(request)
        if self.private and not user and request.owner not in ("nobody", SYSTEM_USER):
            raise ApiError(
                403, f"User '{request.identity.user}' cannot write the private configuration of '{request.owner}'."
            )
        if user and request.app == SYSTEM:
            raise ApiError(400, "There is no private configuration of 'system': an app must be given.")
        return user

    def _check_write(self, identity: Identity, app: str, name: str, acl: Acl) -> None:
        if not may_change(identity, acl):
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
