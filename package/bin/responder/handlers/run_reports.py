"""Remediations whose ticket is another case's: they go by the dedup key, in cases of their own, and report to that
case, too. It stands for all rows of a run, or for an incident (docs/incidents.md).

What the next run asks for is the same remediation. That has told the first run's ticket, so the next one's is told by
tasks that are recorded with it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..cases.keys import lane_of
from ..cases.outcomes import Remediated
from ..cases.snapshot import CaseReader
from ..cases.task import Task
from ..cases.turns import overlay
from .base import Context
from .registry import notifications

log = logging.getLogger("cloudtrail_responder")


def subscriptions(asked: Task, known: Task) -> Sequence[Task]:
    """Tasks by which the case of this run hears of a remediation that an earlier run has asked for."""
    if known.reports_to == asked.reports_to:
        return ()
    return _told_of(replace(known, finding=asked.finding), asked.reports_to)


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
    for task in _elsewhere(context):
        if isinstance(task.outcome, Remediated):
            found[task.outcome.report_of(task.key)] = task.outcome
    return found


def remediation_tasks(context: Context) -> list[Task]:
    """The remediations of the case, and those that report to it, with their undos."""
    return [*context.others("remediate"), *_elsewhere(context)]


def _elsewhere(context: Context) -> Sequence[Task]:
    """Those of other cases that report here. Read once an attempt: documents and buttons ask for them many times."""
    if context.elsewhere is None:
        context.elsewhere = _read_elsewhere(context)
    return context.elsewhere


def _read_elsewhere(context: Context) -> list[Task]:
    keys = dict.fromkeys(_about(task) for task in context.lane if _is_elsewhere(task))
    if not keys:
        return []
    found: list[Task] = []
    reader, lanes = CaseReader(context.splunkd), dict.fromkeys(map(lane_of, keys))
    cases = reader.read_many([lane.case_id for lane in lanes])
    for lane in lanes:
        state = reader.lane(cases[lane.case_id], lane)
        for damaged in state.damaged:
            # It is closed by whoever works there. What the ticket can say without it, it says.
            log.error("case=%s %s", context.case_id, damaged.reason)
        found += (task for task in overlay(state.tasks, state.turns) if task.key in keys)
    return found


def _is_elsewhere(task: Task) -> bool:
    """Whether it reports on a remediation of another case."""
    about = _about(task)
    return "status" in task.request and bool(about) and lane_of(about).case_id != task.case_id


def _about(task: Task) -> str:
    request: Mapping[str, object] = task.request
    return str(request.get("about") or "")
