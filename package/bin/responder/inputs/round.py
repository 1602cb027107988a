"""One round of the worker: each service's due tasks are worked on beside the others', at its own pace.

A share is the due tasks of one service (a Jira site, a Slack channel, an AWS account). It has a thread of its own, so
that a service that takes its time, or does not answer, takes nobody else's. While shares are being worked on, what has
become due meanwhile is looked for again and again: a message that is recorded now does not wait for a dead Jira.

There may be more shares than threads, and an owner of alerts may have any number of tasks. So owners take turns: within
a share, in getting a thread, and a share gives its thread back after a while when others wait for one.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Callable

from ..cases.states import State
from ..engine.due import DueTasks, Share
from ..engine.engine import Engine
from ..engine.report import TaskReport
from ..engine.service_names import site_of
from ..engine.services import Services
from ..engine.share_claims import ShareClaims
from ..errors import ResponderError

log = logging.getLogger("cloudtrail_responder")

#: Services worked on at the same time.
SHARES = 32
#: Of them, channels of one workspace: it does not take more messages at a time.
CHANNELS = 8
#: Seconds after which a share gives its thread back when others wait for one.
SLICE = 5.0
#: Tasks handed to the engine at a time: so many more may be begun when the round is over, or the service is away.
BATCH, BATCH_IN_CHANNEL = 16, 4
#: Shares with more tasks than this are served by one search head at a time.
FEW = 5
#: Seconds until it is looked again for what is due.
LOOK_AGAIN = 3.0


@dataclass
class Job:
    share: Share
    again: frozenset[State] = frozenset()
    #: Tasks of it that were worked on.
    done: int = 0

    @property
    def service(self) -> str:
        return self.share.service

    @property
    def left(self) -> Sequence[tuple[str, str]]:
        return self.share.tasks[self.done :]

    @property
    def owners(self) -> set[str]:
        return {owner for owner, _ in self.left}


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
        self._running: dict[Future[list[TaskReport]], Job] = {}
        #: Jobs that no thread is free for, or whose service is worked on; read by the threads, too.
        self._waiting: list[Job] = []
        self._begun: Counter[tuple[str, str]] = Counter()
        self._seen: set[str] = set()
        self._unread: ResponderError | None = None
        #: Services that get no more of this round: away, or served by somebody else.
        self._left_alone: set[str] = set()
        self.reports: list[TaskReport] = []

    def work(self, first: Iterable[Job] = ()) -> None:
        """``first``: jobs besides what is due. Raises a ResponderError when what is due could not be read at all."""
        self._waiting, look_at = list(first), 0.0
        with ThreadPoolExecutor(SHARES, thread_name_prefix="share") as pool:
            while True:
                if self._time_left > 0:
                    if not self._running or self._monotonic() >= look_at:
                        self._waiting = [*self._waiting, *map(Job, self._listed())]
                        look_at = self._monotonic() + LOOK_AGAIN
                    self._begin(pool)
                if not self._running:
                    break
                done, _ = wait(self._running, LOOK_AGAIN, FIRST_COMPLETED)
                for future in done:
                    job = self._running.pop(future)
                    self.reports += future.result()
                    if job.left:
                        self._waiting = [*self._waiting, job]
        if self._unread is not None and not self._begun:
            raise self._unread

    @property
    def _time_left(self) -> float:
        return self._ends_at - self._monotonic()

    def _listed(self) -> list[Share]:
        """What has become due. That it cannot be read now keeps nothing from being worked on."""
        served = {(job.service, owner) for job in [*self._running.values(), *self._waiting] for owner in job.owners}

        def without(service: str) -> bool:
            return service in self._left_alone or self._services.away(service) > 0

        try:
            listed = self._due.read(self._seen, without, served)
        except ResponderError as error:
            log.error("what is due could not be read: %s", error)
            self._unread = error
            return []
        self._unread = None
        self._seen.update(key for share in listed for key in share.keys)
        return listed

    def _begin(self, pool: ThreadPoolExecutor) -> None:
        """As many jobs as there are threads free: of those who had the fewest, remediations first."""
        self._waiting = [job for job in self._waiting if job.service not in self._left_alone]
        while len(self._running) < SHARES:
            ready = [job for job in self._waiting if self._is_ready(job)]
            if not ready:
                return
            job = min(ready, key=lambda job: (self._turns(job), job.share.rank))
            self._waiting = [other for other in self._waiting if other is not job]
            self._seen.update(job.share.keys)
            for owner in job.owners:
                self._begun[job.share.family, owner] += 1
            self._running[pool.submit(self._serve, job)] = job

    def _is_ready(self, job: Job) -> bool:
        """Not while another one of its service is worked on, or as many channels of its workspace as it takes."""
        services, site = [running.service for running in self._running.values()], site_of(job.service)
        return job.service not in services and sum(site_of(service) == site for service in services) < CHANNELS

    def _turns(self, job: Job) -> int:
        """How many jobs of its family were begun for that one of its owners who had the fewest."""
        return min((self._begun[job.share.family, owner] for owner in job.owners), default=0)

    def _serve(self, job: Job) -> list[TaskReport]:
        service, due = job.service, len(job.left)
        began, reports, is_long = self._monotonic(), list[TaskReport](), due > FEW
        if is_long and not self._claims.take(service):
            self._left_alone.add(service)
            log.info("service=%s due=%d is served by another search head", service, due)
            return []
        try:
            while job.left and self._may_go_on(service) and not (reports and self._is_others_turn(job, began)):
                batch = [key for _, key in job.left[: self._batch(service)]]
                if is_long:
                    self._claims.keep(service)
                reports += self._engine.run(batch, job.again, until=self._ends_at, follow_ups=False)
                job.done += len(batch)
        except ResponderError as error:
            # What keeps one service's tasks from being run keeps nobody else's.
            log.error("service=%s: %s", service, error)
            self._left_alone.add(service)
        except Exception:
            log.exception("service=%s: internal error", service)
            self._left_alone.add(service)
        finally:
            if is_long:
                self._claims.release(service)
        self._log(service, due, reports, self._monotonic() - began)
        return reports

    def _is_others_turn(self, job: Job, began: float) -> bool:
        """Whether another owner's tasks of the same service wait, or anybody's for a thread, for a while already."""
        waiting = self._waiting
        if any(other.service == job.service and not other.owners <= job.owners for other in waiting):
            return True
        return bool(waiting) and len(self._running) >= SHARES and self._monotonic() - began > SLICE

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
