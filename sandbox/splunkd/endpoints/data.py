"""data/*: indexes, inputs, lookups, transforms and time ranges as far as apps and pages ask for them."""

from __future__ import annotations

import re
from typing import Any

from ..errors import ApiError, exists, not_found
from ..filters import check_arguments
from ..instance import Instance
from ..message import Request
from ..model import Acl, Entry, Feed, one
from ..objects import ConfObjects, content
from ..render import iso
from ..router import Answer, Router

INDEXES = ("data", "indexes")
TRANSFORMS = ("data", "transforms", "lookups")
FILES = ("data", "lookup-table-files")
TIMES = ("data", "ui", "times")


def register(router: Router, instance: Instance) -> None:
    indexes, inputs, lookups = Indexes(instance), Inputs(instance), Lookups(instance)
    router.add("GET", "data/indexes", indexes.list)
    router.add("POST", "data/indexes", indexes.create)
    router.add("GET", "data/indexes/{name}", indexes.get)
    router.add("POST", "data/indexes/{name}", indexes.edit)
    router.add("DELETE", "data/indexes/{name}", indexes.remove)
    router.add("GET", "data/modular-inputs", inputs.kinds)
    router.add("GET", "data/inputs/{kind}", inputs.list)
    router.add("POST", "data/inputs/{kind}", inputs.create)
    router.add("GET POST", "data/inputs/{kind}/_reload", inputs.reload)
    router.add("GET", "data/inputs/{kind}/{name}", inputs.get)
    router.add("POST", "data/inputs/{kind}/{name}", inputs.edit)
    router.add("DELETE", "data/inputs/{kind}/{name}", inputs.remove)
    router.add("POST", "data/inputs/{kind}/{name}/enable", inputs.enable)
    router.add("POST", "data/inputs/{kind}/{name}/disable", inputs.disable)
    router.add("GET", "data/transforms/lookups", lookups.list)
    router.add("GET", "data/transforms/lookups/{name}", lookups.get)
    router.add("GET", "data/lookup-table-files", lookups.files)
    router.add("GET", "data/ui/times", Times(instance).list)


