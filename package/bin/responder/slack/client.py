"""Messages in Slack: post one, answer in its thread, find it again.

With a bot token a message carries its marker as metadata, and an unknown outcome can be looked up in the channel's
history. An incoming webhook gives nothing back and cannot be asked: ``can_look_up`` is False, and whether to risk a
second message after an unknown outcome is the caller's decision. Source: docs.slack.dev, "chat.postMessage",
"Message metadata", "conversations.history", "Sending messages using incoming webhooks".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, Iterator, Optional, Set
from urllib.parse import urlsplit

from ..documents.document import Document
from ..errors import ConfigurationError, NotPermitted
from ..http_failures import quoted
from ..settings.model import LOOPBACK, Http, SlackWorkspace
from . import blocks as slack
from .connection import TAB, SlackConnection

EVENT_TYPE = "cloudtrail_responder_case"
#: Clocks of ours and of Slack may differ by this many seconds when we look for what we posted "since".
SKEW = 120.0
#: Needed for every message; and for looking one up in a public channel.
POST_SCOPE = "chat:write"
LOOK_UP_SCOPES = ("channels:history", "channels:read")
_PAGE, _PAGES = 100, 10
_WEBHOOK_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{7,}")


@dataclass(frozen=True)
class Posted:
    """Where a message stands. Empty fields where Slack does not say (webhooks)."""

    #: The channel's id, whatever it was named by.
    channel: str
    #: Time stamp, the message's id in its channel and the name of the thread under it.
    ts: str
    permalink: str = ""


class Chat:
    """One Slack workspace.

    Every method may raise NotPermitted, ConfigurationError, Rejected or Unavailable; ``post`` also UnknownOutcome,
    after which only ``find`` tells whether it did.
    """

    def __init__(self, workspace: SlackWorkspace, http: Http) -> None:
        self._workspace = workspace
        self._slack = SlackConnection(workspace, http)
        self._channel_ids: Dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Chat({self._workspace.name!r})"

    @property
    def can_look_up(self) -> bool:
        """Whether ``find`` can tell if a message was posted, and threads exist."""
        return self._workspace.auth_type == "bot"

    def post(self, channel: str, document: Document, marker: str, thread_ts: Optional[str] = None) -> Posted:
        """Post a message, with ``thread_ts`` as a reply; one request. ``channel`` is a name or an id, empty = default.

        A webhook posts to its own channel, without marker and thread, and answers ``Posted("", "")``.
        """
        message = slack.render(document)
        # Markup is off for the text, nothing is unfurled, no name is turned into a mention.
        body: Dict[str, Any] = {
            "text": message.text,
            "blocks": message.blocks,
            "mrkdwn": False,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if not self.can_look_up:
            self._slack.webhook(body)
            return Posted("", "")
        body.update(channel=self._channel(channel), link_names=False)
        body["metadata"] = {"event_type": EVENT_TYPE, "event_payload": {"marker": marker}}
        if thread_ts:
            body["thread_ts"] = thread_ts
        answer = self._slack.call("chat.postMessage", write=True, **body)
        return Posted(str(answer["channel"]), str(answer["ts"]))

    def find(self, channel: str, marker: str, since: float, thread_ts: Optional[str] = None) -> Optional[Posted]:
        """The message with a marker posted ``since`` (epoch seconds), in the channel or in a thread; None if none.

        Needs the scopes channels:history (groups:history for a private channel), and channels:read (groups:read)
        where the channel is given by name.
        """
        if not self.can_look_up:
            raise ConfigurationError(
                f"{self._slack.where}: a webhook cannot look a message up.", f"Use a bot token {TAB} for that."
            )
        where = self._channel_id(self._channel(channel))
        arguments = {"channel": where, "oldest": f"{since - SKEW:.6f}", "include_all_metadata": True, "limit": _PAGE}
        method = "conversations.history"
        if thread_ts:
            method, arguments["ts"] = "conversations.replies", thread_ts
        for page in self._pages(method, arguments):
            for message in page.get("messages") or []:
                metadata = message.get("metadata") or {}
                payload = metadata.get("event_payload") or {}
                if metadata.get("event_type") == EVENT_TYPE and payload.get("marker") == marker:
                    return Posted(where, str(message["ts"]))
        return None

    def permalink(self, posted: Posted) -> str:
        """The address of a message for people's browsers; empty where Slack gave no time stamp."""
        if not posted.ts:
            return ""
        answer = self._slack.call("chat.getPermalink", channel=posted.channel, message_ts=posted.ts)
        return str(answer.get("permalink") or "")

    def check(self) -> str:
        """For the setup page: that the credential works and may post. Posts nothing, so a webhook is not tested."""
        if not self.can_look_up:
            return self._check_webhook()
        answer = self._slack.call("auth.test")
        team, user = quoted(str(answer.get("team") or "?")), quoted(str(answer.get("user") or "?"))
        said = f"Connected to Slack workspace {team} as {user}"
        headers = {str(name).lower(): str(value) for name, value in dict(answer.headers or {}).items()}
        if "x-oauth-scopes" not in headers:
            return f"{said}."
        scopes = {scope.strip() for scope in headers["x-oauth-scopes"].split(",")}
        if POST_SCOPE not in scopes:
            raise NotPermitted(
                f"{said}, but the app lacks the scope {POST_SCOPE}.", "Add it to the Slack app and install it again."
            )
        missing = [scope for scope in LOOK_UP_SCOPES if scope not in scopes]
        if missing:
            return f"{said}. Without {', '.join(missing)} it cannot look up whether a message arrived."
        if not self._workspace.default_channel:
            return f"{said}; no default channel is set, so each alert action has to name one."
        return f"{said}, who may post in {self._check_channel(scopes)}."

    def _check_channel(self, scopes: Set[str]) -> str:
        """Name of the default channel. Raises when the app cannot post in it."""
        wanted = self._channel("")
        channel = self._slack.call("conversations.info", channel=self._channel_id(wanted))["channel"]
        name = quoted(str(channel.get("name") or wanted))
        if channel.get("is_archived"):
            raise ConfigurationError(f"{self._slack.where}: channel #{name} is archived.", f"Choose another {TAB}.")
        if channel.get("is_member") is False and "chat:write.public" not in scopes:
            raise NotPermitted(
                f"{self._slack.where}: the app is not in channel #{name}.", "Invite it (/invite @app), then save again."
            )
        return f"#{name}"

    def _check_webhook(self) -> str:
        parts = urlsplit(self._workspace.webhook_url.reveal())
        if parts.hostname not in (*_WEBHOOK_HOSTS, *LOOPBACK) or not re.match(r"/services/.", parts.path):
            raise ConfigurationError(
                f"{self._slack.where}: the webhook is not an address of Slack's incoming webhooks.",
                f"Enter one like https://hooks.slack.com/services/... {TAB}.",
            )
        return "The webhook has the right form. It is not tested: that would post a message."

    def _channel(self, channel: str) -> str:
        chosen = (channel or self._workspace.default_channel).strip()
        if not chosen:
            raise ConfigurationError(
                f"{self._slack.where}: no channel is set.", f"Enter one in the alert action, or a default {TAB}."
            )
        return chosen

    def _channel_id(self, channel: str) -> str:
        """The id of a channel: only posting takes a name."""
        if _CHANNEL_ID.fullmatch(channel):
            return channel
        name = channel.lstrip("#").lower()
        if name not in self._channel_ids:
            self._channel_ids[name] = self._look_up_channel(name)
        return self._channel_ids[name]

    def _look_up_channel(self, name: str) -> str:
        # One kind after the other: private channels need a scope that not every app has.
        for kind in ("public_channel", "private_channel"):
            arguments = {"types": kind, "exclude_archived": True, "limit": 1000}
            for page in self._pages("conversations.list", arguments):
                for found in page.get("channels") or []:
                    if str(found.get("name", "")).lower() == name:
                        return str(found["id"])
        raise ConfigurationError(
            f"{self._slack.where}: there is no channel #{name} that the app can see.",
            "Correct the channel (its id is safest), and invite the app if it is private.",
        )

    def _pages(self, method: str, arguments: Dict[str, Any]) -> Iterator[Any]:
        cursor = ""
        for _ in range(_PAGES):
            page = self._slack.call(method, **({**arguments, "cursor": cursor} if cursor else arguments))
            yield page
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return
