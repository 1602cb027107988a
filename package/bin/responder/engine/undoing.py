"""A person takes a remediation back. Every door by which that is asked for leads here; asking twice undoes once."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from ..cases.audit import audit_event
from ..cases.keys import follow_up
from ..cases.states import State
from ..cases.store import TaskStore
from ..cases.task import Task
from ..errors import NotDone, NotFound, Rejected
from ..splunk.client import Splunkd
from .answering import Answerer
from .engine import Engine
from .report import TaskReport
from .services import Services

RUN, UNDO = "remediation.run", "remediation.undo"
_NOT_UNDONE = (State.REFUSED.value, State.FAILED.value)


def undo(splunkd: Splunkd, services: Services, of: str, who: Answerer) -> Sequence[TaskReport]:
    """Undo the remediation of a task. Raises NotFound, Rejected, and NotDone for what is refused or fails."""
    store = TaskStore(splunkd)
    original = undoable(store, of)
    task = Task(
        key=_key(store, original),
        kind=UNDO,
        request={"of": of, "by": who.by, "owner": original.owner},
        service=original.service,
        finding=original.finding,
        alert=original.alert,
        owner=who.by,
        run=who.run,
        reports_to=original.reports_to,
        created_at=splunkd.now(),
    )
    task.audit.append(audit_event("undo_requested", task, task.created_at, "success", of=of, way=who.way))
    store.record(task)
    reports = Engine(splunkd, services).run([task.key])
    refused = next((report for report in reports if report.state in _NOT_UNDONE), None)
    if refused is not None:
        raise NotDone(f"Not undone. {refused.message}")
    return reports


def undoable(store: TaskStore, of: str) -> Task:
    """The remediation of a task, which has ended. Raises NotFound where there is none, Rejected where it has not."""
    original = store.get(of)
    if original is None or original.kind != RUN:
        raise NotFound(f"No remediation is recorded as task {of}.", "Take the key from the audit events (field task).")
    if not original.final:
        raise Rejected(f"Task {of} has not ended yet ({original.state.value}).", "Wait for it, then undo it.")
    return original


def _key(store: TaskStore, original: Task) -> str:
    """The undo that is under way or done; a further one after those that were refused or failed."""
    for number in itertools.count(1):
        key = follow_up(original.case_id, "remediate", UNDO, original.key, str(number))
        found = store.get(key)
        if found is None or found.state not in (State.REFUSED, State.FAILED):
            return key
    raise AssertionError("unreachable")
