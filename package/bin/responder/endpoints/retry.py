"""``retry``: take up again what has failed, was refused, or waits for a person or a service. Post ``{"task": key}``.

Nothing is hastened by it that waits for its time or for an approval. An undo that a person has asked for is asked for
again by ``undo``, which needs a right of its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..cases.audit import audit_event, send
from ..cases.states import State, WaitingFor
from ..cases.store import TaskStore
from ..cases.task import Task
from ..engine.engine import Engine
from ..errors import NotDone, NotFound
from ..remediation import time_limits
from ..settings.reader import Configuration
from .base import Endpoint, Request

UNDO = "remediation.undo"


def answer(request: Request) -> Mapping[str, Any]:
    key = request.task_key()
    task = TaskStore(request.splunkd).get(key)
    if task is None:
        raise NotFound(f"No task {key} is recorded.", "Take the key from the audit events (field task).")
    _check(task)
    event = audit_event("retry_requested", task, request.splunkd.now(), "success", by=request.caller.user)
    send(request.splunkd, [event], Configuration(request.splunkd).audit_index)
    again = frozenset((State.FAILED, State.REFUSED))
    (report,) = Engine(request.splunkd, request.services).run([key], again, requested=True, patient=True)
    return {"reports": [dataclasses.asdict(report)]}


def _check(task: Task) -> None:
    """Raises NotDone for what is not to be tried again, or not in this way."""
    if task.kind == UNDO and not time_limits.is_limit(task.request):
        raise NotDone(f"Task {task.key} is an undo.", "Undo the remediation again: | respondundo.")
    if task.state is State.WAITING and task.waiting_for is WaitingFor.APPROVAL:
        raise NotDone(f"Task {task.key} waits for an approval.", "Approve or reject it: | respondwaiting.")
    if task.state is State.WAITING and task.waiting_for is WaitingFor.TIME:
        raise NotDone(f"Task {task.key} waits for its time.", "It is done then, without a retry.")


ENDPOINT = Endpoint("retry", "cloudtrail_responder_approve", answer)
