"""The Slack stand-in itself: who may come in, which method answers, and what tests can look at."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from werkzeug.wrappers import Request, Response

from sandbox.faults import Fault
from sandbox.slack import api, api_conversations, api_messages, api_reactions, mrkdwn, pages, webhook
from sandbox.slack.model import ALL_SCOPES, DEFAULT_CHANNELS, TEAM_ID, Channel, Message, SlackError
from sandbox.slack.store import Store
from sandbox.standin import Recorded, StandIn, json_response

_METHODS = {
    **api.METHODS.known,
    **api_messages.METHODS.known,
    **api_conversations.METHODS.known,
    **api_reactions.METHODS.known,
}
_JSON_ARGUMENTS = ("blocks", "attachments", "metadata")


@dataclass(frozen=True)
class SlackCredentials:
    """What the setup page asks for: a bot token, or an incoming webhook's URL."""

    bot_token: str = field(repr=False)
    webhook_url: str = field(repr=False)
    api_url: str


@dataclass(frozen=True)
class MessageSeen:
    """A message as a test wants to look at it.

    ``words``: what a person reads. ``live``: unescaped control sequences (mentions and links), ``mentions``: those of
    them that notify people. ``via``: ``api`` or ``webhook``.
    """

    channel: str
    ts: str
    thread_ts: str
    text: str
    words: str
    live: Sequence[str]
    mentions: Sequence[str]
    blocks: Sequence[dict[str, Any]] = field(repr=False)
    metadata: dict[str, Any]
    reactions: dict[str, Sequence[str]]
    via: str
    edited: bool


