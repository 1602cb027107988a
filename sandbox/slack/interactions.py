"""What people do in Slack that an app hears of: they click a button, they type a command; and the app's answer to them.

Source: docs.slack.dev, "block_actions payload", "Enabling interactivity with Slash Commands" and "Handling user
interaction" (an answer to a ``response_url``: five within half an hour).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.slack import api_messages
from sandbox.slack.model import APP_ID, TEAM_ID, Channel, Message, SlackError, User

_DOMAIN = "sandbox"
MOST_ANSWERS, ANSWERED_WITHIN = 5, 1800.0
_ANSWER_KEYS = {"text", "blocks", "response_type", "replace_original", "delete_original", "thread_ts", "mrkdwn"}


@dataclass(frozen=True)
class Answer:
    """What the app answered a person, seen by nobody else unless it is ``in_channel``."""

    user: str
    channel: str
    text: str
    in_channel: bool


class ResponseUrls:
    """The addresses that interactions bring along, and what was posted to them."""

    def __init__(self) -> None:
        self._given: dict[str, list[Any]] = {}
        self.answers: list[Answer] = []

    def path(self, user: str, channel: str) -> str:
        secret = secrets.token_hex(12)
        self._given[secret] = [user, channel, MOST_ANSWERS, time.monotonic()]
        return f"/actions/{TEAM_ID}/{secret}"

    def receive(self, request: Request, secret: str) -> Response:
        """Plain ``ok``, or the code of an error."""
        try:
            self._take(request, secret)
        except SlackError as error:
            return Response(error.code, status=404 if error.code == "expired_url" else 400, content_type="text/plain")
        return Response("ok", content_type="text/plain")

    def _take(self, request: Request, secret: str) -> None:
        given = self._given.get(secret)
        if given is None or given[2] <= 0 or time.monotonic() - given[3] > ANSWERED_WITHIN:
            raise SlackError("expired_url")
        if request.headers.get("Authorization"):
            raise SlackError("invalid_payload")
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or set(body) - _ANSWER_KEYS:
            raise SlackError("invalid_payload")
        if body.get("response_type", "ephemeral") not in ("ephemeral", "in_channel"):
            raise SlackError("invalid_payload")
        checked = api_messages.content({name: body[name] for name in ("text", "blocks") if name in body})
        given[2] -= 1
        self.answers.append(Answer(given[0], given[1], checked["text"], body.get("response_type") == "in_channel"))


def click(
    user: User, channel: Channel, message: Message, shown: Mapping[str, Any], action_id: str, response_url: str
) -> dict[str, Any]:
    """The payload of a click on a button of a message, as it stands now. Raises ``KeyError`` where there is none."""
    block, button = _button(message, action_id)
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": False,
        **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
    }
    action = {
        "action_id": action_id,
        "block_id": block.get("block_id", "auto1"),
        "text": button["text"],
        "type": "button",
        "action_ts": f"{time.time():.6f}",
        **{name: button[name] for name in ("value", "style") if name in button},
    }
    return {
        "type": "block_actions",
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
        "api_app_id": APP_ID,
        "token": "verification-token-of-old",
        "container": container,
        "trigger_id": f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}",
        "team": {"id": TEAM_ID, "domain": _DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel.id, "name": channel.name},
        "message": dict(shown),
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [action],
    }


def _button(message: Message, action_id: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    for block in message.blocks:
        for element in [*block.get("elements", []), block.get("accessory") or {}]:
            if element.get("type") == "button" and element.get("action_id") == action_id:
                return block, element
    raise KeyError(f"the message has no button {action_id}")


def command(user: User, channel: Channel, name: str, text: str, response_url: str) -> dict[str, Any]:
    """The payload of a slash command."""
    return {
        "token": "verification-token-of-old",
        "team_id": TEAM_ID,
        "team_domain": _DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}",
    }
