"""One round of the worker: each service's due tasks are worked on beside the others', at its own pace.

A share is the due tasks of one service (a Jira site, a Slack channel, an AWS account). It has a thread of its own, so
that a service that takes its time, or does not answer, takes nobody else's. While shares are being worked on, what has
become due meanwhile is looked for again and again: a message that is recorded now does not wait for a dead Jira.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Callable

from ..cases.states import State
from ..engine.due import DueTasks, Share
from ..engine.engine import Engine
from ..engine.report import TaskReport
from ..engine.services import Services
from ..engine.share_claims import ShareClaims
from ..errors import ResponderError

log = logging.getLogger("cloudtrail_responder")

#: Services worked on at the same time.
SHARES = 32
#: Tasks handed to the engine at a time: so many more may be begun when the round is over, or the service is away.
BATCH, BATCH_IN_CHANNEL = 16, 4
#: Shares with more tasks than this are served by one search head at a time.
FEW = 5
#: Seconds until it is looked again for what is due.
LOOK_AGAIN = 3.0


@dataclass(frozen=True)
class Job:
    share: Share
    again: frozenset[State] = frozenset()


class Round:
    """``ends_at``: monotonic seconds after which nothing more is begun."""

    def __init__(
        self,
        engine: Engine,
        services: Services,
        due: DueTasks,
        claims: ShareClaims,
        ends_at: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._services = services
        self._due = due
        self._claims = claims
        self._ends_at = ends_at
        self._monotonic = monotonic
        self._running: dict[Future[list[TaskReport]], str] = {}
        self._seen: set[str] = set()
        #: Services that get no more of this round: away, or served by somebody else.
        self._left_alone: set[str] = set()
        self.reports: list[TaskReport] = []

    def work(self, first: Iterable[Job] = ()) -> None:
        """``first``: jobs besides what is due. Raises a ResponderError when splunkd cannot be read."""
        jobs, look_at = list(first), 0.0
        with ThreadPoolExecutor(SHARES, thread_name_prefix="share") as pool:
            while True:
                if self._time_left > 0:
                    if not self._running or self._monotonic() >= look_at:
                        jobs += [Job(share) for share in self._listed(jobs)]
                        look_at = self._monotonic() + LOOK_AGAIN
                    jobs = [job for job in jobs if not self._begun(pool, job)]
                if not self._running:
                    return
                done, _ = wait(self._running, LOOK_AGAIN, FIRST_COMPLETED)
                for future in done:
                    del self._running[future]
                    self.reports += future.result()

    @property
    def _time_left(self) -> float:
        return self._ends_at - self._monotonic()

    def _listed(self, jobs: Iterable[Job]) -> list[Share]:
        busy = {*self._running.values(), *(job.share.service for job in jobs)}

        def without(service: str) -> bool:
            return service in busy or service in self._left_alone or self._services.away(service) > 0

        return self._due.read(self._seen, without)

    def _begun(self, pool: ThreadPoolExecutor, job: Job) -> bool:
        """Whether a job is being worked on; not while another one of its service is."""
        if job.share.service in self._running.values():
            return False
        self._seen.update(job.share.keys)
        self._running[pool.submit(self._serve, job)] = job.share.service
        return True

    def _serve(self, job: Job) -> list[TaskReport]:
        service, keys = job.share.service, job.share.keys
        began, reports, is_long = self._monotonic(), list[TaskReport](), len(keys) > FEW
        if is_long and not self._claims.take(service):
            self._left_alone.add(service)
            log.info("service=%s due=%d is served by another search head", service, len(keys))
            return []
        try:
            while len(reports) < len(keys) and self._may_go_on(service):
                batch = keys[len(reports) : len(reports) + self._batch(service)]
                if is_long:
                    self._claims.keep(service)
                reports += self._engine.run(batch, job.again, until=self._ends_at, follow_ups=False)
        except ResponderError as error:
            # What keeps one service's tasks from being run keeps nobody else's.
            log.error("service=%s: %s", service, error)
            self._left_alone.add(service)
        finally:
            if is_long:
                self._claims.release(service)
        self._log(service, len(keys), reports, self._monotonic() - began)
        return reports

    def _may_go_on(self, service: str) -> bool:
        if self._time_left <= 0:
            return False
        if self._services.away(service) > 0 or self._services.held(service) > self._time_left:
            self._left_alone.add(service)
            return False
        return True

    def _batch(self, service: str) -> int:
        if self._services.is_tried(service):
            return 1
        return BATCH_IN_CHANNEL if service.count(":") > 1 else BATCH

    def _log(self, service: str, due: int, reports: list[TaskReport], seconds: float) -> None:
        states = Counter(report.state for report in reports)
        counts = " ".join(f"{state}={count}" for state, count in sorted(states.items()))
        # States are ours: no text of anybody else's is in the template.
        log.info(f"service=%s due=%d tried=%d {counts} seconds=%.1f", service or "-", due, len(reports), seconds)
        for report in reports:
            log.debug("task=%s kind=%s state=%s message=%s", report.task, report.kind, report.state, report.message)
