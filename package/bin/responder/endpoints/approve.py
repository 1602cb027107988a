"""``approve``: decide what waits for it. Post ``{"task": key, "decision": "approve" or "reject"}``.

What is decided about is the plan that the task has kept. ``"plan"`` may name its digest, as the audit gives it: the
decision is then refused when the plan has changed since it was looked at. The first decision stands, and where somebody
else works on the case meanwhile, the worker sees to it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..cases.store import TaskStore
from ..engine import decisions
from ..engine.engine import Engine
from ..errors import NotFound, Rejected
from ..remediation import approvals
from ..remediation.evidence import EvidenceStore
from ..settings.reader import Configuration
from .base import Endpoint, Request

KINDS = ("remediation.run", "remediation.undo")


def answer(request: Request) -> Mapping[str, Any]:
    """``{"decision", "by", "plan", "reports": [TaskReport]}``: the decision that stands, and how the task is now."""
    key, wanted, splunkd = request.task_key(), request.text("decision", 20), request.splunkd
    task = TaskStore(splunkd).get(key)
    if task is None or task.kind not in KINDS:
        hint = "Take the key from the audit events (field task)."
        raise NotFound(f"No remediation is recorded as task {key}.", hint)
    if task.final:
        raise Rejected(f"Task {key} has ended already ({task.state.value}).", "There is nothing to decide any more.")
    plan = EvidenceStore(splunkd, key, splunkd.now).load().plan
    if plan is None:
        raise Rejected(f"Task {key} has no plan to decide about.", "Wait until it has made one.")
    digest = request.text("plan", 100) or plan.digest
    if digest != plan.digest:
        raise Rejected(f"The plan of task {key} has changed.", "Look at it again, then decide.")
    given = approvals.Decision(key, digest, wanted, request.caller.user, splunkd.now())
    stands = approvals.record(splunkd, decisions.owing_its_event(given, task))
    (decided,) = decisions.told(splunkd, [stands], Configuration(splunkd).audit_index)
    (report,) = Engine(splunkd, request.services).run([key], patient=True)
    if report.is_seen:
        decisions.settle(splunkd, [decided])
    elif decided != stands:
        approvals.keep(splunkd, [decided])
    return {
        "decision": decided.decision,
        "by": decided.by,
        "plan": digest,
        "reports": [dataclasses.asdict(report)],
    }


ENDPOINT = Endpoint("approve", "cloudtrail_responder_approve", answer)
