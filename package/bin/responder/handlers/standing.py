"""How a case stands by its remediations, their undos, and what CloudTrail says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..cases.outcomes import Notified, Remediated
from ..cases.task import Task
from ..documents.excuses import excused_until
from ..documents.standing import PROOF, RUN, UNDO, Standing, Step
from .base import Context, request_text
from .excused_cases import all_excused, told_cases
from .reports import is_undoable, remediation_report
from .run_reports import remediations
from .time_limit import UNDO as UNDO_TASK

#: Families of tasks about events, and what the timeline calls it when they notify people.
_NOTIFIED = {"ticket": "ticket created", "slack": "message in Slack", "notify": "sent by a notifier", "remediate": ""}
#: What only the look-up in CloudTrail's records comes to.
_PROOFS = ("proved", "unproved", "still_active", "given_back", "undo_proved", "undo_unproved")


def reported(context: Context) -> dict[str, Remediated]:
    """What became of the remediations, by ``<task>:<status>[:<ask>]``: what tells one standing from the next."""
    return remediations(context)


def standing(
    context: Context, found: Mapping[str, Remediated], teller: Task, fresh: Sequence[Task] = ()
) -> Standing:
    """``found``: as ``reported`` has it. ``teller``: the task that has opened, or is about to, what shows it.

    ``fresh``: remediations that may stand otherwise than they were read with the case.
    """
    known = {task.key: task for task in (*context.others("remediate"), *fresh)}
    steps = []
    for name, outcome in found.items():
        key = name.partition(":")[0]
        steps.append(step_of(key, known.get(key), outcome))
    found_at, notified = _first(context, teller)
    stands = Standing(context.case_id, tuple(steps), found_at, notified=notified)
    if len(told_cases(context)) > 1:
        every = all_excused(context)
        return replace(stands, excused=every.sentence, excused_at=every.at) if every is not None else stands
    newest, longest = context.excuse(), context.config.safety.longest_excuse_days
    if newest is None or not newest.stands(context.clock(), longest):
        return stands
    said = excused_until(newest.ends_at(longest), newest.by, newest.reason)
    return replace(stands, excused=said, excused_at=newest.at)


def _first(context: Context, teller: Task) -> tuple[float, tuple[tuple[str, float], ...]]:
    """When the events of a ticket or thread were first recorded, and when people were first notified, by each way."""
    events = {*teller.event_ids, *(teller.outcome.event_ids if isinstance(teller.outcome, Notified) else ())}
    found, notified = [teller.created_at], list[tuple[str, float]]()
    for family, how in _NOTIFIED.items():
        tasks = context.lane if family == context.task.lane.family else context.others(family)
        about = [task for task in tasks if not events.isdisjoint(task.event_ids)]
        found += [task.created_at for task in about]
        outcomes = (task.outcome for task in about)
        times = [one.notified_at for one in outcomes if isinstance(one, Notified) and one.notified_at]
        if times and how:
            notified.append((how, min(times)))
    return min(found), tuple(notified)


def excuse_mark(context: Context) -> tuple[str, ...]:
    """What tells how the case is excused, or all of several are, from how it was before."""
    if len(told_cases(context)) > 1:
        every = all_excused(context)
        return (every.mark,) if every is not None else ()
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
