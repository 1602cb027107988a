"""``approve``: decide what waits for it. Post ``{"task": key, "decision": "approve" or "reject"}``.

What is decided about is the plan that the task has kept. ``"plan"`` may name its digest, as the audit gives it: the
decision is then refused when the plan has changed since it was looked at. What is decided stands, and where somebody
else works on the case meanwhile, the worker sees to it. ``{"case": id, ...}`` is for the one task of a case that waits.

An undo that will be made by itself, because the time limit of a playbook ends, is rejected to keep the change.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..cases.store import TaskStore
from ..cases.task import Task
from ..engine import decisions
from ..engine.engine import Engine
from ..errors import NotFound, Rejected
from ..remediation import approvals, time_limits
from ..remediation.evidence import EvidenceStore, Planned
from ..remediation.verdicts import Decision, Policy, utc
from ..settings.reader import Configuration
from .base import Endpoint, Request
from .waiting import the_one_that_waits

KINDS = ("remediation.run", "remediation.undo")


def answer(request: Request) -> Mapping[str, Any]:
    """``{"decision", "by", "missing", "plan", "reports": [TaskReport]}``: what stands, and how the task is now.

    ``decision`` is empty while more approvals are needed: ``missing`` of them.
    """
    splunkd, config = request.splunkd, Configuration(request.splunkd)
    key = the_one_that_waits(request) if request.body.get("case") else request.task_key()
    task = TaskStore(splunkd).get(key)
    if task is None or task.kind not in KINDS:
        hint = "Take the key from the audit events (field task)."
        raise NotFound(f"No remediation is recorded as task {key}.", hint)
    if task.final:
        raise Rejected(f"Task {key} has ended already ({task.state.value}).", "There is nothing to decide any more.")
    asked, policy, now = _asked(request, task), _policy(task, config), splunkd.now()
    given = Decision(key, asked.digest, asked.ask, request.text("decision", 20), request.caller.user, now)
    if given.approved:
        _check_time(given, asked, policy, config)
    verdict = approvals.record(splunkd, decisions.owing_its_event(given, task), policy)
    told = decisions.told(splunkd, verdict.answers, config.audit_index)
    reports = Engine(splunkd, request.services).run([key], patient=True) if verdict.decision else []
    if all(report.is_seen for report in reports):
        decisions.settle(splunkd, told)
    elif told != list(verdict.answers):
        approvals.keep(splunkd, told)
    return {
        "decision": verdict.decision,
        "by": verdict.by,
        "missing": verdict.missing,
        "plan": asked.digest,
        "reports": [dataclasses.asdict(report) for report in reports],
    }


def _asked(request: Request, task: Task) -> Planned:
    """What is asked. Raises Rejected where nothing is, or something else than was looked at."""
    splunkd = request.splunkd
    plan = EvidenceStore(splunkd, task.key, splunkd.now).load().plan
    if plan is None and time_limits.is_limit(task.request):
        return time_limits.asked(task.created_at)
    if plan is None:
        raise Rejected(f"Task {task.key} has no plan to decide about.", "Wait until it has made one.")
    if request.text("plan", 100) not in ("", plan.digest):
        raise Rejected(f"The plan of task {task.key} has changed.", "Look at it again, then decide.")
    return plan


def _check_time(given: Decision, asked: Planned, policy: Policy, config: Configuration) -> None:
    """Raises Rejected for an approval that comes too late; a rejection never does."""
    if asked.ask == time_limits.ASK:
        raise Rejected("It is taken back by itself when its time is over.", "Undo it now, or reject that to keep it.")
    delay = config.safety.playbook_delays.get(asked.playbook, 0) * 60
    ends_at = max(policy.ends_at(asked.at), asked.at + delay)
    if given.at >= ends_at:
        raise Rejected(f"The time to answer was over at {utc(ends_at)}; nothing was done.", "Retry it to ask again.")


def _policy(task: Task, config: Configuration) -> Policy:
    if task.finding is None:
        raise Rejected(f"Task {task.key} has no finding.", "Run the alert again.")
    return Policy.of(config.safety, task.finding, task.owner, str(task.request.get("by") or ""))


ENDPOINT = Endpoint("approve", "cloudtrail_responder_approve", answer)
