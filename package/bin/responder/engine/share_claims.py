"""Which search head serves a long share now. Two that post to one channel could not both keep its pace.

    responder_marks/share:<service>    value: who; at: since when

As well as that can be had: nothing depends on it but the pace, and what is done twice is prevented by the lanes' turns.
"""

from __future__ import annotations

import logging
import uuid
from typing import Callable

from ..errors import ResponderError
from ..splunk.client import Splunkd
from .breaker import MARKS

log = logging.getLogger("cloudtrail_responder")

#: A claim that is older was left behind by a process that was stopped.
STALE = 300.0


class ShareClaims:
    """The claims of one process."""

    def __init__(self, splunkd: Splunkd, now: Callable[[], float]) -> None:
        self._splunkd = splunkd
        self._now = now
        self._who = uuid.uuid4().hex

    def take(self, service: str) -> bool:
        """False while another process serves it."""
        key = _key(service)
        try:
            if self._insert(key):
                return True
            held = self._splunkd.fetch(MARKS, key)
            if held is None or self._now() - float(held.get("at") or 0) < STALE:
                return held is None and self._insert(key)
            # This very one, and none that somebody has put in its place meanwhile.
            self._splunkd.delete_where(MARKS, {"_key": key, "value": held.get("value")})
            return self._insert(key)
        except ResponderError as error:
            log.error("service=%s: no claim could be written: %s", service, error)
            return True

    def release(self, service: str) -> None:
        try:
            self._splunkd.delete_where(MARKS, {"_key": _key(service), "value": self._who})
        except ResponderError as error:
            log.error("service=%s: the claim was not removed, and ends by itself: %s", service, error)

    def _insert(self, key: str) -> bool:
        return self._splunkd.insert(MARKS, {"_key": key, "value": self._who, "at": self._now()})


def _key(service: str) -> str:
    return f"share:{service}"
