"""Announces a limit on changes that was reached: once, by an audit event and a message to everybody in Splunk Web.

That of the task that was stopped first goes out by itself (ticket, thread, second channel). This is found out from what
is stopped, by the worker, so that a process which dies right after it has stopped something keeps nobody from knowing.
The mark of whoever announces is a claim; where nobody has written down that it was done, it is done again after a
while, with the same id and the same name of the message.
"""

from __future__ import annotations

from ..cases.audit import app_event
from ..cases.owed import send_or_owe
from ..splunk import bulletin
from ..splunk.client import Splunkd
from . import change_stops
from .change_stops import Stop

MARKS, CLAIMED, DONE = "responder_marks", "limit_claimed", "limit_announced"
#: Seconds after which an announcement that has no end is made again; for which that of a run is kept.
AGAIN, DAY = 120.0, 86_400.0
BY = "cloudtrail_responder"


def announce(splunkd: Splunkd, audit_index: str) -> None:
    """Whatever is stopped and was not announced. Raises a ResponderError; then it is announced later."""
    now = splunkd.now()
    for stop in change_stops.every(splunkd):
        if splunkd.fetch(MARKS, _mark(DONE, stop)) is not None:
            if stop.is_of_run and stop.since < now - DAY:
                withdraw(splunkd, stop)
                change_stops.release(splunkd, stop.scope)
        elif _is_ours(splunkd, stop, now):
            _announce(splunkd, stop, audit_index)
            splunkd.insert(MARKS, {"_key": _mark(DONE, stop), "value": DONE, "at": now})


def withdraw(splunkd: Splunkd, stop: Stop) -> None:
    """Take the message away."""
    bulletin.remove(splunkd, _name(stop))


def _is_ours(splunkd: Splunkd, stop: Stop, now: float) -> bool:
    key = _mark(CLAIMED, stop)
    if splunkd.insert(MARKS, {"_key": key, "value": CLAIMED, "at": now}):
        return True
    claimed = splunkd.fetch(MARKS, key)
    return claimed is not None and float(claimed.get("at") or 0) < now - AGAIN


def _announce(splunkd: Splunkd, stop: Stop, audit_index: str) -> None:
    what = change_stops.said(stop.scope)
    fields = {"scope": stop.scope, "message": stop.message, "first_task": stop.task}
    event = app_event("change_limit_reached", stop.since, BY, **fields)
    send_or_owe(splunkd, {**event, "status": "failure"}, audit_index)
    ends = "Approve or reject each of them" if stop.is_of_run else "To go on: | respondchangelimits"
    said = f"CloudTrail Responder has stopped. Of {what}, those beyond the limit wait for a person. {stop.message}"
    bulletin.post(splunkd, _name(stop), f"{said} Look at | respondwaiting. {ends}.")


def _mark(kind: str, stop: Stop) -> str:
    return f"{kind}:{change_stops.key_of(stop.scope)}:{stop.since:.3f}"


def _name(stop: Stop) -> str:
    return f"cloudtrail_responder_limit_{change_stops.key_of(stop.scope)}"
