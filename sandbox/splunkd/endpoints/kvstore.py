"""storage/collections/config and storage/collections/data."""

from __future__ import annotations

from typing import Any

from .. import kvquery
from ..errors import ApiError, bad_argument
from ..filters import check_arguments
from ..instance import Instance
from ..kvindex import accelerations
from ..kvstore import MAX_BATCH_BYTES, Collection, Query
from ..message import Request, Response, json_response
from ..model import Entry, Feed, one
from ..objects import ConfObjects, content
from ..router import Answer, Router
from ..sharing import change_acl

CONFIG = ("storage", "collections", "config")


def register(router: Router, instance: Instance) -> None:
    config, data = Config(instance), Data(instance)
    router.add("GET", "storage/collections/config", config.list)
    router.add("POST", "storage/collections/config", config.create)
    router.add("GET", "storage/collections/config/{name}", config.get)
    router.add("POST", "storage/collections/config/{name}", config.edit)
    router.add("DELETE", "storage/collections/config/{name}", config.remove)
    router.add("GET", "storage/collections/config/{name}/acl", config.get)
    router.add("POST", "storage/collections/config/{name}/acl", config.change_acl)
    base = "storage/collections/data/{name}"
    router.add("POST", base + "/batch_save", data.batch_save)
    router.add("POST", base + "/batch_find", data.batch_find)
    router.add("GET", base, data.find)
    router.add("POST", base, data.insert)
    router.add("DELETE", base, data.delete)
    router.add("GET", base + "/{key}", data.get)
    router.add("POST", base + "/{key}", data.replace)
    router.add("DELETE", base + "/{key}", data.delete_key)


