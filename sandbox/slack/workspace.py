"""A Slack workspace: its channels, its state, its credentials, and what tests can look at and do."""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.slack import mrkdwn
from sandbox.slack.model import (
    ALL_SCOPES,
    DEFAULT_CHANNELS,
    TEAM_ID,
    Channel,
    Message,
    SlackError,
    User,
    UserGroup,
    default_users,
)
from sandbox.slack.socket_mode import PATH as LINK_PATH
from sandbox.slack.socket_mode import SocketMode
from sandbox.slack.store import Store
from sandbox.standin import StandIn


@dataclass(frozen=True)
class SlackCredentials:
    """What the setup page asks for: a bot token, or an incoming webhook's URL; for Socket Mode an app-level token."""

    bot_token: str = field(repr=False)
    webhook_url: str = field(repr=False)
    api_url: str
    app_token: str = field(repr=False, default="")


@dataclass(frozen=True)
class MessageSeen:
    """A message as a test wants to look at it.

    ``visible_text``: what a person reads. ``live``: unescaped control sequences (mentions and links), ``mentions``:
    those of them that notify people. ``via``: ``api`` or ``webhook``.
    """

    channel: str
    ts: str
    thread_ts: str
    text: str
    visible_text: str
    live: Sequence[str]
    mentions: Sequence[str]
    blocks: Sequence[dict[str, Any]] = field(repr=False)
    metadata: dict[str, Any]
    reactions: dict[str, Sequence[str]]
    via: str
    edited: bool


class Workspace(StandIn):
    """What the methods work on; ``SlackStandIn`` serves it."""

    name = "slack"

    def __init__(
        self,
        port: int = 0,
        db: str | None = None,
        channels: Sequence[Channel] = DEFAULT_CHANNELS,
        scopes: Sequence[str] = ALL_SCOPES,
        webhook_channel: str = "security-alerts",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(port, tls)
        self._channels = list(channels)
        self.scopes = list(scopes)
        self.webhook_channel = webhook_channel
        self.store = Store(db)
        self._token = self.store.setting("bot_token", "xoxb-sandbox-" + secrets.token_hex(16))
        self._app_token = self.store.setting("app_token", "xapp-1-sandbox-" + secrets.token_hex(16))
        self.users: dict[str, User] = default_users()
        self.groups: dict[str, UserGroup] = {}
        #: The organization that the workspace belongs to, on Enterprise Grid.
        self.enterprise_id = ""
        #: Whether the token is one of the whole organization.
        self.is_enterprise_install = False
        self.socket = SocketMode()
        self.webhook_id = self.store.setting("webhook_id", "B" + secrets.token_hex(5).upper())
        self.webhook_secret = self.store.setting("webhook_secret", secrets.token_hex(12))

    @property
    def api_url(self) -> str:
        """The base URL of the Web API, as slack_sdk's ``base_url`` wants it."""
        return self.url + "/api/"

    @property
    def webhook_url(self) -> str:
        return f"{self.url}/services/{TEAM_ID}/{self.webhook_id}/{self.webhook_secret}"

    @property
    def credentials(self) -> SlackCredentials:
        return SlackCredentials(self._token, self.webhook_url, self.api_url, self._app_token)

    @property
    def link_url(self) -> str:
        """An address for one link of Socket Mode."""
        return f"{self.url.replace('http', 'ws', 1)}{LINK_PATH}?{self.socket.ticket()}"

    # --- for tests --------------------------------------------------------------------------------------------------

    def channels(self) -> list[Channel]:
        return self.store.channels(self._channels)

    def archive(self, name: str) -> None:
        """As a person does with a channel given by id or name. Raises ``KeyError``."""
        number = self.channel_id(name)
        self._channels = [replace(one, is_archived=one.is_archived or one.id == number) for one in self._channels]

    def conversation(self, user: str) -> tuple[bool, Channel]:
        """The conversation of the bot with somebody, and whether there was one before."""
        number = "D" + user[1:]
        known = next((channel for channel in self._channels if channel.id == number), None)
        if known is not None:
            return True, known
        made = Channel(number, user, is_private=True, is_im=True)
        self._channels.append(made)
        return False, made

    def channel_id(self, name: str) -> str:
        """The id of a channel given by id or name. Raises ``KeyError``."""
        for channel in self._channels:
            if name.lstrip("#") in (channel.id, channel.name):
                return channel.id
        raise KeyError(name)

    def messages(self, channel: str | None = None) -> list[MessageSeen]:
        """Messages of a channel (name or id; without it of all channels) with their replies, oldest first."""
        wanted = [one.id for one in self._channels] if channel is None else [self.channel_id(channel)]
        with self.effects:
            return [_seen(message) for number in wanted for message in self.store.messages(number)]

    def react(self, channel: str, ts: str, name: str, user: str) -> None:
        """Do as a person would: add a reaction of ``user`` (an id). Raises ``KeyError``, ``SlackError``."""
        self._change(channel, ts, lambda message: message.add_reaction(name, user))

    def unreact(self, channel: str, ts: str, name: str, user: str) -> None:
        """Do as a person would: take a reaction away. Raises ``KeyError``, ``SlackError``."""
        self._change(channel, ts, lambda message: message.remove_reaction(name, user))

    def _change(self, channel: str, ts: str, change: Callable[[Message], None]) -> None:
        with self.effects:
            message = self.store.message(self.channel_id(channel), ts)
            if message is None:
                raise KeyError(ts)
            change(message)
            self.store.save(message)

    def let_in(self, number: str, name: str, real_name: str, **more: Any) -> None:
        """Have one person more, of this workspace or another; ``more``: as of ``User``."""
        self.users[number] = User(number, name, real_name, **more)

    def permalink(self, message: Message) -> str:
        """Slack's own form, leading to the sandbox's page of the channel."""
        anchor = "p" + message.ts.replace(".", "")
        return f"{self.url}/archives/{message.channel}/{anchor}#{anchor}"

    def missing_scope(self, needed: str) -> SlackError:
        return SlackError("missing_scope", needed=needed, provided=",".join(self.scopes))


def _seen(message: Message) -> MessageSeen:
    return MessageSeen(
        message.channel,
        message.ts,
        message.thread_ts,
        message.text,
        mrkdwn.visible_text(message),
        mrkdwn.live(message),
        mrkdwn.mentions(message),
        message.blocks,
        message.metadata,
        {one["name"]: tuple(one["users"]) for one in message.reactions},
        message.via,
        bool(message.edited),
    )
