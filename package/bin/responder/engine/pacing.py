"""Each service's gate: its pace, its channels' paces, its breaker. One dead or slow service never holds up another.

A request waits here for its turn, as long as whoever runs it has patience; beyond that, and while the service is left
alone, it is put off without anything being written or sent. What the answers say moves pace and breaker.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from typing import Callable

from ..cases.outages import EACH_ROUND
from ..errors import PutOff
from ..http_gate import NOTHING, Limits, Verdict
from ..splunk.client import Document, Splunkd
from .breaker import Breaker, Ledger, Marks, Note, Opening
from .pace import FULL, Pace

#: Seconds for which what the KV store says of breakers is believed.
REFRESH = 10.0
#: A service that wants to be left alone for longer than this is left alone by all search heads.
SHARED_HOLD = 10.0
#: Channels of one workspace that are remembered.
MOST_CHANNELS = 500
BACK_BY_ITSELF = "The app tries again by itself."
#: What people call a service.
_KINDS = {"jira": "Jira site", "slack": "Slack workspace", "notify": "Notifier", "dispatch": "Dispatch target"}


def not_called(service: str, left: float) -> PutOff:
    """What is said of requests to a service that is left alone for so many seconds more."""
    return PutOff(f"{readable(service)} did not answer several times, so it is not called now.", BACK_BY_ITSELF, left)


def readable(service: str) -> str:
    """``jira:main`` as people know it: Jira site 'main'."""
    family, _, name = service.partition(":")
    return f"{_KINDS.get(family, family)} '{name}'"


class NoLedger:
    """For a process that has no KV store (yet)."""

    def open(self, service: str, opening: Opening) -> bool:
        return True

    def close(self, service: str) -> None:
        return


class Clock:
    """The time as pacing sees it; tests hand in one of their own."""

    def __init__(self) -> None:
        #: Epoch seconds, the same on all search heads.
        self.now: Callable[[], float] = time.time

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """Until something has changed, at most so long. Called with the condition's lock."""
        condition.wait(seconds)


class Service:
    """One site, workspace or account. Safe to share between threads."""

    def __init__(self, name: str, limits: Limits, paces: Paces) -> None:
        self.name = name
        self.pace = Pace(limits)
        self.breaker = Breaker(name)
        self.paces = paces
        self.changed = threading.Condition()
        #: What is still to be written, in the order in which it was decided; and who writes it.
        self._notes: deque[Note] = deque()
        self._writing = threading.Lock()
        self._channels: OrderedDict[str, ServiceGate] = OrderedDict()
        self._gate = ServiceGate(self, readable(name))

    def of(self, channel: str = "", limits: Limits | None = None) -> ServiceGate:
        if limits is None:
            return self._gate
        with self.changed:
            gate = self._channels.get(channel)
            if gate is None:
                gate = ServiceGate(self, f"{readable(self.name)}, {channel},", Pace(limits))
            self._remember(channel, gate)
            return gate

    def same(self, channel: str, other: str) -> None:
        with self.changed:
            known = self._channels.get(other) or self._channels.get(channel)
            if known is not None:
                self._remember(channel, known)
                self._remember(other, known)

    def _remember(self, channel: str, gate: ServiceGate) -> None:
        """Alerts name channels, so there may be many: those that were not asked for longest are forgotten."""
        self._channels[channel] = gate
        self._channels.move_to_end(channel)
        if len(self._channels) > MOST_CHANNELS:
            now = self.paces.clock.monotonic()
            idle = (name for name, other in self._channels.items() if other is not gate and other.is_idle(now))
            forgotten = next(idle, None)
            if forgotten is not None:
                del self._channels[forgotten]

    def note(self, note: Note) -> None:
        """To be called with the lock; ``write`` writes it."""
        self._notes.append(note)

    def write(self) -> None:
        """Return when what was decided until now is written down. Without the lock: splunkd may take its time."""
        with self._writing:
            while self._notes:
                self._notes.popleft().write(self.paces.ledger, self.name)

    def left(self) -> float:
        """Seconds for which the service is left alone."""
        with self.changed:
            return self.breaker.left(self.paces.clock.now())

    def held(self, channel: str) -> float:
        """Seconds for which it, or one of its channels, wants to be left alone."""
        with self.changed:
            now, gate = self.paces.clock.monotonic(), self._channels.get(channel)
            return max(self.pace.held(now), gate.held(now) if gate is not None else 0.0)

    @property
    def is_tried(self) -> bool:
        """Whether it has been away, and one request is to show whether it still is."""
        with self.changed:
            return not self.breaker.is_closed

    def heard(self, opening: Opening | None) -> None:
        with self.changed:
            if self.breaker.heard(opening, self.paces.clock.now()):
                self.pace.begin_again()
            self.changed.notify_all()


