"""Incoming webhooks: bound to one channel, answering in plain text.

Source: Slack's "Sending messages using incoming webhooks", which also says that a payload cannot override the channel,
the user name or the icon: they are those of the Slack app and of its installation, whatever a payload asks for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.slack import api_messages
from sandbox.slack.model import TEAM_ID, Message, SlackError
from sandbox.slack.workspace import Workspace

_KNOWN = {
    "text",
    "blocks",
    "attachments",
    "thread_ts",
    "mrkdwn",
    "unfurl_links",
    "unfurl_media",
    "metadata",
    "link_names",
    "parse",
    "response_type",
    "replace_original",
    "delete_original",
}
#: Taken by the webhooks of old (custom integrations), and without effect on those of Slack apps.
_OVERRIDES = {"channel", "username", "icon_emoji", "icon_url"}
_STATUS = {
    "channel_is_archived": 410,
    "channel_not_found": 404,
    "no_service": 404,
    "no_team": 404,
    "invalid_token": 403,
    "action_prohibited": 403,
}


def receive(
    workspace: Workspace, request: Request, team: str, service: str, secret: str, note: Callable[[str], None]
) -> Response:
    """Post the payload; ``ok`` or an error code."""
    try:
        _post(workspace, _payload(request, note), team, service, secret)
    except SlackError as error:
        return Response(error.code, status=_STATUS.get(error.code, 400), content_type="text/html")
    return Response("ok", content_type="text/html")


def _post(workspace: Workspace, payload: dict[str, Any], team: str, service: str, secret: str) -> None:
    if team != TEAM_ID:
        raise SlackError("no_team")
    if service != workspace.webhook_id:
        raise SlackError("no_service")
    if secret != workspace.webhook_secret:
        raise SlackError("invalid_token")
    channel = next((one for one in workspace.channels() if one.name == workspace.webhook_channel), None)
    if channel is None:
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("channel_is_archived")
    thread = payload.get("thread_ts") or ""
    workspace.store.save(
        Message(channel.id, workspace.store.new_ts(), thread_ts=thread, via="webhook", **api_messages.content(payload))
    )


def _payload(request: Request, note: Callable[[str], None]) -> dict[str, Any]:
    text = request.form.get("payload") if request.mimetype == "application/x-www-form-urlencoded" else None
    try:
        payload = json.loads(request.get_data() if text is None else text)
    except ValueError as error:
        raise SlackError("invalid_payload") from error
    if not isinstance(payload, dict):
        raise SlackError("invalid_payload")
    if unknown := sorted(set(payload) - _KNOWN - _OVERRIDES):
        note(f"unknown keys in the payload: {', '.join(unknown)}")
        raise SlackError("invalid_payload")
    return {name: value for name, value in payload.items() if value is not None and name not in _OVERRIDES}
