"""How many requests meet a fault, and of which kind: data, so that a test can put together a profile of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Kinds of faults: each is drawn in the words of the service it befalls (``injection.py``). What ends in ``_after``
#: lets the request have its effect first. ``odd`` is a body that the service never sends, as proxies and captive
#: portals do; ``late`` and ``very_late`` delay the true answer, the latter for longer than a lease.
KINDS = (
    "reset",
    "reset_after",
    "timeout",
    "timeout_after",
    "rate_limit",
    "error",
    "error_after",
    "odd",
    "odd_after",
    "late",
    "very_late",
)


@dataclass(frozen=True)
class Rates:
    """Of the requests of one class: the share (0 to 1) that meets a fault, and the kinds of faults by weight.

    ``kill`` and ``stop`` are the shares whose process is killed, or stopped for longer than a lease, when the request
    has arrived or when it has had its effect.
    """

    faults: float = 0.0
    kinds: Mapping[str, int] = field(default_factory=dict)
    kill: float = 0.0
    stop: float = 0.0


@dataclass(frozen=True)
class FaultProfile:
    """Rates by class of requests: ``<service>.read``, ``<service>.write``, ``splunkd.call`` for our endpoints, and
    ``splunkd.claim`` for the inserts of turns, which are writes unless they have rates of their own.
    """

    rates: Mapping[str, Rates] = field(default_factory=dict)
    #: Whether splunkd is unreachable now and then, processes get signals at random moments, clocks differ, reads lag.
    disruptions: bool = False

    def of(self, request_class: str) -> Rates:
        if request_class == "splunkd.claim" and request_class not in self.rates:
            return self.of("splunkd.write")
        return self.rates.get(request_class, Rates())


_SERVICE_READ = Rates(
    0.3,
    {"reset": 3, "timeout": 1, "rate_limit": 2, "error": 3, "odd": 2, "late": 2, "very_late": 1},
    kill=0.01,
    stop=0.01,
)
_SERVICE_WRITE = Rates(
    0.3,
    {
        "reset": 2,
        "reset_after": 4,
        "timeout": 1,
        "timeout_after": 2,
        "rate_limit": 2,
        "error": 2,
        "error_after": 3,
        "odd_after": 3,
        "late": 2,
        "very_late": 1,
    },
    kill=0.06,
    stop=0.06,
)
# Lower, since a task asks splunkd two dozen times: it must come as far as the services often enough.
_SPLUNKD_READ = Rates(
    0.02, {"error": 4, "rate_limit": 1, "reset": 2, "late": 2, "very_late": 2}, kill=0.003, stop=0.004
)
_SPLUNKD_WRITE = Rates(0.025, {"error": 3, "error_after": 2, "reset": 2, "reset_after": 3}, kill=0.005, stop=0.005)
_SPLUNKD_CALL = Rates(0.1, {"error": 2, "reset": 2, "reset_after": 2, "late": 1}, kill=0.02, stop=0.02)

#: Everything at once.
FULL = FaultProfile(
    {
        **{f"{service}.read": _SERVICE_READ for service in ("jira", "slack", "aws")},
        **{f"{service}.write": _SERVICE_WRITE for service in ("jira", "slack", "aws")},
        "splunkd.read": _SPLUNKD_READ,
        "splunkd.write": _SPLUNKD_WRITE,
        "splunkd.call": _SPLUNKD_CALL,
    },
    disruptions=True,
)
#: Nothing goes wrong.
NONE = FaultProfile()
