"""messages: the bulletin board.

Source: REST API Reference, "System endpoint descriptions", messages.
"""

from __future__ import annotations

from ..bulletin import Message
from ..errors import ApiError, not_found
from ..filters import check_arguments
from ..instance import Instance
from ..message import Request
from ..model import Acl, Entry, Feed, one
from ..router import Answer, Router

PATH = ("messages",)


def register(router: Router, instance: Instance) -> None:
    endpoint = Endpoint(instance)
    router.add("GET", "messages", endpoint.list)
    router.add("POST", "messages", endpoint.create)
    router.add("GET", "messages/{name}", endpoint.get)
    router.add("DELETE", "messages/{name}", endpoint.remove)


class Endpoint:
    def __init__(self, instance: Instance) -> None:
        self.bulletin = instance.bulletin

    def _entry(self, message: Message) -> Entry:
        content = {
            message.name: message.text,
            "message": message.text,
            "severity": message.severity,
            "timeCreated_epochSecs": message.time,
        }
        return Entry(message.name, content, Acl(removable=True), updated=message.time)

    def list(self, request: Request) -> Answer:
        check_arguments(request)
        return Feed(PATH, [self._entry(message) for message in self.bulletin.all()])

    def get(self, request: Request, name: str) -> Answer:
        for message in self.bulletin.all():
            if message.name == name:
                return one(PATH, self._entry(message))
        raise not_found("messages", name)

    def create(self, request: Request) -> Answer:
        name = request.required("name")
        values = request.fields({"value", "severity", "capability", "role", "help"})
        severity = values.get("severity", "info")
        if severity not in ("info", "warn", "error"):
            raise ApiError(400, f"Invalid severity '{severity}': info, warn or error.")
        return Feed(PATH, [self._entry(self.bulletin.post(name, values.get("value", ""), severity))], 201)

    def remove(self, request: Request, name: str) -> Answer:
        if not self.bulletin.remove(name):
            raise not_found("messages", name)
        return self.list(request)
