"""auth/login, authentication/*, authorization/*."""

from __future__ import annotations

import re
from typing import Any

from .. import render
from ..errors import ApiError, exists, not_found
from ..filters import check_arguments
from ..instance import Instance
from ..message import Request
from ..model import Acl, Entry, Feed, one
from ..roles import Roles
from ..router import Answer, Router

CONTEXT = ("authentication", "current-context")
USERS = ("authentication", "users")
ROLES = ("authorization", "roles")
CAPABILITIES = ("authorization", "capabilities")
TOKENS = ("authentication", "httpauth-tokens")


def register(router: Router, instance: Instance) -> None:
    sessions, users, roles = Sessions(instance), Users(instance), RoleEndpoint(instance)
    router.add("POST", "auth/login", sessions.login, public=True)
    router.add("GET", "authentication/current-context", sessions.context)
    router.add("GET", "authentication/current-context/context", sessions.context)
    router.add("DELETE", "authentication/httpauth-tokens/{token}", sessions.logout)
    for path, endpoint in (("authentication/users", users), ("authorization/roles", roles)):
        router.add("GET", path, endpoint.list)
        router.add("POST", path, endpoint.create)
        router.add("GET", path + "/{name}", endpoint.get)
        router.add("POST", path + "/{name}", endpoint.edit)
        router.add("DELETE", path + "/{name}", endpoint.remove)
    router.add("GET", "authorization/capabilities", roles.capabilities)


class Sessions:
    def __init__(self, instance: Instance) -> None:
        self.access = instance.access

    def login(self, request: Request) -> Answer:
        token = self.access.login(request.arg("username"), request.arg("password"))
        if token is None:
            raise ApiError(401, "Login failed", "WARN")
        return render.element(request.output_mode, "sessionKey", token)

    def context(self, request: Request) -> Answer:
        me = request.identity
        content = {
            "username": me.user,
            "roles": list(me.roles),
            "capabilities": sorted(me.capabilities),
            "defaultApp": "launcher",
            "realname": None,
            "email": None,
            "type": "Splunk",
            "tz": None,
        }
        return Feed(CONTEXT, [Entry("context", content)])

    def logout(self, request: Request, token: str) -> Answer:
        self.access.close_session(token)
        return Feed(TOKENS)


class Users:
    """Others' accounts need ``edit_user``; everyone may see and change his own."""

    def __init__(self, instance: Instance) -> None:
        self.access = instance.access

    def _entries(self, request: Request) -> list[Entry]:
        roles = self.access.roles()
        me = request.identity
        sees_all = me.may("edit_user") or me.may("list_users")
        return [_user_entry(user, roles) for user in self.access.users() if sees_all or user["name"] == me.user]

    def list(self, request: Request) -> Answer:
        check_arguments(request)
        return Feed(USERS, self._entries(request))

    def get(self, request: Request, name: str) -> Answer:
        for entry in self._entries(request):
            if entry.name == name:
                return one(USERS, entry)
        raise not_found("users", name)

    def create(self, request: Request) -> Answer:
        request.identity.require("edit_user")
        name, password = request.required("name").lower(), request.required("password")
        values = request.fields(
            {"password", "roles", "realname", "email", "defaultApp", "createrole", "tz", "force-change-pass"}
        )
        if re.search(r"[\s:/\\]", name) or name.startswith("."):
            raise ApiError(400, f"Invalid user name '{name}': no blanks, colons or slashes.")
        roles = self._roles(request) or []
        if not roles:
            raise ApiError(400, "The following required arguments are missing: roles.")
        more = {key: values[key] for key in ("realname", "email", "defaultApp") if key in values}
        if not self.access.add_user(name, password, roles, **more):
            raise exists("users", name)
        found = self.get(request, name)
        assert isinstance(found, Feed)
        found.status = 201
        return found

    def edit(self, request: Request, name: str) -> Answer:
        self.get(request, name)
        values: dict[str, Any] = request.fields(
            {
                "password",
                "oldpassword",
                "roles",
                "realname",
                "email",
                "defaultApp",
                "tz",
                "restart_background_jobs",
                "force-change-pass",
            }
        )
        changes: dict[str, Any] = {
            key: values[key] for key in ("password", "realname", "email", "defaultApp") if key in values
        }
        roles = self._roles(request)
        if roles is not None:
            changes["roles"] = roles
        me = request.identity
        if not me.may("edit_user") and (name != me.user or "roles" in changes):
            me.require("edit_user")
        if (
            "password" in changes
            and not me.may("edit_user")
            and not self.access.login(name, values.get("oldpassword", ""))
        ):
            raise ApiError(400, "Password not changed: the old password is wrong.")
        self.access.edit_user(name, changes)
        return self.get(request, name)

    def remove(self, request: Request, name: str) -> Answer:
        request.identity.require("edit_user")
        if name == request.identity.user:
            raise ApiError(400, "You cannot remove yourself.")
        if not self.access.remove_user(name):
            raise not_found("users", name)
        return Feed(USERS, self._entries(request))

    def _roles(self, request: Request) -> Any:
        roles = request.args.get("roles")
        for role in roles or []:
            if role not in self.access.roles().table:
                raise ApiError(400, f"Role={role} does not exist")
        return roles


