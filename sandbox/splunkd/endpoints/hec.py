"""HTTP Event Collector: services/collector[/event|/raw|/ack|/health], and data/inputs/http for its tokens.

Source: "HTTP Event Collector REST API endpoints", "Possible error codes", "About HTTP Event Collector Indexer
Acknowledgment".
"""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from spl import Event

from ..confs import Stanza, parse_bool
from ..errors import ApiError, exists, not_found
from ..filters import check_arguments
from ..instance import Instance
from ..message import Request, Response, json_response
from ..model import Acl, Entry, Feed, one
from ..objects import content
from ..router import Answer, Router

_CODES = {
    0: (200, "Success"),
    1: (403, "Token disabled"),
    2: (401, "Token is required"),
    3: (401, "Invalid authorization"),
    4: (403, "Invalid token"),
    5: (400, "No data"),
    6: (400, "Invalid data format"),
    7: (400, "Incorrect index"),
    10: (400, "Data channel is missing"),
    11: (400, "Invalid data channel"),
    12: (400, "Event field is required"),
    13: (400, "Event field cannot be blank"),
    14: (400, "ACK is disabled"),
    15: (400, "Error in handling indexed fields"),
    17: (200, "HEC is healthy"),
    27: (413, "Request entity too large"),
}
PATH = ("data", "inputs", "http")

def register(router: Router, instance: Instance) -> None:
    collector, tokens = Collector(instance), Tokens(instance)
    for path in ("collector", "collector/event", "collector/event/1.0"):
        router.add("POST", path, collector.event, public=True)
    for path in ("collector/raw", "collector/raw/1.0"):
        router.add("POST", path, collector.raw, public=True)
    for path in ("collector/health", "collector/health/1.0"):
        router.add("GET", path, collector.health, public=True)
    router.add("POST", "collector/ack", collector.ack, public=True)
    router.add("GET", "data/inputs/http", tokens.list)
    router.add("POST", "data/inputs/http", tokens.create)
    router.add("GET", "data/inputs/http/{name}", tokens.get)
    router.add("DELETE", "data/inputs/http/{name}", tokens.remove)


