"""server/control: restarting.

Source: REST API Reference, "System endpoint descriptions", server/control.
"""

from __future__ import annotations

import threading

from ..filters import check_arguments
from ..instance import Instance
from ..message import Request
from ..model import Entry, Feed
from ..router import Answer, Router

PATH = ("server", "control")


def register(router: Router, instance: Instance) -> None:
    endpoint = Endpoint(instance)
    router.add("GET", "server/control", endpoint.list)
    router.add("POST", "server/control/restart", endpoint.restart)
    router.add("POST", "server/control/restart_webui", endpoint.restart_web)


class Endpoint:
    """Both need ``restart_splunkd``."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def list(self, request: Request) -> Answer:
        check_arguments(request)
        links = {"restart": "restart", "restart_webui": "restart_webui"}
        return Feed(("server",), [Entry("control", {}, links=links, services=True)], single=True)

    def restart(self, request: Request) -> Answer:
        request.identity.require("restart_splunkd")
        check_arguments(request)
        # Answered first, as splunkd does: who asks may be one of the processes that end.
        threading.Thread(target=self.instance.restart, name="sandbox-restart").start()
        return Feed(PATH, messages=[("INFO", "Restarting.")])

    def restart_web(self, request: Request) -> Answer:
        """Splunk Web keeps nothing here, so there is nothing to end."""
        request.identity.require("restart_splunkd")
        check_arguments(request)
        return Feed(PATH, messages=[("INFO", "Splunk Web restarted.")])
