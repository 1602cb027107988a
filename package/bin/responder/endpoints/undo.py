"""``undo``: take a remediation back. Post ``{"task": key}``; asking twice undoes once.

What is refused, or fails, is no success: 409, with the reason.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from typing import Any

from ..cases.audit import audit_event
from ..cases.keys import follow_up
from ..cases.states import State
from ..cases.store import TaskStore
from ..cases.task import Task
from ..engine.engine import Engine
from ..errors import NotDone, NotFound, Rejected
from .base import Endpoint, Request

RUN, UNDO = "remediation.run", "remediation.undo"
_NOT_UNDONE = (State.REFUSED.value, State.FAILED.value)


def answer(request: Request) -> Mapping[str, Any]:
    of = request.task_key()
    store = TaskStore(request.splunkd)
    original = store.get(of)
    if original is None or original.kind != RUN:
        raise NotFound(f"No remediation is recorded as task {of}.", "Take the key from the audit events (field task).")
    if not original.final:
        raise Rejected(f"Task {of} has not ended yet ({original.state.value}).", "Wait for it, then undo it.")
    user = request.caller.user
    task = Task(
        key=_key(store, original),
        kind=UNDO,
        request={"of": of, "by": user, "owner": original.owner},
        service=original.service,
        finding=original.finding,
        alert=original.alert,
        owner=user,
        run=request.caller.session,
        reports_to=original.reports_to,
        created_at=request.splunkd.now(),
    )
    task.audit.append(audit_event("undo_requested", task, task.created_at, "success", of=of))
    store.record(task)
    reports = Engine(request.splunkd, request.services).run([task.key])
    refused = next((report for report in reports if report.state in _NOT_UNDONE), None)
    if refused is not None:
        raise NotDone(f"Not undone. {refused.message}")
    return {"reports": [dataclasses.asdict(report) for report in reports]}


def _key(store: TaskStore, original: Task) -> str:
    """The undo that is under way or done; a further one after those that were refused or failed."""
    for number in itertools.count(1):
        key = follow_up(original.case_id, "remediate", UNDO, original.key, str(number))
        found = store.get(key)
        if found is None or found.state not in (State.REFUSED, State.FAILED):
            return key
    raise AssertionError("unreachable")


ENDPOINT = Endpoint("undo", "cloudtrail_responder_undo", answer)
