"""``waiting``: what waits for an approval. Post ``{}``, or ``{"case": id}``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..cases.states import State, WaitingFor
from ..cases.task import TASKS, Task
from ..errors import Curable, NotFound, Rejected, ResponderError
from ..remediation import approvals
from ..remediation.evidence import EvidenceStore, Planned
from ..remediation.verdicts import Policy
from ..settings.reader import Configuration
from .base import Endpoint, Request

#: Tasks that are shown, the oldest first.
MOST = 500
KINDS = ("remediation.run", "remediation.undo")


def answer(request: Request) -> Mapping[str, Any]:
    """``{"waiting": [{task, case, signature, severity, account, playbook, mode, plan, summary, blast_radius, asked_at,
    ends_at, approved_by, missing, message}]}``; times in epoch seconds, lists of texts."""
    config = Configuration(request.splunkd)
    return {"waiting": [_shown(request, task, config) for task in _waiting(request)]}


def the_one_that_waits(request: Request) -> str:
    """The task of a case that waits. Raises NotFound where none does, Rejected where several do."""
    found = [task.key for task in _waiting(request)]
    if not found:
        raise NotFound("Nothing of this case waits for an approval.", "Look at | respondwaiting.")
    if len(found) > 1:
        raise Rejected(f"{len(found)} remediations of this case wait.", "Name the task, from | respondwaiting.")
    return found[0]


def _waiting(request: Request) -> Iterator[Task]:
    case = request.text("case", 20)
    if case and not re.fullmatch(r"[0-9a-f]{20}", case):
        raise Rejected("That is not the ID of a case.", "Take it from the field case of | respondwaiting.")
    # By what is accelerated; the case is one of few.
    query = {"waiting_for": WaitingFor.APPROVAL.value}
    for document in request.splunkd.find(TASKS, query, sort="created_at", limit=MOST):
        try:
            task = Task.from_document(document)
        except (ValueError, ResponderError):
            # The worker closes it, and says so.
            continue
        if task.kind in KINDS and task.state is State.WAITING and case in ("", task.case_id):
            yield task


def _shown(request: Request, task: Task, config: Configuration) -> dict[str, Any]:
    splunkd, finding = request.splunkd, task.finding
    plan = EvidenceStore(splunkd, task.key, splunkd.now).load().plan
    shown: dict[str, Any] = {
        "task": task.key,
        "case": task.case_id,
        "signature": finding.signature if finding else "",
        "severity": finding.severity if finding else "",
        "account": finding.vendor_account if finding else "",
        "message": task.message,
    }
    if plan is not None and finding is not None:
        policy = Policy.of(config.safety, finding, task.owner, str(task.request.get("by") or ""))
        shown.update(_plan(plan, policy), **_answers(request, task, plan, policy))
    return shown


def _plan(plan: Planned, policy: Policy) -> dict[str, Any]:
    return {
        "playbook": plan.playbook,
        "mode": plan.mode,
        "plan": plan.digest,
        "summary": [change.summary for change in plan.changes],
        "blast_radius": [sentence for change in plan.changes for sentence in change.blast_radius],
        "asked_at": plan.at,
        "ends_at": policy.ends_at(plan.at),
    }


def _answers(request: Request, task: Task, plan: Planned, policy: Policy) -> dict[str, Any]:
    try:
        verdict = approvals.verdict(request.splunkd, task.key, plan.ask, policy)
    except Curable as damaged:
        return {"approved_by": [], "missing": policy.needed, "message": str(damaged)}
    return {"approved_by": [one.by for one in verdict.answers if one.approved], "missing": verdict.missing}


ENDPOINT = Endpoint("waiting", "cloudtrail_responder_view", answer)
