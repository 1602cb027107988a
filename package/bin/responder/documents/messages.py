"""What tickets, comments and Slack messages say, as documents.

Everything that came in with an event goes into spans and blocks as data; nothing here knows any markup. Whatever is
about events lists their CloudTrail event ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..findings.finding import Finding
from ..findings.templates import filled
from . import findings, records, remediations, runbooks
from .document import (
    Block,
    Bullets,
    Document,
    Facts,
    Heading,
    Panel,
    Paragraph,
    Rule,
    Span,
    bold,
    code,
    headline,
    moment,
    one_line,
    plain,
    shorten,
)
from .reports import CaseReport, RemediationReport, TicketLink, Wording
from .runbooks import Runbook
from .standing import RUN, Standing, Step, briefly, line, panel, to_do

MAX_SUMMARY = 254
#: How messages in the second channel begin.
NOBODY_ANSWERED = "Nobody has answered yet. Whoever may approve: please approve or reject it."
#: At once, and not after half of the time.
LIMIT_REACHED = "A limit on changes was reached: what is beyond it waits for a person. Please look at it now."
NOT_CONTAINED = "A remediation was made, and still calls succeed that it should have stopped. Please act now."
GIVEN_BACK = "Somebody took back a remediation in AWS, and calls succeed again that it had stopped. Please look now."
#: By severity, a color that needs no markup, and shows in notifications, too.
_COLORS = {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "🔵", "informational": "⚪"}
#: Where the owner of the alert has none of his own.
_OURS = Wording()


def ticket(
    finding: Finding,
    enrichment: Mapping[str, str],
    case: CaseReport,
    reports: Sequence[RemediationReport],
    wording: Wording = _OURS,
    listed_before: bool = False,
    standing: Standing | None = None,
    shown: Sequence[Mapping[str, Any]] = (),
) -> tuple[str, Document]:
    """The summary line (at most 254 characters) and the description of a case's ticket.

    ``enrichment`` is what the lookup of accounts knows about the finding's account; ``reports`` are the case's
    remediations so far, oldest first; ``listed_before``: its event ids stand in an earlier ticket; ``standing``: the
    same remediations, with what is known of how they belong together; ``shown``: CloudTrail records of the finding, of
    which the first is shown.
    """
    runbook = runbooks.of(finding.signature_id)
    blocks: list[Block] = [
        Paragraph((bold(f"{finding.severity.capitalize()}: "), plain(finding.reason or finding.signature))),
        state_of(finding, case, reports, standing),
        *findings.in_own_words(wording.text, finding, enrichment),
        *findings.results(finding),
        Heading("What happened"),
        Facts(findings.what(finding, case)),
        Heading("Who did it"),
        Facts(findings.who(finding) or (("User", (plain("not recorded in the event"),)),)),
    ]
    source = findings.where_from(finding, case)
    blocks += [Heading("Where from"), Facts(source)] if source else []
    context = findings.enriched(enrichment)
    if context:
        blocks += [Heading("Context"), Facts(context)]
    blocks += _guidance(finding, runbook, case.id or finding.case_id)
    blocks += [Heading("Evidence"), *findings.event_ids(finding.event_ids, listed_before)]
    blocks += records.shown(shown)
    blocks += _row(finding)
    blocks += [Rule(), *findings.origin(finding, case)]
    return summary(finding, enrichment, wording), Document(tuple(blocks))


def state_of(
    finding: Finding, case: CaseReport, reports: Sequence[RemediationReport], standing: Standing | None = None
) -> Panel:
    """The box that says how a case stands. Without ``standing`` the reports are all that is known."""
    return panel(finding, standing or _standing(finding, case, reports), runbooks.of(finding.signature_id))


def _standing(finding: Finding, case: CaseReport, reports: Sequence[RemediationReport]) -> Standing:
    steps = (Step(f"{case.id}.{number}", RUN, report) for number, report in enumerate(reports))
    return Standing(case.id or finding.case_id, tuple(steps))


def summary(finding: Finding, enrichment: Mapping[str, str], wording: Wording = _OURS) -> str:
    """One line: that of the alert's owner, or one that names the severity, the detection, who and where."""
    own = headline(filled(wording.title, finding, enrichment), MAX_SUMMARY)
    if own:
        return own
    account = enrichment.get("account_name") or finding.vendor_account
    parts = [f"[{finding.severity.upper()}] {finding.signature}"]
    if finding.object_id:
        parts.append(f"on {shorten(finding.object_id, 80)}")
    if finding.user:
        parts.append(f"by {shorten(finding.user, 60)}")
    if account:
        parts.append(f"in {shorten(account, 60)}")
    return headline(" ".join(parts), MAX_SUMMARY)


def recurrence(finding: Finding, event_ids: Sequence[str], listed_before: bool = False) -> Document:
    """The comment on a ticket when its finding is detected again, with the ids of the new events.

    ``listed_before``: there are no new ones, only further results about events that were told of.
    """
    return Document(
        (
            Paragraph((bold("Detected again: "), plain(f"{findings.counted(event_ids, finding, listed_before)}."))),
            Facts(findings.when(finding) + findings.who(finding) + findings.where_from(finding)),
            *findings.event_ids(event_ids, listed_before),
            *_row(finding),
        )
    )


def remediation(report: RemediationReport) -> Document:
    """The comment on a ticket when a remediation has ended."""
    return Document(tuple(remediations.full(report)))


