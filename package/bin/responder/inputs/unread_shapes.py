"""Once a day: a bulletin message when CloudTrail comes in a shape that the detections do not read.

The search head that inserts the mark of the day looks, behind its worker. When all is read again, the message goes.
"""

from __future__ import annotations

import logging

from ..errors import ResponderError
from ..health import sample
from ..health.checks.cloudtrail_shapes import lines
from ..health.line import RED
from ..splunk import bulletin
from ..splunk.client import Splunkd

log = logging.getLogger("cloudtrail_responder")

MARKS, CLAIM, DAY = "responder_marks", "shapes_day", 86_400.0
NAME = "cloudtrail_responder_unread_shapes"
WHERE = "CloudTrail Responder: see the page Health, or search | responderhealth."


def tell_when_due(splunkd: Splunkd) -> None:
    """Nothing unless this is the first worker of the day to ask. Raises nothing: the worker has better to do."""
    try:
        now = splunkd.now()
        if splunkd.insert(MARKS, {"_key": f"{CLAIM}:{int(now // DAY)}", "value": CLAIM, "at": now}):
            splunkd.delete_where(MARKS, {"at": {"$lt": now - 2 * DAY}, "value": CLAIM})
            _tell(splunkd)
    except ResponderError as error:
        log.error("In which shapes CloudTrail comes was not looked at: %s", error)


def _tell(splunkd: Splunkd) -> None:
    unread = [line for line in lines(sample.take(splunkd)) if line.level == RED]
    if not unread:
        bulletin.remove(splunkd, NAME)
        return
    text = " ".join([*(f"{line.what} {line.to_do}" for line in unread), WHERE])
    bulletin.post(splunkd, NAME, text)
    log.warning("CloudTrail comes in shapes that are not read: %s", text)
