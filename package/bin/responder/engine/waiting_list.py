"""What waits for an approval, and what is taken back by itself unless somebody keeps it; what ends first, first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..cases.states import State, WaitingFor
from ..cases.task import TASKS, Task
from ..errors import Rejected, ResponderError, one_line
from ..remediation import approvals, time_limits
from ..remediation.asking import deadlines
from ..remediation.evidence import Planned
from ..remediation.verdicts import APPROVALS, Decision, Policy, utc
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .asked_plans import AskedPlans, by_task

#: Tasks that are shown, the oldest first; and read in one request, and requests at most.
MOST, PAGE, PAGES = 1000, 500, 40
UNDO = "remediation.undo"
KINDS = ("remediation.run", UNDO)
Document = dict[str, Any]


def waiting(splunkd: Splunkd, case: str = "") -> tuple[list[Document], int]:
    """Rows as the endpoint ``waiting`` gives them, and how many more there are; of one case, where it is named.

    Raises Rejected for what is not the id of a case.
    """
    config = Configuration(splunkd)
    tasks = tasks_that_wait(splunkd, case)
    shown = sorted(tasks, key=lambda task: task.created_at)[:MOST]
    keys = [task.key for task in shown]
    plans = AskedPlans.read(splunkd, shown)
    answers = by_task(splunkd, APPROVALS, keys)
    rows = [_shown(task, plans, answers.get(task.key, ()), config) for task in shown]
    # What cannot be read stands first: somebody has to see to it.
    return sorted(rows, key=lambda row: float(row.get("ends_at") or 0)), len(tasks) - len(shown)


def tasks_that_wait(splunkd: Splunkd, case: str = "") -> list[Task]:
    """Remediations and undos that wait for an approval, and undos that a time limit brings. Raises as ``waiting``."""
    return [*_for_approval(splunkd, case), *_limited(splunkd, case)]


def tasks_for_approval(splunkd: Splunkd) -> list[Task]:
    return list(_for_approval(splunkd, ""))


def until_when(row: Document) -> str:
    """For people: until when a row waits, as the end of a clause; empty where that has no end."""
    return f", until {utc(float(row['ends_at']))}" if row.get("ends_at") else ""


def summary_of(row: Document) -> str:
    """For people: what would be done, or why it waits."""
    return one_line(" ".join(row.get("summary") or [row.get("message", "")]))


def _for_approval(splunkd: Splunkd, case: str) -> Iterator[Task]:
    return _waiting(splunkd, case, {"waiting_for": WaitingFor.APPROVAL.value})


def _limited(splunkd: Splunkd, case: str) -> Iterator[Task]:
    """Undos that are made at the end of a time limit."""
    found = _waiting(splunkd, case, {"waiting_for": WaitingFor.TIME.value, "kind": UNDO})
    return (task for task in found if time_limits.is_limit(task.request))


def _waiting(splunkd: Splunkd, case: str, wanted: Mapping[str, str]) -> Iterator[Task]:
    if case and not re.fullmatch(r"[0-9a-f]{20}", case):
        raise Rejected("That is not the ID of a case.", "Take it from the field case of | respondwaiting.")
    query = {**({"case_id": case} if case else {}), **wanted}
    for skip in range(0, PAGES * PAGE, PAGE):
        # A case has few, and is read by itself.
        order = {} if case else {"sort": "created_at"}
        page = splunkd.find(TASKS, query, limit=PAGE, skip=skip, **order)
        for document in page:
            try:
                task = Task.from_document(document)
            except (ValueError, ResponderError):
                # The worker closes it, and says so.
                continue
            if task.kind in KINDS and task.state is State.WAITING:
                yield task
        if len(page) < PAGE:
            return


def _shown(task: Task, plans: AskedPlans, answers: Sequence[Document], config: Configuration) -> dict[str, Any]:
    finding, plan = task.finding, plans.plans.get(task.key)
    shown: dict[str, Any] = {
        "task": task.key,
        "case": task.case_id,
        "signature": finding.signature if finding else "",
        "severity": finding.severity if finding else "",
        "account": finding.vendor_account if finding else "",
        "message": task.message,
    }
    if task.key in plans.damaged:
        # It hides no other.
        return {**shown, "message": plans.damaged[task.key]}
    if plan is None:
        return {**shown, **_limit(task)}
    try:
        if finding is not None:
            policy = Policy.of(config.safety, finding, *task.askers)
            shown.update(_plan(plan, policy))
            verdict = approvals.verdict_of(map(Decision.from_document, answers), plan.ask, policy)
            approved_by = [one.by for one in verdict.answers if one.approved]
            shown.update({"approved_by": approved_by, "missing": verdict.missing})
    except ResponderError as damaged:
        shown["message"] = str(damaged)
    return shown


def _limit(task: Task) -> dict[str, Any]:
    plan = time_limits.asked(task.created_at)
    return {
        "mode": plan.mode,
        "plan": plan.digest,
        "summary": [task.message],
        "blast_radius": [],
        "asked_at": plan.at,
        "ends_at": max(time_limits.due(task.request), task.due_at),
        "approved_by": [],
        "missing": 0,
    }


def _plan(plan: Planned, policy: Policy) -> dict[str, Any]:
    return {
        "playbook": plan.playbook,
        "mode": plan.mode,
        "plan": plan.digest,
        "summary": [change.summary for change in plan.changes],
        "blast_radius": [sentence for change in plan.changes for sentence in change.blast_radius],
        "asked_at": plan.at,
        "ends_at": plan.at + plan.delay * 60 if plan.delay else deadlines(plan, policy).ends_at,
        "approved_by": [],
        "missing": policy.needed,
    }