class Indexes:
    """Indexes are stanzas of indexes.conf. Making one needs ``indexes_edit``."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def _entries(self) -> list[Entry]:
        entries = []
        for name, stanza in sorted(self.instance.confs.merged("indexes", None).items()):
            if name == "default" or ":" in name:
                continue
            events, earliest, latest = self.instance.index.count(name)
            acl = Acl(app=stanza.app, removable=stanza.in_local and not stanza.in_default)
            values: dict[str, Any] = {
                "datatype": "event",
                "totalEventCount": events,
                "currentDBSizeMB": 1,
                "maxTotalDataSizeMB": 500000,
                "isInternal": name.startswith("_"),
                "minTime": _iso(earliest),
                "maxTime": _iso(latest),
                **content(stanza, acl),
            }
            entries.append(Entry(name, values, acl))
        return entries

    def list(self, request: Request) -> Answer:
        check_arguments(request, "datatype")
        wanted = request.arg("datatype") or "event"
        return Feed(INDEXES, self._entries() if wanted in ("event", "all") else [])

    def get(self, request: Request, name: str, status: int = 200) -> Answer:
        for entry in self._entries():
            if entry.name == name:
                return one(INDEXES, entry, status)
        raise not_found("indexes", name)

    def create(self, request: Request) -> Answer:
        request.identity.require("indexes_edit")
        name = request.required("name")
        values = request.fields(
            {"datatype", "homePath", "coldPath", "thawedPath", "maxTotalDataSizeMB", "frozenTimePeriodInSecs"}
        )
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,79}", name):
            raise ApiError(400, f"Index name '{name}' is invalid: lower case letters, digits, _ and - only.")
        if values.pop("datatype", "event") != "event":
            raise ApiError(400, "The sandbox has event indexes only.")
        if any(entry.name == name for entry in self._entries()) or not self.instance.confs.create(
            "indexes", "search", name, values
        ):
            raise exists("indexes", name)
        return self.get(request, name, 201)

    def edit(self, request: Request, name: str) -> Answer:
        request.identity.require("indexes_edit")
        # No setting of an index can be changed here. UCC's own validator of index names counts on this very refusal.
        request.fields(set())
        return self.get(request, name)

    def remove(self, request: Request, name: str) -> Answer:
        request.identity.require("indexes_edit")
        stanza = self.instance.confs.merged("indexes", None).get(name)
        if stanza is None:
            raise not_found("indexes", name)
        if not self.instance.confs.remove("indexes", stanza.app, name):
            raise ApiError(403, f"Index {name} is defined by an app or the system and cannot be removed.")
        self.instance.index.clean(name)
        return Feed(INDEXES)


def _iso(moment: float) -> str:
    return iso(moment) if moment else ""


#: The kind of inputs that splunkd itself has: scripts of apps. Source: REST API Reference, "data/inputs/script".
SCRIPT = "script"
_SCRIPT = re.compile(r"(?:\$SPLUNK_HOME/etc/apps/(?P<app>[^/\s]+)|\.)/bin/(?P<file>[^/\s]+)( .*)?")


class Inputs:
    """Modular inputs: ``[<kind>://<name>]`` of inputs.conf, for the kinds that an installed app declares; and scripts,
    whose name is their path."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.objects = ConfObjects(instance.confs, "inputs", "inputs", private=False)

    def _kinds(self) -> dict[str, str]:
        """Kind -> app: what ``README/inputs.conf.spec`` or a scheme stanza of an app declares."""
        kinds = {}
        for app in self.instance.confs.apps():
            folder = self.instance.confs.folder(app)
            spec = self.instance.confs.files.read(folder / "README" / "inputs.conf.spec")
            kinds.update({name.partition("://")[0]: app for name in spec if "://" in name})
        return kinds

    def kinds(self, request: Request) -> Answer:
        entries = [Entry(kind, {"streaming_mode": "xml"}, Acl(app=app)) for kind, app in sorted(self._kinds().items())]
        return Feed(("data", "modular-inputs"), entries)

    def _check(self, kind: str) -> None:
        if kind != SCRIPT and kind not in self._kinds():
            raise not_found("inputs", kind)

    def _check_script(self, request: Request, name: str) -> None:
        found = _SCRIPT.fullmatch(name)
        app = (found["app"] if found else "") or self.objects.target(request)[0]
        if found is None or not (self.instance.confs.folder(app) / "bin" / found["file"]).is_file():
            raise ApiError(400, f"Script {name} does not exist in the bin folder of an app.")
        request.required("interval")

    def _entry(self, request: Request, kind: str, name: str) -> Entry:
        stanza, acl = self.objects.get(request, f"{kind}://{name}")
        return Entry(name, content(stanza, acl), acl)

    def list(self, request: Request, kind: str) -> Answer:
        self._check(kind)
        check_arguments(request)
        entries = [
            Entry(stanza.name.partition("://")[2], content(stanza, acl), acl)
            for stanza, acl in self.objects.list(request)
            if stanza.name.startswith(f"{kind}://")
        ]
        return Feed(("data", "inputs", kind), entries)

    def get(self, request: Request, kind: str, name: str, status: int = 200) -> Answer:
        self._check(kind)
        return one(("data", "inputs", kind), self._entry(request, kind, name), status)

    def create(self, request: Request, kind: str) -> Answer:
        self._check(kind)
        name = request.required("name")
        if kind == SCRIPT:
            self._check_script(request, name)
        self.objects.create(request, f"{kind}://{name}", request.fields())
        return self.get(request, kind, name, 201)

    def edit(self, request: Request, kind: str, name: str) -> Answer:
        self._check(kind)
        self.objects.edit(request, f"{kind}://{name}", request.fields())
        return self.get(request, kind, name)

    def remove(self, request: Request, kind: str, name: str) -> Answer:
        self._check(kind)
        self.objects.remove(request, f"{kind}://{name}")
        return Feed(("data", "inputs", kind))

    def enable(self, request: Request, kind: str, name: str) -> Answer:
        self.objects.edit(request, f"{kind}://{name}", {"disabled": "0"})
        return self.get(request, kind, name)

    def disable(self, request: Request, kind: str, name: str) -> Answer:
        self.objects.edit(request, f"{kind}://{name}", {"disabled": "1"})
        return self.get(request, kind, name)

    def reload(self, request: Request, kind: str) -> Answer:
        self._check(kind)
        return Feed(("data", "inputs", kind))


class Lookups:
    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.objects = ConfObjects(instance.confs, "transforms", "transforms-lookup")

    def list(self, request: Request) -> Answer:
        check_arguments(request)
        pairs = [(s, acl) for s, acl in self.objects.list(request) if _is_lookup(s.values)]
        return Feed(TRANSFORMS, [Entry(stanza.name, content(stanza, acl), acl) for stanza, acl in pairs])

    def get(self, request: Request, name: str) -> Answer:
        stanza, acl = self.objects.get(request, name)
        if not _is_lookup(stanza.values):
            raise not_found("transforms-lookup", name)
        return one(TRANSFORMS, Entry(name, content(stanza, acl), acl))

    def files(self, request: Request) -> Answer:
        check_arguments(request)
        confs, entries = self.instance.confs, []
        for app in confs.apps() if request.app == "-" else [request.app]:
            for path in sorted((confs.folder(app) / "lookups").glob("*.csv")):
                acl = confs.metadata.acl(app, "lookups", path.name)
                if request.identity.allowed(acl.read):
                    entries.append(Entry(path.name, {"eai:appName": app, "eai:data": str(path)}, acl))
        return Feed(FILES, entries)


class Times:
    """data/ui/times: what a picker of time ranges offers, from times.conf. splunkd here ships none."""

    def __init__(self, instance: Instance) -> None:
        self.objects = ConfObjects(instance.confs, "times")

    def list(self, request: Request) -> Answer:
        check_arguments(request)
        pairs = self.objects.list(request)
        return Feed(TIMES, [Entry(stanza.name, content(stanza, acl), acl) for stanza, acl in pairs])


def _is_lookup(values: dict[str, str]) -> bool:
    return "filename" in values or "collection" in values or "external_cmd" in values
