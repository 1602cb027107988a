"""``failures``: what waits for a person, was given up, or has failed in the last seven days; the newest first.

Post ``{}``, or ``{"service": name, "state": "failed" or "waiting"}``. A service is a family (``jira``, ``slack``,
``aws``), a site, workspace or account (``jira:main``), or ``none`` for tasks that need none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..engine.failures import REASONS, Failures
from ..errors import Rejected
from ..settings.reader import Configuration
from .base import Endpoint, Request

#: Rows of an answer.
MOST = 1_000
STATES = ("", "waiting", "failed")


def answer(request: Request) -> Mapping[str, Any]:
    """``{"failures": [{task, case, kind, service, state, reason, message, attempts, requested_at, tried_at}],
    "more": how many are not shown}``; times in epoch seconds.
    """
    failures = Failures(request.splunkd, Configuration(request.splunkd), request.splunkd.now())
    found = failures.read(named_service(request), named_state(request))
    rows = [
        {**vars(one), "state": "waiting" if one.reason == "person" else "failed", "reason": REASONS[one.reason][0]}
        for one in found[:MOST]
    ]
    return {"failures": rows, "more": len(found) - len(rows)}


def named_service(request: Request) -> str:
    """Raises Rejected for what cannot be the name of a service."""
    service = request.text("service", 200)
    if not re.fullmatch(r"[\w.@:/#-]*", service):
        raise Rejected("service is not the name of a service.", "Take it from | respondfailures.")
    return service


def named_state(request: Request) -> str:
    state = request.text("state", 20)
    if state not in STATES:
        raise Rejected(f"state is '{state}'.", "Use failed or waiting.")
    return state


ENDPOINT = Endpoint("failures", "cloudtrail_responder_view", answer)
