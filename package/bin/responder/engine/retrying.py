"""A person has something tried again. Every door by which that is asked for leads here.

Nothing is hastened by it that waits for its time or for an approval. An undo that a person has asked for is asked for
again by ``undo``, which needs a right of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..cases.audit import audit_event, send
from ..cases.states import State, WaitingFor
from ..cases.store import TaskStore
from ..cases.task import TASKS, Task
from ..errors import DamagedDocument, NotDone, NotFound
from ..remediation import time_limits
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from ..splunk.queries import any_of
from .answering import Answerer
from .asked_plans import AskedPlans
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
    if not _can_never_be_answered(splunkd, task):
        check(task)
    config = Configuration(splunkd)
    _audit(splunkd, config, [task], who)
    (report,) = Engine(splunkd, services, config=config).run([key], AGAIN, requested=True, patient=True)
    return report


def retry_many(
    splunkd: Splunkd, services: Services, config: Configuration, keys: Sequence[str], who: Answerer
) -> Sequence[TaskReport]:
    """Take up again those of the tasks that may be; each of the others stays listed, and stops none.

    Behind a service that is away they wait for the worker. Raises what writing their audit events raises.
    """
    found: dict[str, Task] = {}
    for query in any_of("_key", keys):
        for document in splunkd.find(TASKS, query):
            try:
                task = Task.from_document(document)
                check(task)
            except (DamagedDocument, NotDone):
                continue
            found[task.key] = task
    tasks = [found[key] for key in keys if key in found]
    _audit(splunkd, config, tasks, who)
    return Engine(splunkd, services, config=config).run([task.key for task in tasks], AGAIN, requested=True)


def _audit(splunkd: Splunkd, config: Configuration, tasks: Sequence[Task], who: Answerer) -> None:
    """Before anything is done: who has asked for it."""
    now = splunkd.now()
    events = [audit_event("retry_requested", task, now, "success", by=who.by, way=who.way) for task in tasks]
    send(splunkd, events, config.audit_index)


def _can_never_be_answered(splunkd: Splunkd, task: Task) -> bool:
    """Whether it waits for an approval of a plan that cannot be read: then it is planned anew, or says what to do."""
    is_asked = task.state is State.WAITING and task.waiting_for is WaitingFor.APPROVAL
    return is_asked and task.kind != UNDO and task.key in AskedPlans.read(splunkd, [task]).damaged


def check(task: Task) -> None:
    """Raises NotDone for what is not to be tried again, or not in this way."""
    if task.kind == UNDO and not time_limits.is_limit(task.request):
        raise NotDone(f"Task {task.key} is an undo.", "Undo the remediation again: | respondundo.")
    if task.state is State.WAITING and task.waiting_for is WaitingFor.APPROVAL:
        raise NotDone(f"Task {task.key} waits for an approval.", "Approve or reject it: | respondwaiting.")
    if task.state is State.WAITING and task.waiting_for is WaitingFor.TIME:
        raise NotDone(f"Task {task.key} waits for its time.", "It is done then, without a retry.")
