"""``retry``: take up again what has failed, was refused, or waits for a person or a service.

Post ``{"task": key}`` for one task. Or ``{"service": name, "state": "failed" or "waiting", "limit": number}`` for what
``failures`` lists: at least one of the first two, and at most 200 tasks unless the limit says otherwise.

Nothing is hastened by it that waits for its time or for an approval. An undo that a person has asked for is asked for
again by ``undo``, which needs a right of its own. What was given up has its three days anew.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..cases.audit import audit_event, send
from ..cases.task import TASKS, Task
from ..engine.answering import Answerer
from ..engine.engine import Engine
from ..engine.failures import Failures
from ..engine.report import TaskReport
from ..engine.retrying import AGAIN, check, retry
from ..engine.undoing import UNDO
from ..errors import DamagedDocument, NotDone, Rejected
from ..settings.reader import Configuration
from ..splunk.queries import any_of
from .base import Endpoint, Request
from .failures import named_service, named_state

#: Tasks that are retried in one request, unless it says how many, and at most; and how many at a time.
LIMIT, MOST, BATCH = 200, 1_000, 50
#: Seconds after which no further batch is begun: whoever searches waits 90.
LONGEST = 45.0


def answer(request: Request) -> Mapping[str, Any]:
    """``{"reports": [...]}``; of several tasks also ``"left"``: how many more of them there are."""
    if request.body.get("task") is None and (request.body.get("service") or request.body.get("state")):
        return _many(request)
    key = request.task_key()
    report = retry(request.splunkd, request.services, key, Answerer(request.caller.user))
    return {"reports": [dataclasses.asdict(report)]}


def _many(request: Request) -> Mapping[str, Any]:
    service, state = named_service(request), named_state(request)
    limit, until = _limit(request), time.monotonic() + LONGEST
    config = Configuration(request.splunkd)
    found = Failures(request.splunkd, config, request.splunkd.now()).read(service, state)
    engine, reports = Engine(request.splunkd, request.services, config=config), list[TaskReport]()
    keys, done = [failure.task for failure in found if failure.kind != UNDO], 0
    while done < min(limit, len(keys)) and time.monotonic() < until:
        tasks = _read(request, keys[done : min(done + BATCH, limit)])
        done += BATCH
        _audit(request, tasks, config)
        # What is begun is taken up in any case: behind a service that is away it waits for the worker.
        reports += engine.run([task.key for task in tasks], AGAIN, requested=True)
    return {"reports": [dataclasses.asdict(report) for report in reports], "left": max(0, len(keys) - min(done, limit))}


def _limit(request: Request) -> int:
    limit = request.body.get("limit")
    if limit is None:
        return LIMIT
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST:
        raise Rejected(f"limit is not a whole number from 1 to {MOST}.")
    return limit


def _read(request: Request, keys: Sequence[str]) -> list[Task]:
    """Those that may be retried, whole, in order."""
    found: dict[str, Task] = {}
    for query in any_of("_key", keys):
        for document in request.splunkd.find(TASKS, query):
            try:
                task = Task.from_document(document)
                check(task)
            except (DamagedDocument, NotDone):
                # It does not stop the others, and stays listed.
                continue
            found[task.key] = task
    return [found[key] for key in keys if key in found]


def _audit(request: Request, tasks: Sequence[Task], config: Configuration) -> None:
    """Before anything is done: who has asked for it."""
    now, by = request.splunkd.now(), request.caller.user
    events = [audit_event("retry_requested", task, now, "success", by=by) for task in tasks]
    send(request.splunkd, events, config.audit_index)


ENDPOINT = Endpoint("retry", "cloudtrail_responder_approve", answer)
