"""A program of yours: a CloudEvents envelope, signed as in Standard Webhooks.

Sources: CloudEvents 1.0.2, "CloudEvents Specification" (everybody takes 64 KB); Standard Webhooks 1.0.0 (headers,
signature, form of the secret).

A message that is sent again has the same id, in the envelope and in the headers. A receiver that keeps the ids it has
seen takes each message exactly once; what is sent again is signed anew, so that old requests can be refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from ..documents import cloudevents
from ..errors import ConfigurationError
from ..http_gate import Limits
from ..settings.notifier import NotifierEntry
from .base import TAB, Message, Notifier

#: Bytes of an event.
MAX_BYTES = 64 * 1024
#: Bytes of a secret.
SHORTEST, LONGEST = 24, 64
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
        made = cloudevents.event(
            message.kind, message.id, self._source, message.at, message.case, message.data, MAX_BYTES
        )
        return cloudevents.dumps(made)


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


NOTIFIER = Webhook
