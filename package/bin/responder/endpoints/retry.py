"""``retry``: take up again what has failed, was refused or waits. Post ``{"task": key}``."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..cases.audit import audit_event, send
from ..cases.states import State
from ..cases.store import TaskStore
from ..engine.engine import Engine
from ..errors import NotFound
from ..settings.reader import Configuration
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    key = request.task_key()
    task = TaskStore(request.splunkd).get(key)
    if task is None:
        raise NotFound(f"No task {key} is recorded.", "Take the key from the audit events (field task).")
    event = audit_event("retry_requested", task, request.splunkd.now(), "success", by=request.caller.user)
    send(request.splunkd, [event], Configuration(request.splunkd).audit_index)
    again = frozenset((State.FAILED, State.REFUSED))
    (report,) = Engine(request.splunkd, request.services).run([key], again, requested=True, patient=True)
    return {"reports": [dataclasses.asdict(report)]}


ENDPOINT = Endpoint("retry", "cloudtrail_responder_approve", answer)
