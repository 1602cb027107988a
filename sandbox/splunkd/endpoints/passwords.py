"""storage/passwords."""

from __future__ import annotations

import re

from ..errors import ApiError, exists, not_found
from ..filters import check_arguments
from ..instance import Instance
from ..message import Request
from ..model import Entry, Feed, one
from ..passwords import entry_name
from ..router import Answer, Router

PATH = ("storage", "passwords")


def register(router: Router, instance: Instance) -> None:
    endpoint = Endpoint(instance)
    for path in ("storage/passwords", "admin/passwords"):
        router.add("GET", path, endpoint.list)
        router.add("POST", path, endpoint.create)
        router.add("GET", path + "/{name}", endpoint.get)
        router.add("POST", path + "/{name}", endpoint.edit)
        router.add("DELETE", path + "/{name}", endpoint.remove)


class Endpoint:
    """Reading needs ``list_storage_passwords``, writing ``edit_storage_passwords``."""

    def __init__(self, instance: Instance) -> None:
        self.vault = instance.vault
        self.metadata = instance.confs.metadata

    def _entries(self, request: Request) -> list[Entry]:
        """What lies in the app that is asked, before what other apps export (``export = system`` in their metadata)."""
        entries: list[Entry] = []
        others: list[Entry] = []
        for app, realm, username, clear in self.vault.find("-"):
            name = entry_name(realm, username)
            acl = self.metadata.acl(app, "passwords", f"credential:{name}")
            acl.removable = True
            is_own = request.app in ("-", app)
            if not is_own and acl.sharing != "global":
                continue
            content = {
                "clear_password": clear,
                "encr_password": "$7$" + "*" * 8,
                "password": "********",
                "realm": realm or None,
                "username": username,
            }
            if request.identity.allowed(acl.read):
                (entries if is_own else others).append(Entry(name, content, acl))
        known = {entry.name for entry in entries}
        return [*entries, *(entry for entry in others if entry.name not in known)]

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
