"""``approve``: decide what waits for it. Post ``{"task": key, "decision": "approve" or "reject"}``.

To approve, ``"plan"`` must name the digest of the plan, as ``waiting`` gives it. A decision that names a plan is
refused when that has changed. ``{"case": id, ...}`` is for the one task of a case that waits.

An answer that does not count, because it was decided otherwise or it is too late, is answered with 409 and the reason.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..engine import answering
from ..engine.answering import Answerer
from ..engine.waiting_list import the_one_that_waits
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    """``{"decision", "by", "missing", "plan", "reports": [TaskReport]}``: what stands, and how the task is now.

    ``decision`` is empty while more approvals are needed: ``missing`` of them.
    """
    case = request.text("case", 20)
    key = the_one_that_waits(request.splunkd, case) if case else request.task_key()
    decision, plan = request.text("decision", 20), request.text("plan", 100)
    who = Answerer(request.caller.user)
    answered = answering.answer(request.splunkd, request.services, key, decision, plan, who)
    return dataclasses.asdict(answered)


ENDPOINT = Endpoint("approve", "cloudtrail_responder_approve", answer)
