"""For how long people may excuse a case at most (Safety tab)."""

from __future__ import annotations

from .parsing import StanzaReader

DEFAULT, MOST = 90, 365


def longest_days(read: StanzaReader) -> int:
    """Days. Raises ConfigurationError unless it is a whole number from 1 to ``MOST``."""
    return read.number("longest_excuse_days", "Longest excuse", DEFAULT, 1, MOST)