def _user_entry(user: dict[str, Any], roles: Roles) -> Entry:
    content = {
        "realname": user["realname"] or None,
        "email": user["email"] or None,
        "roles": user["roles"],
        "defaultApp": user["default_app"] or "launcher",
        "type": "Splunk",
        "tz": None,
        "capabilities": sorted(roles.capabilities(user["roles"])),
        "locked-out": False,
    }
    return Entry(user["name"], content, Acl(removable=True))


class RoleEndpoint:
    """Roles live in authorize.conf; those made here are written to etc/system/local."""

    def __init__(self, instance: Instance) -> None:
        self.access = instance.access
        self.confs = instance.confs

    def _entry(self, roles: Roles, name: str) -> Entry:
        imported = roles.imported(name)
        stanza = roles.stanzas[name]
        values = stanza.values
        content = {
            "capabilities": sorted(roles.own_capabilities(name)),
            "imported_roles": imported,
            "imported_capabilities": sorted(roles.capabilities(imported)),
            "srchIndexesAllowed": _semicolon_list(values.get("srchIndexesAllowed", "")),
            "srchIndexesDefault": _semicolon_list(values.get("srchIndexesDefault", "")),
            "srchFilter": values.get("srchFilter") or None,
            "defaultApp": values.get("defaultApp") or None,
        }
        return Entry(name, content, Acl(app=stanza.app, removable=stanza.in_local and not stanza.in_default))

    def list(self, request: Request) -> Answer:
        check_arguments(request)
        roles = self.access.roles()
        return Feed(ROLES, [self._entry(roles, name) for name in sorted(roles.table)])

    def get(self, request: Request, name: str) -> Answer:
        roles = self.access.roles()
        if name not in roles.table:
            raise not_found("roles", name)
        return one(ROLES, self._entry(roles, name))

    def create(self, request: Request) -> Answer:
        request.identity.require("edit_roles")
        name = request.required("name")
        if name in self.access.roles().table:
            raise exists("roles", name)
        self.confs.set("authorize", "system", f"role_{name}", self._values(request))
        return one(ROLES, self._entry(self.access.roles(), name), 201)

    def edit(self, request: Request, name: str) -> Answer:
        request.identity.require("edit_roles")
        self.get(request, name)
        values = self._values(request)
        if "capabilities" in request.args:
            dropped = self.access.roles().own_capabilities(name) - set(request.args["capabilities"])
            values.update(dict.fromkeys(dropped, "disabled"))
        self.confs.set("authorize", "system", f"role_{name}", values)
        return self.get(request, name)

    def remove(self, request: Request, name: str) -> Answer:
        request.identity.require("edit_roles")
        self.get(request, name)
        if not self.confs.remove("authorize", "system", f"role_{name}"):
            raise ApiError(403, f"Role {name} is defined by an app or the system and cannot be removed.")
        return Feed(ROLES)

    def _values(self, request: Request) -> dict[str, str]:
        request.fields(
            {"capabilities", "imported_roles", "srchIndexesAllowed", "srchIndexesDefault", "srchFilter", "defaultApp"}
        )
        args, known = request.args, self.access.roles()
        values = {}
        # An empty one is how a client says "none".
        for capability in filter(None, args.get("capabilities", [])):
            if capability not in known.everything():
                raise ApiError(400, f"Invalid capability: {capability}")
            values[capability] = "enabled"
        if "imported_roles" in args:
            values["importRoles"] = ";".join(filter(None, args["imported_roles"]))
        for key in ("srchIndexesAllowed", "srchIndexesDefault"):
            if key in args:
                values[key] = ";".join(args[key])
        for key in ("srchFilter", "defaultApp"):
            if key in args:
                values[key] = args[key][-1]
        return values

    def capabilities(self, request: Request) -> Answer:
        content = {"capabilities": sorted(self.access.roles().everything())}
        return Feed(CAPABILITIES, [Entry("capabilities", content)])


def _semicolon_list(text: str) -> list[str]:
    return [word.strip() for word in text.split(";") if word.strip()]
