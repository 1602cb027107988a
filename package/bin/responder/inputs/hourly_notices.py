"""Once an hour: whoever keeps something is warned before a part of it ends.

An audit event for each notice, once; and one message in Splunk Web, anew only where it says something else. The search
head that inserts the mark of the hour looks, behind its worker.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Callable

from ..cases.audit import app_event
from ..cases.owed import send_or_owe
from ..errors import ResponderError
from ..health.notice import Notice
from ..settings.reader import Configuration
from ..splunk import bulletin
from ..splunk.client import Splunkd

log = logging.getLogger("cloudtrail_responder")

MARKS, HOUR, BY = "responder_marks", 3600.0, "cloudtrail_responder"
#: Notices in the message.
MOST = 5
#: No digest of a message.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class HourlyNotices:
    """Notices about one subject."""

    #: For the log: which of them were not looked at.
    what: str
    #: Values and keys of the marks: of the hour, of what was announced, of what the message said last.
    claim: str
    announced: str
    shown: str
    #: Name of the message.
    name: str
    #: Given the time: what there is to see to now.
    read: Callable[[Splunkd, Configuration, float], Iterable[Notice]]

    def announce_when_due(self, splunkd: Splunkd) -> None:
        """Nothing unless this is the first worker of the hour to ask. Raises nothing: the worker has better to do."""
        try:
            now = splunkd.now()
            if splunkd.insert(MARKS, {"_key": f"{self.claim}:{int(now // HOUR)}", "value": self.claim, "at": now}):
                splunkd.delete_where(MARKS, {"at": {"$lt": now - 2 * HOUR}, "value": self.claim})
                self._announce(splunkd, now)
        except ResponderError as error:
            log.error("%s was not looked at: %s", self.what, error)

    def _announce(self, splunkd: Splunkd, now: float) -> None:
        config = Configuration(splunkd)
        found = list(self.read(splunkd, config, now))
        for notice in self._new(splunkd, found):
            event = app_event(notice.step, now, BY, message=notice.what, **notice.fields)
            # The same however often it is sent: about this entry as it is now.
            send_or_owe(splunkd, {**event, "id": notice.id, "status": "failure"}, config.audit_index)
            splunkd.insert(MARKS, {"_key": f"{self.announced}:{notice.id}", "value": self.announced, "at": now})
        self._show(splunkd, found, now)

    def _new(self, splunkd: Splunkd, found: Sequence[Notice]) -> Iterator[Notice]:
        return (notice for notice in found if splunkd.fetch(MARKS, f"{self.announced}:{notice.id}") is None)

    def _show(self, splunkd: Splunkd, found: Sequence[Notice], now: float) -> None:
        text = _text(found)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""
        shown = splunkd.fetch(MARKS, self.shown) or {}
        if shown.get("value", "") == digest:
            return
        # Whoever stops in between leaves it unknown what is shown, and the next hour posts or removes it.
        self._save(splunkd, UNKNOWN, now)
        if text:
            bulletin.post(splunkd, self.name, text)
        else:
            bulletin.remove(splunkd, self.name)
        self._save(splunkd, digest, now)
        log.info("message=%s notices=%s", self.name, len(found))

    def _save(self, splunkd: Splunkd, shown: str, now: float) -> None:
        splunkd.save_many(MARKS, [{"_key": self.shown, "value": shown, "at": now}])


def _text(found: Sequence[Notice]) -> str:
    if not found:
        return ""
    more = f" And {len(found) - MOST} more." if len(found) > MOST else ""
    return f"CloudTrail Responder: {' '.join(notice.what for notice in found[:MOST])}{more} See | responderhealth."
