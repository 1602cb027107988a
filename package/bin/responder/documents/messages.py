"""What tickets, comments and Slack messages say, as documents.

Everything that came in with an event goes into spans and blocks as data; nothing here knows any markup. Whatever is
about events lists their CloudTrail event ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..findings.finding import Finding
from . import findings, remediations
from .document import (
    Block,
    Bullets,
    Document,
    Facts,
    Heading,
    Paragraph,
    Rule,
    Span,
    bold,
    code,
    headline,
    plain,
    shorten,
)
from .reports import CaseReport, RemediationReport, TicketLink

MAX_SUMMARY = 254


def ticket(
    finding: Finding,
    enrichment: Mapping[str, str],
    case: CaseReport,
    reports: Sequence[RemediationReport],
) -> tuple[str, Document]:
    """The summary line (at most 254 characters) and the description of a case's ticket.

    ``enrichment`` is what the lookup of accounts knows about the finding's account; ``reports`` are the case's
    remediations so far, oldest first.
    """
    blocks: list[Block] = [
        Paragraph((bold(f"{finding.severity.capitalize()}: "), plain(finding.reason or finding.signature))),
        Heading("What happened"),
        Facts(findings.what(finding)),
        Heading("Who and from where"),
        Facts(findings.who(finding) or (("User", (plain("not recorded in the event"),)),)),
    ]
    context = findings.enriched(enrichment)
    if context:
        blocks += [Heading("Context"), Facts(context)]
    blocks += [Heading("Remediation"), *_remediations(finding, reports)]
    blocks += [Heading("Evidence"), *findings.event_ids(finding.event_ids)]
    blocks += [Rule(), *findings.origin(finding, case)]
    return summary(finding, enrichment), Document(tuple(blocks))


def summary(finding: Finding, enrichment: Mapping[str, str]) -> str:
    """One line that names the severity, the detection, who and where."""
    account = enrichment.get("account_name") or finding.vendor_account
    parts = [f"[{finding.severity.upper()}] {finding.signature}"]
    if finding.object_id:
        parts.append(f"on {shorten(finding.object_id, 80)}")
    if finding.user:
        parts.append(f"by {shorten(finding.user, 60)}")
    if account:
        parts.append(f"in {shorten(account, 60)}")
    return headline(" ".join(parts), MAX_SUMMARY)


def recurrence(finding: Finding, event_ids: Sequence[str]) -> Document:
    """The comment on a ticket when its finding is detected again, with the ids of the new events."""
    return Document(
        (
            Paragraph((bold("Detected again: "), plain(f"{findings.counted(event_ids, finding)}."))),
            Facts(findings.when(finding) + findings.who(finding)),
            *findings.event_ids(event_ids),
        )
    )


def remediation(report: RemediationReport) -> Document:
    """The comment on a ticket when a remediation has ended."""
    return Document(tuple(remediations.full(report)))


def slack_finding(
    finding: Finding,
    enrichment: Mapping[str, str],
    case: CaseReport,
    reports: Sequence[RemediationReport],
    ticket: TicketLink | None = None,
) -> Document:
    """The message that opens a case's thread: short, with the ticket when it is known."""
    blocks: list[Block] = [
        Heading(f"{finding.severity.upper()}: {finding.signature}", 1),
        Facts(findings.short(finding) + findings.enriched(enrichment)),
        *findings.short_event_ids(finding.event_ids),
    ]
    if finding.reason:
        blocks.append(Paragraph((plain(finding.reason),)))
    blocks += [Bullets((remediations.status(report),)) for report in reports]
    return Document((*blocks, *findings.links(finding, case, ticket)))


def slack_recurrence(finding: Finding, event_ids: Sequence[str], ticket: TicketLink | None = None) -> Document:
    """The reply in a case's thread when its finding is detected again, with the ids of the new events."""
    spans: list[Span] = [bold("Detected again: "), plain(f"{findings.counted(event_ids, finding)}, last ")]
    spans += [plain(findings.utc(finding.last_time)), plain(" by "), code(finding.user or "unknown")]
    if finding.src_ip:
        spans += [plain(" from "), code(finding.src_ip)]
    blocks: list[Block] = [Paragraph(tuple(spans)), *findings.short_event_ids(event_ids)]
    return Document((*blocks, *findings.links(None, None, ticket)))


def slack_remediation(report: RemediationReport, ticket: TicketLink | None = None) -> Document:
    """The reply in a case's thread when a remediation has ended."""
    return Document((*remediations.short(report), *findings.links(None, None, ticket)))


def _remediations(finding: Finding, reports: Sequence[RemediationReport]) -> list[Block]:
    blocks: list[Block] = []
    if finding.recommended_playbook:
        blocks.append(Paragraph((plain("Recommended playbook: "), code(finding.recommended_playbook))))
    if not reports:
        blocks.append(Paragraph((plain("No remediation has run yet. Results are added as comments."),)))
    for report in reports:
        blocks += remediations.full(report)
    return blocks
