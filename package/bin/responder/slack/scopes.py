"""What the Slack app is granted, and for what. The manifest in ``docs/slack.md`` is generated from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Scope of the bot token -> what it is for.
BOT: Mapping[str, str] = {
    "chat:write": "Post messages, and edit them as things happen.",
    "channels:history": "Find a message in a public channel whose answer was lost.",
    "groups:history": "The same in a private channel.",
    "channels:read": "Find a public channel by its name, and test that it is usable.",
    "groups:read": "The same for a private channel.",
    "users:read": "See who has clicked, and that it is no guest, bot or stranger.",
    "users:read.email": "Know people by email address: who may answer, four eyes, and whom a route mentions.",
    "usergroups:read": "See who is in a user group that may answer.",
    "commands": "The slash command /responder.",
    "im:write": "Ask the person behind a finding in a direct message, if that is switched on.",
    "im:history": "Find a direct message whose answer was lost.",
    "reactions:read": "See who has approved or rejected with a reaction, if no app-level token is saved.",
}
#: Scope of the app-level token, which no manifest can make.
APP = "connections:write"
COMMAND = "/responder"


def manifest() -> dict[str, Any]:
    """A Slack app to be pasted. Source: docs.slack.dev, "App manifest reference"."""
    command = {
        "command": COMMAND,
        "description": "What waits for an approval, and answers to it",
        "usage_hint": (
            "status | case CASE | approve CASE PLAN | reject CASE [PLAN] | undo TASK | excuse CASE DAYS REASON"
        ),
        "should_escape": True,
    }
    return {
        "_metadata": {"major_version": 1},
        "display_information": {
            "name": "CloudTrail Responder",
            "description": "Reports what CloudTrail shows, and asks before AWS is changed.",
        },
        "features": {
            "bot_user": {"display_name": "CloudTrail Responder", "always_online": False},
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": list(BOT)}},
        "settings": {
            "interactivity": {"is_enabled": True},
            "org_deploy_enabled": False,
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }
