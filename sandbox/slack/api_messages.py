"""The Web API's chat methods: post, update, delete, permalink. Source: Slack's method reference."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from sandbox.slack import blocks as block_kit
from sandbox.slack.api import Methods, find_channel, find_message, parse_bool, show
from sandbox.slack.model import Channel, Message, SlackError
from sandbox.slack.workspace import Workspace

METHODS = Methods()
MAX_MESSAGE = 40_000
_TS = re.compile(r"\d{10}\.\d{6}")


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
        "mrkdwn": parse_bool(arguments.get("mrkdwn", True)),
        "link_names": parse_bool(arguments.get("link_names")) or arguments.get("parse") == "full",
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


@METHODS(
    "chat.postMessage",
    "channel text blocks attachments thread_ts reply_broadcast metadata mrkdwn parse link_names "
    "unfurl_links unfurl_media username icon_emoji icon_url as_user",
    "chat:write",
    takes_json=True,
)
def post_message(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    channel = find_channel(workspace, arguments, by_name=True)
    if not channel.is_member and "chat:write.public" not in workspace.scopes:
        raise SlackError("not_in_channel")
    if channel.is_archived:
        raise SlackError("is_archived")
    if {"username", "icon_emoji", "icon_url"} & set(arguments) and "chat:write.customize" not in workspace.scopes:
        raise workspace.missing_scope("chat:write.customize")
    if parse_bool(arguments.get("as_user")):
        # Old clients still send it; it works for classic apps only.
        raise SlackError("as_user_not_supported")
    checked = content(arguments)
    for name in ("unfurl_links", "unfurl_media"):
        parse_bool(arguments.get(name))
    message = Message(
        channel.id,
        workspace.store.new_ts(),
        thread_ts=_thread(workspace, channel, arguments.get("thread_ts")),
        username=str(arguments.get("username") or ""),
        reply_broadcast=parse_bool(arguments.get("reply_broadcast")),
        **checked,
    )
    workspace.store.save(message)
    return {"channel": channel.id, "ts": message.ts, "message": show(workspace, message)}


def _thread(workspace: Workspace, channel: Channel, thread_ts: Any) -> str:
    if not thread_ts:
        return ""
    if not isinstance(thread_ts, str) or not _TS.fullmatch(thread_ts):
        raise SlackError("invalid_thread_ts")
    parent = workspace.store.message(channel.id, thread_ts)
    if parent is None:
        raise SlackError("thread_not_found")
    if parent.thread_ts:
        # Slack's documentation warns against a reply's time stamp; the stand-in holds a client to it.
        raise SlackError("cannot_reply_to_message")
    return thread_ts


@METHODS(
    "chat.update",
    "channel ts text blocks attachments metadata parse link_names reply_broadcast",
    "chat:write",
    takes_json=True,
)
def update(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    channel = find_channel(workspace, arguments)
    message = find_message(workspace, channel, arguments.get("ts"))
    if message.via != "api":
        raise SlackError("cant_update_message")
    if channel.is_archived:
        raise SlackError("is_inactive")
    checked = content(arguments)
    message.text, message.edited = checked["text"], f"{time.time():.6f}"
    # What is not given stays; an empty list takes the blocks away.
    for name in ("blocks", "attachments", "metadata"):
        if name in arguments:
            setattr(message, name, checked[name])
    workspace.store.save(message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": show(workspace, message)}


@METHODS("chat.delete", "channel ts", "chat:write", takes_json=True)
def delete(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    channel = find_channel(workspace, arguments)
    message = find_message(workspace, channel, arguments.get("ts"))
    workspace.store.delete(message)
    return {"channel": channel.id, "ts": message.ts}


@METHODS("chat.getPermalink", "channel message_ts")
def permalink(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    channel = find_channel(workspace, arguments)
    message = find_message(workspace, channel, arguments.get("message_ts"))
    return {"channel": channel.id, "permalink": workspace.permalink(message)}
