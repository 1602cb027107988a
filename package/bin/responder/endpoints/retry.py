"""``retry``: take up again what has failed, was refused, or waits for a person or a service.

Post ``{"task": key}`` for one task. Or ``{"service": name, "state": "failed" or "waiting", "limit": number}`` for what
``failures`` lists: at least one of the first two, and at most 200 tasks unless the limit says otherwise. What
was tried longest ago comes first.

Nothing is hastened by it that waits for its time or for an approval. An undo that a person has asked for is asked for
again by ``undo``, which needs a right of its own. What was given up has its three days anew.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import Any

from ..engine.answering import Answerer
from ..engine.failures import Failures
from ..engine.report import TaskReport
from ..engine.retrying import retry, retry_many
from ..engine.undoing import UNDO
from ..errors import Rejected
from ..settings.reader import Configuration
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
    # What was tried longest ago comes first: what stays as it is does not hold up the others of the next request.
    keys = [one.task for one in sorted(found, key=lambda one: one.tried_at) if one.kind != UNDO]
    reports, who, done = list[TaskReport](), Answerer(request.caller.user), 0
    while done < min(limit, len(keys)) and time.monotonic() < until:
        some = keys[done : min(done + BATCH, limit)]
        reports += retry_many(request.splunkd, request.services, config, some, who)
        done += BATCH
    return {"reports": [dataclasses.asdict(report) for report in reports], "left": max(0, len(keys) - min(done, limit))}


def _limit(request: Request) -> int:
    limit = request.body.get("limit")
    if limit is None:
        return LIMIT
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST:
        raise Rejected(f"limit is not a whole number from 1 to {MOST}.")
    return limit


ENDPOINT = Endpoint("retry", "cloudtrail_responder_approve", answer)
