"""apps/local: list, install, enable, disable, edit, delete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..confs import parse_bool
from ..errors import ApiError, not_found
from ..filters import check_arguments
from ..instance import Instance
from ..message import Request
from ..model import Acl, Entry, Feed, one
from ..router import Answer, Router

APPS = ("apps", "local")
_EDITABLE = {
    "visible": ("ui", "is_visible"),
    "label": ("ui", "label"),
    "configured": ("install", "is_configured"),
    "version": ("launcher", "version"),
    "description": ("launcher", "description"),
    "author": ("launcher", "author"),
    "check_for_updates": ("package", "check_for_updates"),
}


def register(router: Router, instance: Instance) -> None:
    endpoint = Endpoint(instance)
    for path in ("apps/local", "admin/localapps"):
        router.add("GET POST", path + "/_reload", endpoint.reload)
        router.add("GET", path, endpoint.list)
        router.add("POST", path, endpoint.create)
        router.add("GET", path + "/{name}", endpoint.get)
        router.add("POST", path + "/{name}", endpoint.edit)
        router.add("DELETE", path + "/{name}", endpoint.remove)
        router.add("POST GET", path + "/{name}/_reload", endpoint.get)
        router.add("POST", path + "/{name}/enable", endpoint.enable)
        router.add("POST", path + "/{name}/disable", endpoint.disable)
        router.add("GET", path + "/{name}/setup", endpoint.get)
        router.add("GET", path + "/{name}/update", endpoint.update_info)


class Endpoint:
    """Changing needs ``admin_all_objects``."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.apps = instance.apps
        self.confs = instance.confs

    def _entry(self, name: str) -> Entry:
        merged: dict[str, dict[str, str]] = {}
        for part in ("default", "local"):
            for stanza, values in self.confs.layer(name, part, "app").items():
                merged.setdefault(stanza, {}).update(values)
        install, ui, launcher = (merged.get(key, {}) for key in ("install", "ui", "launcher"))
        content: dict[str, Any] = {
            "author": launcher.get("author", ""),
            "description": launcher.get("description", ""),
            "version": launcher.get("version", "") or merged.get("id", {}).get("version", ""),
            "label": ui.get("label", name),
            "visible": parse_bool(ui.get("is_visible", "true")),
            "configured": parse_bool(install.get("is_configured")),
            "check_for_updates": True,
            "core": False,
            "disabled": self.confs.app_disabled(name),
            "state_change_requires_restart": parse_bool(install.get("state_change_requires_restart")),
            "show_in_nav": True,
            "details": None,
            "managed_by_deployment_client": False,
        }
        for optional in ("build",):
            if optional in install:
                content[optional] = install[optional]
        return Entry(name, content, Acl(app=name, removable=True, sharing="app"))

    def list(self, request: Request) -> Answer:
        check_arguments(request)
        return Feed(APPS, [self._entry(name) for name in self.confs.apps(disabled=True)])

    def get(self, request: Request, name: str, status: int = 200) -> Answer:
        if not self.apps.installed(name):
            raise not_found("localapps", name)
        return one(APPS, self._entry(name), status)

    def create(self, request: Request) -> Answer:
        request.identity.require("admin_all_objects")
        name = request.required("name")
        values = request.fields(
            {
                "filename",
                "update",
                "label",
                "visible",
                "template",
                "explicit_appname",
                "author",
                "description",
                "configured",
                "version",
                "auth",
                "session",
            }
        )
        update = parse_bool(values.get("update"))
        if parse_bool(values.get("filename")):
            name = self.apps.install(Path(name), update)
            self.instance.log.info("installed app %s", name)
            self._state_changed(name)
            return self.get(request, name, 201)
        if values.get("template", "barebones") not in ("barebones", "sample_app"):
            raise ApiError(400, f"Template '{values['template']}' does not exist.")
        self.apps.create(name, values.get("label", ""), parse_bool(values.get("visible", "1")))
        self._save(name, {k: v for k, v in values.items() if k in _EDITABLE and k not in ("label", "visible")})
        return self.get(request, name, 201)

    def edit(self, request: Request, name: str) -> Answer:
        request.identity.require("admin_all_objects")
        self.get(request, name)
        self._save(name, request.fields(set(_EDITABLE)))
        return self.get(request, name)

    def _save(self, name: str, values: dict[str, str]) -> None:
        for key, value in values.items():
            stanza, setting = _EDITABLE[key]
            self.confs.set("app", name, stanza, {setting: value})

    def enable(self, request: Request, name: str) -> Answer:
        return self._switch(request, name, "enabled")

    def disable(self, request: Request, name: str) -> Answer:
        return self._switch(request, name, "disabled")

    def _switch(self, request: Request, name: str, state: str) -> Answer:
        request.identity.require("admin_all_objects")
        self.get(request, name)
        self.confs.set("app", name, "install", {"state": state})
        self._state_changed(name)
        return self.get(request, name)

    def _state_changed(self, name: str) -> None:
        """Source: app.conf specification, ``[install] state_change_requires_restart``."""
        if self._entry(name).content["state_change_requires_restart"]:
            self.instance.bulletin.require_restart()

    def remove(self, request: Request, name: str) -> Answer:
        request.identity.require("admin_all_objects")
        self.get(request, name)
        self.apps.remove(name)
        return Feed(APPS)

    def reload(self, request: Request) -> Answer:
        # Files are read again whenever they change, so there is nothing to do.
        return Feed(APPS)

    def update_info(self, request: Request, name: str) -> Answer:
        self.get(request, name)
        return Feed(APPS)