class _Refused(Exception):
    def __init__(self, code: int, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.more = more


def _answer(code: int, **more: Any) -> Response:
    status, text = _CODES[code]
    return json_response({"text": text, "code": code, **more}, status)


class Collector:
    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def event(self, request: Request) -> Answer:
        try:
            token = self._token(request)
            if len(request.body) > self.instance.hec_longest:
                raise _Refused(27)
            events = [self._event(number, item, token) for number, item in enumerate(_documents(request.body))]
            if not events:
                raise _Refused(5)
            channel = self._channel(request, token)
            self.instance.ingest.write(events)
        except _Refused as refused:
            return _answer(refused.code, **refused.more)
        return self._taken(channel)

    def raw(self, request: Request) -> Answer:
        try:
            token = self._token(request)
            if not request.body.strip():
                raise _Refused(5)
            where = {key: request.arg(key) or token.get(key, "") for key in ("sourcetype", "source", "host")}
            where["index"] = self._index(request.arg("index"), token, 0)
            text = request.body.decode("utf-8", "replace")
            ingest = self.instance.ingest
            pieces = ingest.split(text, where["sourcetype"], where["source"])
            channel = self._channel(request, token)
            ingest.write(ingest.events(pieces, **where))  # type: ignore[arg-type]
        except _Refused as refused:
            return _answer(refused.code, **refused.more)
        return self._taken(channel)

    def ack(self, request: Request) -> Answer:
        try:
            token = self._token(request)
            if not parse_bool(token.get("useACK")):
                raise _Refused(14)
            channel = self._channel(request, token)
            numbers = _acks(request.body)
        except _Refused as refused:
            return _answer(refused.code, **refused.more)
        return json_response({"acks": self.instance.acks.of(channel, numbers)})

    def _channel(self, request: Request, token: dict[str, str]) -> str:
        """Empty for a token that does not acknowledge."""
        if not parse_bool(token.get("useACK")):
            return ""
        channel = request.headers.get("x-splunk-request-channel") or request.arg("channel")
        if not channel:
            raise _Refused(10)
        try:
            return str(uuid.UUID(channel))
        except ValueError:
            raise _Refused(11) from None

    def _taken(self, channel: str) -> Response:
        return _answer(0, ackId=self.instance.acks.new(channel)) if channel else _answer(0)

    def health(self, request: Request) -> Answer:
        return _answer(17)

    def _token(self, request: Request) -> dict[str, str]:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            raise _Refused(2)
        if scheme.lower() == "basic":
            try:
                value = base64.b64decode(value, validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                raise _Refused(3) from None
        elif scheme.lower() not in ("splunk", "bearer") or not value:
            raise _Refused(3)
        for name, stanza in self.instance.confs.merged("inputs", None).items():
            if name.startswith("http://") and stanza.values.get("token") == value.strip():
                if parse_bool(stanza.values.get("disabled")):
                    raise _Refused(1)
                return stanza.values
        raise _Refused(4)

    def _index(self, wanted: str, token: dict[str, str], number: int) -> str:
        index = wanted or token.get("index", "") or "main"
        allowed = [name.strip() for name in token.get("indexes", "").split(",") if name.strip()]
        if (allowed and index not in allowed) or not self.instance.ingest.exists(index):
            raise _Refused(7, **{"invalid-event-number": number})
        return index

    def _event(self, number: int, item: Any, token: dict[str, str]) -> Event:
        where = {"invalid-event-number": number}
        if not isinstance(item, dict) or item.get("fields") and not isinstance(item["fields"], dict):
            raise _Refused(6, **where)
        if "event" not in item or item["event"] is None:
            raise _Refused(12, **where)
        if item["event"] == "":
            raise _Refused(13, **where)
        raw = item["event"] if isinstance(item["event"], str) else json.dumps(item["event"])
        texts = {key: str(item.get(key) or token.get(key, "")) for key in ("sourcetype", "source", "host")}
        fields = item.get("fields") or {}
        if any(not isinstance(value, (str, int, float)) for value in fields.values()):
            raise _Refused(15, **where)
        (event,) = self.instance.ingest.events(
            [raw],
            index=self._index(str(item.get("index") or ""), token, number),
            time=_time(item.get("time"), where),
            sourcetype=texts["sourcetype"],
            source=texts["source"],
            host=texts["host"],
        )
        return replace(event, fields={name: str(value) for name, value in fields.items()}) if fields else event


def _acks(body: bytes) -> list[int]:
    try:
        numbers = json.loads(body)["acks"]
    except (ValueError, KeyError, TypeError):
        raise _Refused(6) from None
    if not isinstance(numbers, list) or not all(isinstance(one, int) for one in numbers):
        raise _Refused(6)
    return numbers


def _time(value: Any, where: dict[str, Any]) -> float | None:
    if value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise _Refused(6, **where) from None


def _documents(body: bytes) -> Iterator[Any]:
    """Concatenated JSON objects, or one array of them."""
    text, decoder, position, number = body.decode("utf-8", "replace").strip(), json.JSONDecoder(), 0, 0
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except ValueError:
            raise _Refused(6, **{"invalid-event-number": number}) from None
        yield from value if isinstance(value, list) else [value]
        number += 1
        while position < len(text) and text[position].isspace():
            position += 1


class Tokens:
    """``[http://<name>]`` of inputs.conf. Needs ``edit_token_http``."""

    def __init__(self, instance: Instance) -> None:
        self.confs = instance.confs

    def _entries(self, request: Request) -> list[Entry]:
        request.identity.require("edit_token_http")
        stanzas = self.confs.merged("inputs", None)
        return [self._entry(stanza) for name, stanza in sorted(stanzas.items()) if name.startswith("http://")]

    def _entry(self, stanza: Stanza) -> Entry:
        acl = Acl(app=stanza.app, removable=stanza.in_local and not stanza.in_default)
        return Entry(stanza.name, content(stanza, acl), acl)

    def list(self, request: Request) -> Answer:
        check_arguments(request)
        return Feed(PATH, self._entries(request))

    def get(self, request: Request, name: str, status: int = 200) -> Answer:
        for entry in self._entries(request):
            if entry.name in (name, f"http://{name}"):
                return one(PATH, entry, status)
        raise not_found("http", name)

    def create(self, request: Request) -> Answer:
        request.identity.require("edit_token_http")
        name = request.required("name")
        values = request.fields(
            {"index", "indexes", "sourcetype", "source", "host", "disabled", "description", "token", "useACK"}
        )
        values.setdefault("token", str(uuid.uuid4()))
        if not self.confs.create("inputs", "search", f"http://{name}", values):
            raise exists("http", name)
        return self.get(request, name, 201)

    def remove(self, request: Request, name: str) -> Answer:
        found = self.get(request, name)
        assert isinstance(found, Feed)
        entry = found.entries[0]
        if not self.confs.remove("inputs", entry.acl.app, entry.name):
            raise ApiError(403, f"Token {name} is defined by an app and cannot be removed.")
        return Feed(PATH)
