"""One CloudTrail record as it stands in its file, and the few fields that the input decides by."""

from __future__ import annotations

import calendar
import json
import re
from typing import Any

_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z\Z", re.ASCII)


class Record:
    """``raw`` is the record exactly as it stands; the fields are what ``json.loads`` of it says."""

    __slots__ = ("_fields", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._fields: dict[str, Any] | None = None

    @property
    def event_id(self) -> str | None:
        """``eventID``; None where there is none, or where it is no text."""
        return self._text("eventID")

    @property
    def event_time(self) -> float | None:
        """``eventTime`` in seconds since the epoch; None where it is no time."""
        return epoch(self._text("eventTime"))

    @property
    def event_source(self) -> str | None:
        return self._text("eventSource")

    @property
    def event_name(self) -> str | None:
        return self._text("eventName")

    @property
    def read_only(self) -> bool | None:
        """``readOnly``; None where the record does not say."""
        value = self._json().get("readOnly")
        return value if isinstance(value, bool) else None

    @property
    def account(self) -> str | None:
        """``recipientAccountId``: the account in which it happened; that of the caller in records that lack it."""
        found = self._text("recipientAccountId")
        if found is None:
            identity = self._json().get("userIdentity")
            value = identity.get("accountId") if isinstance(identity, dict) else None
            found = value if isinstance(value, str) else None
        return found

    @property
    def region(self) -> str | None:
        return self._text("awsRegion")

    def _text(self, name: str) -> str | None:
        value = self._json().get(name)
        return value if isinstance(value, str) else None

    def _json(self) -> dict[str, Any]:
        if self._fields is None:
            self._fields = json.loads(self.raw)
        return self._fields


def epoch(text: str | None) -> float | None:
    """Seconds since the epoch of a time as CloudTrail writes it (``2024-05-01T12:00:00Z``), else None."""
    found = _TIME.match(text) if text else None
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    if not (year >= 1970 and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 61):
        return None
    return calendar.timegm((year, month, day, hour, minute, second)) + float(f"0.{found.group(7) or 0}")
