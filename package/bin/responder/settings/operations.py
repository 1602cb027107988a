"""Where people hear of what goes wrong with the app itself: the operations channel of the General tab."""

from __future__ import annotations

from collections.abc import Mapping

from .parsing import StanzaReader
from .slack_names import CHANNEL_ID, CHANNEL_NAME

FIELD, LABEL, TAB = "operations_channel", "Operations channel", "General"


def channel(general: Mapping[str, str]) -> str:
    """Name (without ``#``) or ID of a channel of the default workspace; empty for none. Raises ConfigurationError.

    Not part of ``General``: what is wrong here must keep nobody from a ticket.
    """
    form = "a channel such as #security-ops or C0123456789"
    channels = StanzaReader(general, TAB, TAB).items(FIELD, LABEL, f"#?(?:{CHANNEL_ID}|{CHANNEL_NAME})", form)
    return channels[0].lstrip("#") if channels else ""
