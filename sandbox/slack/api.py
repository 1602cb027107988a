"""The Web API: which methods there are, what they take, and how they answer. Source: Slack's method reference."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from sandbox.slack import blocks as block_kit
from sandbox.slack.model import (
    APP_ID,
    BOT_ID,
    BOT_USER_ID,
    TEAM_ID,
    TEAM_NAME,
    USERS,
    Channel,
    Message,
    SlackError,
)
from sandbox.slack.store import shown

if TYPE_CHECKING:
    from sandbox.slack.standin import SlackStandIn

MAX_MESSAGE = 40_000
_TS = re.compile(r"\d{10}\.\d{6}")
_EMOJI = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")
BOT = {"user": BOT_USER_ID, "bot_id": BOT_ID, "app_id": APP_ID, "team": TEAM_ID}


@dataclass(frozen=True)
class Method:
    """A method: its arguments (besides ``token``), the scopes of which one is needed, whether it takes JSON."""

    run: Callable[[SlackStandIn, Mapping[str, Any]], dict[str, Any]]
    arguments: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    takes_json: bool = False


METHODS: dict[str, Method] = {}


def _method(name: str, arguments: str = "", scopes: str = "", takes_json: bool = False) -> Callable[..., Any]:
    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        METHODS[name] = Method(function, tuple(arguments.split()), tuple(scopes.split()), takes_json)
        return function

    return register


def truth(value: Any) -> bool:
    """A boolean as it comes in JSON or in a form. Raises ``SlackError``."""
    if value in (True, "1", "true", "True", "t"):
        return True
    if value in (None, False, "0", "false", "False", "f", ""):
        return False
    raise SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] not a boolean: {value}"]})


def _channel(site: SlackStandIn, arguments: Mapping[str, Any], by_name: bool = False) -> Channel:
    wanted = str(arguments.get("channel") or "")
    for channel in site.channels():
        names = (channel.name, "#" + channel.name) if by_name else ()
        # A private channel that the bot is not in does not exist for it.
        if wanted and wanted in (channel.id, *names) and (channel.is_member or not channel.is_private):
            return channel
    raise SlackError("channel_not_found")


def _message(site: SlackStandIn, channel: Channel, ts: Any) -> Message:
    found = site.store.message(channel.id, str(ts or ""))
    if found is None:
        raise SlackError("message_not_found")
    return found


def _shown(site: SlackStandIn, message: Message, with_metadata: bool = True) -> dict[str, Any]:
    replies = [] if message.thread_ts else site.store.replies(message.channel, message.ts)
    return shown(message, replies, BOT, with_metadata)


# --- who am I --------------------------------------------------------------------------------------------------------


@_method("api.test", "error foo", takes_json=True)
def api_test(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    if arguments.get("error"):
        raise SlackError(str(arguments["error"]))
    return {"args": dict(arguments)}


@_method("auth.test", takes_json=True)
def auth_test(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "url": "https://sandbox.slack.com/",
        "team": TEAM_NAME,
        "user": USERS[BOT_USER_ID][0],
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


@_method("users.info", "user include_locale", "users:read")
def users_info(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    number = str(arguments.get("user") or "")
    if number not in USERS:
        raise SlackError("user_not_found")
    name, real_name = USERS[number]
    return {
        "user": {
            "id": number,
            "team_id": TEAM_ID,
            "name": name,
            "real_name": real_name,
            "deleted": False,
            "is_bot": number == BOT_USER_ID,
            "is_app_user": False,
            "updated": 1700000000,
            "tz": "Etc/UTC",
            "profile": {
                "real_name": real_name,
                "display_name": name,
                "real_name_normalized": real_name,
                "display_name_normalized": name,
                "avatar_hash": "0" * 12,
                "team": TEAM_ID,
            },
        }
    }


# --- messages --------------------------------------------------------------------------------------------------------


def content(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Text, blocks, attachments and metadata of a message to be, checked. Raises ``SlackError``."""
    text = arguments.get("text") or ""
    if not isinstance(text, str):
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] text must be a string"]})
    if len(text) > MAX_MESSAGE:
        raise SlackError("msg_too_long")
    checked = block_kit.check(arguments["blocks"]) if arguments.get("blocks") else []
    attachments = arguments.get("attachments") or []
    if not isinstance(attachments, list):
        raise SlackError("invalid_attachments")
    if len(attachments) > 100:
        raise SlackError("too_many_attachments")
    if not (text.strip() or checked or attachments):
        raise SlackError("no_text")
    return {
        "text": text,
        "blocks": checked,
        "attachments": attachments,
        "metadata": _metadata(arguments.get("metadata")),
        "mrkdwn": truth(arguments.get("mrkdwn", True)),
        "link_names": truth(arguments.get("link_names")) or arguments.get("parse") == "full",
    }