class Config:
    """Collections are stanzas of collections.conf, and nobody's: splunkd serves them in no user's context."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.objects = ConfObjects(instance.confs, "collections", "collections-conf", private=False)

    def list(self, request: Request) -> Answer:
        self._check_context(request)
        check_arguments(request)
        pairs = self.objects.list(request)
        entries = [Entry(s.name, content(s, acl), acl) for s, acl in pairs if s.name != "default"]
        return Feed(CONFIG, entries)

    def get(self, request: Request, name: str, status: int = 200) -> Answer:
        self._check_context(request)
        stanza, acl = self.objects.get(request, name)
        return one(CONFIG, Entry(name, content(stanza, acl), acl), status)

    def create(self, request: Request) -> Answer:
        self._check_context(request)
        name = request.required("name")
        self.objects.create(request, name, self._fields(request))
        return self.get(request, name, 201)

    def edit(self, request: Request, name: str) -> Answer:
        self._check_context(request)
        self.objects.edit(request, name, self._fields(request))
        return self.get(request, name)

    def remove(self, request: Request, name: str) -> Answer:
        self._check_context(request)
        stanza, _ = self.objects.get(request, name)
        self.objects.remove(request, name)
        self.instance.kv.drop(stanza.app, name)
        return Feed(CONFIG)

    def change_acl(self, request: Request, name: str) -> Answer:
        self._check_context(request)
        return self.get(change_acl(self.objects, self.instance.access, request, name), name)

    def _check_context(self, request: Request) -> None:
        user = request.identity.user if request.ns is None else request.owner
        if user not in ("nobody", "-"):
            raise ApiError(
                400,
                "Must use user context of 'nobody' when interacting with collection configurations "
                f"(used user='{user}')",
            )

    def _fields(self, request: Request) -> dict[str, str]:
        values = request.fields()
        for key in values:
            if not key.startswith(("field.", "accelerated_fields.")) and key not in (
                "enforceTypes",
                "replicate",
                "disabled",
                "profilingEnabled",
                "profilingThresholdMs",
            ):
                raise bad_argument(key)
        accelerations(values)
        return values


class Data:
    """Documents. The collection's access list is that of ``[collections/<name>]`` in its app's metadata."""

    def __init__(self, instance: Instance) -> None:
        self.kv = instance.kv
        self.objects = ConfObjects(instance.confs, "collections", "kvstorecollections", private=False)

    def _collection(self, request: Request, name: str, write: bool, *arguments: str) -> Collection:
        for key, _ in request.query:
            if key not in ("output_mode", "_", *arguments):
                raise bad_argument(key)
        owner = request.ns[0] if request.ns else request.identity.user
        if owner == "-" or request.app == "-":
            raise ApiError(400, "Owner and app of a collection must be given, not '-'.")
        if owner not in ("nobody", request.identity.user) and not request.identity.may("admin_all_objects"):
            raise ApiError(403, f"User '{request.identity.user}' may not use the documents of '{owner}'.")
        for stanza, acl in self.objects.list(request, name) if name else []:
            if name != "default":
                if write and not request.identity.allowed(acl.write):
                    raise ApiError(
                        403,
                        f"User '{request.identity.user}' with roles "
                        f"{{ {', '.join(request.identity.roles)} }} cannot write: "
                        f"/nobody/{stanza.app}/collections/{name} {{ write : "
                        f"[ {', '.join(acl.write)} ] }}",
                    )
                return Collection(stanza.app, name, owner, stanza.values)
        raise ApiError(404, "Could not find object.")

    def find(self, request: Request, name: str) -> Answer:
        collection = self._collection(request, name, False, "query", "fields", "sort", "skip", "limit", "shared")
        if request.arg("shared") not in ("", "false", "0"):
            raise ApiError(400, "The sandbox does not know shared=true: ask in the namespace of 'nobody'.")
        query = Query(
            kvquery.read(request.arg("query")),
            kvquery.read_fields(request.arg("fields")),
            request.arg("sort"),
            _natural(request, "skip"),
            _natural(request, "limit"),
        )
        return json_response(self.kv.find(collection, query))

    def get(self, request: Request, name: str, key: str) -> Answer:
        return json_response(self.kv.get(self._collection(request, name, False), key))

    def insert(self, request: Request, name: str) -> Answer:
        collection = self._collection(request, name, True)
        return json_response({"_key": self.kv.insert(collection, _document(request))}, 201)

    def replace(self, request: Request, name: str, key: str) -> Answer:
        self.kv.replace(self._collection(request, name, True), key, _document(request))
        return json_response({"_key": key})

    def delete(self, request: Request, name: str) -> Answer:
        collection = self._collection(request, name, True, "query")
        self.kv.delete(collection, kvquery.read(request.arg("query")))
        return Response(200, b"", "application/json; charset=UTF-8")

    def delete_key(self, request: Request, name: str, key: str) -> Answer:
        self.kv.delete_key(self._collection(request, name, True), key)
        return Response(200, b"", "application/json; charset=UTF-8")

    def batch_save(self, request: Request, name: str) -> Answer:
        collection = self._collection(request, name, True)
        if len(request.body) > MAX_BATCH_BYTES:
            raise ApiError(400, "The batch is larger than 50 MB (max_size_per_batch_save_mb).")
        return json_response(self.kv.save(collection, _document(request)))

    def batch_find(self, request: Request, name: str) -> Answer:
        collection = self._collection(request, name, False)
        queries = _document(request)
        if not isinstance(queries, list):
            raise ApiError(400, "Request body must be an array of queries.")
        return json_response([self.kv.find(collection, _query(item)) for item in queries])


def _document(request: Request) -> Any:
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    if kind != "application/json":
        raise ApiError(400, f"Content-Type must be application/json, not '{kind}'.")
    return request.json()


def _natural(request: Request, name: str) -> int:
    value = request.number(name, 0)
    if value < 0:
        raise ApiError(400, f"{name} must not be negative.")
    return value


def _query(item: Any) -> Query:
    """One query of batch_find, where each argument is a JSON value."""
    unknown = set(kvquery.check(item)) - {"query", "fields", "sort", "skip", "limit"}
    if unknown:
        raise bad_argument(sorted(unknown)[0])
    fields = item.get("fields", "")
    if isinstance(fields, dict):
        fields = ",".join(f"{name}:{int(flag)}" for name, flag in fields.items())
    order = item.get("sort", "")
    if isinstance(order, dict):
        order = ",".join(f"{name}:{direction}" for name, direction in order.items())
    return Query(
        kvquery.check(item.get("query", {})),
        kvquery.read_fields(fields),
        order,
        int(item.get("skip", 0)),
        int(item.get("limit", 0)),
    )
