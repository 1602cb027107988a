"""One CloudTrail record as it stands in its file, and the few fields that the input decides by."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import Any

_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z\Z", re.ASCII)
#: ``2024-05-01T12:00:`` -> when that was; and ``07Z`` -> 7.
_MINUTES: dict[str, float] = {}
_MOST_MINUTES = 10_000
#: ``2024-05-01T12:00:07Z"`` -> when that was.
_TIMES: dict[bytes, float] = {}
_MOST_TIMES = 10_000
_SECONDS = {f"{second:02d}Z": second for second in range(60)}
_QUOTED = {
    name: f'"{name}"'.encode()
    for name in ("eventID", "eventTime", "eventSource", "eventName", "recipientAccountId", "awsRegion")
}
#: Takes what no reader of JSON does (integers of any length): a record is never lost for a field that nobody reads.
_DECODER = json.JSONDecoder(parse_int=float, strict=False)


class Record:
    """``raw`` is the record exactly as it stands; the fields are what ``json.loads`` of it says.

    None is a field that is missing or of another type, and every field of a record that is no JSON.
    """

    __slots__ = ("_fields", "raw")

    _fields: dict[str, Any]

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    @property
    def event_id(self) -> str | None:
        """``eventID``."""
        return self._text("eventID")

    @property
    def event_time(self) -> float | None:
        """``eventTime`` in seconds since the epoch."""
        return epoch(self._text("eventTime"))

    @property
    def event_source(self) -> str | None:
        """``eventSource``: ``iam.amazonaws.com``."""
        return self._text("eventSource")

    @property
    def event_name(self) -> str | None:
        """``eventName``: ``CreateUser``."""
        return self._text("eventName")

    @property
    def read_only(self) -> bool | None:
        """``readOnly``."""
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
        """``awsRegion``."""
        return self._text("awsRegion")

    def _text(self, name: str) -> str | None:
        value = self._json().get(name)
        return value if isinstance(value, str) else None

    def _json(self) -> dict[str, Any]:
        try:
            return self._fields
        except AttributeError:
            self._fields = _parsed(self.raw)
            return self._fields


class PlainRecord(Record):
    """A record without a backslash, a control character, and a brace in any string (``bounds.is_plain_object``).

    Most are. So each quote begins or ends a string, each brace is structure, and a name cannot be spelled in another
    way. The last place of a name is then the field itself if it is a key in the outermost object, as counting braces
    says.
    ``json.loads`` says the same, because of equal keys the last one wins. Whatever looks different is left to it.
    """

    __slots__ = ()

    @property
    def event_id(self) -> str | None:
        """``eventID``. Asked for of every record, so it is looked for by the end of its name, which few others have."""
        raw = self.raw
        rest = raw[raw.rfind(b'ID"') - 7 :]
        if rest.startswith(b',"eventID":"') and rest.count(b"}") - rest.count(b"{") == 1:
            found = _decoded(rest[12 : rest.find(b'"', 12)])
            if found is not None:
                return found
        return self._text("eventID")

    @property
    def event_time(self) -> float | None:
        """``eventTime``. Asked for of every record: those of a file are of the same seconds."""
        raw = self.raw
        at = raw.rfind(b'"eventTime":"')
        known = _TIMES.get(raw[at + 13 : at + 34])
        # Braces are balanced, so those in front say the same as those behind, and are fewer.
        if known is not None and raw[at - 1] in b",{" and raw.count(b"{", 0, at) - raw.count(b"}", 0, at) == 1:
            return known
        found = super().event_time
        if found is not None and at >= 0:
            if len(_TIMES) >= _MOST_TIMES:
                _TIMES.clear()
            _TIMES[f'{self._text("eventTime")}"'.encode()] = found
        return found

    @property
    def read_only(self) -> bool | None:
        """``readOnly``."""
        rest = self._behind(b'"readOnly"')
        if rest is None:
            return None
        if rest.startswith((b":true,", b":true}")):
            return True
        if rest.startswith((b":false,", b":false}")):
            return False
        return super().read_only

    def _text(self, name: str) -> str | None:
        rest = self._behind(_QUOTED[name])
        if rest is None:
            return None
        found = _decoded(rest[2 : rest.find(b'"', 2)]) if rest.startswith(b':"') else None
        return found if found is not None else super()._text(name)

    def _behind(self, name: bytes) -> bytes | None:
        """What follows the field's name; nothing where only JSON can say which it is; None where there is no field."""
        raw = self.raw
        at = raw.rfind(name)
        if at < 0:
            return None
        rest = raw[at:]
        if raw[at - 1] in b",{" and rest.count(b"}") - rest.count(b"{") == 1:
            return rest[len(name) :]
        return b""


def _decoded(text: bytes) -> str | None:
    """None for what is no UTF-8: what such a field means, JSON says."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return None


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        value = _DECODER.decode(raw.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def epoch(text: str | None) -> float | None:
    """Seconds since the epoch of a time as CloudTrail writes it (``2024-05-01T12:00:00Z``), else None."""
    if text is None:
        return None
    # Records of a file are of the same minutes.
    minute = _MINUTES.get(text[:17])
    second = _SECONDS.get(text[17:])
    return _epoch(text) if minute is None or second is None else minute + second


def _epoch(text: str) -> float | None:
    found = _TIME.match(text)
    if found is None:
        return None
    try:
        year, month, day, hour, minute, second = map(int, found.groups()[:6])
        at = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None
    if len(_MINUTES) >= _MOST_MINUTES:
        _MINUTES.clear()
    _MINUTES[text[:17]] = at - second
    return at + float(f"0.{found.group(7) or 0}")
