"""How a task stands after a run, for whoever asked for the run."""

from __future__ import annotations

from dataclasses import dataclass

from ..cases.outcomes import Remediated
from ..cases.states import State, WaitingFor
from ..cases.task import Task
from ..documents import remediations as worded
from ..errors import ResponderError, one_line
from ..handlers.reports import remediation_report

#: What a report says besides the states of a task: somebody else has the turn, it cannot be read here yet, or an answer
#: does not count for it.
BUSY, UNREAD, NOT_COUNTED = "busy", "unread", "not counted"


@dataclass(frozen=True)
class TaskReport:
    task: str
    kind: str
    #: A state of a task; or ``BUSY``, ``UNREAD`` or ``NOT_COUNTED``.
    state: str
    message: str
    #: What a task that is not final waits for.
    waiting_for: str = ""
    #: How a remediation stands, in words; empty for what is none, and as long as it goes on by itself.
    text: str = ""

    @property
    def is_seen(self) -> bool:
        """Whether the task was looked at; otherwise whatever was asked for is still to come."""
        return bool(self.kind) or self.state in (State.FAILED.value, State.REFUSED.value)


def report_on(task: Task) -> TaskReport:
    return TaskReport(task.key, task.kind, task.state.value, task.message, task.waiting_for.value, _stands(task))


def _stands(task: Task) -> str:
    is_over = task.final or task.waiting_for is WaitingFor.APPROVAL
    return worded.title(remediation_report(task.outcome)) if is_over and isinstance(task.outcome, Remediated) else ""


def busy(key: str) -> TaskReport:
    return TaskReport(key, "", BUSY, "Another process is working on this case.", WaitingFor.TIME.value)


def not_begun(key: str, reason: str = "There was no time left to begin with it.") -> TaskReport:
    return TaskReport(key, "", State.RECORDED.value, reason)


def not_found(key: str) -> TaskReport:
    return TaskReport(key, "", UNREAD, f"Task {key} cannot be read here yet.", WaitingFor.SERVICE.value)


def not_counted(key: str, error: ResponderError) -> TaskReport:
    return TaskReport(key, "", NOT_COUNTED, str(error))


def not_yours(key: str) -> TaskReport:
    return TaskReport(key, "", State.REFUSED.value, f"Task {key} is not one of yours.")


def splunkd_failed(key: str, error: ResponderError) -> TaskReport:
    return TaskReport(key, "", State.UNKNOWN.value, str(error), WaitingFor.SERVICE.value)


def unreadable(key: str, error: ResponderError) -> TaskReport:
    return TaskReport(one_line(key)[:80], "", State.FAILED.value, str(error), WaitingFor.PERSON.value)
