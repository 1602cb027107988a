"""server/*, shcluster/* as a standalone answers, and small things that clients ask first."""

from __future__ import annotations

from typing import Any

from ..errors import ApiError
from ..instance import Instance
from ..message import Request
from ..model import Entry, Feed
from ..render import BUILD, VERSION
from ..router import Answer, Router


def register(router: Router, instance: Instance) -> None:
    server = Server(instance)
    router.add("GET", "server/info", server.info, public=True)
    router.add("GET", "server/info/server-info", server.info, public=True)
    router.add("GET", "server/settings", server.settings)
    router.add("GET", "server/settings/settings", server.settings)
    router.add("GET", "server/roles", server.roles)
    router.add("GET", "shcluster/member/members", server.members)
    router.add("GET", "shcluster/captain/info", server.no_cluster)
    router.add("GET", "shcluster/captain/members", server.no_cluster)
    router.add("GET", "shcluster/config", server.cluster_config)
    router.add("GET", "shcluster/config/config", server.cluster_config)
    router.add("GET", "kvstore/status", server.kvstore_status)


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
        if self.instance.instance_type:
            content["instance_type"] = self.instance.instance_type
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

    def members(self, request: Request) -> Answer:
        """Source: REST API Reference, "shcluster/member/members": an entry a member, named by its GUID."""
        if not self.instance.members:
            return self.no_cluster(request)
        entries = [Entry(guid, {"label": label, "status": "Up"}) for guid, label in self.instance.members.items()]
        return Feed(("shcluster", "member", "members"), entries)

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
