"""``approve``: decide what waits for it. Post ``{"task": key, "decision": "approve" or "reject"}``.

To approve, ``"plan"`` must name the digest of the plan, as ``waiting`` gives it. A decision that names a plan is
refused when that has changed. ``{"case": id, ...}`` is for what waits of a case: the plan that is named or, to reject,
all of it. An approval without a plan is refused with a list of those that wait.

An answer that does not count, because it was decided otherwise or it is too late, is answered with 409 and the reason.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..engine import answering, which_plan
from ..engine.answering import Answerer
from ..engine.waiting_list import waiting
from ..errors import NotDone, NotFound, Rejected
from ..remediation.verdicts import APPROVE, REJECT
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    """``{"decision", "by", "missing", "plan", "reports": [TaskReport]}``: what stands, and how the task is now.

    ``decision`` is empty while more approvals are needed: ``missing`` of them. Of several tasks, the report of
    one for which it does not count says so.
    """
    case, who = request.text("case", 20), Answerer(request.caller.user)
    decision, plan = request.text("decision", 20), request.text("plan", 100)
    splunkd, services = request.splunkd, request.services
    if not case:
        key = request.task_key()
        return dataclasses.asdict(answering.answer(splunkd, services, key, decision, plan, who))
    rows = _meant(request, case, decision, plan)
    give = which_plan.rejected if decision == REJECT else which_plan.approved
    given = give(splunkd, services, rows, who)
    return dataclasses.asdict(dataclasses.replace(given.counted[0], reports=given.reports()))


def _meant(request: Request, case: str, decision: str, plan: str) -> list[which_plan.Row]:
    """Raises NotFound where nothing waits; Rejected where it is not said what is meant, with what waits."""
    if decision not in (APPROVE, REJECT):
        raise Rejected("decision is neither approve nor reject.", "Use one of the two.")
    rows, _ = waiting(request.splunkd, case)
    if not rows:
        raise NotFound("Nothing of this case waits for an approval.", "Look at | respondwaiting.")
    found, waits = which_plan.meant(rows, plan), "; ".join(which_plan.listed(rows, lambda one: f"plan={one}"))
    if not found:
        raise NotDone("That plan does not wait in this case: it was answered, or it has changed.", f"Waiting: {waits}")
    if decision == APPROVE and not plan:
        raise Rejected("No plan is named, so nothing was approved.", f"Name plan= of what you have read: {waits}")
    return found


ENDPOINT = Endpoint("approve", "cloudtrail_responder_approve", answer)
