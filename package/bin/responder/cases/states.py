"""The states of a task, what a waiting one waits for, and what may follow what. Drawn in docs/architecture.md."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class State(str, Enum):
    """How a task stands."""

    #: Written down; nothing was tried yet, or what was tried is known not to have happened.
    RECORDED = "recorded"
    #: Its effect is being made right now. Kept in the turn of the lane (``turns.py``), never in the task's document.
    SENDING = "sending"
    #: Its effect may have happened: it is looked up before anything else happens in its lane.
    UNKNOWN = "unknown"
    #: See ``WaitingFor``.
    WAITING = "waiting"
    DONE = "done"
    #: A guardrail or a person forbids it.
    REFUSED = "refused"
    #: It cannot be done as it is. A newer request, a saved setting or a person's retry takes it up again.
    FAILED = "failed"


class WaitingFor(str, Enum):
    """What ends the waiting of a task."""

    NOTHING = ""
    #: A setting, a right or something in the service must be changed.
    PERSON = "person"
    #: Somebody who may approve has to decide.
    APPROVAL = "approval"
    #: It is put off on purpose (a throttle), or another task comes first.
    TIME = "time"
    #: The service does not answer, or asked us to come back later.
    SERVICE = "service"


#: States in which nothing more happens by itself.
FINAL = frozenset((State.DONE, State.REFUSED, State.FAILED))

_OPEN_AGAIN = frozenset((State.RECORDED, State.WAITING, State.UNKNOWN, State.DONE, State.REFUSED, State.FAILED))
TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.RECORDED: frozenset((State.SENDING, State.WAITING, State.UNKNOWN, State.DONE, State.REFUSED, State.FAILED)),
    State.SENDING: frozenset((State.DONE, State.UNKNOWN, State.REFUSED, State.FAILED, State.WAITING)),
    State.UNKNOWN: frozenset((State.RECORDED, State.WAITING, State.DONE, State.REFUSED, State.FAILED)),
    State.WAITING: frozenset((State.SENDING, *_OPEN_AGAIN)),
    State.DONE: frozenset(),
    State.REFUSED: _OPEN_AGAIN,
    State.FAILED: _OPEN_AGAIN,
}


def may_follow(before: State, after: State) -> bool:
    """Whether a task in one state may be saved in another; staying in a state is always allowed."""
    return before == after or after in TRANSITIONS[before]
