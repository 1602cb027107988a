"""How an attempt ends: what is told of it, and what the audit says."""

from __future__ import annotations

from dataclasses import replace

from ..errors import RefusedByGuardrail
from .asking import approval
from .attempt import Attempt
from .model import Change
from .outcome import ANSWERED, Outcome, missed, report, stages
from .verdicts import Verdict


def ended(attempt: Attempt, status: str, message: str, planned: tuple[Change, ...] = ()) -> Outcome:
    """What came of it, with all of its evidence written down."""
    attempt.store.flush()
    evidence, playbook = attempt.evidence, attempt.playbook
    changes = report(playbook, evidence.made, planned)
    ask = evidence.plan.ask if status in ANSWERED and evidence.plan else ""
    attempt.ports.audit(
        f"remediation_{status}",
        playbook=playbook.id,
        mode=attempt.mode,
        message=message,
        change_type="AWS",
    )
    made = evidence.made if status == "done" else ()
    last = made[-1].intended.key if made else ""
    now, times = attempt.ports.clock(), stages(evidence)
    return Outcome(playbook.id, attempt.mode, status, message, changes, "", now, ask=ask, last_write=last, stages=times)


def simulated(attempt: Attempt) -> Outcome:
    """Raises RefusedByGuardrail where something was changed before."""
    if attempt.evidence.made:
        raise RefusedByGuardrail(
            "The mode is simulate now; what was changed before that stays as it is.",
            "Raise the mode on the Safety tab to finish it, or undo it.",
        )
    attempt.look_around()
    message = "Simulated: would " + " And would ".join(_lower(change.summary) for change in attempt.changes)
    if attempt.request.mode and attempt.request.mode != "simulate":
        message += f" The alert asks for {attempt.request.mode}; the ceilings that administrators set are lower."
    changes = attempt.changes
    try:
        attempt.guard()
    except RefusedByGuardrail as refusal:
        message += f" But a guardrail would refuse it: {refusal.message}"
    if attempt.left_out.sentence:
        message += f" {attempt.left_out.sentence}"
    return ended(attempt, "simulated", message, changes)


def nothing_left(attempt: Attempt) -> Outcome:
    if attempt.evidence.made:
        return done(attempt, 0)
    why = [attempt.playbook.why_nothing(attempt.request.finding, seen) for seen in attempt.seen.values()]
    return _nothing_made(attempt, f"nothing to do, {' '.join(filter(None, why)) or 'the state is already right.'}")


def done(attempt: Attempt, refused_before: int) -> Outcome:
    """Once everything was carried out. ``refused_before``: parts that guardrails had refused when it was decided.

    Raises a ResponderError for a part that may be tried again.
    """
    evidence, left_out = attempt.evidence, attempt.left_out
    made = evidence.made
    if not made:
        return _nothing_made(attempt, "somebody else has just done it.")
    left_out.raise_what_may_be_tried_again(attempt.playbook.title)
    message = " ".join(str(change["summary"]) for change in report(attempt.playbook, made))
    if any(entry.is_unknown for entry in made):
        message += " An answer of AWS was lost, so part of this may have been done by somebody else."
    given = approval(attempt.request.task, evidence.plan, attempt.ports)
    by = f"Approved by {given.by}." if given is not None else ""
    lacking = missed(attempt.playbook, evidence, attempt.seen)
    told = " ".join(filter(None, (message, lacking, left_out.sentence, by)))
    # What a guardrail refuses only now, as the kill switch does, was not said when it was decided.
    is_refused = left_out.refusals > refused_before
    outcome = ended(attempt, "refused", told, attempt.changes) if is_refused else ended(attempt, "done", told)
    if given is None:
        return outcome
    return replace(outcome, approved_by=given.by, stages={**outcome.stages, "approved": given.answers[-1].at})


def _nothing_made(attempt: Attempt, why: str) -> Outcome:
    title, left_out = attempt.playbook.title, attempt.left_out
    left_out.raise_what_may_be_tried_again(title)
    if left_out.refusals:
        raise RefusedByGuardrail(left_out.sentence)
    return ended(attempt, "already", f"{title}: {why} {left_out.sentence}".strip())


def nobody_answered(attempt: Attempt, verdict: Verdict) -> Outcome:
    hours = f"{attempt.ports.policy().hours:g}"
    why = f"approved by {verdict.by}, but it could not be done" if verdict.by else "nobody answered"
    message = f"{attempt.playbook.title}: not done, {why} within {hours} hours. Retry it to ask again."
    return ended(attempt, "expired", message, attempt.changes)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
