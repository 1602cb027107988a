"""What follows from a failure: which state a task takes, what it waits for, and for how long."""

from __future__ import annotations

import zlib

from ..cases.states import State, WaitingFor
from ..cases.task import Task
from ..errors import (
    ConfigurationError,
    Curable,
    DamagedDocument,
    HeldBack,
    InvalidFinding,
    NeedsApproval,
    NotFound,
    NotPermitted,
    NotYet,
    PutOff,
    RefusedByGuardrail,
    Rejected,
    ResponderError,
    Throttled,
    UnknownOutcome,
    Waiting,
)

#: Seconds until the first retry; doubled each time, up to the ceiling.
FIRST_RETRY, FIRST_RETRY_FOR_A_PERSON, RETRY_CEILING = 30.0, 300.0, 3600.0
#: The part by which pauses are spread.
SPREAD = 0.2
#: Wait this long before looking up a lost answer: Jira's search index and Slack's history lag behind.
UNKNOWN_OUTCOME_SECONDS = 60.0
#: After this many seconds a task that never succeeded is given up, and says so.
GIVE_UP_AFTER = 3 * 86_400.0
#: How what such a task says begins.
GIVEN_UP = "Given up after"
#: Seconds after which it is looked again whether a guardrail still forbids what has to be done.
HELD_BACK_FOR = 600.0
_NEVER_GIVEN_UP = (PutOff, NotYet, HeldBack)
_FOR_A_PERSON = (ConfigurationError, NotPermitted, Curable)


def is_final(error: ResponderError) -> bool:
    """Whether trying it again, unchanged and with any settings, is bound to fail."""
    if isinstance(error, Curable):
        return False
    return isinstance(error, (Rejected, InvalidFinding, DamagedDocument, RefusedByGuardrail, NotFound))


def is_a_failure(error: ResponderError) -> bool:
    """Whether it is worth an audit event: waiting is none."""
    return not isinstance(error, (Waiting, NeedsApproval))


def waiting_for(error: ResponderError) -> WaitingFor:
    if isinstance(error, NeedsApproval):
        return WaitingFor.APPROVAL
    if isinstance(error, _FOR_A_PERSON):
        return WaitingFor.PERSON
    if isinstance(error, PutOff):
        return WaitingFor.SERVICE
    return WaitingFor.TIME if isinstance(error, Waiting) else WaitingFor.SERVICE


def after(error: ResponderError, task: Task, now: float, unknown_pause: float) -> tuple[State, WaitingFor, float]:
    """State, what it waits for, and seconds until the next attempt."""
    if isinstance(error, RefusedByGuardrail):
        return State.REFUSED, WaitingFor.NOTHING, 0.0
    if isinstance(error, UnknownOutcome):
        # Never given up: it may have been done.
        return State.UNKNOWN, WaitingFor.SERVICE, unknown_pause
    is_given_up = now - _began(task) > GIVE_UP_AFTER and not isinstance(error, _NEVER_GIVEN_UP)
    if is_final(error) or is_given_up:
        return State.FAILED, WaitingFor.NOTHING, 0.0
    seconds = pause(error, task.attempts, unknown_pause)
    is_exact = isinstance(error, (Waiting, NeedsApproval))
    return State.WAITING, waiting_for(error), seconds if is_exact else spread(seconds, task)


def _began(task: Task) -> float:
    """From when on it could be done: since it was asked for last, or from its set time on."""
    planned = task.request.get("not_before")
    return max(task.requested, planned if isinstance(planned, (int, float)) else 0.0)


def spread(seconds: float, task: Task) -> float:
    """A pause prolonged by up to ``SPREAD`` of it: what failed together comes back apart.

    The same for the same attempt of a task, so that nobody's clock or luck decides anything.
    """
    digest = zlib.crc32(f"{task.key}|{task.attempts}".encode())
    return seconds * (1 + SPREAD * (digest % 1000) / 1000)


def pause(error: ResponderError, attempts: int, unknown_pause: float) -> float:
    """Seconds until the next attempt, of which ``attempts`` have failed."""
    if isinstance(error, UnknownOutcome):
        return unknown_pause
    if isinstance(error, NeedsApproval):
        return GIVE_UP_AFTER if error.due_in is None else max(error.due_in, 1.0)
    retry_after = getattr(error, "retry_after", None)
    if isinstance(error, (Throttled, NotYet)):
        return float(retry_after or 0)
    if isinstance(error, HeldBack):
        return HELD_BACK_FOR
    if retry_after is not None:
        return float(min(max(retry_after, 0.0), RETRY_CEILING))
    first = FIRST_RETRY_FOR_A_PERSON if isinstance(error, _FOR_A_PERSON) else FIRST_RETRY
    return float(min(first * 2 ** min(attempts - 1, 10), RETRY_CEILING))
