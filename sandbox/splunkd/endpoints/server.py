"""server/*, shcluster/* as a standalone answers, messages, and small things that clients ask first."""

from __future__ import annotations

import time
from typing import Any

from ..errors import ApiError, not_found
from ..filters import check_arguments
from ..instance import Instance
from ..message import Request
from ..model import Acl, Entry, Feed, one
from ..render import BUILD, VERSION
from ..router import Answer, Router
from ..store import Store

SCHEMA = "CREATE TABLE IF NOT EXISTS messages(name TEXT PRIMARY KEY, text TEXT, severity TEXT, time REAL);"
MESSAGES = ("messages",)


def register(router: Router, instance: Instance) -> None:
    server, messages = Server(instance), Messages(instance.store)
    router.add("GET", "server/info", server.info, public=True)
    router.add("GET", "server/info/server-info", server.info, public=True)
    router.add("GET", "server/settings", server.settings)
    router.add("GET", "server/settings/settings", server.settings)
    router.add("GET", "server/roles", server.roles)
    router.add("GET", "shcluster/member/members", server.no_cluster)
    router.add("GET", "shcluster/captain/info", server.no_cluster)
    router.add("GET", "shcluster/captain/members", server.no_cluster)
    router.add("GET", "shcluster/config", server.cluster_config)
    router.add("GET", "shcluster/config/config", server.cluster_config)
    router.add("GET", "kvstore/status", server.kvstore_status)
    router.add("GET", "messages", messages.list)
    router.add("POST", "messages", messages.create)
    router.add("GET", "messages/{name}", messages.get)
    router.add("DELETE", "messages/{name}", messages.remove)


class Server:
    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def info(self, request: Request) -> Answer:
        content: dict[str, Any] = {
            "version": VERSION,
            "build": BUILD,
            "serverName": self.instance.name,
            "host": self.instance.name,
            "host_fqdn": self.instance.name,
            "guid": self.instance.guid,
            "product_type": "enterprise",
            "isFree": False,
            "isTrial": False,
            "licenseState": "OK",
            "mode": "normal",
            "os_name": "Linux",
            "cpu_arch": "x86_64",
            "kvStoreStatus": "ready",
            "health_info": "green",
            "server_roles": ["indexer", "search_head", "kv_store"],
            "startup_time": int(self.instance.started),
            "rtsearch_enabled": False,
            "activeLicenseGroup": "Enterprise",
            "activeLicenseSubgroup": "Production",
        }
        return Feed(("server", "info"), [Entry("server-info", content)])

    def settings(self, request: Request) -> Answer:
        content = {
            "SPLUNK_HOME": str(self.instance.home),
            "SPLUNK_DB": str(self.instance.home / "var/lib/splunk"),
            "serverName": self.instance.name,
            "host": self.instance.name,
            "mgmtHostPort": self.instance.port,
            "enableSplunkWebSSL": False,
            "httpport": None,
            "startwebserver": True,
            "sessionTimeout": "1h",
        }
        return Feed(("server", "settings"), [Entry("settings", content)])

    def roles(self, request: Request) -> Answer:
        return Feed(("server", "roles"), [Entry("result", {"role_list": ["indexer", "search_head", "kv_store"]})])

    def no_cluster(self, request: Request) -> Answer:
        # What solnlib's ServerInfo takes for "not a member": a 404 or a 503 with this text.
        raise ApiError(503, "Search Head Clustering is not enabled on this node. REST endpoint is not available")

    def cluster_config(self, request: Request) -> Answer:
        return Feed(("shcluster", "config"), [Entry("config", {"disabled": True, "mode": "disabled"})])

    def kvstore_status(self, request: Request) -> Answer:
        content = {
            "current": {"status": "ready", "replicationStatus": "Non-captain KV store member", "standalone": True}
        }
        return Feed(("kvstore", "status"), [Entry("status", content)])


class Messages:
    """The bulletin messages of the UI."""

    def __init__(self, store: Store) -> None:
        self.store = store
        store.script(SCHEMA)

    def _entries(self) -> list[Entry]:
        with self.store.read() as db:
            rows = db.execute("SELECT name, text, severity, time FROM messages ORDER BY time").fetchall()
        return [
            Entry(
                row[0],
                {row[0]: row[1], "message": row[1], "severity": row[2], "timeCreated_epochSecs": row[3]},
                Acl(removable=True),
                updated=row[3],
            )
            for row in rows
        ]

    def list(self, request: Request) -> Answer:
        check_arguments(request)
        return Feed(MESSAGES, self._entries())

    def get(self, request: Request, name: str) -> Answer:
        for entry in self._entries():
            if entry.name == name:
                return one(MESSAGES, entry)
        raise not_found("messages", name)

    def create(self, request: Request) -> Answer:
        name = request.required("name")
        values = request.fields({"value", "severity", "capability", "role", "help"})
        severity = values.get("severity", "info")
        if severity not in ("info", "warn", "error"):
            raise ApiError(400, f"Invalid severity '{severity}': info, warn or error.")
        with self.store.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO messages VALUES (?,?,?,?)",
                (name, values.get("value", ""), severity, time.time()),
            )
        return Feed(MESSAGES, [entry for entry in self._entries() if entry.name == name], 201)

    def remove(self, request: Request, name: str) -> Answer:
        with self.store.write() as db:
            if not db.execute("DELETE FROM messages WHERE name=?", (name,)).rowcount:
                raise not_found("messages", name)
        return Feed(MESSAGES, self._entries())
