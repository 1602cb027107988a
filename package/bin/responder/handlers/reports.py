"""What messages report of a case: filled from its tasks' outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..documents.reports import CaseReport, ChangeReport, RemediationReport
from .base import Context


def case_report(context: Context) -> CaseReport:
    return CaseReport(context.case.id, context.case.alert.search_name, context.results_link)


def remediation_report(outcome: Mapping[str, Any]) -> RemediationReport:
    """From the outcome that a remediation task has stored."""
    return RemediationReport(
        playbook=str(outcome.get("playbook") or ""),
        mode=str(outcome.get("mode") or ""),
        status=str(outcome.get("status") or ""),
        message=str(outcome.get("message") or ""),
        changes=tuple(_change(change) for change in outcome.get("changes") or ()),
        finished_at=float(outcome.get("finished_at") or 0),
    )


def _change(change: Mapping[str, Any]) -> ChangeReport:
    verification = change.get("verification")
    return ChangeReport(
        resource=str(change.get("resource") or ""),
        resource_type=str(change.get("resource_type") or ""),
        region=str(change.get("region") or ""),
        summary=str(change.get("summary") or ""),
        before=change.get("before") or {},
        after=change.get("after") or {},
        verified=bool(verification.get("ok")) if verification else None,
        observed=str(verification.get("observed") or "") if verification else "",
    )
