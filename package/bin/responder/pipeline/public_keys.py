"""CloudTrail's public keys. Each region signs with keys of its own, so each is asked for its own.

Facts: CloudTrail API Reference, ListPublicKeys (``Value`` is an RSAPublicKey in DER).
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

from ..aws.client import Aws
from ..errors import ResponderError
from .signatures import BadKey, PublicKey

#: A digest is signed soon after its hour, and a key is listed by the time in which it signs.
_BEFORE, _AFTER = timedelta(hours=1), timedelta(hours=2)


class PublicKeys:
    """Of the time from ``start`` to ``end``, asked for once a region. Safe to share between threads."""

    def __init__(self, aws: Aws, start: datetime, end: datetime) -> None:
        self._aws = aws
        self._range = start - _BEFORE, end + _AFTER
        self._lock = threading.Lock()
        self._known: dict[str, dict[str, PublicKey | str]] = {}
        self._asked: dict[tuple[str, datetime, datetime], ResponderError | None] = {}

    def find(self, region: str, fingerprint: str, at: datetime) -> PublicKey | str:
        """The key that signed at a time, or why there is none. Raises a ResponderError where AWS does not say."""
        with self._lock:
            self._ask(region, *self._range)
            known = self._known[region]
            if fingerprint not in known:
                # Backfill digests are signed much later than the time that they are about.
                hour = at.replace(minute=0, second=0, microsecond=0)
                self._ask(region, hour - _BEFORE, hour + _AFTER)
            return known.get(fingerprint, f"CloudTrail has no public key {fingerprint[:64]} in {region} for that time")

    def _ask(self, region: str, start: datetime, end: datetime) -> None:
        """Asked once: what is refused for one digest is refused for all of them."""
        asked = region, start, end
        if asked not in self._asked:
            try:
                self._list(region, start, end)
                self._asked[asked] = None
            except ResponderError as error:
                self._asked[asked] = error
        refused = self._asked[asked]
        if refused is not None:
            raise refused

    def _list(self, region: str, start: datetime, end: datetime) -> None:
        known = self._known.setdefault(region, {})
        more: dict[str, Any] = {}
        while True:
            page = self._aws.read("cloudtrail", "list_public_keys", region, StartTime=start, EndTime=end, **more)
            for one in page.get("PublicKeyList") or []:
                known[str(one.get("Fingerprint", "")).lower()] = _key(one)
            if not page.get("NextToken"):
                return
            more = {"NextToken": page["NextToken"]}


def _key(listed: dict[str, Any]) -> PublicKey | str:
    try:
        return PublicKey.from_der(bytes(listed.get("Value") or b""))
    except BadKey as reason:
        return f"the public key {listed.get('Fingerprint')} {reason}"