class SlackStandIn(StandIn):
    """A Slack workspace on loopback: the Web API at ``api_url`` and one incoming webhook at ``webhook_url``.

    ``db``: a file to keep the state in; without it the state dies with the object. ``scopes`` is what the bot token was
    granted; it may be changed at any time, as may ``webhook_channel``, the name of the channel the webhook posts to.
    """

    name = "slack"

    def __init__(
        self,
        port: int = 0,
        db: Optional[str] = None,
        channels: Sequence[Channel] = DEFAULT_CHANNELS,
        scopes: Sequence[str] = ALL_SCOPES,
        webhook_channel: str = "security-alerts",
    ) -> None:
        super().__init__(port)
        self._channels = list(channels)
        self.scopes = list(scopes)
        self.webhook_channel = webhook_channel
        self.store = Store(db)
        self._token = self.store.setting("bot_token", "xoxb-sandbox-" + secrets.token_hex(16))
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
        return SlackCredentials(self._token, self.webhook_url, self.api_url)

    # --- for tests --------------------------------------------------------------------------------------------------

    def channels(self) -> list[Channel]:
        return self.store.channels(self._channels)

    def channel_id(self, name: str) -> str:
        """The id of a channel given by id or name. Raises ``KeyError``."""
        for channel in self._channels:
            if name.lstrip("#") in (channel.id, channel.name):
                return channel.id
        raise KeyError(name)

    def messages(self, channel: Optional[str] = None) -> list[MessageSeen]:
        """Messages of a channel (name or id; without it of all channels) with their replies, oldest first."""
        wanted = [one.id for one in self._channels] if channel is None else [self.channel_id(channel)]
        with self.effects:
            return [_seen(message) for number in wanted for message in self.store.messages(number)]

    def react(self, channel: str, ts: str, name: str, user: str) -> None:
        """Do as a person would: add a reaction of ``user`` (an id). Raises ``KeyError``, ``SlackError``."""
        self._change(channel, ts, lambda message: api_reactions.react(message, name, user))

    def unreact(self, channel: str, ts: str, name: str, user: str) -> None:
        """Do as a person would: take a reaction away. Raises ``KeyError``, ``SlackError``."""
        self._change(channel, ts, lambda message: api_reactions.unreact(message, name, user))

    def _change(self, channel: str, ts: str, change: Callable[[Message], None]) -> None:
        with self.effects:
            message = self.store.message(self.channel_id(channel), ts)
            if message is None:
                raise KeyError(ts)
            change(message)
            self.store.save(message)

    def permalink(self, message: Message) -> str:
        """Slack's own form, leading to the sandbox's page of the channel."""
        anchor = "p" + message.ts.replace(".", "")
        return f"{self.url}/archives/{message.channel}/{anchor}#{anchor}"

    def missing_scope(self, needed: str) -> SlackError:
        return SlackError("missing_scope", needed=needed, provided=",".join(self.scopes))

    # --- serving ----------------------------------------------------------------------------------------------------

    def routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        rules: list[tuple[str, str, Callable[..., Any]]] = [
            (verb, "/api/<method>", self._web_api) for verb in ("GET", "POST")
        ]
        rules.append(("POST", "/services/<team>/<service>/<secret>", self._webhook))
        return rules + [(verb, path, self._page(function)) for verb, path, function in pages.routes.rules]

    def call(self, function: Callable[..., Any], request: Request, arguments: dict[str, Any]) -> Response:
        response: Response = function(request, **arguments)
        return response

    def fault_response(self, path: str, fault: Fault) -> Response:
        if fault.body or not path.startswith("/api/"):
            return super().fault_response(path, fault)
        code = "ratelimited" if fault.status == 429 else "internal_error"
        return json_response({"ok": False, "error": code}, fault.status, fault.headers)

    def _page(self, function: Callable[..., Response]) -> Callable[..., Response]:
        return lambda request, **arguments: function(self, **arguments)

    def _webhook(self, request: Request, team: str, service: str, secret: str) -> Response:
        return webhook.receive(self, request, team, service, secret, lambda why: self._note(request, why))

    def _web_api(self, request: Request, method: str) -> Response:
        headers = {"x-oauth-scopes": ",".join(self.scopes)}
        known = _METHODS.get(method)
        try:
            if known is None:
                self._note(request, "no such method")
                raise SlackError("unknown_method", req_method=method)
            given = self._arguments(request, known)
            self._authenticate(request, given.pop("token", None))
            headers["x-accepted-oauth-scopes"] = ",".join(known.scopes)
            if unknown := sorted(set(given) - set(known.arguments)):
                self._note(request, f"unknown arguments: {', '.join(unknown)}")
                raise SlackError(
                    "invalid_arg_name",
                    response_metadata={"messages": [f"[ERROR] unknown argument: {one}" for one in unknown]},
                )
            if known.scopes and not set(known.scopes) & set(self.scopes):
                raise self.missing_scope(known.scopes[0])
            return json_response({"ok": True, **known.run(self, given)}, headers=headers)
        except SlackError as error:
            if error.code in ("not_authed", "invalid_auth"):
                headers = {}
            return json_response({"ok": False, "error": error.code, **error.extra}, headers=headers)

    def _arguments(self, request: Request, method: api.Method) -> dict[str, Any]:
        given: dict[str, Any] = dict(request.args.items())
        if request.mimetype == "application/json":
            body = request.get_json(silent=True)
            if body is None and request.get_data():
                raise SlackError("invalid_json")
            if body is not None and not isinstance(body, dict):
                raise SlackError("json_not_object")
            if body and not method.takes_json:
                self._note(request, "this method takes no JSON body, only form data or a query string")
                raise SlackError("invalid_post_type")
            given |= body or {}
        else:
            given |= dict(request.form.items())
            for name in set(_JSON_ARGUMENTS) & set(given):
                given[name] = _decoded(name, given[name])
        return {name: value for name, value in given.items() if value is not None}

    def _authenticate(self, request: Request, token: Any) -> None:
        header = request.headers.get("Authorization", "")
        given = header.removeprefix("Bearer ") if header.startswith("Bearer ") else token
        if not given:
            raise SlackError("not_authed")
        if given != self._token:
            raise SlackError("invalid_auth")

    def _note(self, request: Request, why: str) -> None:
        entry: Recorded = request.environ["sandbox.entry"]
        self.note_unknown(entry, why)


def _decoded(name: str, text: str) -> Any:
    try:
        return json.loads(text) if text else []
    except ValueError as error:
        codes: Mapping[str, str] = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}
        raise SlackError(codes.get(name, "invalid_attachments")) from error


def _seen(message: Message) -> MessageSeen:
    return MessageSeen(
        message.channel,
        message.ts,
        message.thread_ts,
        message.text,
        mrkdwn.words(message),
        mrkdwn.live(message),
        mrkdwn.mentions(message),
        message.blocks,
        message.metadata,
        {one["name"]: tuple(one["users"]) for one in message.reactions},
        message.via,
        bool(message.edited),
    )
