"""Containment for a time: when the undo of a change is recorded, when its time has come, and what keeps the change."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

from ..cases.keys import follow_up, lane_of
from ..cases.outcomes import NothingToDo, Remediated
from ..cases.task import Task
from ..errors import NotYet, ResponderError
from ..remediation import approvals, time_limits
from ..remediation import undo as undoing
from ..remediation.evidence import EvidenceStore
from ..remediation.outcome import Outcome
from ..remediation.ports import Ports
from ..remediation.verdicts import Policy, Verdict, utc
from .base import Context, request_text
from .found_elsewhere import found_elsewhere
from .own_remediations import playbook_of

log = logging.getLogger("cloudtrail_responder")

RUN, UNDO = "remediation.run", "remediation.undo"
#: Outcomes of a remediation that may have changed something before they came to that.
_PERHAPS_MADE = ("refused", "rejected", "expired", "excused", "failed", "waiting", "still_waiting")


def limited(context: Context, outcome: Outcome) -> tuple[Outcome, tuple[Task, ...]]:
    """What a remediation came to, and the undo that ends what it has changed, where the playbook has a time limit.

    The outcome says until when it stays, and what is to be rejected to keep it.
    """
    if outcome.status != "done" and outcome.status not in _PERHAPS_MADE:
        return outcome, ()
    hours = _hours(context, outcome.playbook)
    if not hours or not (outcome.status == "done" or _has_made(context)):
        return outcome, ()
    undo = _undo_of(context, hours)
    known = next((task for task in context.siblings if task.key == undo.key), None)
    due = time_limits.due(known.request if known else undo.request)
    context.audit("remediation_limited", playbook=outcome.playbook, undo=undo.key, until=due)
    said = f"It is taken back at {utc(due)} unless somebody keeps it: then reject {undo.key}."
    if known is not None and known.final:
        return outcome, ()
    return replace(outcome, message=f"{outcome.message} {said}"), () if known else (undo,)


def limit_what_was_made(context: Context, playbook: str) -> None:
    """The same where the remediation goes on later: what it has changed so far stays no longer for that."""
    try:
        hours = _hours(context, playbook)
        if hours and _has_made(context):
            context.store.record(_undo_of(context, hours))
    except ResponderError as error:
        # What comes out is why it failed; the next attempt sees to it.
        log.error("task=%s: its time limit was not recorded: %s", context.task.key, error)


def _hours(context: Context, playbook: str) -> int:
    hours = context.config.safety.playbook_time_limits.get(playbook, 0)
    return hours if hours and playbook_of(context, playbook).undoable else 0


def _has_made(context: Context) -> bool:
    return bool(EvidenceStore(context.splunkd, context.task.key, context.clock).load().made)


def _undo_of(context: Context, hours: int) -> Task:
    task, seconds = context.task, hours * 3600.0
    due = context.clock() + seconds
    request = time_limits.request(task.key, due, seconds)
    message = f"It is undone at {utc(due)} unless somebody rejects the undo."
    return task.following_at(due, limit_of(task.key), UNDO, request, task.service, message)


def limit_of(task: str) -> str:
    """Key of the undo that ends what a remediation has changed, should there be one."""
    lane = lane_of(task)
    return follow_up(lane.case_id, lane.family, UNDO, task, "time_limit")


class _Kept(Exception):
    """Somebody has rejected that it is taken back."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.by)
        self.verdict = verdict


def take_back(context: Context, request: undoing.UndoRequest, ports: Ports, policy: Policy) -> Outcome | NothingToDo:
    """Undo a change whose time is over, unless somebody keeps it. Raises NotYet before, and as ``undo`` does."""
    task = context.task
    verdict = approvals.verdict(context.splunkd, task.key, time_limits.ASK, policy)
    if verdict.rejected:
        return _kept(context, request.of, verdict)
    due, now = _due(context, request.of), context.clock()
    elsewhere = found_elsewhere(context, request.of, ports) if now >= due else ()
    due = max([due, *(at + _length(context) for at in elsewhere)])
    if now < due:
        # Whoever has it run before: its time is its own.
        raise NotYet(f"It is undone at {utc(due)} unless somebody rejects the undo.", retry_after=due - now)
    evidence = EvidenceStore(context.splunkd, request.of, context.clock).load()
    if not evidence.made and any(entry.undone_at for entry in evidence.entries):
        return NothingToDo()

    def nobody_keeps_it() -> None:
        stands = approvals.close(context.splunkd, task.key, time_limits.ASK, time_limits.ASK, policy, context.clock())
        if stands.rejected:
            raise _Kept(stands)

    try:
        return undoing.undo(replace(request, is_limit=True, before=nobody_keeps_it), ports)
    except _Kept as kept:
        return _kept(context, request.of, kept.verdict)


def _kept(context: Context, of: str, verdict: Verdict) -> Outcome:
    evidence = EvidenceStore(context.splunkd, of, context.clock).load()
    playbook = evidence.entries[0].intended.playbook if evidence.entries else ""
    context.audit("remediation_kept", by=verdict.by, of=of)
    return Outcome(playbook, "undo", "kept", f"Kept by {verdict.by}.")


def _due(context: Context, of: str) -> float:
    """When it is taken back: what was found again while it was contained has it stay as long as a change made then."""
    length = _length(context)
    return max([time_limits.due(context.task.request), *(at + length for at in _found_again(context, of))])


def _length(context: Context) -> float:
    request = context.task.request
    return time_limits.seconds(request) or max(time_limits.due(request) - context.task.created_at, 0.0)


def _found_again(context: Context, of: str) -> Iterator[float]:
    """When other remediations of the case found that nothing was left to do about the same thing."""
    playbook = next((_playbook(task) for task in context.siblings if task.key == of), "")
    for task in context.siblings:
        outcome = task.outcome
        if task.kind != RUN or not isinstance(outcome, Remediated) or outcome.status != "already":
            continue
        if outcome.playbook == playbook and has_same_target(context, task):
            yield outcome.finished_at


def _playbook(task: Task) -> str:
    return task.outcome.playbook if isinstance(task.outcome, Remediated) else request_text(task.request, "playbook")


def has_same_target(context: Context, task: Task) -> bool:
    """Whether it was about the same resource and principal: events alone do not say so, and others may list them."""
    whole = task if task.finding is not None else context.store.get(task.key)
    return whole is not None and whole.finding is not None and whole.finding.target == context.finding.target
