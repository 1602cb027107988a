"""A program of yours: a CloudEvents envelope, signed as in Standard Webhooks.

Sources: CloudEvents 1.0.2, "CloudEvents Specification" and "JSON Event Format" (structured mode; everybody takes 64
KB); Standard Webhooks 1.0.0 (headers, signature, form of the secret).

A message that is sent again has the same id, in the envelope and in the headers. A receiver that keeps the ids it has
seen takes each message exactly once; what is sent again is signed anew, so that old requests can be refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ..documents.document import clean, shorten
from ..errors import ConfigurationError
from ..http_gate import Limits
from ..settings.notifier import NotifierEntry
from .base import TAB, Message, Notifier

PREFIX = "cloudtrail_responder."
#: Bytes of an event.
MAX_BYTES = 64 * 1024
#: Bytes of a secret.
SHORTEST, LONGEST = 24, 64
#: (characters a text, entries a list, or an object in it): each tried in turn until the event is small enough.
_STEPS = ((8_000, 500), (2_000, 200), (800, 100), (400, 50), (200, 25), (100, 10))
#: Levels of the data whose fields all stay.
_KEPT_LEVELS = 2
_HOW_TO = (
    "Enter 'whsec_' and 24 to 64 random bytes in base64, or, to change it, the new and the old one, separated by a "
    f"space, as 'Signing secret' {TAB}."
)


class Webhook(Notifier):
    """A receiver of signed events."""

    type = "webhook"
    label = "Signed webhook"
    content_type = "application/cloudevents+json; charset=utf-8"
    is_signed = True
    takes_pings = True
    limits = Limits(interval=0.1, in_flight=4, begin_with=1, at_first=0.0)
    refused_hint = f"Compare 'Signing secret' {TAB} with the receiver's, and the clocks of both hosts."
    gone_hint = f"Correct 'Webhook URL' {TAB}, or the receiver."

    def __init__(self, entry: NotifierEntry) -> None:
        super().__init__(entry)
        self._keys = [_key(entry, secret) for secret in entry.signing_secret.reveal().split()]
        if not 1 <= len(self._keys) <= 2:
            raise ConfigurationError(f"Notifier '{entry.name}': no signing secret is saved.", _HOW_TO)
        #: Ids are unique within it.
        self._source = f"/cloudtrail_responder/{entry.name}"

    def headers(self, message_id: str, content: bytes, now: float) -> Mapping[str, str]:
        signed_at = f"{now:.0f}"
        signed = f"{message_id}.{signed_at}.".encode() + content
        return {
            "Webhook-Id": message_id,
            "Webhook-Timestamp": signed_at,
            "Webhook-Signature": " ".join(f"v1,{_signature(key, signed)}" for key in self._keys),
            "Idempotency-Key": message_id,
        }

    def render(self, message: Message) -> bytes:
        envelope = {
            "specversion": "1.0",
            "id": message.id,
            "source": self._source,
            "type": PREFIX + message.kind,
            "time": datetime.fromtimestamp(message.at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            **({"subject": message.case} if message.case else {}),
            "datacontenttype": "application/json",
        }
        content = _json({**envelope, "data": _cut(message.data)})
        for chars, entries in _STEPS:
            if len(content) <= MAX_BYTES:
                return content
            content = _json({**envelope, "data": {**_cut(message.data, chars, entries), "is_shortened": True}})
        if len(content) <= MAX_BYTES:
            return content
        # However deep it is nested, the case is named.
        named = {name: value for name, value in message.data.items() if isinstance(value, str)}
        return _json({**envelope, "data": {**_cut(named, 100), "is_shortened": True}})


def _key(entry: NotifierEntry, secret: str) -> bytes:
    kind, _, encoded = secret.partition("_")
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if kind != "whsec" or not SHORTEST <= len(key) <= LONGEST:
        raise ConfigurationError(f"Notifier '{entry.name}': the signing secret is not valid.", _HOW_TO)
    return key


def _signature(key: bytes, signed: bytes) -> str:
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def _cut(value: Any, chars: int = 0, entries: int = 0, level: int = 0) -> Any:
    """Plain data with texts and collections of at most this size (0: any), without what no JSON reader takes."""
    if isinstance(value, str):
        text = clean(value)
        return shorten(text, chars) if chars else text
    if isinstance(value, Mapping):
        named = list(value.items())
        if entries and level >= _KEPT_LEVELS:
            named = named[:entries]
        return {_cut(str(name), chars): _cut(one, chars, entries, level + 1) for name, one in named}
    if isinstance(value, (list, tuple)):
        return [_cut(one, chars, entries, level + 1) for one in value[: entries or None]]
    return None if isinstance(value, float) and not math.isfinite(value) else value


NOTIFIER = Webhook
