"""Parts of messages that show a finding: its fields, its event ids, what is known about its account, and links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from urllib.parse import quote

from ..findings.finding import MAX_EVENT_IDS, Finding
from ..findings.sources import EVENT_IDS, FIRST_TIME, LAST_TIME, SOURCES, USER
from ..findings.templates import filled
from .document import Block, Code, Paragraph, Span, Spans, bold, code, link, linked, one_line, plain, shorten
from .reports import CaseReport, TicketLink

#: Event ids that are listed; the Splunk results have all of them.
LISTED_IN_TICKET, LISTED_IN_SLACK = 200, 20

#: Fields of an alert's own row that are listed, and characters of each value.
ROW_IN_TICKET, ROW_IN_SLACK = 80, 12
ROW_VALUE_IN_TICKET, ROW_VALUE_IN_SLACK = 1_000, 200
#: Where what a message shows anyway stands in a row, under a name that says no more.
_SHOWN_ANYWAY = frozenset((*(name for names in SOURCES.values() for name in names), *USER, *FIRST_TIME, *LAST_TIME))
#: What says least of an event comes last.
_DULL = frozenset(
    (
        "index", "source", "sourcetype", "host", "eventVersion", "requestID", "eventType", "managementEvent",
        "eventCategory", "readOnly", "apiVersion", "sharedEventID", "userIdentity.principalId",
    )
)  # fmt: skip
_DULL_PREFIXES = ("tlsDetails.", "userIdentity.sessionContext.", "additionalEventData.", "responseElements.")

#: Labels of fields of the lookup ``responder_accounts``; others are shown under their own names.
ENRICHMENT = {
    "account_name": "Account name",
    "environment": "Environment",
    "ou": "Organizational unit",
    "owner": "Owner",
    "on_call_team": "On-call team",
    "oncall_team": "On-call team",
    "contact": "Contact",
}
#: (label, field of the finding): shown as data, letter for letter, where not empty.
_WHAT = (
    ("API call", "command"),
    ("Outcome", "outcome"),
    ("Account", "vendor_account"),
    ("Region", "vendor_region"),
    ("Resource type", "object_category"),
    ("Resource", "object_id"),
)
_WHO = (
    ("User", "user"),
    ("User type", "user_type"),
    ("Role", "user_role"),
    ("ARN", "user_arn"),
    ("Access key", "access_key_id"),
    ("Source address", "src_ip"),
    ("Country", "src_country"),
    ("User agent", "user_agent"),
)
_SHORT = (
    ("Account", "vendor_account"),
    ("Region", "vendor_region"),
    ("API call", "command"),
    ("Resource", "object_id"),
    ("User", "user"),
    ("Role", "user_role"),
    ("Source address", "src_ip"),
)

Rows = tuple[tuple[str, Spans], ...]


def what(finding: Finding) -> Rows:
    """Detection, API call, resource and times."""
    rows: Rows = (
        ("Detection", (plain(finding.signature), plain(" ("), code(finding.signature_id), plain(")"))),
        ("Severity", (bold(finding.severity),)),
    )
    if finding.mitre_technique_id:
        rows += (("MITRE ATT&CK", (_mitre(finding.mitre_technique_id),)),)
    return rows + _rows(_WHAT, finding) + when(finding)


def who(finding: Finding) -> Rows:
    """Principal, credential and source. Empty where the event names none of them."""
    return _rows(_WHO, finding)


def short(finding: Finding) -> Rows:
    """The fields that a short message shows."""
    return _rows(_SHORT, finding) + when(finding)[:1]


def when(finding: Finding) -> Rows:
    """Last and first time, and how many events there were if more than one."""
    rows: Rows = (("Last seen", (plain(utc(finding.last_time)),)),)
    if finding.first_time and finding.first_time != finding.last_time:
        rows += (("First seen", (plain(utc(finding.first_time)),)),)
    return rows if finding.event_count == 1 else (*rows, ("Events", (plain(str(finding.event_count)),)))


def enriched(enrichment: Mapping[str, str]) -> Rows:
    """What the lookup of accounts knows."""
    named = ((ENRICHMENT.get(name, name.replace("_", " ").capitalize()), str(v)) for name, v in enrichment.items() if v)
    return tuple((label, (code(value),)) for label, value in named)


def row(finding: Finding, most: int, longest: int) -> Rows:
    """What else the row of somebody's own alert has: each field under its own name, the first ``most`` of them."""
    shown = {str(getattr(finding, name)) for _, name in (*_WHAT, *_WHO)} | {finding.reason, *finding.event_ids}
    times = _SHOWN_ANYWAY & finding.row.keys() if finding.last_time else frozenset()
    left = [
        (name, value)
        for name, value in finding.row.items()
        if not (name in _SHOWN_ANYWAY and value in shown)
        and not (name in times and name in (*FIRST_TIME, *LAST_TIME))
        # Enterprise Security calls the id of its own finding so, too: by that people find it there.
        and not (name in EVENT_IDS and finding.event_ids and "@@notable@@" not in value)
    ]
    left.sort(key=lambda cell: cell[0] in _DULL or cell[0].startswith(_DULL_PREFIXES))
    rows: Rows = tuple((shorten(name, 100), (code(shorten(value, longest)),)) for name, value in left[:most])
    return rows if len(left) <= most else (*rows, ("…", (plain(f"and {len(left) - most} more fields"),)))


