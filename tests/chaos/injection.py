"""What befalls single requests, drawn from the seed: the n-th request of a class meets the same in every run.

Which request is the n-th depends on how processes happen to run; the plan does not.
"""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from dataclasses import dataclass

from sandbox.faults import Fault
from tests.chaos.fault_profile import Rates
from tests.chaos.plan import Plan, beyond_lease

ERRORS = (500, 502, 503, 504)
#: Body and content type of an odd answer.
ODD = (
    ("{}", "application/json"),
    ("null", "application/json"),
    ("[]", "application/json"),
    ("<html><body>Welcome to the guest network</body></html>", "text/html"),
)
#: How late an answer is: in seconds, and in leases.
LATE, VERY_LATE = (0.1, 0.6), (1.05, 1.6)
#: Seconds for which a connection is held without an answer.
HOLD = (0.5, 2.0)


@dataclass(frozen=True)
class Signal:
    """``kill`` or ``stop`` (for some seconds) the process that sent a request, before or ``after`` its effect."""

    name: str
    after: bool
    seconds: float = 0.0

    def __str__(self) -> str:
        duration = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.name}{duration} {'after its effect' if self.after else 'before its effect'}"


@dataclass(frozen=True)
class Injection:
    """What one request meets; nothing by default."""

    fault: Fault | None = None
    signal: Signal | None = None
    #: Seconds by which the true answer is delayed. It is given as of the moment of the request.
    delay: float = 0.0

    def __str__(self) -> str:
        """Empty for none."""
        parts = []
        if self.fault is not None:
            answer = f" {self.fault.status} {self.fault.body[:30]}" if self.fault.answers else ""
            parts.append(f"{self.fault.kind}{answer}")
        if self.delay:
            parts.append(f"answer {self.delay:.1f} s late")
        if self.signal is not None:
            parts.append(str(self.signal))
        return ", ".join(parts)


class Injector:
    """Hands out a round's injections by class of requests; none before ``begin()`` and after ``end()``."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._on = False
        #: How many were ``requests``, and how many met ``faults``, ``delays``, ``kill`` and ``stop``.
        self.handed_out: Counter[str] = Counter()

    def begin(self) -> None:
        self._on = True

    def end(self) -> None:
        self._on = False

    def next(self, request_class: str) -> Injection:
        with self._lock:
            if not self._on:
                return Injection()
            self._counts[request_class] += 1
            injection = self.at(request_class, self._counts[request_class])
            met = {"requests": 1, "faults": injection.fault is not None, "delays": injection.delay > 0}
            self.handed_out.update({name: int(count) for name, count in met.items()})
            if injection.signal:
                self.handed_out[injection.signal.name] += 1
            return injection

    def at(self, request_class: str, number: int) -> Injection:
        """What the request with this number in its class meets, counted from 1."""
        rng = random.Random(f"injection/{self._plan.seed}/{self._plan.round}/{request_class}/{number}")
        rates = self._plan.profile.of(request_class)
        signal = self._signal(rng, rates)
        if rng.random() >= rates.faults:
            return Injection(signal=signal)
        (kind,) = rng.choices(list(rates.kinds), list(rates.kinds.values()))
        if kind == "late":
            return Injection(None, signal, round(rng.uniform(*LATE), 2))
        if kind == "very_late":
            return Injection(None, signal, round(rng.uniform(*VERY_LATE) * self._plan.size.lease, 2))
        return Injection(_fault(rng, request_class.partition(".")[0], kind), signal)

    def _signal(self, rng: random.Random, rates: Rates) -> Signal | None:
        drawn, after = rng.random(), rng.random() < 0.5
        if drawn < rates.kill:
            return Signal("kill", after)
        if drawn < rates.kill + rates.stop:
            return Signal("stop", after, beyond_lease(rng, self._plan.size))
        return None


def _fault(rng: random.Random, service: str, kind: str) -> Fault:
    name, _, after = kind.partition("_after")
    after = "_after" if kind.endswith("_after") else after
    if name == "reset":
        return Fault(kind)
    if name == "timeout":
        return Fault(kind, seconds=round(rng.uniform(*HOLD), 2))
    if name == "rate_limit":
        return _rate_limit(service)
    if name == "odd":
        body, content_type = rng.choice(ODD)
        status = 201 if service == "jira" and after else 200
        return Fault("status" + after, status, body, {"Content-Type": content_type})
    return _error(rng.choice(ERRORS), service, "status" + after)


def _error(status: int, service: str, kind: str) -> Fault:
    if service == "splunkd":
        body = json.dumps({"messages": [{"type": "ERROR", "text": "KV Store is not ready"}]})
        return Fault(kind, status, body, {"Content-Type": "application/json"})
    if service == "slack" and status == 500:
        # docs.slack.dev, chat.postMessage, errors: parts of the operation may have succeeded before it was raised.
        return Fault(kind, 200, '{"ok": false, "error": "internal_error"}', {"Content-Type": "application/json"})
    body = f"<html><head><title>{status}</title></head><body>upstream error</body></html>"
    return Fault(kind, status, body, {"Content-Type": "text/html"})


def _rate_limit(service: str) -> Fault:
    if service == "aws":
        # The form of the query protocol (EC2, IAM); the header is that of the JSON protocol.
        body = "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"
        return Fault("status", 400, body, {"Content-Type": "text/xml", "x-amzn-errortype": "ThrottlingException"})
    body = '{"ok": false, "error": "ratelimited"}' if service == "slack" else ""
    return Fault("rate_limit", 429, body, {} if service == "splunkd" else {"Retry-After": "1"})
