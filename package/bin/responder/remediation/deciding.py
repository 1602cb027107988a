"""Whether a plan is carried out without an answer, or people are asked about it first."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING

from ..errors import NeedsApproval, NotYet, ResponderError
from ..settings.change_windows import ANY
from . import change_stops
from .asking import Windows
from .attempt import Attempt
from .change_breaker import ChangeBreaker
from .verdicts import AskedElsewhere, Verdict

if TYPE_CHECKING:
    from ..settings.model import Safety

#: Seconds after which a remediation plans anew that waits for what people answer to another; its end comes sooner.
LOOK_AGAIN = 600.0


def without_an_answer(attempt: Attempt, unproved: str, verdict: Verdict) -> Verdict:
    """What stands where it goes on without an answer, or the time to give one is over.

    ``unproved``: what the finding's records do not show, empty where they show it. Raises NeedsApproval while a person
    may still decide about the plan; it is kept for them to see.
    """
    safety, asking, changes = attempt.ports.safety(), attempt.asking, attempt.changes
    try:
        if attempt.mode == "approve":
            raise NeedsApproval(f"The mode is approve. {unproved}".strip())
        if unproved:
            raise NeedsApproval(unproved)
        delay = safety.playbook_delays.get(attempt.playbook.id, 0)
        asking.wait_for_a_no(changes, delay, _windows(attempt, safety))
        _count(attempt, safety)
        return asking.end(changes)
    except NeedsApproval as reason:
        if reason.due_in is None and asking.is_over(changes, verdict):
            return asking.expire(changes)
        return _ask(attempt, reason, verdict, math.ceil((reason.due_in or 0) / 60))


def _windows(attempt: Attempt, safety: Safety) -> Windows:
    """Those that it has to keep; what has been begun is finished, whatever the hour."""
    subjects = (ANY, attempt.acting.account.account_id, attempt.playbook.id)
    return Windows(() if attempt.evidence.made else safety.change_windows, subjects)


def _count(attempt: Attempt, safety: Safety) -> None:
    ports, made = attempt.ports, attempt.evidence.made
    breaker = ChangeBreaker(ports.documents, ports.clock, safety)
    scope = change_stops.scope_of(attempt.acting.account.account_id, attempt.playbook.id)
    run, task = attempt.request.run, attempt.request.task
    if not made:
        breaker.check(task, scope)
    # With what is made already: what is planned later, or anew, counts beside it.
    targets = {entry.intended.resource.target for entry in made}
    changed = targets.union(change.resource.target for change in attempt.changes)
    breaker.reserve(run, task, len(changed), scope, lambda: _unfinished(attempt))


def _unfinished(attempt: Attempt) -> Collection[str]:
    """Remediations of the same run that are not at their end; none where that cannot be read."""
    try:
        return attempt.ports.unfinished()
    except ResponderError:
        # Those that this process knows of are counted all the same.
        return ()


def _ask(attempt: Attempt, reason: NeedsApproval, verdict: Verdict, delay: int) -> Verdict:
    """Raises NeedsApproval, with what people have to know. Returns only what was said already: to the plan before,
    or to the same plan of another remediation of the case.
    """
    asking, ports, changed = attempt.asking, attempt.ports, ""
    if asking.must_ask(attempt.changes, verdict, delay):
        stands = asking.end(attempt.changes)
        if stands.rejected:
            return stands
        elsewhere = ports.asked_elsewhere(attempt.changes)
        if elsewhere is not None:
            return _answered_with(attempt, elsewhere)
        attempt.look_around()
        attempt.say_planned()
        changed = asking.show(attempt.playbook.id, attempt.mode, attempt.changes, delay)
        verdict = Verdict(missing=ports.policy().needed)
    changed = " ".join(filter(None, (changed, attempt.left_out.sentence)))
    raise asking.waiting(attempt.playbook.title, attempt.changes, reason, verdict, changed) from reason


def _answered_with(attempt: Attempt, other: AskedElsewhere) -> Verdict:
    """Raises NotYet while people are asked about the other's plan."""
    if other.verdict.decision:
        return other.verdict
    raise NotYet(
        f"{attempt.playbook.title}: remediation {other.task} asks about the same plan.",
        "What is decided there counts for this one, too.",
        LOOK_AGAIN,
    )
