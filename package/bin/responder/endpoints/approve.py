"""``approve``: decide what waits for it. Post ``{"task": key, "decision": "approve" or "reject"}``.

What is decided about is the plan that the task has kept. To approve it ``"plan"`` must name its digest, as ``waiting``
gives it: nobody approves what he has not seen. A decision that names a plan is refused when that has changed. What is
decided stands, and where somebody else works on the case meanwhile, the worker sees to it. ``{"case": id, ...}`` is for
the one task of a case that waits.

An undo that will be made by itself, because the time limit of a playbook ends, is rejected to keep the change.

An answer that does not count, because it was decided otherwise or it is too late, is answered with 409 and the reason.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..cases.store import TaskStore
from ..cases.task import Task
from ..engine import decisions
from ..engine.engine import Engine
from ..errors import NotDone, NotFound, Rejected
from ..remediation import approvals, time_limits
from ..remediation.asking import deadlines
from ..remediation.evidence import EvidenceStore, Planned
from ..remediation.verdicts import APPROVE, Decision, Policy, Verdict, utc
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
        raise NotDone(f"Task {key} has ended already ({task.state.value}).", "There is nothing to decide any more.")
    asked, policy, now = _asked(request, task), _policy(task, config), splunkd.now()
    given = Decision(key, asked.digest, asked.ask, request.text("decision", 20), request.caller.user, now)
    if given.approved:
        _check_time(given, asked, policy)
    verdict = approvals.record(splunkd, decisions.owing_its_event(given, task), policy)
    _check_stands(verdict, given)
    told = decisions.told(splunkd, verdict.answers, config.audit_index)
    reports = Engine(splunkd, request.services).run([key], patient=True) if verdict.decision else []
    if told != list(verdict.answers):
        approvals.keep(splunkd, told)
    decisions.settle(splunkd, told, config, reports)
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
    plan, named = EvidenceStore(splunkd, task.key, splunkd.now).load().plan, request.text("plan", 100)
    if plan is None and time_limits.is_limit(task.request):
        plan = time_limits.asked(task.created_at)
    if plan is None:
        raise Rejected(f"Task {task.key} has no plan to decide about.", "Wait until it has made one.")
    if not named and request.text("decision", 20) == APPROVE:
        raise Rejected("No plan is named.", "Name plan=, from | respondwaiting: approve what you have read.")
    if named not in ("", plan.digest):
        raise NotDone(f"The plan of task {task.key} has changed.", "Look at it again, then decide.")
    return plan


def _check_stands(verdict: Verdict, given: Decision) -> None:
    """Raises NotDone unless what stands is what was answered, or it is still open."""
    if verdict.closed:
        raise NotDone(
            "It is too late for an answer: the time was over, and it is being done or was not done.",
            "Look at the remediation; what was done can be undone.",
        )
    if verdict.decision not in ("", given.decision):
        was = "approved" if verdict.approved else "rejected"
        raise NotDone(f"{verdict.by} has {was} it already: your answer does not count.", "What was done can be undone.")


def _check_time(given: Decision, asked: Planned, policy: Policy) -> None:
    """Raises Rejected for an approval that comes too late; a rejection never does."""
    if asked.ask == time_limits.ASK:
        raise Rejected("It is taken back by itself when its time is over.", "Undo it now, or reject that to keep it.")
    ends_at = max(deadlines(asked, policy).ends_at, asked.at + asked.delay * 60)
    if given.at >= ends_at:
        raise NotDone(f"The time to answer was over at {utc(ends_at)}; nothing was done.", "Retry it to ask again.")


def _policy(task: Task, config: Configuration) -> Policy:
    if task.finding is None:
        raise Rejected(f"Task {task.key} has no finding.", "Run the alert again.")
    return Policy.of(config.safety, task.finding, *task.askers)


ENDPOINT = Endpoint("approve", "cloudtrail_responder_approve", answer)
