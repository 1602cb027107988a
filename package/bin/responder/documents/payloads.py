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
    several: Sequence[Finding] = (),
) -> dict[str, Any]:
    """Of a finding that is new, or was detected again; ``event_ids`` in it are the new ones.

    ``several``: the findings of which it is what they have in common.
    """
    own = wording or Wording()
    return {
        **_about(case, ticket),
        "title": one_line(filled(own.title, what, enrichment)),
        "text": filled(own.text, what, enrichment),
        "finding": what.to_dict(),
        "account": dict(enrichment),
        "origin": {"network": case.network, "seen_before": case.seen_before},
        "remediations": [asdict(report) for report in reports],
        **({"findings": [_briefly(one) for one in several]} if len(several) > 1 else {}),
    }


def _briefly(what: Finding) -> dict[str, Any]:
    """Without what is only in its rows."""
    return {name: value for name, value in what.to_dict().items() if name not in ("row", "rows")}


def remediation(
    what: Finding, case: CaseReport, report: RemediationReport, ticket: TicketLink | None
) -> dict[str, Any]:
    """Of what became of a remediation."""
    # Its rows are in the finding's own message.
    return {**_about(case, ticket), "finding": _briefly(what), "remediation": asdict(report)}


def excuse(case: CaseReport, request: Mapping[str, Any], ticket: TicketLink | None) -> dict[str, Any]:
    """Of an excuse of a case: that it was given or lifted, or ends soon."""
    shown = {name: request.get(name) or "" for name in ("stage", "until", "by", "reason", "of")}
    return {**_about(case, ticket), "excuse": shown}


def _about(case: CaseReport, ticket: TicketLink | None) -> dict[str, Any]:
    return {
        "case": case.id,
        "search_name": case.search_name,
        "results_link": case.results_link,
        "ticket": asdict(ticket) if ticket else None,
    }
