"""Outcomes as the documents want them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cases.outcomes import Remediated, TicketOpened
from ..cases.snapshot import CaseSnapshot, LaneState
from ..cases.task import Task
from ..cases.turns import overlay
from ..documents.document import Button
from ..documents.reports import CaseReport, ChangeReport, RemediationReport, TicketLink
from ..findings.record_search import DAY, for_people
from ..remediation import registry
from ..remediation.console_pages import call_page, resource_page
from ..remediation.target_playbook import PREFIX
from ..splunk.web import events_link
from .base import Context
from .run_reports import remediation_tasks
from .time_limit import RUN, UNDO, limit_of

HOUR = 3600.0


def case_report(context: Context) -> CaseReport:
    return report_of_case(context.task, context.case_id)


def report_of_case(task: Task, case_id: str) -> CaseReport:
    """The case of a task, with the links to what its finding is about."""
    alert, finding = task.alert, task.finding
    if finding is None:
        return CaseReport(case_id, alert.search_name, alert.results_link)
    earliest, latest = (finding.first_time or finding.last_time) - HOUR, finding.last_time + DAY
    search = for_people(finding.event_ids) if earliest > 0 else ""
    return CaseReport(
        case_id,
        alert.search_name,
        alert.results_link,
        events_link(alert.results_link, search, earliest, latest),
        resource_page(finding),
        call_page(finding),
    )


def ticket_link(ticket: TicketOpened | None) -> TicketLink | None:
    return TicketLink(ticket.key, ticket.url) if ticket else None


def remediation_report(outcome: Remediated) -> RemediationReport:
    return RemediationReport(
        playbook=outcome.playbook,
        mode=outcome.mode,
        status=outcome.status,
        message=outcome.message,
        changes=tuple(_change(change) for change in outcome.changes),
        finished_at=outcome.finished_at,
        instructions=tuple((str(one.get("text") or ""), str(one.get("link") or "")) for one in outcome.instructions),
        plan=outcome.plan_digest,
    )


def buttons(task: str, outcome: Remediated, keeps: str = "") -> tuple[Button, ...]:
    """What people may answer about a remediation as it stands. ``keeps``: the undo that its time limit will bring."""
    if outcome.status in ("waiting", "still_waiting") and outcome.plan_digest:
        return (
            Button("Approve", "approve", task, outcome.plan_digest, "The plan that this message shows is carried out."),
            Button("Reject", "reject", task, outcome.plan_digest),
        )
    if not _is_made(outcome) or not is_undoable(outcome):
        return ()
    undo = Button("Undo", "undo", task, question="What was changed is put back as it was.")
    return (undo, Button("Keep it", "reject", keeps)) if keeps else (undo,)


def _is_made(outcome: Remediated) -> bool:
    """Whether it was made, or a part of it before its case was excused."""
    made = outcome.status == "excused" and any(change.get("made") for change in outcome.changes)
    return made or outcome.status == "done"


def is_undoable(outcome: Remediated) -> bool:
    if outcome.playbook.startswith(PREFIX):
        # Whether a target takes it back, its administrator decides: the undo itself says where none does.
        return bool(outcome.changes)
    playbooks = {playbook.id: playbook for playbook in registry.every()}
    found = playbooks.get(outcome.playbook)
    return bool(outcome.changes) and found is not None and found.undoable


def buttons_of(context: Context, reported: Mapping[str, Remediated]) -> tuple[Button, ...]:
    """The same of all that a message reports, by ``<task>:<status>[:<ask>]``."""
    known = remediation_tasks(context)
    open_undos = {task.key for task in known if not task.final}
    taken_back = {str(task.request.get("of") or "") for task in known if _is_taken_back(task)}
    found: list[Button] = []
    for name, outcome in reported.items():
        task = name.partition(":")[0]
        limit = limit_of(task)
        if task not in taken_back:
            found += buttons(task, outcome, limit if limit in open_undos else "")
    return tuple(found)


def stays_made(case: CaseSnapshot) -> tuple[str, ...]:
    """Remediations of a case that have changed something, and that a person can undo."""
    state = case.lanes.get(f"{case.case_id}.remediate", LaneState())
    known = overlay(state.tasks, state.turns)
    taken_back = {str(task.request.get("of") or "") for task in known if _is_taken_back(task)}
    return tuple(
        task.key
        for task in known
        if task.kind == RUN and task.key not in taken_back and isinstance(task.outcome, Remediated)
        if _is_made(task.outcome) and is_undoable(task.outcome)
    )


def _is_taken_back(task: Task) -> bool:
    """Whether it is an undo that has been made, or that people are asked about."""
    status = task.outcome.status if isinstance(task.outcome, Remediated) else ""
    return task.kind == UNDO and status in ("undone", "waiting", "still_waiting")


def _change(change: Mapping[str, Any]) -> ChangeReport:
    seen = change.get("verification") or {}
    return ChangeReport(
        resource=str(change.get("resource") or ""),
        resource_type=str(change.get("resource_type") or ""),
        region=str(change.get("region") or ""),
        summary=str(change.get("summary") or ""),
        before=change.get("before") or {},
        after=change.get("after") or {},
        # What an earlier version has stored does not say whether it was made, unless it was read back.
        is_made=bool(change.get("made", seen)),
        verified=bool(seen["ok"]) if seen else None,
        observed=str(seen.get("observed") or ""),
        blast_radius=tuple(map(str, change.get("blast_radius") or ())),
    )
