"""Outcomes as the documents want them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cases.outcomes import Remediated, TicketOpened
from ..documents.reports import CaseReport, ChangeReport, RemediationReport, TicketLink
from .base import Context


def case_report(context: Context) -> CaseReport:
    alert = context.task.alert
    return CaseReport(context.case_id, alert.search_name, alert.results_link)


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
    )


def _change(change: Mapping[str, Any]) -> ChangeReport:
    seen = change.get("verification") or {}
    return ChangeReport(
        resource=str(change.get("resource") or ""),
        resource_type=str(change.get("resource_type") or ""),
        region=str(change.get("region") or ""),
        summary=str(change.get("summary") or ""),
        before=change.get("before") or {},
        after=change.get("after") or {},
        verified=bool(seen["ok"]) if seen else None,
        observed=str(seen.get("observed") or ""),
        blast_radius=tuple(map(str, change.get("blast_radius") or ())),
    )