class ServiceGate:
    """Before one service, or one channel of it."""

    def __init__(self, service: Service, name: str, own: Pace | None = None) -> None:
        self._service = service
        self._name = name
        self._own = own or service.pace
        self._all = (service.pace,) if own is None else (service.pace, own)
        self._waiting = 0

    def held(self, now: float) -> float:
        return self._own.held(now)

    def is_idle(self, now: float) -> bool:
        """Whether nobody waits here or is under way, and nothing is held back."""
        return not self._waiting and not self._own.under_way and self.held(now) <= 0

    def enter(self) -> None:
        probe = self._take_turn()
        if probe is not None:
            self._claim(probe)

    def _take_turn(self) -> Note | None:
        """What is to be written down before the request that comes now may be made."""
        service, clock = self._service, self._service.paces.clock
        with service.changed:
            give_up = clock.monotonic() + service.paces.patience()
            self._waiting += 1
            try:
                while True:
                    self._check_breaker()
                    now = clock.monotonic()
                    wait = max(pace.wait(now) for pace in self._all)
                    if wait <= 0:
                        break
                    self._check_patience(wait, give_up - now)
                    clock.wait(service.changed, min(wait, give_up - now))
            finally:
                self._waiting -= 1
            left, probe = service.breaker.enter(clock.now())
            if left > 0:
                raise not_called(service.name, left)
            if probe is not None:
                service.note(probe)
            for pace in self._all:
                pace.take(now)
            return probe

    def _claim(self, probe: Note) -> None:
        """Of all processes one lets a request through. Raises PutOff in the others; then nothing is taken."""
        service = self._service
        try:
            service.write()
        finally:
            if not probe.is_taken:
                with service.changed:
                    service.breaker.lost(probe)
                    self._end(NOTHING)
        if not probe.is_taken:
            raise not_called(service.name, service.left())

    def _check_breaker(self) -> None:
        left = self._service.breaker.left(self._service.paces.clock.now())
        if left > 0:
            raise not_called(self._service.name, left)

    def _check_patience(self, wait: float, left: float) -> None:
        """``wait``: seconds until the next one's turn; those who wait already come first, by and large."""
        expected = 0.0 if wait == FULL else wait + (self._waiting - 1) * self._own.interval
        if left <= 0 or expected > left:
            wait = self._own.interval if wait == FULL else wait
            raise PutOff(f"{self._name} takes no more requests at the moment.", BACK_BY_ITSELF, wait)

    def sent(self) -> None:
        with self._service.changed:
            now = self._service.paces.clock.monotonic()
            for pace in self._all:
                pace.sent(now)

    def leave(self, verdict: Verdict) -> None:
        service = self._service
        with service.changed:
            self._end(verdict)
            noted = self._told_breaker(verdict)
            for note in noted:
                service.note(note)
        if noted:
            service.write()

    def _end(self, verdict: Verdict) -> None:
        now = self._service.paces.clock.monotonic()
        for pace in self._all:
            pace.ended(verdict if self._concerns(pace, verdict) else Verdict(verdict.healthy), now)
        self._service.changed.notify_all()

    def _concerns(self, pace: Pace, verdict: Verdict) -> bool:
        return pace is self._own or verdict.everything

    def _told_breaker(self, verdict: Verdict) -> list[Note]:
        """What is to be written down of it."""
        service, now = self._service, self._service.paces.clock.now()
        breaker = service.breaker
        noted: list[Note | None] = []
        if verdict.healthy is None:
            breaker.not_tried(now)
        elif not verdict.healthy:
            noted.append(breaker.failed(now))
        else:
            works_again = breaker.worked()
            noted.append(works_again)
            if works_again is not None:
                service.pace.begin_again()
        is_for_all = self._own is service.pace or verdict.everything
        if is_for_all and verdict.hold is not None and verdict.hold > SHARED_HOLD:
            noted.append(breaker.hold(now, verdict.hold))
        return [note for note in noted if note is not None]


class Paces:
    """The services of a process. ``patience``: seconds that a request may wait for its turn, as of now."""

    def __init__(self, patience: Callable[[], float], clock: Clock | None = None) -> None:
        self.patience = patience
        self.clock = clock or Clock()
        self.ledger: Ledger = NoLedger()
        self._services: dict[str, Service] = {}
        self._lock = threading.Lock()
        self._known: Mapping[str, Opening] = {}
        #: What was read beside the openings: marks that the worker needs to know in each of its rounds.
        self.beside: Sequence[Document] = ()
        self._read_at = -REFRESH

    def service(self, name: str, limits: Limits) -> Service:
        with self._lock:
            made = self._services.get(name)
            if made is None:
                made = self._services[name] = Service(name, limits, self)
                if name in self._known:
                    made.heard(self._known[name])
            return made

    def find(self, name: str) -> Service | None:
        with self._lock:
            return self._services.get(name)

    def begin(self, splunkd: Splunkd, now: bool = False) -> None:
        """Learn which services all search heads leave alone; at most once in ``REFRESH`` seconds, or ``now``.

        Raises a ResponderError when splunkd fails.
        """
        with self._lock:
            moment = self.clock.monotonic()
            if not now and moment - self._read_at < REFRESH:
                return
            self._read_at = moment
        marks = Marks(splunkd)
        known, beside = marks.read_beside(EACH_ROUND)
        with self._lock:
            self.ledger, self._known, self.beside = marks, known, beside
            self.clock.now = splunkd.now
            services = list(self._services.values())
        for service in services:
            service.heard(known.get(service.name))

    @property
    def openings(self) -> Mapping[str, Opening]:
        """Of the services that were left alone when that was read last."""
        with self._lock:
            return self._known

    def left(self, name: str) -> float:
        """Seconds for which a service is left alone; 0 for one that nothing is known of."""
        found = self.find(name)
        if found is not None:
            return found.left()
        with self._lock:
            opening = self._known.get(name)
        return max(0.0, opening.until - self.clock.now()) if opening is not None else 0.0

    def held(self, name: str, channel: str) -> float:
        found = self.find(name)
        return found.held(channel) if found is not None else 0.0

    def is_tried(self, name: str) -> bool:
        """Whether a service has been away, and one request is to show whether it still is."""
        found = self.find(name)
        return found.is_tried if found is not None else name in self._known
