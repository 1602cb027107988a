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

#: A claim is prolonged when this part of the time has passed after which it would count as left behind.
FRESH = 1 / 3


class ShareClaims:
    """The claims of one process. ``stale``: seconds after which a claim counts as left behind by one that died."""

    def __init__(self, splunkd: Splunkd, now: Callable[[], float], stale: float) -> None:
        self._splunkd = splunkd
        self._now = now
        self._stale = stale
        self._who = uuid.uuid4().hex
        self._taken: dict[str, float] = {}

    def take(self, service: str) -> bool:
        """False while another process serves it."""
        key = key_of(service)
        try:
            if self._insert(key):
                return True
            held = self._splunkd.fetch(MARKS, key)
            if held is None or self._now() - float(held.get("at") or 0) < self._stale:
                return held is None and self._insert(key)
            # This very one, and none that somebody has put in its place meanwhile.
            self._splunkd.delete_where(MARKS, {"_key": key, "value": held.get("value")})
            return self._insert(key)
        except ResponderError as error:
            log.error("service=%s: no claim could be written: %s", service, error)
            return True

    def keep(self, service: str) -> bool:
        """Say that it is still being served, when that was said some time ago. False once it is somebody else's."""
        now = self._now()
        if now - self._taken.get(service, now) < self._stale * FRESH:
            return True
        key = key_of(service)
        try:
            held = self._splunkd.fetch(MARKS, key)
            if held is None:
                return self._insert(key)
            if held.get("value") != self._who:
                log.warning("service=%s: another process has taken it over", service)
                return False
            self._splunkd.replace(MARKS, key, {"_key": key, "value": self._who, "at": now})
            self._taken[service] = now
        except ResponderError as error:
            log.error("service=%s: the claim was not prolonged: %s", service, error)
        return True

    def release(self, service: str) -> None:
        try:
            self._splunkd.delete_where(MARKS, {"_key": key_of(service), "value": self._who})
        except ResponderError as error:
            log.error("service=%s: the claim was not removed, and ends by itself: %s", service, error)

    def _insert(self, key: str) -> bool:
        now = self._now()
        self._taken[key.partition(":")[2]] = now
        return self._splunkd.insert(MARKS, {"_key": key, "value": self._who, "at": now})


def key_of(service: str) -> str:
    return f"share:{service}"
