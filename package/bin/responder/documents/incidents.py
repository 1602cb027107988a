"""What tickets and messages say of several cases: an incident of one actor, or the digest of a detection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..findings.finding import Finding
from . import findings
from .document import (
    Block,
    Bullets,
    Document,
    Facts,
    Heading,
    Paragraph,
    Span,
    Spans,
    bold,
    code,
    headline,
    plain,
    shorten,
)
from .messages import MAX_SUMMARY
from .reports import CaseReport, TicketLink

#: Cases that are shown; the file that is attached has all of them.
SHOWN_IN_TICKET, SHOWN_IN_SLACK = 200, 10
#: Cases in the list of all of them.
LISTED_IN_TICKET = 20
#: Event ids of one row of a table, and characters of a value.
IDS_OF_A_ROW, LONGEST_VALUE = 3, 120


@dataclass(frozen=True)
class CaseLine:
    """One case of several, as the list of all of them has it."""

    id: str
    severity: str
    signature: str
    #: Id or ARN; empty where it is about none.
    resource: str = ""
    #: What became of its remediation; empty where it has none.
    state: str = ""


def title(summary: str, cases: int) -> str:
    """The summary line of a ticket that begins with several cases."""
    return headline(f"{cases} cases: {summary}", MAX_SUMMARY)


def table(found: Sequence[Finding], shown: int = SHOWN_IN_TICKET) -> list[Block]:
    """Who did what, where and when, with event ids: a row a finding."""
    rows = [(f"{number}. {findings.utc(one.last_time)}", _row(one)) for number, one in enumerate(found[:shown], 1)]
    blocks: list[Block] = [Heading(f"{len(found):,} findings"), Facts(tuple(rows))]
    if len(found) > shown:
        blocks.append(Paragraph((plain(f"and {len(found) - shown:,} more."),)))
    return blocks


def listed(lines: Sequence[CaseLine], shown: int = LISTED_IN_TICKET) -> list[Paragraph | Bullets]:
    """The cases that the ticket or the thread tells of, the gravest first; nothing where it is one.

    Many of one detection are only counted: their list is the tables.
    """
    if len(lines) < 2:
        return []
    if len(lines) > shown and len({line.signature for line in lines}) == 1:
        return [Paragraph((bold(f"{len(lines):,} cases so far."),))]
    items = tuple(_line(line) for line in lines[:shown])
    left = len(lines) - len(items)
    # Not one of the list: where that is cut, too, it would count for one.
    more = [Paragraph((plain(f"and {left:,} more"),))] if left else []
    return [Paragraph((bold(f"This incident has {len(lines):,} cases:"),)), Bullets(items), *more]


def comment(
    news: Sequence[Finding],
    case: CaseReport,
    known: bool,
    event_ids: Sequence[str],
    listed_before: bool,
    lines: Sequence[CaseLine],
) -> Document:
    """The comment on a ticket about findings of other cases. ``known``: it has told of that case before."""
    if len(news) > 1:
        return Document((*table(news), *listed(lines)))
    one = news[0]
    blocks: list[Block] = [
        Paragraph(_lead(one, known)),
        Facts(findings.what(one, case) + findings.who(one) + findings.where_from(one, case)),
        *([Paragraph((plain(one.reason),))] if one.reason else []),
        *findings.event_ids(event_ids, listed_before),
    ]
    rest = findings.row(one, findings.ROW_IN_TICKET, findings.ROW_VALUE_IN_TICKET)
    blocks += [Heading("Other fields of the result"), Facts(rest)] if rest else []
    return Document((*blocks, *listed(lines)))


def reply(
    news: Sequence[Finding],
    known: bool,
    event_ids: Sequence[str],
    lines: Sequence[CaseLine],
    ticket: TicketLink | None = None,
    case: CaseReport | None = None,
) -> Document:
    """The same in a thread, in few lines."""
    if len(news) > 1:
        blocks = table(news, SHOWN_IN_SLACK)
    else:
        one = news[0]
        blocks = [
            Paragraph(_lead(one, known)),
            *([Paragraph((plain(one.reason),))] if one.reason else []),
            *findings.briefly(one, {}, case),
            *findings.short_event_ids(event_ids),
        ]
    return Document((*blocks, *listed(lines, SHOWN_IN_SLACK), *findings.links(None, None, ticket)))


def _lead(finding: Finding, known: bool) -> Spans:
    lead = "Detected again: " if known else "Another case of this incident: "
    return bold(lead), plain(f"[{finding.severity.upper()}] {finding.signature}")


def _line(line: CaseLine) -> Spans:
    spans: list[Span] = [bold(f"[{line.severity.upper()}] "), plain(shorten(line.signature, LONGEST_VALUE))]
    if line.resource:
        spans += [plain(" on "), code(shorten(line.resource, LONGEST_VALUE))]
    spans += [plain(f": {line.state}")] if line.state else []
    # By which it is found in the console, and named in an answer.
    return (*spans, plain(", case "), code(line.id))


def _row(finding: Finding) -> Spans:
    spans: list[Span] = [bold(f"[{finding.severity.upper()}] ")]
    parts = (
        ("", finding.user or finding.user_arn or finding.access_key_id or "unknown"),
        (" called ", finding.command),
        (" on ", finding.object_id),
        (" in ", " ".join(filter(None, (finding.vendor_account, finding.vendor_region)))),
        (" from ", finding.src_ip),
    )
    for lead, value in parts:
        if value:
            spans += [plain(lead)] if lead else []
            spans.append(code(shorten(value, LONGEST_VALUE)))
    for number, event in enumerate(finding.event_ids[:IDS_OF_A_ROW]):
        spans += [plain(", " if number else "; event IDs "), code(shorten(event, LONGEST_VALUE))]
    left = len(finding.event_ids) - IDS_OF_A_ROW
    return (*spans, plain(f" and {left} more")) if left > 0 else tuple(spans)
