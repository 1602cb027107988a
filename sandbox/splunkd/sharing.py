"""``POST <object>/acl``: who may read and write an object, and whether it is one user's, an app's, or everybody's.

Source: REST API User Manual, "Access Control List" (sharing and owner are required; perms.read, perms.write).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .access import Access, may_change
from .confs import Stanza
from .errors import ApiError, bad_argument, exists
from .message import Request
from .model import Acl, Entry
from .objects import ConfObjects

_ARGUMENTS = ("sharing", "owner", "perms.read", "perms.write", "app", "output_mode", "_")


def change_acl(objects: ConfObjects, access: Access, request: Request, name: str) -> Request:
    """Between users and the app the stanza moves from one ``local`` folder to another.

    Gives back the request in the namespace where the object is found from now on.
    """
    stanza, acl = objects.get(request, name)
    if not may_change(request.identity, acl):
        raise ApiError(403, f"User '{request.identity.user}' cannot change the permissions of {name}.")
    for argument in request.args:
        if argument not in _ARGUMENTS:
            raise bad_argument(argument)
    if request.arg("app", acl.app) != acl.app:
        raise ApiError(400, f"{name} is an object of the app {acl.app}; it cannot be moved to another app this way.")
    sharing, owner = request.required("sharing"), request.required("owner")
    if sharing not in ("user", "app", "global"):
        raise ApiError(400, f"Invalid sharing '{sharing}': user, app or global.")
    if owner != "nobody" and access.identity(owner) is None:
        raise ApiError(400, f"User '{owner}' does not exist.")
    if owner != acl.owner and not (acl.private and owner == "nobody"):
        request.identity.require("edit_saved_search_owner" if objects.file == "savedsearches" else "admin_all_objects")
    if sharing == "user":
        _make_private(objects, request, stanza, acl, owner)
    else:
        _share(objects, request, stanza, sharing, owner)
    return replace(request, ns=(owner if sharing == "user" else "nobody", stanza.app))


def kind_acl(objects: ConfObjects, request: Request) -> Entry:
    """``GET <collection>/_acl``: what holds for the objects of an app that have no access list of their own."""
    if request.app == "-":
        raise ApiError(400, "The app of the access list must be given, not '-'.")
    acl = objects.confs.metadata.acl(request.app, objects.file, "")
    acl.writable = may_change(request.identity, acl)
    return Entry("_acl", {}, acl)


def change_kind_acl(objects: ConfObjects, request: Request) -> Entry:
    """``POST <collection>/_acl`` with sharing, perms.read, perms.write; there is no owner to change."""
    acl = kind_acl(objects, request).acl
    if not acl.writable:
        raise ApiError(403, f"User '{request.identity.user}' cannot change the permissions of {objects.file}.")
    for argument in request.args:
        if argument not in _ARGUMENTS or argument == "owner":
            raise bad_argument(argument)
    sharing = request.required("sharing")
    if sharing not in ("app", "global"):
        raise ApiError(400, f"Invalid sharing '{sharing}': app or global.")
    read, write = _roles(request, "perms.read"), _roles(request, "perms.write")
    objects.confs.metadata.change(request.app, objects.file, "", read, write, sharing)
    return kind_acl(objects, request)


def _make_private(objects: ConfObjects, request: Request, stanza: Stanza, acl: Acl, owner: str) -> None:
    if not objects.private or owner == "nobody":
        raise ApiError(400, f"{stanza.name} cannot be private to '{owner}'.")
    if _roles(request, "perms.read") or _roles(request, "perms.write"):
        raise ApiError(400, "A private object has no permissions: perms.* need sharing=app or global.")
    if not acl.removable:
        raise ApiError(400, f"{stanza.name} is defined in default and cannot become private.")
    if stanza.user == owner:
        return
    if not objects.confs.move(objects.file, stanza.app, stanza.name, stanza.user, owner):
        raise exists(objects.handler, stanza.name)


def _share(objects: ConfObjects, request: Request, stanza: Stanza, sharing: str, owner: str) -> None:
    if stanza.user:
        # To share is to write in the app.
        shared = objects.confs.metadata.acl(stanza.app, objects.file, stanza.name)
        if not request.identity.allowed(shared.write):
            raise ApiError(403, f"User '{request.identity.user}' cannot write in the app {stanza.app}.")
        if not objects.confs.move(objects.file, stanza.app, stanza.name, stanza.user, ""):
            raise exists(objects.handler, stanza.name)
    read, write = _roles(request, "perms.read"), _roles(request, "perms.write")
    objects.confs.metadata.change(stanza.app, objects.file, stanza.name, read, write, sharing, owner)


def _roles(request: Request, key: str) -> Sequence[str] | None:
    """None leaves them as they are."""
    if key not in request.args:
        return None
    return [role.strip() for role in request.arg(key).split(",") if role.strip()]
