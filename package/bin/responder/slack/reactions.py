"""What people answer with a reaction to a message of ours, where no link brings their clicks.

A reaction has no time and can be taken back, so it counts as it stands when it is read. Source: docs.slack.dev,
"reactions.get" (with ``full`` the list of users is whole), "Reactions" (skin tones are a suffix of the name).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..http_transport import member, objects
from .connection import SlackConnection
from .interaction import APPROVE, EXCUSE, REJECT, UNDO

#: Name of an emoji -> what it says. No other emoji is an answer: people use them for anything.
VERBS = {"white_check_mark": APPROVE, "x": REJECT, "leftwards_arrow_with_hook": UNDO, "no_bell": EXCUSE}
#: Reactions of one message that are looked at, of each emoji.
MOST = 50


@dataclass(frozen=True)
class Reaction:
    #: ``approve``, ``reject``, ``undo`` or ``excuse``.
    verb: str
    #: Id of whoever has reacted.
    user: str


def read(slack: SlackConnection, channel: str, ts: str) -> list[Reaction]:
    """Of one message, by the channel's id. Raises NotPermitted, Curable, NotFound or Unavailable."""
    return slack.read(
        "reactions.get", lambda body: _reactions(body, channel, ts), channel=channel, timestamp=ts, full=True
    )


def _reactions(body: dict[str, Any], channel: str, ts: str) -> list[Reaction]:
    message = member(body, "message", dict)
    if body.get("channel") != channel or message.get("ts") != ts:
        raise ValueError("another message")
    found = []
    for one in objects(message, "reactions") if message.get("reactions") is not None else ():
        verb = VERBS.get(member(one, "name", str).partition("::")[0])
        users = [user for user in member(one, "users", list)[:MOST] if isinstance(user, str)]
        found += [Reaction(verb, user) for user in users if verb and re.fullmatch(r"[UW][A-Z0-9]{2,20}", user)]
    return found
