"""The Web API's reactions methods, and reacting itself. Source: Slack's method reference."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.slack.api import Methods, find_channel, find_message, show, truth
from sandbox.slack.model import BOT_USER_ID, Message, SlackError

if TYPE_CHECKING:
    from sandbox.slack.standin import SlackStandIn

METHODS = Methods()
_EMOJI = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


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


@METHODS("reactions.add", "channel name timestamp", "reactions:write", takes_json=True)
def reactions_add(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    message = find_message(site, find_channel(site, arguments), arguments.get("timestamp"))
    react(message, str(arguments.get("name") or ""), BOT_USER_ID)
    site.store.save(message)
    return {}


@METHODS("reactions.remove", "channel name timestamp", "reactions:write", takes_json=True)
def reactions_remove(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    message = find_message(site, find_channel(site, arguments), arguments.get("timestamp"))
    unreact(message, str(arguments.get("name") or ""), BOT_USER_ID)
    site.store.save(message)
    return {}


@METHODS("reactions.get", "channel timestamp full", "reactions:read")
def reactions_get(site: SlackStandIn, arguments: Mapping[str, Any]) -> dict[str, Any]:
    if not arguments.get("timestamp"):
        raise SlackError("no_item_specified")
    channel = find_channel(site, arguments)
    message = find_message(site, channel, arguments["timestamp"])
    answer = show(site, message, with_metadata=False)
    answer["permalink"] = site.permalink(message)
    if not truth(arguments.get("full")):
        # Without "full" the list of users may be cut short; here it always is, so that nobody relies on it.
        answer["reactions"] = [{**one, "users": one["users"][:1]} for one in message.reactions]
    return {"type": "message", "channel": channel.id, "message": answer}
