"""A person has something tried again. Every door by which that is asked for leads here.

Nothing is hastened by it that waits for its time or for an approval. An undo that a person has asked for is asked for
again by ``undo``, which needs a right of its own.
"""

from __future__ import annotations

from ..cases.audit import audit_event, send
from ..cases.states import State, WaitingFor
from ..cases.store import TaskStore
from ..cases.task import Task
from ..errors import NotDone, NotFound
from ..remediation import time_limits
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .answering import Answerer
from .engine import Engine
from .report import TaskReport
from .services import Services
from .undoing import UNDO

#: Final states from which a task is taken up again.
AGAIN = frozenset((State.FAILED, State.REFUSED))


def retry(splunkd: Splunkd, services: Services, key: str, who: Answerer) -> TaskReport:
    """Take a task up again. Raises NotFound, NotDone, and what writing its audit event raises."""
    task = TaskStore(splunkd).get(key)
    if task is None:
        raise NotFound(f"No task {key} is recorded.", "Take the key from the audit events (field task).")
    check(task)
    event = audit_event("retry_requested", task, splunkd.now(), "success", by=who.by, way=who.way)
    send(splunkd, [event], Configuration(splunkd).audit_index)
    (report,) = Engine(splunkd, services).run([key], AGAIN, requested=True, patient=True)
    return report


def check(task: Task) -> None:
    """Raises NotDone for what is not to be tried again, or not in this way."""
    if task.kind == UNDO and not time_limits.is_limit(task.request):
        raise NotDone(f"Task {task.key} is an undo.", "Undo the remediation again: | respondundo.")
    if task.state is State.WAITING and task.waiting_for is WaitingFor.APPROVAL:
        raise NotDone(f"Task {task.key} waits for an approval.", "Approve or reject it: | respondwaiting.")
    if task.state is State.WAITING and task.waiting_for is WaitingFor.TIME:
        raise NotDone(f"Task {task.key} waits for its time.", "It is done then, without a retry.")
