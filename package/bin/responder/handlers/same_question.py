"""Several findings of one case may come to the same plan. People are asked about it once, by the first remediation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..cases.outcomes import Remediated
from ..cases.task import Task
from ..errors import Curable
from ..remediation import approvals
from ..remediation.evidence import EvidenceStore, Planned
from ..remediation.model import Change
from ..remediation.plans import is_within
from ..remediation.verdicts import EXPIRED, AskedElsewhere, Policy, Verdict
from .base import Context

#: Outcomes of one that people are asked about, and of one that has ended by what they answered.
_OPEN, _ANSWERED = ("waiting", "still_waiting"), ("rejected", "expired")


def asked_elsewhere(
    context: Context, playbook: str, changes: Sequence[Change], policy: Policy
) -> AskedElsewhere | None:
    """The remediation of the case that asks about these changes, or that has asked since this one was asked for."""
    for task in _asked(context, playbook):
        try:
            found = _question(context, task, changes, policy)
        except Curable:
            # Its plan or an answer is damaged: that one says so itself, and this one cannot wait for it.
            continue
        if found is not None:
            return found
    return None


def _question(context: Context, task: Task, changes: Sequence[Change], policy: Policy) -> AskedElsewhere | None:
    """Raises Curable where a document about it is damaged."""
    plan = EvidenceStore(context.splunkd, task.key, context.clock).load().plan
    if plan is None or not plan.asked or not is_within(changes, plan.changes):
        return None
    if not task.final:
        return AskedElsewhere(task.key)
    verdict = _answered(context, task, plan, policy)
    return AskedElsewhere(task.key, verdict) if verdict is not None else None


def _asked(context: Context, playbook: str) -> Iterator[Task]:
    """Remediations that people are, or were, asked about since this one was asked for, the oldest first."""
    for task in context.siblings:
        outcome = task.outcome
        if task.kind != context.task.kind or not isinstance(outcome, Remediated) or outcome.playbook != playbook:
            continue
        is_open = not task.final and outcome.status in _OPEN
        is_answered = outcome.status in _ANSWERED and outcome.finished_at >= context.task.requested
        if is_open or is_answered:
            yield task


def _answered(context: Context, task: Task, plan: Planned, policy: Policy) -> Verdict | None:
    """What people have said, or that nobody has, where this one waited for it already."""
    asked_at = context.task.requested
    if task.outcome is not None and getattr(task.outcome, "status", "") == "expired":
        return Verdict(EXPIRED, missing=policy.needed) if plan.at >= asked_at else None
    verdict = approvals.verdict(context.splunkd, task.key, plan.ask, policy)
    return verdict if verdict.rejected and verdict.answers[-1].at >= asked_at else None
