"""``health``: does it work here? Post ``{}``, or ``{"checks": [name, ...]}`` for some of them.

The search command ``responderhealth`` and the page *Health* ask the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Rejected, ResponderError
from ..health import members, run
from ..health.line import worst
from ..health.run import Said
from ..health.surroundings import Surroundings
from .base import Endpoint, Request


@dataclass(frozen=True)
class HealthMember:
    server: str
    #: ``green``, ``amber`` or ``red``.
    level: str
    #: When its worker was last seen; 0 for never.
    seen_at: float
    what: str
    to_do: str


@dataclass(frozen=True)
class Health:
    """``level`` is the worst of the lines."""

    level: str
    looked_at: float
    #: The search heads; none where they were not asked about, or cannot be read: a line of *Worker* says why.
    members: Sequence[HealthMember]
    lines: Sequence[Said]


def answer(request: Request) -> Mapping[str, Any]:
    wanted = request.body.get("checks")
    if wanted is not None and not (isinstance(wanted, list) and all(isinstance(name, str) for name in wanted)):
        raise Rejected("checks is not a list of names.")
    checks = [check for check in run.checks() if wanted is None or check.name in wanted]
    about = Surroundings.of(request.splunkd.uri, request.splunkd.session_key)
    lines = run.run(about, checks)
    asked = any(check.name == "Worker" for check in checks)
    level = worst(line.level for line in lines)
    return dataclasses.asdict(Health(level, request.splunkd.now(), _members(about) if asked else (), lines))


def _members(about: Surroundings) -> list[HealthMember]:
    """Raises nothing: the check has asked before, and what kept it from an answer is its line."""
    try:
        found = members.every(about)
    except ResponderError:
        return []
    lines = ((member, member.line.cut()) for member in found)
    return [HealthMember(member.server, line.level, member.seen_at, line.what, line.to_do) for member, line in lines]


ENDPOINT = Endpoint("health", "cloudtrail_responder_view", answer, Health)
