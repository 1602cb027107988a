"""Where every request to an outside service passes: it may be held back there, and what came of it is told there.

The clients know only this; how a service is paced, and when it is left alone, ``engine/pacing.py`` decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from .http_failures import retry_after


@dataclass(frozen=True)
class Verdict:
    """What the end of a request says about the service."""

    #: Whether it works; None where that cannot be told from this request.
    healthy: bool | None = None
    #: Whether it was asked too often.
    limited: bool = False
    #: Seconds for which it wants to be left alone, if it said so.
    hold: float | None = None
    #: Requests a second that it allows from now on, if it said so.
    rate: float | None = None
    #: Whether ``hold`` concerns all that goes to the service, and not only the channel of this request.
    everything: bool = False


NOTHING = Verdict()
#: No connection, or no answer.
LOST = Verdict(healthy=False)


def verdict_of(status: int, headers: Mapping[str, str]) -> Verdict:
    """By status and ``Retry-After`` alone, as any service sends them."""
    wait = retry_after(headers)
    if status == 429:
        return Verdict(healthy=True, limited=True, hold=wait)
    if status >= 500:
        return Verdict(healthy=False, hold=wait)
    return Verdict(healthy=True)


@dataclass(frozen=True)
class Limits:
    """What a service, or one channel of it, takes, as far as is known beforehand."""

    #: Seconds from the end of a request (``in_flight`` 1), or from its beginning, to the beginning of the next one.
    interval: float
    #: Requests under way at the same time, at most and to begin with.
    in_flight: int = 1
    begin_with: int = 1
    #: The longest interval that it is slowed down to.
    slowest: float = 30.0
    #: The interval until the service says that it was asked too often: services take short bursts. None: ``interval``.
    at_first: float | None = None


class Gate(Protocol):
    """Before one service, or one channel of it. Safe to share between threads."""

    def enter(self) -> None:
        """Wait for the turn of a request. Raises PutOff when it is not to be sent now; then nothing was taken."""

    def sent(self) -> None:
        """The request goes out now."""

    def leave(self, verdict: Verdict) -> None:
        """It has ended. Called once for each ``enter``."""


class Gates(Protocol):
    """The gates before one service: one for all, and one for each channel that has limits of its own."""

    def of(self, channel: str = "", limits: Limits | None = None) -> Gate:
        """The same gate for the same channel."""

    def same(self, channel: str, other: str) -> None:
        """Two names of one channel."""


class Open:
    """Gates that let everything pass."""

    def of(self, channel: str = "", limits: Limits | None = None) -> Gate:
        return self

    def same(self, channel: str, other: str) -> None:
        return

    def enter(self) -> None:
        return

    def sent(self) -> None:
        return

    def leave(self, verdict: Verdict) -> None:
        return


OPEN = Open()


class Passage:
    """One request's way through a gate."""

    def __init__(self, gate: Gate) -> None:
        gate.enter()
        self.gate = gate
        self.is_used = False
        self.verdict = NOTHING
        #: Of the last read that went ahead of it.
        self.read = NOTHING

    def use(self) -> None:
        self.is_used = True
        self.gate.sent()

    def end_read(self) -> None:
        """A read has ended that went ahead of the request: what the service thinks of that counts where it is bad."""
        self.read, self.verdict = self.verdict, NOTHING
        if self.read.limited or self.read.healthy is False:
            self.use()
            self.gate.leave(self.read)


_admitted: ContextVar[Passage] = ContextVar("admitted request")


@contextmanager
def admitted(gate: Gate) -> Iterator[None]:
    """Wait here, once, for the request that is made inside: it then goes out without waiting.

    For what must not wait between the note of an effect and the effect, nor between a read and the write that is made
    of it: reads before the write go out without waiting, too. Raises PutOff.
    """
    passage = Passage(gate)
    token = _admitted.set(passage)
    try:
        yield
    finally:
        _admitted.reset(token)
        if not passage.is_used:
            gate.leave(passage.read)


@contextmanager
def passing(gate: Gate, is_read: bool = False) -> Iterator[Passage]:
    """One request is made inside, and says what came of it by ``verdict``. Raises PutOff before it is made."""
    held = _admitted.get(None)
    if held is not None and (held.gate is not gate or held.is_used):
        held = None
    if held is not None and is_read:
        try:
            yield held
        finally:
            held.end_read()
        return
    passage = held or Passage(gate)
    passage.use()
    try:
        yield passage
    finally:
        gate.leave(passage.verdict)