def remediations_together(reports: Sequence[RemediationReport]) -> Document:
    """The comment on a ticket of many cases when several remediations have ended, a few lines each."""
    lead = Paragraph((bold(f"{len(reports)} remediations have ended:"),))
    return Document((lead, *(block for report in reports for block in remediations.short(report))))


def slack_finding(
    finding: Finding,
    enrichment: Mapping[str, str],
    case: CaseReport,
    reports: Sequence[RemediationReport],
    ticket: TicketLink | None = None,
    wording: Wording = _OURS,
    standing: Standing | None = None,
) -> Document:
    """The message that opens a case's thread: the reason, what to do now, who, what, where, how it stands; the ticket
    when known.
    """
    title = one_line(filled(wording.title, finding, enrichment)) or _says_what(finding)
    stands = standing or _standing(finding, case, reports)
    blocks: list[Block] = [
        Heading(f"{_COLORS.get(finding.severity, '')} {title}".strip(), 1),
        *findings.in_own_words(wording.text, finding, enrichment),
        Paragraph(to_do(finding, stands, runbooks.of(finding.signature_id))),
        *findings.results(finding),
        Paragraph((bold(finding.severity.upper()), plain(" · "), plain(one_line(finding.signature)))),
        *findings.briefly(finding, enrichment, case),
        Paragraph((bold("State: "), *line(stands))),
        *briefly(stands),
    ]
    known = [row for row in findings.enriched(enrichment) if row[0] != findings.ENRICHMENT["account_name"]]
    rest = (*known, *findings.row(finding, findings.ROW_IN_SLACK, findings.ROW_VALUE_IN_SLACK))
    blocks += [Facts(rest)] if rest else []
    return Document((*blocks, *findings.short_event_ids(finding.event_ids), *findings.links(finding, case, ticket)))


def _says_what(finding: Finding) -> str:
    """The reason on one line, as long as a heading of Slack may be; the rest of a longer one is in the ticket."""
    return one_line(finding.reason) or finding.signature


def slack_recurrence(
    finding: Finding, event_ids: Sequence[str], ticket: TicketLink | None = None, listed_before: bool = False
) -> Document:
    """The reply in a case's thread when its finding is detected again, with the ids of the new events."""
    counted = findings.counted(event_ids, finding, listed_before)
    spans: list[Span] = [bold("Detected again: "), plain(f"{counted}, last ")]
    spans += [moment(findings.utc(finding.last_time), finding.last_time)]
    spans += [plain(" by "), code(finding.user or "unknown")]
    if finding.src_ip:
        spans += [plain(" from "), code(finding.src_ip)]
    rest = findings.row(finding, findings.ROW_IN_SLACK, findings.ROW_VALUE_IN_SLACK)
    blocks: list[Block] = [Paragraph(tuple(spans)), *findings.short_event_ids(event_ids)]
    blocks += [Facts(rest)] if rest else []
    return Document((*blocks, *findings.links(None, None, ticket)))


def slack_remediation(
    report: RemediationReport, ticket: TicketLink | None = None, later: Sequence[RemediationReport] = ()
) -> Document:
    """The reply in a case's thread when a remediation has ended. ``later``: what became of it since."""
    blocks = [block for one in (report, *later) for block in remediations.short(one)]
    return Document((*blocks, *findings.links(None, None, ticket)))


def slack_escalation(
    finding: Finding,
    reports: Sequence[RemediationReport],
    ticket: TicketLink | None = None,
    lead: str = NOBODY_ANSWERED,
) -> Document:
    """The message in a second channel, with what a person needs to decide; later, what was decided (no ``lead``)."""
    blocks: list[Block] = [
        Heading(f"{_COLORS.get(finding.severity, '')} {_says_what(finding)}".strip(), 1),
        *([Paragraph((bold(lead),))] if lead else []),
        *findings.briefly(finding, {}),
        *(block for report in reports for block in remediations.short(report)),
    ]
    return Document((*blocks, *findings.links(None, None, ticket)))


def _row(finding: Finding) -> list[Block]:
    """The rest of an alert's own row, where there is one."""
    rest = findings.row(finding, findings.ROW_IN_TICKET, findings.ROW_VALUE_IN_TICKET)
    return [Heading("Other fields of the result"), Facts(rest)] if rest else []


def _guidance(finding: Finding, runbook: Runbook, case: str) -> list[Block]:
    """What helps whoever handles it: playbook, runbook, and what else it may be."""
    blocks: list[Block] = []
    if finding.recommended_playbook:
        blocks += [
            Heading("Remediation"),
            Paragraph((plain("Recommended playbook: "), code(finding.recommended_playbook))),
        ]
    if runbook.steps:
        steps = tuple((plain(step),) for step in runbook.steps)
        blocks += [Heading("Runbook"), Bullets(steps, is_numbered=True)]
    if runbook.false_positives:
        blocks += [
            Heading("Known false positives"),
            Bullets(tuple((plain(text),) for text in runbook.false_positives)),
            Paragraph(
                (
                    plain("To excuse this case for a time: "),
                    code(f'| respondexcuse case={case} days=30 reason="..."'),
                    plain(". If a principal should never give this finding, an administrator adds it to the lookup "),
                    code("responder_allowed_principals"),
                    plain(" with the detection "),
                    code(finding.signature_id),
                    plain(", a reason and an expiry date."),
                )
            ),
        ]
    return blocks
