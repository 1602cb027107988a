"""For the setup page: whether a Slack workspace's settings work. Posts nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Callable
from urllib.parse import urlsplit

from ..errors import ConfigurationError, NotPermitted
from ..http_failures import quote_text
from ..http_transport import member
from ..settings.model import LOOPBACK, SlackWorkspace
from .colleagues import is_person
from .connection import SlackConnection
from .dialing import check_host
from .failures import TAB
from .lookup import Channels
from .members import Members

#: Needed for every message; and for looking one up in a public channel.
POST_SCOPE = "chat:write"
LOOK_UP_SCOPES = ("channels:history", "channels:read")
REACTIONS_SCOPE = "reactions:read"
#: Needed to ask the person behind a finding.
ACTOR_SCOPES = ("users:read.email", "im:write")
_WEBHOOK_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")


def check_bot(slack: SlackConnection, default_channel: str, channels: Channels, place: Callable[[str], str]) -> str:
    """A sentence for the person who saves. Raises NotPermitted, ConfigurationError, Curable or Unavailable.

    ``place``: opens the conversation with a member who is named as a channel.
    """
    answer = slack.read_answer("auth.test")
    team, user = slack.parsed(answer, _names)
    if slack.parsed(answer, _is_for_organization):
        # Such a token lists no channels and no user groups without a workspace's id, and cannot post in each workspace.
        raise ConfigurationError(
            f"{slack.target}: this bot token belongs to the whole Slack organization.",
            f"Install the Slack app in one workspace, and enter its token {TAB}.",
        )
    connected = f"Connected to Slack workspace {team} as {user}"
    if "x-oauth-scopes" not in answer.headers:
        return f"{connected}."
    scopes = {scope.strip() for scope in answer.headers["x-oauth-scopes"].split(",")}
    if POST_SCOPE not in scopes:
        raise NotPermitted(
            f"{connected}, but the app lacks the scope {POST_SCOPE}.", "Add it to the Slack app and install it again."
        )
    missing = [scope for scope in LOOK_UP_SCOPES if scope not in scopes]
    if missing:
        return f"{connected}. Without {', '.join(missing)} it cannot look up whether a message arrived."
    if not default_channel:
        return f"{connected}. No default channel is set, so each alert action has to name one."
    if is_person(default_channel):
        place(default_channel)
        return f"{connected}, who may write to {quote_text(default_channel)}."
    return f"{connected}, who may post in {_check_channel(slack, channels.id(default_channel), scopes)}."


def check_answers(
    slack: SlackConnection, of_app: SlackConnection, members: Members, is_sandbox: bool, asks_actors: bool = False
) -> str:
    """A sentence more, where people can answer: that a link would be opened, and that everybody on the list is known.

    Raises as ``check_bot``.
    """
    _check_scopes(slack, (*members.scopes, *(ACTOR_SCOPES if asks_actors else ())))
    # The address is good for one link, and nobody uses it: it ends by itself.
    url = of_app.read("apps.connections.open", lambda body: member(body, "url", str))
    check_host(slack.target, urlsplit(url), is_sandbox)
    members.check()
    return " People can answer there."


def check_reactions(slack: SlackConnection, members: Members) -> str:
    """The same, where people answer with reactions: no app-level token is saved."""
    _check_scopes(slack, (REACTIONS_SCOPE, *members.scopes))
    members.check()
    return " People can answer there with reactions; with an app-level token they get buttons."


def _check_scopes(slack: SlackConnection, wanted: Sequence[str]) -> None:
    """Raises NotPermitted where one is missing that answers need."""
    answer = slack.read_answer("auth.test")
    slack.parsed(answer, _names)
    if "x-oauth-scopes" in answer.headers:
        scopes = {scope.strip() for scope in answer.headers["x-oauth-scopes"].split(",")}
        missing = [scope for scope in wanted if scope not in scopes]
        if missing:
            raise NotPermitted(
                f"{slack.target}: who has answered cannot be found out without {', '.join(missing)}.",
                "Add it to the Slack app (OAuth & Permissions), and install the app again.",
            )


def check_webhook(slack: SlackConnection, workspace: SlackWorkspace) -> str:
    """As ``check_bot``, as far as it goes without posting."""
    parts = urlsplit(workspace.webhook_url.reveal())
    if parts.hostname not in (*_WEBHOOK_HOSTS, *LOOPBACK) or not re.match(r"/services/.", parts.path):
        raise ConfigurationError(
            f"{slack.target}: the webhook is not an address of Slack's incoming webhooks.",
            f"Enter one like https://hooks.slack.com/services/... {TAB}.",
        )
    return "The webhook has the right form. It is not tested, because that would post a message."


def _names(body: dict[str, Any]) -> tuple[str, str]:
    return quote_text(str(body.get("team") or "?")), quote_text(str(body.get("user") or "?"))


def _is_for_organization(body: dict[str, Any]) -> bool:
    return body.get("is_enterprise_install") is True


def _check_channel(slack: SlackConnection, wanted: str, scopes: set[str]) -> str:
    """Name of the default channel. Raises when the app cannot post in it."""
    channel = slack.read("conversations.info", lambda body: member(body, "channel", dict), channel=wanted)
    name = quote_text(str(channel.get("name") or wanted))
    if channel.get("is_archived"):
        raise ConfigurationError(f"{slack.target}: channel #{name} is archived.", f"Choose another {TAB}.")
    if channel.get("is_member") is False and "chat:write.public" not in scopes:
        raise NotPermitted(
            f"{slack.target}: the app is not in channel #{name}.", "Invite it (/invite @app), then save again."
        )
    return f"#{name}"
