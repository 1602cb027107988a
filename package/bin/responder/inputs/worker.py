"""The worker: finishes what the executor did not (restarts, time-outs, retries), by the same engine."""

from __future__ import annotations

import logging
import time
from typing import Callable

from ..cases.states import State
from ..cases.store import TaskStore
from ..engine.engine import Engine
from ..engine.report import TaskReport
from ..engine.services import Services
from ..settings.reader import KINDS, Configuration
from ..splunk.client import Splunkd
from . import spooled

log = logging.getLogger("cloudtrail_responder")

#: Tasks taken at a time, and seconds after which no more are taken: the next interval goes on.
BATCH, LONGEST_RUN = 100, 240.0
#: What was saved last on the setup page, so that a change of it is seen.
MARKS = "responder_marks"
#: Seconds for which a task that failed may still be cured by a setting.
CURABLE_FOR = 7 * 86_400.0


def run_once(splunkd: Splunkd, clock: Callable[[], float] | None = None) -> list[TaskReport]:
    """Run every task that is due, batch by batch. Raises a ResponderError when splunkd cannot be read."""
    started, reports, services = time.monotonic(), list[TaskReport](), Services()
    spooled.hand_over(splunkd)
    reports += _after_saved_settings(splunkd, services, clock)
    seen: set[str] = {report.task for report in reports}
    while time.monotonic() - started < LONGEST_RUN:
        # Some stay due (busy ones, for a start) and must not hide those behind them.
        due = TaskStore(splunkd, clock).due(BATCH + len(seen))
        keys = [key for key in due if key not in seen][:BATCH]
        if not keys:
            break
        seen.update(keys)
        reports += _run(splunkd, services, clock, keys)
    return reports


def _run(
    splunkd: Splunkd,
    services: Services,
    clock: Callable[[], float] | None,
    keys: list[str],
    again: frozenset[State] = frozenset(),
) -> list[TaskReport]:
    reports = Engine(splunkd, services, clock).run(keys, again)
    for report in reports:
        log.info("task=%s kind=%s state=%s message=%s", report.task, report.kind, report.state, report.message)
    return reports


def _after_saved_settings(
    splunkd: Splunkd, services: Services, clock: Callable[[], float] | None
) -> list[TaskReport]:
    """What waits for a person, or has failed, is tried again once a setting was saved: that may have been the cure."""
    fingerprint = Configuration(splunkd).fingerprint(*KINDS)
    mark = splunkd.fetch(MARKS, "settings")
    if mark and mark.get("value") == fingerprint:
        return []
    reports: list[TaskReport] = []
    if mark is not None:
        keys = TaskStore(splunkd, clock).for_a_person(splunkd.now() - CURABLE_FOR, 1000)
        reports = _run(splunkd, services, clock, keys, frozenset((State.FAILED,)))
        if any(report.state in ("busy", "unread") for report in reports):
            # Not all of them have been tried: what has failed has no other occasion.
            return reports
    # Last: a worker that is stopped before it does all of it again, which harms nobody.
    new_mark = {"_key": "settings", "value": fingerprint, "at": splunkd.now()}
    if mark is None:
        splunkd.insert(MARKS, new_mark)
    else:
        splunkd.replace(MARKS, "settings", new_mark)
    return reports
