"""Outcomes as the documents want them."""

from __future__ import annotations

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
    )


def _change(change: object) -> ChangeReport:
    raise NotImplementedError
