"""Finds somebody by an email address, and opens the conversation with him alone.

Source: docs.slack.dev, "users.lookupByEmail", "conversations.open" (opened again, it is the same conversation).
"""

from __future__ import annotations

import re
from typing import Any

from ..errors import Curable
from ..http_transport import member
from ..settings.model import EMAIL
from .connection import SlackConnection

_USER = r"[UW][A-Z0-9]{2,20}"
_PERSON = re.compile(rf"[UW][A-Z0-9]{{7,}}|{EMAIL}")
NOBODY = "users_not_found"


def is_person(channel: str) -> bool:
    """Whether what is named as a channel is a member, by id or email address."""
    return _PERSON.fullmatch(channel) is not None


def by_email(slack: SlackConnection, email: str) -> str:
    """Id of a member; empty where nobody has the address, nobody who is still there, or a bot.

    Raises NotPermitted, Curable or Unavailable.
    """
    try:
        return slack.read("users.lookupByEmail", _user, email=email)
    except Curable as error:
        if NOBODY in error.message:
            return ""
        raise


def conversation(slack: SlackConnection, user: str) -> str:
    """Id of the conversation with somebody. Raises as ``by_email``."""
    return slack.read("conversations.open", _channel, users=user)


def _user(body: dict[str, Any]) -> str:
    user = member(body, "user", dict)
    number = _id(user.get("id"), _USER)
    return "" if user.get("deleted") or user.get("is_bot") else number


def _channel(body: dict[str, Any]) -> str:
    return _id(member(body, "channel", dict).get("id"), r"D[A-Z0-9]{2,20}")


def _id(value: Any, pattern: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ValueError("not an id")
    return value
