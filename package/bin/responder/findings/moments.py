"""A point in time in whatever form an alert shows it, in epoch seconds. Nothing is refused: what is no time is 0."""

from __future__ import annotations

import re
from datetime import datetime, timezone

from .values import LARGEST

_EPOCH = re.compile(r"\d{9,11}(\.\d{1,12})?", re.ASCII)
_MILLISECONDS = re.compile(r"\d{13}", re.ASCII)
#: ISO 8601 as CloudTrail writes it, and with a blank, a fraction, an offset (``+0200``, ``+02:00``) or none.
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?", re.ASCII
)
#: As Splunk Web shows a time in English: month first.
_SHOWN = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4}|\d\d) (\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(AM|PM)?", re.ASCII | re.I
)


def epoch_of(text: str) -> float:
    """A text without a zone is taken as UTC: which zone the user who wrote it is in, the text does not say."""
    found = _read(text.strip())
    # A stored finding with a later one, of the year 5138 and on, could not be read back.
    return found if 0 < found < LARGEST else 0.0


def _read(text: str) -> float:
    if _EPOCH.fullmatch(text):
        return float(text)
    if _MILLISECONDS.fullmatch(text):
        return int(text) / 1000
    try:
        return _iso(text) or _shown(text)
    except (ValueError, OverflowError):
        return 0.0


def _iso(text: str) -> float:
    match = _ISO.fullmatch(text)
    if match is None:
        return 0.0
    year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
    return _epoch(year, month, day, hour, minute, match[6], match[7]) - _offset(match[8] or "")


def _shown(text: str) -> float:
    match = _SHOWN.fullmatch(text)
    if match is None:
        return 0.0
    month, day, year, hour, minute = (int(part) for part in match.groups()[:5])
    if match[8]:
        hour = hour % 12 + (12 if match[8].upper() == "PM" else 0)
    return _epoch(year if year > 99 else 2000 + year, month, day, hour, minute, match[6], match[7])


def _epoch(year: int, month: int, day: int, hour: int, minute: int, second: str | None, fraction: str | None) -> float:
    moment = datetime(year, month, day, hour, minute, int(second or 0), tzinfo=timezone.utc)
    return moment.timestamp() + float(f"0.{fraction or 0}")


def _offset(zone: str) -> float:
    if zone[:1] not in ("+", "-"):
        return 0.0
    digits = zone[1:].replace(":", "")
    return (1 if zone[0] == "+" else -1) * (int(digits[:2]) * 3600 + int(digits[2:]) * 60)
