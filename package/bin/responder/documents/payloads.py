"""What messages say, as plain data for programs: what stands in a document, under the names of the fields.

All texts are as they came in, so an attacker may have written them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ..findings.finding import Finding
from ..findings.templates import filled
from .document import one_line
from .reports import CaseReport, RemediationReport, TicketLink, Wording


def finding(
    what: Finding,
    case: CaseReport,
    enrichment: Mapping[str, str],
    reports: Sequence[RemediationReport] = (),
    ticket: TicketLink | None = None,
    wording: Wording | None = None,
) -> dict[str, Any]:
    """Of a finding that is new, or was detected again; ``event_ids`` in it are the new ones."""
    own = wording or Wording()
    return {
        **_about(case, ticket),
        "title": one_line(filled(own.title, what, enrichment)),
        "text": filled(own.text, what, enrichment),
        "finding": what.to_dict(),
        "account": dict(enrichment),
        "origin": {"network": case.network, "seen_before": case.seen_before},
        "remediations": [asdict(report) for report in reports],
    }


def remediation(
    what: Finding, case: CaseReport, report: RemediationReport, ticket: TicketLink | None
) -> dict[str, Any]:
    """Of what became of a remediation."""
    # Its rows are in the finding's own message.
    about = {name: value for name, value in what.to_dict().items() if name not in ("row", "rows")}
    return {**_about(case, ticket), "finding": about, "remediation": asdict(report)}


def _about(case: CaseReport, ticket: TicketLink | None) -> dict[str, Any]:
    return {
        "case": case.id,
        "search_name": case.search_name,
        "results_link": case.results_link,
        "ticket": asdict(ticket) if ticket else None,
    }
