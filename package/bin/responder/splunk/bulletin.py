"""Bulletin messages: the bell in Splunk Web. Source: Splunk REST API Reference, "messages"."""

from __future__ import annotations

from urllib.parse import urlencode

from ..errors import Rejected
from .client import Splunkd, message_of

MESSAGES = "/services/messages"


def post(splunkd: Splunkd, name: str, text: str) -> None:
    """Show a warning to everybody; one of the same name is replaced. Raises a ResponderError."""
    body = urlencode({"name": name, "value": text, "severity": "warn"}).encode()
    status, data = splunkd.request("POST", MESSAGES, body=body, content_type="application/x-www-form-urlencoded")
    if status >= 400:
        raise Rejected(f"Splunk refused the message (HTTP {status}): {message_of(data)}")


def remove(splunkd: Splunkd, name: str) -> None:
    """Take a message away, if it is there."""
    splunkd.request("DELETE", f"{MESSAGES}/{name}")
