"""Answers the person who clicked or typed, and nobody else. Source: docs.slack.dev, "Handling user interaction".

The address comes with each interaction, lives for half an hour, and whoever has it can post there: it is kept in memory
only, and leads to Slack or nowhere.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from ..documents.document import Document
from ..errors import ResponderError, Unavailable
from ..http_transport import Transport, unguarded
from ..settings.model import Http, SlackWorkspace
from ..settings.secret import Secret
from .blocks import render
from .dialing import DOMAINS
from .failures import TAB


def reply(workspace: SlackWorkspace, http: Http, url: Secret, document: Document) -> None:
    """Post it once. Raises a ResponderError, after which nobody needs to do anything."""
    target = f"Slack workspace '{workspace.name}'"
    parts = urlsplit(url.reveal())
    host = (parts.hostname or "").lower()
    own = urlsplit(workspace.api_url) if workspace.api_url else None
    is_slacks = parts.scheme == "https" and any(host.endswith(f".{domain}") for domain in DOMAINS)
    is_sandbox = own is not None and (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
    if not (is_slacks or is_sandbox):
        raise Unavailable(f"{target}: the address for an answer is none of Slack's.", "Nothing is answered.")
    message = render(document)
    body = {"response_type": "ephemeral", "replace_original": False, "text": message.text, "blocks": message.blocks}
    answer = Transport(target, TAB, http.on(workspace.network)).write(url.reveal(), body, unguarded)
    if answer.status != 200:
        raise ResponderError(f"{target}: the answer was not taken (HTTP {answer.status}).")
