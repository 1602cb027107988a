"""Once an hour: whoever keeps ``responder_protected`` is warned before an entry ends, and of what cannot be read.

An audit event for each entry and each expiry, once; and one message in Splunk Web, anew only where it says something
else. The search head that inserts the mark of the hour looks, behind its worker.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence

from ..cases.audit import app_event
from ..cases.owed import send_or_owe
from ..errors import ResponderError
from ..health.checks.protections import Notice, notices
from ..settings.reader import Configuration
from ..splunk import bulletin
from ..splunk.client import Splunkd

log = logging.getLogger("cloudtrail_responder")

MARKS, CLAIM, TOLD, HOUR = "responder_marks", "protections_hour", "protection", 3600.0
#: What the message said last.
SHOWN = "protections_message"
NAME, BY = "cloudtrail_responder_protections", "cloudtrail_responder"
#: Notices in the message.
MOST = 5


def announce_when_due(splunkd: Splunkd) -> None:
    """Nothing unless this is the first worker of the hour to ask. Raises nothing: the worker has better to do."""
    try:
        now = splunkd.now()
        if splunkd.insert(MARKS, {"_key": f"{CLAIM}:{int(now // HOUR)}", "value": CLAIM, "at": now}):
            splunkd.delete_where(MARKS, {"at": {"$lt": now - 2 * HOUR}, "value": CLAIM})
            _announce(splunkd, now)
    except ResponderError as error:
        log.error("Which protections end soon was not looked at: %s", error)


def _announce(splunkd: Splunkd, now: float) -> None:
    config = Configuration(splunkd)
    found = list(notices(splunkd, config.safety.protection_warning_days, now))
    for notice in _new(splunkd, found):
        event = app_event(notice.step, now, BY, message=notice.what, **notice.fields)
        # The same however often it is sent: about this entry as it is now.
        send_or_owe(splunkd, {**event, "id": notice.id, "status": "failure"}, config.audit_index)
        splunkd.insert(MARKS, {"_key": f"{TOLD}:{notice.id}", "value": TOLD, "at": now})
    _show(splunkd, found, now)


def _new(splunkd: Splunkd, found: Sequence[Notice]) -> Iterator[Notice]:
    return (notice for notice in found if splunkd.fetch(MARKS, f"{TOLD}:{notice.id}") is None)


def _show(splunkd: Splunkd, found: Sequence[Notice], now: float) -> None:
    text = _text(found)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""
    shown = splunkd.fetch(MARKS, SHOWN) or {}
    if shown.get("value", "") == digest:
        return
    if text:
        bulletin.post(splunkd, NAME, text)
    else:
        bulletin.remove(splunkd, NAME)
    splunkd.save_many(MARKS, [{"_key": SHOWN, "value": digest, "at": now}])
    log.info("protections: notices=%s", len(found))


def _text(found: Sequence[Notice]) -> str:
    if not found:
        return ""
    more = f" And {len(found) - MOST} more." if len(found) > MOST else ""
    return f"CloudTrail Responder: {' '.join(notice.what for notice in found[:MOST])}{more} See | responderhealth."
