"""A receiver of signed events: CloudEvents 1.0.2 in structured mode, signed as in Standard Webhooks 1.0.0.

It is as strict as the two specifications allow: what is not signed, too old, or no event of the three known types is
refused and recorded. A message whose id it has seen is taken, counted and dropped.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.standin import StandIn, json_response

#: Bytes that everybody who forwards events takes. Source: CloudEvents, "Size Limits".
MAX_BYTES = 64 * 1024
#: Seconds by which a timestamp may differ from the receiver's clock.
TOLERANCE = 300
TYPES = ("finding", "recurrence", "remediation", "excuse")
_PREFIX = "cloudtrail_responder."
_REQUIRED = ("specversion", "id", "source", "type", "time", "datacontenttype", "data")
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"


class BadEvent(Exception):
    """It is refused; with which status and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True)
class Event:
    """An event that was taken."""

    id: str
    #: Without the prefix.
    kind: str
    subject: str
    data: Mapping[str, Any]
    source: str = ""


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class WebhookStandIn(StandIn):
    """A receiver at ``webhook_url``. ``events`` are those that were taken, once each; ``repeats`` ids that came again.

    ``secrets``: those it accepts, of which it has one to begin with.
    """

    name = "webhook"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.secrets = [new_secret()]
        self.events: list[Event] = []
        self.repeats: list[str] = []
        self.pings: list[str] = []
        self.refused: list[str] = []
        #: Seconds by which its clock is ahead.
        self.clock_skew = 0.0

    @property
    def webhook_url(self) -> str:
        return f"{self.url}/hooks/cloudtrail"

    def routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        return [("POST", "/hooks/cloudtrail", self._receive)]

    def call(self, function: Callable[..., Any], request: Request, arguments: dict[str, Any]) -> Response:
        response: Response = function(request, **arguments)
        return response

    def _receive(self, request: Request) -> Response:
        try:
            event = self._read(request)
        except BadEvent as error:
            self.record_unknown(request, str(error))
            self.refused.append(str(error))
            return json_response({"error": str(error)}, error.status)
        if event.kind == "ping":
            self.pings.append(event.id)
        elif any(event.id == seen.id for seen in self.events):
            self.repeats.append(event.id)
        else:
            self.events.append(event)
        return Response("", status=204)

    def _read(self, request: Request) -> Event:
        body = request.get_data()
        message = request.headers.get("Webhook-Id", "")
        self._check_signature(dict(request.headers), message, body)
        _check(request.headers.get("Idempotency-Key") == message, "Idempotency-Key is not the id")
        _check(request.mimetype == "application/cloudevents+json", "not a structured event")
        _check(len(body) <= MAX_BYTES, f"{len(body)} bytes are more than everybody takes", 413)
        try:
            event = json.loads(body, parse_constant=_no_constant)
        except ValueError as error:
            raise BadEvent(400, "the body is not JSON") from error
        _check(isinstance(event, dict), "the body is no object")
        missing = [name for name in _REQUIRED if name not in event]
        _check(not missing, f"without {', '.join(missing)}")
        unknown = sorted(set(event) - {*_REQUIRED, "subject"})
        _check(not unknown, f"unknown attributes: {', '.join(unknown)}")
        texts = all(isinstance(event[name], str) and event[name] for name in set(event) - {"data"})
        _check(texts, "an attribute that is no text")
        _check(event["specversion"] == "1.0", "another version of CloudEvents")
        _check(event["datacontenttype"] == "application/json", "data that is not JSON")
        _check(event["id"] == message, "the id of the envelope is not that of the headers")
        _check(re.fullmatch(_TIME, event["time"]) is not None, "time is not in the form of RFC 3339")
        _check(re.fullmatch(r"[!-~]+", event["source"]) is not None, "source is no address")
        kind = event["type"].removeprefix(_PREFIX)
        _check(event["type"].startswith(_PREFIX) and kind in (*TYPES, "ping"), f"unknown type {event['type']}")
        _check(isinstance(event["data"], dict), "data is no object")
        _check(kind == "ping" or event.get("subject") == event["data"].get("case"), "the subject is not the case")
        return Event(event["id"], kind, event.get("subject", ""), event["data"], event["source"])

    def _check_signature(self, headers: Mapping[str, str], message: str, body: bytes) -> None:
        stamp, given = headers.get("Webhook-Timestamp", ""), headers.get("Webhook-Signature", "").split()
        _check(bool(message) and "." not in message, "no id, or one that signatures are ambiguous with")
        _check(re.fullmatch(r"\d{1,12}", stamp) is not None, "no timestamp", 401)
        late = abs(time.time() + self.clock_skew - int(stamp))
        _check(late <= TOLERANCE, "the timestamp is too far from now", 401)
        right = []
        for secret in self.secrets:
            key = base64.b64decode(secret.removeprefix("whsec_"))
            digest = hmac.new(key, f"{message}.{stamp}.".encode() + body, hashlib.sha256).digest()
            right.append("v1," + base64.b64encode(digest).decode())
        is_signed = any(hmac.compare_digest(one, other) for one in given for other in right)
        _check(is_signed, "no signature is right", 401)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _check(holds: bool, otherwise: str, status: int = 400) -> None:
    if not holds:
        raise BadEvent(status, otherwise)
