"""Runs tasks: claims, runs the handler, and writes down how it ended or when to try again.

The executor calls it with the keys an action has just recorded, the worker with whatever is due. The same code, so
that a task does not care who finishes it.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Callable, Dict, List, Optional, Sequence, Set, Tuple

from ..cases import audit as trail
from ..cases.case import Case, fetch_case
from ..cases.tasks import GIVE_UP_AFTER, Lease, Task, TaskStore
from ..errors import (
    ConfigurationError,
    InvalidFinding,
    NotFound,
    NotPermitted,
    RefusedByGuardrail,
    Rejected,
    ResponderError,
    Throttled,
    Unavailable,
    UnknownOutcome,
    Waiting,
)
from ..handlers import FAILURES, handler, load
from ..handlers.base import Context
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .services import Services

log = logging.getLogger("cloudtrail_responder")

#: Cases handled at the same time; tasks of one case run one after the other.
PARALLEL = 4
#: Seconds until the first retry; doubled each time, up to the ceiling.
FIRST_RETRY, FIRST_RETRY_FOR_A_PERSON, RETRY_CEILING = 30.0, 300.0, 3600.0
#: Wait this long before looking up a lost answer: Jira's search index and Slack's history lag behind.
UNSURE_PAUSE = 60.0
#: Seconds after which a document that was just written can be read on every search head, as a rule.
READ_LAG = 0.3


@dataclass(frozen=True)
class Report:
    """How a task stands after a run."""

    task: str
    kind: str
    #: done | refused | skipped | failed | pending | busy | unknown
    state: str
    message: str
    #: ``person`` (a setting, a right or a finding must be changed), ``later`` (the worker goes on), ``time`` (put off
    #: on purpose), or empty.
    needs: str = ""


class Engine:
    """One run over some tasks. Make a new one each time: it reads the settings once."""

    def __init__(self, splunkd: Splunkd, services: Services, clock: Callable[[], float]) -> None:
        self._splunkd = splunkd
        self._services = services
        self._clock = clock
        self._config = Configuration(splunkd)
        log.setLevel(self._config.log_level)
        developer = self._config.stanza("developer")
        self.store = TaskStore(splunkd, clock, float(developer.get("lease_seconds") or 180))
        self._unsure_pause = float(developer.get("unsure_seconds") or UNSURE_PAUSE)

    def run(self, keys: Sequence[str]) -> List[Report]:
        """Run tasks and what follows from them; reports on the tasks asked for, in order."""
        by_case: Dict[str, List[str]] = {}
        for key in dict.fromkeys(keys):
            by_case.setdefault(key.partition(".")[0], []).append(key)
        with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
            reports = [report for group in pool.map(self._run_case, by_case.values()) for report in group]
        asked = {key: position for position, key in enumerate(keys)}
        return sorted((r for r in reports if r.task in asked), key=lambda r: asked[r.task])

    def run_due(self, limit: int = 200) -> List[Report]:
        """Run whatever waits; reports on all of it."""
        return self.run(self.store.due(limit))

    def _run_case(self, keys: Sequence[str]) -> List[Report]:
        waiting, reports = list(keys), []
        seen: Set[str] = set()
        while waiting:
            key = waiting.pop(0)
            if key in seen:
                continue
            seen.add(key)
            try:
                report, follow_ups = self._attempt(key)
            except Rejected as error:
                report, follow_ups = Report(key, "", "failed", str(error), "person"), []
            except ResponderError as error:
                # The KV store itself failed us: the task stays as it is, and its lease will run out.
                report, follow_ups = Report(key, "", "pending", str(error), "later"), []
            except Exception as error:
                log.exception("task=%s: internal error", key)
                fault = f"Internal error ({type(error).__name__}) around task {key}; see the app's log file."
                report, follow_ups = Report(key, "", "pending", fault, "later"), []
            reports.append(report)
            waiting.extend(follow_ups)
        return reports

    def _attempt(self, key: str) -> Tuple[Report, List[str]]:
        task = self._read(key)
        if task is None:
            return Report(key, "", "unknown", f"Task {key} cannot be read here (yet).", "later"), []
        if task.final and not task.trail:
            return _report(task), []
        if task.unsure and self._clock() < task.due_at:
            # Its effect may have happened and cannot be seen yet: too early to look it up.
            return _report(task), []
        lease = self.store.claim(task)
        if lease is None:
            return Report(key, task.kind, "busy", "Another process is at it.", "later"), []
        task = self.store.get(key) or task
        if task.attempts >= lease.attempt or (task.final and not task.trail):
            return _report(task), []
        try:
            case = fetch_case(self._splunkd, task.case_id)
            if case is None:
                # Cases are recorded before their tasks: somebody has deleted it since.
                raise InvalidFinding(f"Case {task.case_id} of task {key} is not in the KV store any more.")
        except InvalidFinding as error:
            task.state, task.needs, task.trail, task.message = "failed", "person", [], str(error)
            self._close(task, lease)
            return _report(task), []
        follow_ups = [] if task.final else self._handle(task, case, lease)
        self._close(task, lease)
        return _report(task), [t.key for t in follow_ups]

    def _read(self, key: str) -> Optional[Task]:
        task = self.store.get(key)
        if task is None:
            # In a search head cluster writes go to the KV store captain, reads to a local copy that lags a little.
            time.sleep(READ_LAG)
            task = self.store.get(key)
        return task

    def _handle(self, task: Task, case: Case, lease: Lease) -> Sequence[Task]:
        """Run the handler and set the task's state; returns the tasks to run next."""
        context = Context(
            task,
            case,
            lease,
            self._splunkd,
            self.store,
            self._config,
            self._services,
            self._clock,
        )
        task.attempts = lease.attempt
        try:
            result = handler(task.kind)(context)
        except ResponderError as error:
            return self._failed(context, error)
        except Exception as error:
            log.exception("task=%s kind=%s: internal error", task.key, task.kind)
            fault = Unavailable(f"Internal error ({type(error).__name__}) in {task.kind}.", "See the app's log file.")
            return self._failed(context, fault)
        task.state, task.message, task.outcome = result.state, result.message, dict(result.outcome)
        task.unsure, task.needs = False, ""
        return self._record(result.follow_ups)

    def _record(self, follow_ups: Sequence[Task]) -> Sequence[Task]:
        # Before the task is closed: a crash in between must not lose them, and recorded twice is recorded once.
        for follow_up in follow_ups:
            self.store.record(follow_up)
        return follow_ups

    def _failed(self, context: Context, error: ResponderError) -> Sequence[Task]:
        task, case, now = context.task, context.case, self._clock()
        task.message = str(error)
        # Once unsure, always unsure: this attempt may have failed before it could look the effect up.
        task.unsure = context.unsure or isinstance(error, UnknownOutcome)
        task.needs = "" if error.transient or isinstance(error, RefusedByGuardrail) else "person"
        if isinstance(error, Throttled):
            task.needs = "time"
        final = isinstance(error, (Rejected, InvalidFinding, RefusedByGuardrail, NotFound))
        if final:
            task.state = "refused" if isinstance(error, RefusedByGuardrail) else "failed"
        elif now - task.created_at > GIVE_UP_AFTER:
            task.state, final = "failed", True
            task.message = f"Given up after {GIVE_UP_AFTER / 86_400:.0f} days: {error}"
        else:
            task.due_at = now + self._pause(task, error)
        if isinstance(error, Waiting) and not final:
            return ()
        step = "failed" if final else "attempt_failed"
        event = trail.audit_event(step, case, task, now, "failure", message=task.message, error=type(error).__name__)
        task.trail.append(event)
        tell = FAILURES.get(task.kind)
        if tell is None or (error.transient and not final):
            return ()
        told = load(*tell)(context, error)
        task.outcome = dict(told.outcome)
        return self._record(told.follow_ups)

    def _pause(self, task: Task, error: ResponderError) -> float:
        if isinstance(error, UnknownOutcome):
            return self._unsure_pause
        if isinstance(error, Throttled):
            return float(error.retry_after or 0)
        asked = getattr(error, "retry_after", None)
        if asked is not None:
            return float(min(max(asked, 0.0), RETRY_CEILING))
        for_a_person = isinstance(error, (ConfigurationError, NotPermitted))
        first = FIRST_RETRY_FOR_A_PERSON if for_a_person else FIRST_RETRY
        return float(min(first * 2 ** min(task.attempts - 1, 10), RETRY_CEILING))

    def _close(self, task: Task, lease: Lease) -> None:
        """Index the audit events, then write the task: one that could not be indexed is still owed."""
        task.attempts = lease.attempt
        if self.store.overtaken(lease):
            # What the other one writes is newer; whatever we did, it looks up.
            log.error("task=%s: attempt %s came to its end too late", task.key, lease.attempt)
            return
        try:
            trail.send(self._splunkd, task.trail, self._config.audit_index)
            task.trail = []
        except ResponderError as error:
            log.error("task=%s: audit events not indexed yet: %s", task.key, error)
            task.due_at = max(task.due_at, self._clock() + FIRST_RETRY)
        self.store.save(task)


def _report(task: Task) -> Report:
    return Report(task.key, task.kind, task.state, task.message, task.needs or ("" if task.final else "later"))
