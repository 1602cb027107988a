"""Sees decisions of people through: each owes its audit event, which whoever goes on with it sends."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from ..cases import audit
from ..cases.states import WaitingFor
from ..cases.store import TaskStore
from ..cases.task import Task
from ..errors import ResponderError
from ..json_limits import bounded_json
from ..remediation import approvals
from ..remediation.evidence import EvidenceStore
from ..remediation.verdicts import Decision, Policy
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .report import TaskReport

log = logging.getLogger("cloudtrail_responder")

#: What a task waits for that an answer ends.
_AWAIT_AN_ANSWER = (WaitingFor.APPROVAL.value, WaitingFor.TIME.value)


def owing_its_event(decision: Decision, task: Task) -> Decision:
    """The decision with its audit event, which is the same whoever sends it, and when."""
    step = "approved" if decision.approved else "rejected"
    how = {"by": decision.by, "way": decision.way, "plan": decision.plan_digest}
    event = audit.audit_event(step, task, decision.at, "success", **how)
    return replace(decision, audit=json.dumps(event))


def told(splunkd: Splunkd, decisions: Iterable[Decision], index: str) -> list[Decision]:
    """As they are once their audit events were sent; what the index does not take now, they go on owing."""
    decisions = list(decisions)
    try:
        audit.send(splunkd, [bounded_json(one.audit) for one in decisions if one.audit], index)
    except ResponderError as error:
        log.error("audit events of decisions not indexed yet: %s", error)
        return decisions
    return [replace(one, audit="") for one in decisions]


def settle(
    splunkd: Splunkd,
    decisions: Iterable[Decision],
    config: Configuration,
    reports: Iterable[TaskReport],
    gone: Collection[str] = (),
) -> None:
    """Settle those with which their tasks were run, as the reports on them say, and those whose tasks are gone.

    What still owes its event stays open, and so does what the run of its task has not read: a copy of the KV store may
    lag behind. So somebody comes back to it.
    """
    by_task = {report.task: report for report in reports}
    settled = [
        one
        for one in decisions
        if not one.audit and (one.task in gone or _has_its_effect(splunkd, one, config, by_task.get(one.task)))
    ]
    if settled:
        approvals.settle(splunkd, settled)


def _has_its_effect(splunkd: Splunkd, decision: Decision, config: Configuration, report: TaskReport | None) -> bool:
    if report is not None and not report.is_seen:
        return False
    if report is not None and report.waiting_for not in _AWAIT_AN_ANSWER:
        # It has ended, or is tried again by itself, with whatever was answered.
        return True
    task = TaskStore(splunkd).get(decision.task)
    if task is None or task.finding is None:
        return False
    asked = [plan.ask for plan in EvidenceStore(splunkd, task.key, splunkd.now).load().plans]
    if decision.ask in asked[:-1]:
        # Another plan is asked about.
        return True
    policy = Policy.of(config.safety, task.finding, *task.askers)
    verdict = approvals.verdict(splunkd, task.key, decision.ask, policy)
    return decision.number <= len(verdict.answers) and not verdict.decision


def unsettled(splunkd: Splunkd, index: str) -> Sequence[Decision]:
    """Decisions with which their tasks were not run yet; the audit knows of them now, unless it does not answer."""
    found = approvals.unsettled(splunkd)
    if not any(one.audit for one in found):
        return found
    now = told(splunkd, found, index)
    changed = [one for one, before in zip(now, found) if one != before]
    if changed:
        approvals.keep(splunkd, changed)
    return now
