"""``health``: does it work here? Post ``{}``, or ``{"checks": [name, ...]}`` for some of them.

The search command ``responderhealth`` asks the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Rejected
from ..health import run
from ..health.line import worst
from ..health.surroundings import Surroundings
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    wanted = request.body.get("checks")
    if wanted is not None and not (isinstance(wanted, list) and all(isinstance(name, str) for name in wanted)):
        raise Rejected("checks is not a list of names.")
    checks = [check for check in run.checks() if wanted is None or check.name in wanted]
    lines = run.run(Surroundings.of(request.splunkd.uri, request.splunkd.session_key), checks)
    return {"level": worst(line.level for line in lines), "lines": [line.as_dict() for line in lines]}


ENDPOINT = Endpoint("health", "cloudtrail_responder_view", answer)
