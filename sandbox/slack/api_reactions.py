"""The Web API's reactions methods. Source: Slack's method reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.slack.api import Methods, find_channel, find_message, parse_bool, show
from sandbox.slack.model import BOT_USER_ID, SlackError
from sandbox.slack.workspace import Workspace

METHODS = Methods()


@METHODS("reactions.add", "channel name timestamp", "reactions:write", takes_json=True)
def reactions_add(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    message = find_message(workspace, find_channel(workspace, arguments), arguments.get("timestamp"))
    message.add_reaction(str(arguments.get("name") or ""), BOT_USER_ID)
    workspace.store.save(message)
    return {}


@METHODS("reactions.remove", "channel name timestamp", "reactions:write", takes_json=True)
def reactions_remove(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    message = find_message(workspace, find_channel(workspace, arguments), arguments.get("timestamp"))
    message.remove_reaction(str(arguments.get("name") or ""), BOT_USER_ID)
    workspace.store.save(message)
    return {}


@METHODS("reactions.get", "channel timestamp full", "reactions:read")
def reactions_get(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    if not arguments.get("timestamp"):
        raise SlackError("no_item_specified")
    channel = find_channel(workspace, arguments)
    message = find_message(workspace, channel, arguments["timestamp"])
    answer = show(workspace, message, with_metadata=False)
    answer["permalink"] = workspace.permalink(message)
    if not parse_bool(arguments.get("full")):
        # Without "full" the list of users may be cut short; here it always is, so that nobody relies on it.
        answer["reactions"] = [{**one, "users": one["users"][:1]} for one in message.reactions]
    return {"type": "message", "channel": channel.id, "message": answer}
