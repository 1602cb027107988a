"""Runs a playbook: plan, ask whoever has to be asked, then carry it out (``applying``), with evidence of each write.

Safe to repeat after a kill at any point. Every attempt reads AWS and plans anew; what an earlier attempt did stands in
the evidence, and what it may have done is found out by the state.
"""

from __future__ import annotations

from ..at_work import at_work
from ..errors import NeedsApproval, NotFound, RefusedByGuardrail, ResponderError
from . import approvals, deciding, ending
from .asking import refuse_spent
from .attempt import Attempt
from .outcome import Outcome, report, stages, titled
from .ports import Ports, Request


def run(request: Request, ports: Ports) -> Outcome:
    """Run the playbook of a request. Raises NeedsApproval where a person has to decide, else a ResponderError."""
    with at_work():
        attempt = Attempt(request, ports)
        attempt.find_playbook()
        attempt.load()
        attempt.begin()
        try:
            return _outcome(attempt)
        except Exception:
            attempt.write_what_is_owed()
            raise


def failed(request: Request, ports: Ports, error: ResponderError, retried: bool) -> Outcome:
    """The outcome of a request that ended, or waits, with an error: for those who want to know what it waits for."""
    mode, status, digest, ask = request.mode, "failed", "", ""
    attempt = Attempt(request, ports)
    try:
        mode = mode or ports.safety().default_mode
        playbook = ports.playbook(request.playbook)
        attempt.evidence = attempt.store.load()
    except ResponderError:
        # It is the error that is told of; there is nothing to add to it.
        return Outcome(request.playbook, mode, status, str(error), finished_at=ports.clock())
    plan = attempt.evidence.plan
    if isinstance(error, NeedsApproval) and plan is not None:
        status, digest, ask, mode = "waiting", plan.digest, plan.ask, plan.mode
        if error.due_in is not None and attempt.asking.is_half_over():
            status = "still_waiting"
    message = f"{error} It is tried again." if retried else str(error)
    changes = report(playbook, attempt.evidence.made, plan.changes if plan else ())
    now, times = ports.clock(), stages(attempt.evidence)
    return Outcome(playbook.id, mode, status, message, changes, digest, now, ask=ask, stages=times)


def excused(request: Request, ports: Ports, why: str) -> Outcome | None:
    """How a request ends whose case is excused; None where people have not heard of it and nothing was begun.

    No answer about it counts any more, and what was done stays. Raises a ResponderError, as ``run`` does.
    """
    with at_work():
        attempt = Attempt(request, ports)
        attempt.load()
        plan = attempt.evidence.plan
        if plan is None and not attempt.evidence.entries:
            return None
        attempt.find_playbook()
        attempt.mode = plan.mode if plan else request.mode
        if plan is not None and plan.asked:
            approvals.close(ports.documents, request.task, plan.ask, plan.digest, ports.policy(), ports.clock())
        if attempt.evidence.open:
            attempt.find_out_what_was_made()
        stays = "Nothing was changed."
        if attempt.evidence.made or attempt.evidence.open:
            stays = f"What was changed before that stays: undo {request.task} to take it back."
        message = f"{attempt.playbook.title}: {why} {stays}"
        return ending.ended(attempt, "excused", message, plan.changes if plan else ())


def _outcome(attempt: Attempt) -> Outcome:
    playbook = attempt.playbook
    try:
        _refuse_undone(attempt)
        attempt.plan()
        return _carry_out(attempt)
    except RefusedByGuardrail as refusal:
        return ending.ended(attempt, "refused", titled(playbook, refusal), attempt.changes)
    except NotFound as gone:
        if attempt.evidence.made:
            return ending.ended(attempt, "done", f"{playbook.title}: done, except for this: {gone}", attempt.changes)
        return ending.ended(attempt, "already", f"{playbook.title}: {gone}")


def _refuse_undone(attempt: Attempt) -> None:
    """What a person has taken back is not done again because an alert or a saved setting has it tried again."""
    if any(entry.undone_at is not None for entry in attempt.evidence.entries):
        raise RefusedByGuardrail("A person has undone this remediation.", "A new finding is remediated again.")


def _carry_out(attempt: Attempt) -> Outcome:
    ports, tab = attempt.ports, attempt.tab
    if not attempt.changes:
        return ending.nothing_left(attempt)
    if attempt.mode == "simulate":
        return ending.simulated(attempt)
    try:
        attempt.guard()
    except RefusedByGuardrail:
        # Nobody is refused by what was known a moment ago.
        if tab.is_as_known():
            raise
        return _decided_anew(attempt)
    if not attempt.changes:
        return ending.nothing_left(attempt) if tab.is_as_known() else _decided_anew(attempt)
    attempt.lower_mode()
    verdict = attempt.asking.verdict(attempt.changes)
    if not verdict.rejected:
        # Whoever approves: what the records contradict is refused, and what they do not prove is said beforehand.
        unproved = ports.unproved()
        if not tab.is_as_known():
            return _decided_anew(attempt)
        verdict = verdict if verdict.approved else deciding.without_an_answer(attempt, unproved, verdict)
    if verdict.rejected:
        message = f"{attempt.playbook.title}: rejected by {verdict.by}."
        return ending.ended(attempt, "rejected", message, attempt.changes)
    if verdict.expired:
        return ending.nobody_answered(attempt, verdict)
    if verdict.approved:
        attempt.keep(lambda change: refuse_spent(attempt.evidence, [change], verdict))
    attempt.remember_plan()
    attempt.acting.prepare()
    refused_before = attempt.left_out.refusals
    for change in attempt.changes:
        with attempt.left_out.part():
            attempt.applying.apply(change)
    return ending.done(attempt, refused_before)


def _decided_anew(attempt: Attempt) -> Outcome:
    """By the Safety tab as of now, which says something else than what was planned by."""
    attempt.begin_anew()
    attempt.plan()
    return _carry_out(attempt)
