"""The worker: finishes what the executor did not (restarts, timeouts, retries), by the same engine."""

from __future__ import annotations

import logging
import time
from typing import Callable, List

from ..cases.tasks import TaskStore
from ..engine.engine import Engine, Report
from ..engine.services import Services
from ..splunk.client import Splunkd

log = logging.getLogger("cloudtrail_responder")

#: Tasks taken at a time, and seconds after which no more are taken: the next interval goes on.
BATCH, LONGEST_RUN = 100, 240.0


def run_once(splunkd: Splunkd, clock: Callable[[], float] = time.time) -> List[Report]:
    """Run every task that is due, batch by batch. Raises a ResponderError when splunkd cannot be read."""
    started, reports, services = clock(), [], Services()
    seen: set[str] = set()
    while clock() - started < LONGEST_RUN:
        engine = Engine(splunkd, services, clock)
        # Some stay due (busy ones, for a start) and must not hide those behind them.
        keys = [key for key in engine.store.due(BATCH + len(seen)) if key not in seen][:BATCH]
        if not keys:
            break
        seen.update(keys)
        for report in engine.run(keys):
            log.info("task=%s kind=%s state=%s message=%s", report.task, report.kind, report.state, report.message)
            reports.append(report)
    TaskStore(splunkd, clock).sweep()
    return reports
