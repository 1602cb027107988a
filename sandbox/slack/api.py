"""The Web API: which methods there are, what they take, and how they answer. Source: Slack's method reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

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
from sandbox.slack.workspace import Workspace

BOT = {"user": BOT_USER_ID, "bot_id": BOT_ID, "app_id": APP_ID, "team": TEAM_ID}


@dataclass(frozen=True)
class Method:
    """A method: its arguments (besides ``token``), the scopes of which one is needed, whether it takes JSON.

    ``of_app``: whether it wants the app-level token, and no other.
    """

    run: Callable[[Workspace, Mapping[str, Any]], dict[str, Any]]
    arguments: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    takes_json: bool = False
    of_app: bool = False


class Methods:
    """Collects the methods of one part of the API: ``@METHODS("chat.update", arguments, scopes)`` over a function."""

    def __init__(self) -> None:
        self.known: dict[str, Method] = {}

    def __call__(
        self, name: str, arguments: str = "", scopes: str = "", takes_json: bool = False, of_app: bool = False
    ) -> Callable[..., Any]:
        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self.known[name] = Method(function, tuple(arguments.split()), tuple(scopes.split()), takes_json, of_app)
            return function

        return register


METHODS = Methods()


def parse_bool(value: Any) -> bool:
    """A boolean as it comes in JSON or in a form. Raises ``SlackError``."""
    if value in (True, "1", "true", "True", "t"):
        return True
    if value in (None, False, "0", "false", "False", "f", ""):
        return False
    raise SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] not a boolean: {value}"]})


def find_channel(workspace: Workspace, arguments: Mapping[str, Any], by_name: bool = False) -> Channel:
    """The channel in the arguments. Raises ``SlackError`` where the bot cannot see it."""
    wanted = str(arguments.get("channel") or "")
    for channel in workspace.channels():
        names = (channel.name, "#" + channel.name) if by_name else ()
        # A private channel that the bot is not in does not exist for it.
        if wanted and wanted in (channel.id, *names) and (channel.is_member or not channel.is_private):
            return channel
    raise SlackError("channel_not_found")


def find_message(workspace: Workspace, channel: Channel, ts: Any) -> Message:
    """The message with a time stamp. Raises ``SlackError``."""
    found = workspace.store.message(channel.id, str(ts or ""))
    if found is None:
        raise SlackError("message_not_found")
    return found


def show(workspace: Workspace, message: Message, with_metadata: bool = True) -> dict[str, Any]:
    """The message as the API gives it."""
    replies = [] if message.thread_ts else workspace.store.replies(message.channel, message.ts)
    return shown(message, replies, BOT, with_metadata)


@METHODS("api.test", "error foo", takes_json=True)
def api_test(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    if arguments.get("error"):
        raise SlackError(str(arguments["error"]))
    return {"args": dict(arguments)}


@METHODS("auth.test", takes_json=True)
def auth_test(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "url": "https://sandbox.slack.com/",
        "team": TEAM_NAME,
        "user": USERS[BOT_USER_ID][0],
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        **({"enterprise_id": workspace.enterprise_id} if workspace.enterprise_id else {}),
        "is_enterprise_install": workspace.is_enterprise_install,
    }
