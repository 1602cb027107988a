"""How a finding becomes a task. Safe to repeat after a stop at any point: every write is an insert of a derived key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..findings.finding import Finding
from ..splunk.client import Splunkd
from .audit import audit_event
from .keys import finding_task
from .store import TaskStore
from .task import Alert, Task, event_names


@dataclass(frozen=True)
class TaskRequest:
    """What an alert action asks for about a finding."""

    family: str
    kind: str
    #: How: the parameters of the alert, checked.
    request: Mapping[str, Any] = field(default_factory=dict)


class Recorder:
    """Records the findings of one run of an alert.

    A task's key says what it is about and how it was asked for. So the same finding asked for in the same way is one
    task, however often and wherever it is recorded; asked for in another way it is a new one, which is how a corrected
    parameter takes effect. Which events people still have to be notified of is decided when the task runs.
    """

    def __init__(self, splunkd: Splunkd, alert: Alert, owner: str, run: str) -> None:
        self._splunkd = splunkd
        self._store = TaskStore(splunkd)
        self._alert, self._owner, self._run = alert, owner, run

    def record(self, finding: Finding, wanted: TaskRequest) -> tuple[str, bool]:
        """Key of the task, and whether it is new. Raises Rejected or Unavailable when splunkd does not take it."""
        names = event_names(finding)
        task = Task(
            key=finding_task(
                finding.case_id, wanted.family, wanted.kind, names, wanted.request, self._owner, finding.target
            ),
            kind=wanted.kind,
            request=dict(wanted.request),
            finding=finding,
            alert=self._alert,
            event_ids=names,
            owner=self._owner,
            run=self._run,
            created_at=self._splunkd.now(),
        )
        task.audit.append(audit_event("task_recorded", task, task.created_at, status="success"))
        new = self._store.record(task)
        if new:
            self._store.open_case(task)
        return task.key, new