def _metadata(value: Any) -> dict[str, Any]:
    if not value:
        return {}
    if (
        not isinstance(value, dict)
        or set(value) != {"event_type", "event_payload"}
        or not isinstance(value["event_payload"], dict)
        or not re.fullmatch(r"\w{1,255}", str(value["event_type"]))
    ):
        raise SlackError("invalid_metadata_format")
    return value


@_method(
    "chat.postMessage",
    "channel text blocks attachments thread_ts reply_broadcast metadata mrkdwn parse link_names "
    "unfurl_links unfurl_media username icon_emoji icon_url",
    "chat:write",
    takes_json=True,
)
def post_message(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    channel = _channel(site, arguments, by_name=True)
    if not channel.is_member and "chat:write.public" not in site.scopes:
        raise SlackError("not_in_channel")
    if channel.is_archived:
        raise SlackError("is_archived")
    if {"username", "icon_emoji", "icon_url"} & set(arguments) and "chat:write.customize" not in site.scopes:
        raise site.missing_scope("chat:write.customize")
    checked = content(arguments)
    for name in ("unfurl_links", "unfurl_media"):
        truth(arguments.get(name))
    message = Message(
        channel.id,
        site.store.new_ts(),
        thread_ts=_thread(site, channel, arguments.get("thread_ts")),
        username=str(arguments.get("username") or ""),
        reply_broadcast=truth(arguments.get("reply_broadcast")),
        **checked,
    )
    site.store.save(message)
    return {"channel": channel.id, "ts": message.ts, "message": _shown(site, message)}


def _thread(site: SlackStandIn, channel: Channel, thread_ts: Any) -> str:
    if not thread_ts:
        return ""
    if not isinstance(thread_ts, str) or not _TS.fullmatch(thread_ts):
        raise SlackError("invalid_thread_ts")
    parent = site.store.message(channel.id, thread_ts)
    if parent is None:
        raise SlackError("thread_not_found")
    if parent.thread_ts:
        # Slack says not to use a reply's time stamp; the stand-in holds a client to it.
        raise SlackError("cannot_reply_to_message")
    return thread_ts


@_method(
    "chat.update",
    "channel ts text blocks attachments metadata parse link_names reply_broadcast",
    "chat:write",
    takes_json=True,
)
def update(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    channel = _channel(site, arguments)
    message = _message(site, channel, arguments.get("ts"))
    if message.via != "api":
        raise SlackError("cant_update_message")
    checked = content(arguments)
    message.text, message.edited = checked["text"], f"{time.time():.6f}"
    # What is not given stays; an empty list takes the blocks away.
    for name in ("blocks", "attachments", "metadata"):
        if name in arguments:
            setattr(message, name, checked[name])
    site.store.save(message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": _shown(site, message)}


@_method("chat.delete", "channel ts", "chat:write", takes_json=True)
def delete(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    channel = _channel(site, arguments)
    message = _message(site, channel, arguments.get("ts"))
    site.store.delete(message)
    return {"channel": channel.id, "ts": message.ts}


@_method("chat.getPermalink", "channel message_ts")
def permalink(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    channel = _channel(site, arguments)
    message = _message(site, channel, arguments.get("message_ts"))
    return {"channel": channel.id, "permalink": site.permalink(message)}


# --- conversations ---------------------------------------------------------------------------------------------------


@_method("conversations.list", "types exclude_archived limit cursor team_id", "channels:read groups:read")
def conversations(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    kinds = str(arguments.get("types") or "public_channel").split(",")
    if unknown := set(kinds) - {"public_channel", "private_channel", "im", "mpim"}:
        raise SlackError("invalid_types", response_metadata={"messages": [f"[ERROR] {', '.join(unknown)}"]})
    for kind, scope in (("public_channel", "channels:read"), ("private_channel", "groups:read")):
        if kind in kinds and scope not in site.scopes:
            raise site.missing_scope(scope)
    found = [
        channel
        for channel in site.channels()
        if ("private_channel" if channel.is_private else "public_channel") in kinds
        and (channel.is_member or not channel.is_private)
        and not (channel.is_archived and truth(arguments.get("exclude_archived")))
    ]
    page, cursor = _page([channel.shown() for channel in found], arguments)
    return {"channels": page, "response_metadata": {"next_cursor": cursor}}


@_method("conversations.info", "channel include_locale include_num_members", "channels:read groups:read")
def info(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"channel": _channel(site, arguments).shown()}


@_method("conversations.join", "channel", "channels:join", takes_json=True)
def join(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    channel = _channel(site, arguments)
    if channel.is_archived:
        raise SlackError("is_archived")
    site.store.join(channel.id)
    return {"channel": _channel(site, arguments).shown()}


def _page(things: list[Any], arguments: Mapping[str, Any]) -> tuple[list[Any], str]:
    text = str(arguments.get("limit") or "100")
    if not text.isdigit() or not 0 < int(text) <= 1000:
        raise SlackError("invalid_limit")
    start = 0
    if arguments.get("cursor"):
        try:
            start = int(base64.b64decode(str(arguments["cursor"])).decode().removeprefix("next:"))
        except ValueError as error:
            raise SlackError("invalid_cursor") from error
    end = start + int(text)
    return things[start:end], base64.b64encode(f"next:{end}".encode()).decode() if end < len(things) else ""


def _readable(site: SlackStandIn, arguments: Mapping[str, Any]) -> Channel:
    channel = _channel(site, arguments)
    scope = "groups:history" if channel.is_private else "channels:history"
    if scope not in site.scopes:
        raise site.missing_scope(scope)
    if not channel.is_member:
        raise SlackError("not_in_channel")
    return channel


def _bounds(arguments: Mapping[str, Any]) -> Callable[[Message], bool]:
    edges: dict[str, Optional[float]] = {}
    for name in ("oldest", "latest"):
        try:
            edges[name] = float(arguments[name]) if arguments.get(name) else None
        except ValueError as error:
            raise SlackError(f"invalid_ts_{name}") from error
    inclusive, oldest, latest = truth(arguments.get("inclusive")), edges["oldest"], edges["latest"]

    def inside(message: Message) -> bool:
        at = float(message.ts)
        if (at == oldest or at == latest) and not inclusive:
            return False
        return (oldest is None or at >= oldest) and (latest is None or at <= latest)

    return inside


_RANGE = "channel cursor limit oldest latest inclusive include_all_metadata"


@_method("conversations.history", _RANGE, "channels:history groups:history")
def history(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    channel, inside = _readable(site, arguments), _bounds(arguments)
    # Replies are in their thread only, unless they were broadcast.
    found = [
        message
        for message in reversed(site.store.messages(channel.id))
        if inside(message) and (not message.thread_ts or message.reply_broadcast)
    ]
    page, cursor = _page(found, arguments)
    return {
        **_messages(site, page, cursor, arguments),
        "pin_count": 0,
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }


@_method("conversations.replies", "ts " + _RANGE, "channels:history groups:history")
def replies(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    channel, inside = _readable(site, arguments), _bounds(arguments)
    parent = site.store.message(channel.id, str(arguments.get("ts") or ""))
    if parent is None:
        raise SlackError("thread_not_found")
    root = parent.thread_ts or parent.ts
    top = site.store.message(channel.id, root)
    found = [message for message in site.store.replies(channel.id, root) if inside(message)]
    # The parent comes first whatever the range says.
    page, cursor = _page([*([top] if top else []), *found], arguments)
    return _messages(site, page, cursor, arguments)


def _messages(site: SlackStandIn, page: list[Message], cursor: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    with_metadata = truth(arguments.get("include_all_metadata"))
    answer: dict[str, Any] = {
        "messages": [_shown(site, message, with_metadata) for message in page],
        "has_more": bool(cursor),
    }
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


# --- reactions -------------------------------------------------------------------------------------------------------


def react(message: Message, name: str, user: str) -> None:
    """Add a user's reaction. Raises ``SlackError``."""
    if not _EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    for reaction in message.reactions:
        if reaction["name"] == name:
            if user in reaction["users"]:
                raise SlackError("already_reacted")
            reaction["users"].append(user)
            reaction["count"] += 1
            return
    message.reactions.append({"name": name, "users": [user], "count": 1})


def unreact(message: Message, name: str, user: str) -> None:
    """Take a user's reaction away. Raises ``SlackError``."""
    for reaction in message.reactions:
        if reaction["name"] == name and user in reaction["users"]:
            reaction["users"].remove(user)
            reaction["count"] -= 1
            message.reactions = [one for one in message.reactions if one["count"]]
            return
    raise SlackError("no_reaction")


@_method("reactions.add", "channel name timestamp", "reactions:write", takes_json=True)
def reactions_add(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    message = _message(site, _channel(site, arguments), arguments.get("timestamp"))
    react(message, str(arguments.get("name") or ""), BOT_USER_ID)
    site.store.save(message)
    return {}


@_method("reactions.remove", "channel name timestamp", "reactions:write", takes_json=True)
def reactions_remove(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    message = _message(site, _channel(site, arguments), arguments.get("timestamp"))
    unreact(message, str(arguments.get("name") or ""), BOT_USER_ID)
    site.store.save(message)
    return {}


@_method("reactions.get", "channel timestamp full", "reactions:read")
def reactions_get(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    if not arguments.get("timestamp"):
        raise SlackError("no_item_specified")
    channel = _channel(site, arguments)
    message = _message(site, channel, arguments["timestamp"])
    answer = _shown(site, message, with_metadata=False)
    answer["permalink"] = site.permalink(message)
    if not truth(arguments.get("full")):
        # Without "full" the list of users may be cut short; here it always is, so that nobody relies on it.
        answer["reactions"] = [{**one, "users": one["users"][:1]} for one in message.reactions]
    return {"type": "message", "channel": channel.id, "message": answer}