def in_own_words(text: str, finding: Finding, account: Mapping[str, str]) -> list[Block]:
    """A text that the alert's owner has written, with the finding's fields: one paragraph a line."""
    lines = filled(text, finding, account).splitlines()
    return [Paragraph((plain(line),)) for line in lines if line.strip()]


def results(finding: Finding) -> list[Block]:
    """How many results a finding about all of a run stands for, and how many of them are kept if not all."""
    kept = len(finding.rows)
    number = max(finding.row_count, kept)
    shown = f"{number:,} {'result' if number == 1 else 'results'} of this run."
    if kept < number:
        shown = f"{kept:,} of {shown} The others are in Splunk."
    return [Paragraph((plain(shown),))] if number else []


def event_ids(ids: Sequence[str], listed_before: bool = False) -> list[Block]:
    """The CloudTrail event ids, one a line. ``listed_before``: there are others, which were listed already."""
    if not ids:
        said = "Its CloudTrail event IDs were listed before."
        return [Paragraph((plain(said if listed_before else "The search returned no CloudTrail event IDs."),))]
    listed = [one_line(event_id) for event_id in ids[:LISTED_IN_TICKET]]
    blocks: list[Block] = [Paragraph((plain("CloudTrail event IDs:"),)), Code("\n".join(listed), essential=True)]
    if len(ids) > len(listed):
        blocks.append(Paragraph((plain(f"and {_more(ids, len(listed))}. See the results in Splunk."),)))
    return blocks


def short_event_ids(ids: Sequence[str]) -> list[Block]:
    """The CloudTrail event ids in one paragraph; nothing where there are none."""
    if not ids:
        return []
    spans = [plain("CloudTrail event IDs:")]
    for event_id in ids[:LISTED_IN_SLACK]:
        spans += [plain(" "), code(one_line(event_id))]
    if len(ids) > LISTED_IN_SLACK:
        spans.append(plain(f" and {_more(ids, LISTED_IN_SLACK)}"))
    return [Paragraph(tuple(spans), essential=True)]


def _more(ids: Sequence[str], listed: int) -> str:
    """``300 more``; how many there are beyond those that a finding keeps, nobody knows."""
    return f"{'at least ' if len(ids) >= MAX_EVENT_IDS else ''}{len(ids) - listed} more"


def counted(ids: Sequence[str], finding: Finding, listed_before: bool = False) -> str:
    """``1 new event``, ``3 new events``; of results about events that were told of before, how many results."""
    results = max(finding.row_count, len(finding.rows))
    if not ids and listed_before and results:
        return f"{results:,} more {'result' if results == 1 else 'results'}"
    count = len(ids) or finding.event_count
    return f"{count} new {'event' if count == 1 else 'events'}"


def origin(finding: Finding, case: CaseReport) -> list[Block]:
    """Where the case comes from: its results in Splunk, its id and its search."""
    blocks: list[Block] = []
    if case.results_link:
        blocks.append(Paragraph(linked("Open the results in Splunk", case.results_link)))
    spans = [plain("Case "), code(case.id or finding.case_id)]
    if case.search_name:
        spans += [plain(", found by the search "), code(case.search_name)]
    return [*blocks, Paragraph((*spans, plain(".")))]


def links(finding: Finding | None, case: CaseReport | None, ticket: TicketLink | None) -> list[Block]:
    """Links side by side: ticket, results, technique."""
    groups: list[Spans] = []
    if ticket is not None and ticket.url:
        groups.append(linked(f"Ticket {ticket.key}".strip(), ticket.url))
    if case is not None and case.results_link:
        groups.append(linked("Results in Splunk", case.results_link))
    if finding is not None and finding.mitre_technique_id:
        groups.append((_mitre(finding.mitre_technique_id),))
    if not groups:
        return []
    spans: list[Span] = list(groups[0])
    for group in groups[1:]:
        spans += [plain(" · "), *group]
    return [Paragraph(tuple(spans))]


def utc(epoch: float) -> str:
    """Epoch seconds as people read them, in UTC whatever the server's time zone."""
    if not epoch:
        return "unknown"
    return datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def _rows(table: Sequence[tuple[str, str]], finding: Finding) -> Rows:
    values = ((label, str(getattr(finding, name))) for label, name in table)
    return tuple((label, (code(value),)) for label, value in values if value)


def _mitre(technique: str) -> Span:
    return link(technique, f"https://attack.mitre.org/techniques/{quote(technique.replace('.', '/'))}/")
