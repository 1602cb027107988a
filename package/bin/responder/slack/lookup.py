"""Finds a message that was posted without an answer, by the marker in its metadata.

It must be ours: whoever may post with an app of his own can write any metadata. Source: docs.slack.dev,
"conversations.history", "conversations.replies", "conversations.list", "auth.test", "Message metadata".
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any, Callable, NamedTuple, TypeVar

from ..errors import Curable, Unavailable
from ..http_failures import RETRIED, quote_text
from ..http_transport import member, objects
from ..remembered import Remembered
from .connection import SlackConnection

T = TypeVar("T")

EVENT_TYPE = "cloudtrail_responder_case"
#: Seconds by which our clock and Slack's may differ: so much further back is looked.
CLOCK_MARGIN = 3600.0
_PAGE, _MAX_PAGES = 200, 100
_CHANNELS_PAGE = 1000
#: Seconds for which a channel's name stands for the same id, names that are remembered, and seconds after which all
#: channels are listed again for one that is not among them.
IDS_KNOWN_FOR, MOST_NAMES, WALKED = 3600.0, 20_000, 60.0
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{7,}")


class Author(NamedTuple):
    """Who we are to Slack; ``bot_id`` is empty for a token that is no bot's."""

    bot_id: str
    user_id: str

    def wrote(self, message: dict[str, Any]) -> bool:
        if self.bot_id:
            return message.get("bot_id") == self.bot_id
        return bool(self.user_id) and message.get("user") == self.user_id


def author(body: dict[str, Any]) -> Author:
    """From the answer of ``auth.test``."""
    return Author(str(body.get("bot_id") or ""), member(body, "user_id", str))


def metadata(marker: str) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"marker": marker}}


def timestamp(body: dict[str, Any]) -> str:
    """The ``ts`` of a message. Raises ValueError."""
    ts = member(body, "ts", str)
    if not re.fullmatch(r"[0-9]{1,12}\.[0-9]{1,9}", ts):
        raise ValueError("not a time stamp")
    return ts


def find_message(
    slack: SlackConnection, channel_id: str, marker: str, since: float, thread_ts: str | None, us: Author
) -> str | None:
    """Time stamp of the oldest of our messages with a marker that was posted ``since``."""
    arguments = {
        "channel": channel_id,
        "oldest": f"{max(0.0, since - CLOCK_MARGIN):.6f}",
        "include_all_metadata": True,
        "limit": _PAGE,
    }
    method = "conversations.history"
    if thread_ts:
        method, arguments["ts"] = "conversations.replies", thread_ts

    def ours(message: dict[str, Any]) -> str:
        ts = timestamp(message)
        return ts if us.wrote(message) and _marker(message) == marker else ""

    matching = [ts for ts in _pages(slack, method, "messages", ours, arguments) if ts]
    return min(matching, key=float) if matching else None


class Channels:
    """Ids of the channels of one workspace, by name: only posting takes a name. Safe to share between threads."""

    def __init__(self, slack: SlackConnection) -> None:
        self._slack = slack
        self._ids: Remembered[str] = Remembered(IDS_KNOWN_FOR, most=MOST_NAMES)
        #: Whether all of them were looked through a moment ago.
        self._walked: Remembered[bool] = Remembered(WALKED)

    def put(self, channel: str, number: str) -> None:
        """Slack has told the id, so that nobody needs to ask for it."""
        self._ids.put(_bare(channel), number)

    def known(self, channel: str) -> str:
        return self._ids.get(_bare(channel)) or ""

    def id(self, channel: str) -> str:
        """By id or name. Raises Curable where there is none that the app can see, NotPermitted or Unavailable.

        The channels are listed once, as far as that takes; what is seen on the way need not be listed again.
        """
        if _CHANNEL_ID.fullmatch(channel):
            return channel
        name = _bare(channel)
        found = self.known(name)
        if not found and self._walked.get("") is None:
            found = next((number for other, number in self._listed() if other == name), "")
        if found:
            return found
        self._walked.put("", True)
        raise Curable(
            f"{self._slack.target}: there is no channel #{quote_text(name)} that the app can see.",
            "Correct the channel (the channel ID is safest), and invite the app if it is private.",
        )

    def public(self, most: int) -> list[tuple[str, str]]:
        """Name and id of the first public channels that Slack lists. Raises NotPermitted, Curable, Unavailable."""
        return list(itertools.islice(self._listed(("public_channel",)), most))

    def _listed(self, kinds: Sequence[str] = ("public_channel", "private_channel")) -> Iterator[tuple[str, str]]:
        # One kind after the other: private channels need a scope that not every app has.
        for kind in kinds:
            arguments = {"types": kind, "exclude_archived": True, "limit": _CHANNELS_PAGE}
            for name, number in _pages(self._slack, "conversations.list", "channels", _channel, arguments):
                self.put(name, number)
                yield name, number


def _bare(channel: str) -> str:
    return channel if _CHANNEL_ID.fullmatch(channel) else channel.lstrip("#").lower()


def _marker(message: dict[str, Any]) -> str:
    found = message.get("metadata")
    if not isinstance(found, dict) or found.get("event_type") != EVENT_TYPE:
        return ""
    payload = found.get("event_payload")
    return str(payload.get("marker") or "") if isinstance(payload, dict) else ""


def _channel(channel: dict[str, Any]) -> tuple[str, str]:
    return str(channel.get("name", "")).lower(), member(channel, "id", str)


def _pages(
    slack: SlackConnection, method: str, name: str, parse: Callable[[dict[str, Any]], T], arguments: dict[str, Any]
) -> Iterator[T]:
    """Everything that a paged method lists. Pages may be short or empty; only a missing cursor ends the list."""

    def page(body: dict[str, Any]) -> tuple[list[T], str]:
        rest = body.get("response_metadata")
        cursor = str(rest.get("next_cursor") or "") if isinstance(rest, dict) else ""
        return [parse(entry) for entry in objects(body, name)], cursor

    cursor = ""
    for _ in range(_MAX_PAGES):
        found, cursor = slack.read(method, page, **({**arguments, "cursor": cursor} if cursor else arguments))
        yield from found
        if not cursor:
            return
    raise Unavailable(f"{slack.target}: {method} lists more than can be looked through.", RETRIED)
