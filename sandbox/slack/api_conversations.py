"""The Web API's conversations methods: channels and their messages. Source: Slack's method reference."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.slack.api import Methods, find_channel, parse_bool, show
from sandbox.slack.model import Channel, Message, SlackError
from sandbox.slack.workspace import Workspace

METHODS = Methods()


@METHODS("conversations.list", "types exclude_archived limit cursor team_id", "channels:read groups:read")
def conversations(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    kinds = str(arguments.get("types") or "public_channel").split(",")
    if unknown := set(kinds) - {"public_channel", "private_channel", "im", "mpim"}:
        raise SlackError("invalid_types", response_metadata={"messages": [f"[ERROR] {', '.join(unknown)}"]})
    for kind, scope in (("public_channel", "channels:read"), ("private_channel", "groups:read")):
        if kind in kinds and scope not in workspace.scopes:
            raise workspace.missing_scope(scope)
    found = [
        channel
        for channel in workspace.channels()
        if ("private_channel" if channel.is_private else "public_channel") in kinds
        and (channel.is_member or not channel.is_private)
        and not channel.is_im
        and not (channel.is_archived and parse_bool(arguments.get("exclude_archived")))
    ]
    page, cursor = _page([channel.shown() for channel in found], arguments)
    return {"channels": page, "response_metadata": {"next_cursor": cursor}}


@METHODS("conversations.info", "channel include_locale include_num_members", "channels:read groups:read")
def info(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"channel": find_channel(workspace, arguments).shown()}


@METHODS("conversations.open", "users channel return_im prevent_creation", "im:write mpim:write", takes_json=True)
def open_conversation(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """With one person. Opened again, it is the same conversation."""
    named = [user for user in str(arguments.get("users") or "").split(",") if user]
    if not named:
        raise SlackError("users_list_not_supplied")
    if len(named) > 1:
        # The stand-in has no conversations of several; a client that needs them has to be seen.
        raise SlackError("not_enough_users" if "mpim:write" in workspace.scopes else "missing_scope")
    user = workspace.users.get(named[0])
    if user is None:
        raise SlackError("user_not_found")
    if user.deleted:
        raise SlackError("user_disabled")
    if user.is_bot:
        raise SlackError("cannot_dm_bot")
    known, channel = workspace.conversation(user.id)
    already = {"no_op": True, "already_open": True} if known else {}
    return {"channel": {"id": channel.id}, **already}


@METHODS("conversations.join", "channel", "channels:join", takes_json=True)
def join(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    channel = find_channel(workspace, arguments)
    if channel.is_archived:
        raise SlackError("is_archived")
    workspace.store.join(channel.id)
    return {"channel": find_channel(workspace, arguments).shown()}


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


def _readable(workspace: Workspace, arguments: Mapping[str, Any]) -> Channel:
    channel = find_channel(workspace, arguments)
    scope = "im:history" if channel.is_im else "groups:history" if channel.is_private else "channels:history"
    if scope not in workspace.scopes:
        raise workspace.missing_scope(scope)
    if not channel.is_member:
        raise SlackError("not_in_channel")
    return channel


def _bounds(arguments: Mapping[str, Any]) -> Callable[[Message], bool]:
    edges: dict[str, float | None] = {}
    for name in ("oldest", "latest"):
        try:
            edges[name] = float(arguments[name]) if arguments.get(name) else None
        except ValueError as error:
            raise SlackError(f"invalid_ts_{name}") from error
    inclusive, oldest, latest = parse_bool(arguments.get("inclusive")), edges["oldest"], edges["latest"]

    def inside(message: Message) -> bool:
        at = float(message.ts)
        if (at in (oldest, latest)) and not inclusive:
            return False
        return (oldest is None or at >= oldest) and (latest is None or at <= latest)

    return inside


_RANGE = "channel cursor limit oldest latest inclusive include_all_metadata"


@METHODS("conversations.history", _RANGE, "channels:history groups:history im:history")
def history(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    channel, inside = _readable(workspace, arguments), _bounds(arguments)
    # Replies are in their thread only, unless they were broadcast.
    found = [
        message
        for message in reversed(workspace.store.messages(channel.id))
        if inside(message) and (not message.thread_ts or message.reply_broadcast)
    ]
    page, cursor = _page(found, arguments)
    return {
        **_messages(workspace, page, cursor, arguments),
        "pin_count": 0,
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }


@METHODS("conversations.replies", "ts " + _RANGE, "channels:history groups:history im:history")
def replies(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    channel, inside = _readable(workspace, arguments), _bounds(arguments)
    parent = workspace.store.message(channel.id, str(arguments.get("ts") or ""))
    if parent is None:
        raise SlackError("thread_not_found")
    root = parent.thread_ts or parent.ts
    top = workspace.store.message(channel.id, root)
    found = [message for message in workspace.store.replies(channel.id, root) if inside(message)]
    # The parent comes first whatever the range says.
    page, cursor = _page([*([top] if top else []), *found], arguments)
    return _messages(workspace, page, cursor, arguments)


def _messages(workspace: Workspace, page: list[Message], cursor: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    with_metadata = parse_bool(arguments.get("include_all_metadata"))
    answer: dict[str, Any] = {
        "messages": [show(workspace, message, with_metadata) for message in page],
        "has_more": bool(cursor),
    }
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer
