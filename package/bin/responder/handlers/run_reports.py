"""Remediations of a run whose ticket stands for all of its rows: they go by the dedup key, in cases of their own, and
report to the run's case, too.

What the next run asks for is the same remediation. That has told the first run's ticket, so the next one's is told by
tasks that are recorded with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..cases.keys import lane_of
from ..cases.outcomes import Remediated
from ..cases.recording import Recorded, Recorder, TaskRequest
from ..cases.task import SUMMARY_FIELDS, TASKS, Task
from ..errors import Rejected
from ..findings.finding import Finding
from ..splunk.queries import either
from .base import Context
from .registry import notifications

#: Remediations read in one request: its address may have so many characters only.
READ = 40


def subscribe(
    recorder: Recorder,
    wanted: Sequence[tuple[Finding, TaskRequest]],
    outcomes: Sequence[Recorded | Rejected],
) -> None:
    """Let the case of this run hear of remediations that an earlier run has asked for. Raises as ``Recorder`` does."""
    found: dict[str, Task] = {}
    for (finding, request), outcome in zip(wanted, outcomes):
        if request.reports_to and isinstance(outcome, Recorded) and not outcome.is_new:
            task = recorder.known(outcome.key)
            if task is not None and task.reports_to != request.reports_to:
                found.update((told.key, told) for told in _told_of(replace(task, finding=finding), request.reports_to))
    recorder.record_tasks(list(found.values()))


def _told_of(task: Task, case: str) -> list[Task]:
    """What it has come to, and what it will come to."""
    tasks: list[Task] = []
    if isinstance(task.outcome, Remediated):
        tasks += notifications(task, task.turn, task.outcome.status, task.outcome.ask, (case,))
    if not task.final:
        tasks += notifications(task, 0, "", "", (case,))
    return tasks


def remediations(context: Context) -> dict[str, Remediated]:
    """What became of the case's remediations and of those that report to it, by ``<task>:<status>``, oldest first."""
    found = context.remediations()
    reported = dict.fromkeys(_about(task) for task in context.lane if _is_elsewhere(task))
    keys = [key for key in reported if key]
    for first in range(0, len(keys), READ):
        query = either([{"_key": key} for key in keys[first : first + READ]])
        for document in context.splunkd.find(TASKS, query, fields=",".join(SUMMARY_FIELDS)):
            task = Task.from_document(document)
            if isinstance(task.outcome, Remediated):
                found[task.outcome.report_of(task.key)] = task.outcome
    return found


def _is_elsewhere(task: Task) -> bool:
    """Whether it reports on a remediation of another case."""
    about = _about(task)
    return "status" in task.request and bool(about) and lane_of(about).case_id != task.case_id


def _about(task: Task) -> str:
    request: Mapping[str, object] = task.request
    return str(request.get("about") or "")
