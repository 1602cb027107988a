"""How a case stands by its remediations, their undos, and what CloudTrail says of them."""

from __future__ import annotations

from collections.abc import Mapping

from ..cases.outcomes import Remediated
from ..cases.task import Task
from ..documents.excuses import excused_until
from ..documents.standing import PROOF, RUN, UNDO, Standing, Step
from .base import Context, request_text
from .reports import is_undoable, remediation_report
from .run_reports import remediations
from .time_limit import UNDO as UNDO_TASK

#: What only the look-up in CloudTrail's records comes to.
_PROOFS = ("proved", "unproved", "still_active", "given_back")


def reported(context: Context) -> dict[str, Remediated]:
    """What became of the remediations, by ``<task>:<status>[:<ask>]``: what tells one standing from the next."""
    return remediations(context)


def standing(context: Context, found: Mapping[str, Remediated], found_at: float = 0.0) -> Standing:
    """``found``: as ``reported`` has it. ``found_at``: when the case's finding was recorded."""
    known = {task.key: task for task in context.others("remediate")}
    steps = []
    for name, outcome in found.items():
        key = name.partition(":")[0]
        steps.append(step_of(key, known.get(key), outcome))
    newest, longest = context.excuse(), context.config.safety.longest_excuse_days
    if newest is None or not newest.stands(context.clock(), longest):
        return Standing(context.case_id, tuple(steps), found_at)
    said = excused_until(newest.ends_at(longest), newest.by, newest.reason)
    return Standing(context.case_id, tuple(steps), found_at, said, newest.at)


def excuse_mark(context: Context) -> tuple[str, ...]:
    """What tells how the case is excused from how it was before."""
    newest = context.excuse()
    return (f"excuse:{newest.number}:{newest.state}",) if newest is not None else ()


def step_of(key: str, task: Task | None, outcome: Remediated) -> Step:
    """A remediation, an undo or a proof. Of one of another case (no ``task``), only what it has come to is known."""
    report, of = remediation_report(outcome), request_text(task.request, "of") if task is not None else ""
    if outcome.status in _PROOFS:
        return Step(key, PROOF, report, of)
    if outcome.status == "undone" or (task is not None and task.kind == UNDO_TASK):
        return Step(key, UNDO, report, of)
    return Step(key, RUN, report, of, task is not None and is_undoable(outcome))
