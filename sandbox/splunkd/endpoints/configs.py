"""configs/conf-*, the handlers of one file's objects that have names of their own, and properties/*."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..errors import ApiError, exists, not_found
from ..filters import check_arguments
from ..instance import Instance
from ..message import Request, Response
from ..model import Entry, Feed, one
from ..objects import ConfObjects, content
from ..router import Answer, Router
from ..sharing import change_acl, change_kind_acl, kind_acl

#: Handlers of splunkd for the objects of one file.
NAMED = {
    "admin/macros": "macros",
    "saved/eventtypes": "eventtypes",
    "alerts/alert_actions": "alert_actions",
    "admin/alert_actions": "alert_actions",
}
#: What can be done with them: methods, the path below theirs, and the operation.
_OPERATIONS = (
    ("GET", "", "list"),
    ("POST", "", "create"),
    ("GET POST", "/_reload", "reload"),
    ("GET", "/_acl", "kind_acl"),
    ("POST", "/_acl", "change_kind_acl"),
    ("GET", "/{name}", "get"),
    ("POST", "/{name}", "edit"),
    ("DELETE", "/{name}", "remove"),
    ("POST", "/{name}/enable", "enable"),
    ("POST", "/{name}/disable", "disable"),
    ("GET", "/{name}/acl", "get"),
    ("POST", "/{name}/acl", "change_acl"),
)


def register(router: Router, instance: Instance) -> None:
    configs, properties = Configs(instance), Properties(instance)
    for prefix in ("configs", "admin"):
        _register(router, f"{prefix}/conf-{{file}}", configs, {})
    for path, file in NAMED.items():
        _register(router, path, Configs(instance, tuple(path.split("/"))), {"file": file})
    router.add("GET", "properties", properties.files)
    router.add("POST", "properties", properties.create_file)
    router.add("GET", "properties/{file}", properties.stanzas)
    router.add("POST", "properties/{file}", properties.create_stanza)
    router.add("GET", "properties/{file}/{name}", properties.keys)
    router.add("POST", "properties/{file}/{name}", properties.set_keys)
    router.add("GET", "properties/{file}/{name}/{key}", properties.value)
    router.add("POST", "properties/{file}/{name}/{key}", properties.set_value)


def _register(router: Router, path: str, configs: Configs, known: dict[str, str]) -> None:
    for methods, tail, name in _OPERATIONS:
        router.add(methods, path + tail, partial(getattr(configs, name), **known))


class Configs:
    """``path``: where its objects are, if not at ``configs/conf-<file>``."""

    def __init__(self, instance: Instance, path: Sequence[str] = ()) -> None:
        self.instance = instance
        self.path = path

    def _objects(self, file: str) -> ConfObjects:
        return ConfObjects(self.instance.confs, file)

    def list(self, request: Request, file: str) -> Answer:
        check_arguments(request)
        pairs = self._objects(file).list(request)
        return Feed(self._path(file), [Entry(stanza.name, content(stanza, acl), acl) for stanza, acl in pairs])

    def _path(self, file: str) -> Sequence[str]:
        return self.path or ("configs", f"conf-{file}")

    def _one(self, request: Request, file: str, name: str, status: int = 200) -> Answer:
        stanza, acl = self._objects(file).get(request, name)
        return one(self._path(file), Entry(name, content(stanza, acl), acl), status)

    def get(self, request: Request, file: str, name: str) -> Answer:
        check_arguments(request)
        return self._one(request, file, name)

    def create(self, request: Request, file: str) -> Answer:
        name = request.required("name")
        self._objects(file).create(request, name, request.fields())
        return self._one(request, file, name, 201)

    def edit(self, request: Request, file: str, name: str) -> Answer:
        self._objects(file).edit(request, name, request.fields())
        return self._one(request, file, name)

    def remove(self, request: Request, file: str, name: str) -> Answer:
        self._objects(file).remove(request, name)
        return Feed(self._path(file))

    def enable(self, request: Request, file: str, name: str) -> Answer:
        self._objects(file).edit(request, name, {"disabled": "0"})
        return self._one(request, file, name)

    def disable(self, request: Request, file: str, name: str) -> Answer:
        self._objects(file).edit(request, name, {"disabled": "1"})
        return self._one(request, file, name)

    def change_acl(self, request: Request, file: str, name: str) -> Answer:
        return self._one(change_acl(self._objects(file), self.instance.access, request, name), file, name)

    def kind_acl(self, request: Request, file: str) -> Answer:
        return one(self._path(file), kind_acl(self._objects(file), request))

    def change_kind_acl(self, request: Request, file: str) -> Answer:
        return one(self._path(file), change_kind_acl(self._objects(file), request))

    def reload(self, request: Request, file: str) -> Answer:
        # Files are read again whenever they change, so there is nothing to do.
        return Feed(self._path(file))


class Properties:
    """The older face of the same files; unlike configs/conf-*, a file that does not exist is a 404 here."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def _objects(self, request: Request, file: str) -> ConfObjects:
        objects = ConfObjects(self.instance.confs, file, "properties")
        app = None if request.app == "-" else request.app
        if not self.instance.confs.exists(file, app, objects.user(request)) and not self._empty_file(file):
            raise ApiError(404, f"{file} does not exist")
        return objects

    def _empty_file(self, file: str) -> bool:
        return any(file in self.instance.confs.files_of(app) for app in ["system", *self.instance.confs.apps()])

    def files(self, request: Request) -> Answer:
        confs = self.instance.confs
        names = {name for app in ["system", *confs.apps()] for name in confs.files_of(app)}
        return Feed(("properties",), [Entry(name, {}) for name in sorted(names)])

    def create_file(self, request: Request) -> Answer:
        file = request.required("__conf")
        objects = ConfObjects(self.instance.confs, file, "properties")
        app, user = objects.target(request)
        if not user and not request.identity.allowed(self.instance.confs.metadata.acl(app, file, "").write):
            raise ApiError(403, f"User '{request.identity.user}' cannot write: /nobody/{app}/{file}")
        self.instance.confs.create_file(file, app, user)
        return Response(201)

    def stanzas(self, request: Request, file: str) -> Answer:
        pairs = self._objects(request, file).list(request)
        return Feed(("properties", file), [Entry(stanza.name, {}, acl) for stanza, acl in pairs])

    def create_stanza(self, request: Request, file: str) -> Answer:
        name = request.required("__stanza")
        if any(stanza.name == name for stanza, _ in ConfObjects(self.instance.confs, file).list(request)):
            raise exists("properties", name)
        ConfObjects(self.instance.confs, file, "properties").create(request, name, {})
        return Response(201)

    def keys(self, request: Request, file: str, name: str) -> Answer:
        stanza, acl = self._objects(request, file).get(request, name)
        entries = [Entry(key, {"$text": value}, acl) for key, value in stanza.values.items()]
        return Feed(("properties", file, name), entries)

    def set_keys(self, request: Request, file: str, name: str) -> Answer:
        self._objects(request, file).edit(request, name, request.fields())
        return Response(200)

    def value(self, request: Request, file: str, name: str, key: str) -> Answer:
        stanza, _ = self._objects(request, file).get(request, name)
        if key not in stanza.values:
            raise not_found("properties", key)
        return Response(200, stanza.values[key], "text/plain; charset=UTF-8")

    def set_value(self, request: Request, file: str, name: str, key: str) -> Answer:
        self._objects(request, file).edit(request, name, {key: request.arg("value")})
        return Response(200)
