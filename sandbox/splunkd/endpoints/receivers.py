"""receivers/simple and receivers/stream: events as they are, in the body."""

from __future__ import annotations

from typing import Any

from .. import render
from ..errors import ApiError, bad_argument
from ..ingest import UnknownIndex
from ..instance import Instance
from ..message import Request, Response
from ..model import Entry, Feed
from ..router import Answer, Router

_ARGUMENTS = {"index", "sourcetype", "source", "host", "output_mode", "check-index"}


def register(router: Router, instance: Instance) -> None:
    endpoint = Receivers(instance)
    router.add("POST", "receivers/simple", endpoint.simple)
    router.add("POST", "receivers/stream", endpoint.stream)


class Receivers:
    """Both need ``edit_tcp``."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def simple(self, request: Request) -> Answer:
        where = self._where(request)
        if not request.body:
            raise ApiError(400, "Event content is missing: the body is empty.")
        size = self._index(request.body, where)
        content: dict[str, Any] = {
            "_index": where["index"] or "main",
            "bytes": size,
            "host": where["host"],
            "source": where["source"],
            "sourcetype": where["sourcetype"],
        }
        if request.output_mode == "json":
            return Feed(("receivers", "simple"), [Entry("simple", content)], whole=1)
        fields = "".join(
            f"<field k='{key}'><value><text>{render.xml_text(value)}</text></value></field>"
            for key, value in content.items()
        )
        return Response(200, f"<?xml version='1.0' encoding='UTF-8'?>\n<results><result>{fields}</result></results>\n")

    def stream(self, request: Request) -> Answer:
        where = self._where(request)
        streamed = request.headers.get("x-splunk-input-mode", "").lower() == "streaming" and request.read_stream
        self._index(request.body or (request.read_stream() if streamed and request.read_stream else b""), where)
        return Response(204)

    def _where(self, request: Request) -> dict[str, str]:
        request.identity.require("edit_tcp")
        for name, _ in request.query:
            if name not in _ARGUMENTS:
                raise bad_argument(name)
        query = dict(request.query)
        where = {
            "index": query.get("index", ""),
            "sourcetype": query.get("sourcetype", ""),
            "source": query.get("source", ""),
            "host": query.get("host", request.client),
        }
        if where["index"] and not self.instance.ingest.exists(where["index"]):
            raise ApiError(400, f"supplied index '{where['index']}' missing")
        return where

    def _index(self, body: bytes, where: dict[str, str]) -> int:
        ingest = self.instance.ingest
        pieces = ingest.split(body.decode("utf-8", "replace"), where["sourcetype"], where["source"])
        try:
            ingest.write(ingest.events(pieces, **where))  # type: ignore[arg-type]
        except UnknownIndex as error:
            raise ApiError(400, str(error)) from error
        return len(body)
