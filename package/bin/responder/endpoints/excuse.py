"""``excuse``: for a time, nobody is notified of a case and nothing is remediated in it.

Post ``{"case": id}`` or ``{"task": key}`` with ``"days"`` (a whole number; 0 lifts an excuse; left out: 30) and
``"reason"``. Of a task, its case is excused up to the severity of its finding; of a case, up to the gravest in it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..engine.answering import Answerer
from ..engine.excusing import default_days, excuse
from ..errors import Rejected
from ..settings.reader import Configuration
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    """``{"case", "state", "detection", "severity", "by", "reason", "until", "message", "ended": [TaskReport],
    "made": [task]}``: what stands, what has ended by it, and which remediations stay as they were made.
    """
    case = request.text("case", 20)
    named = case or request.task_key()
    days = request.body.get("days")
    if days is None:
        days = default_days(Configuration(request.splunkd).safety)
    if isinstance(days, bool) or not isinstance(days, int):
        raise Rejected("days is not a whole number.", "Enter days=30, or days=0 to lift an excuse.")
    who = Answerer(request.caller.user, run=request.caller.session)
    stands = excuse(request.splunkd, request.services, named, days, request.text("reason"), who)
    return dataclasses.asdict(stands)


ENDPOINT = Endpoint("excuse", "cloudtrail_responder_approve", answer)
