"""Parts of messages that show a finding: its fields, its event ids, what is known about its account, and links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from urllib.parse import quote

from .. import arn
from ..findings.attack import named
from ..findings.finding import MAX_EVENT_IDS, Finding
from ..findings.sources import EVENT_IDS, FIRST_TIME, LAST_TIME, SOURCES, USER
from ..findings.templates import filled
from .document import Block, Code, Paragraph, Span, Spans, bold, code, link, linked, moment, one_line, plain, shorten
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
)
_FROM = (
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


def what(finding: Finding, case: CaseReport) -> Rows:
    """Detection, API call, resource and times, with their pages in the AWS console."""
    rows: Rows = (
        ("Detection", (plain(finding.signature), plain(" ("), code(finding.signature_id), plain(")"))),
        ("Severity", (bold(finding.severity),)),
    )
    if finding.mitre_technique_id:
        rows += (("MITRE ATT&CK", _mitre(finding.mitre_technique_id)),)
    rows += _rows(_WHAT, finding)
    pages = (("the resource", case.resource_link), ("the call", case.call_link))
    links = [linked(f"Open {name}", address) for name, address in pages if address]
    return rows + ((("AWS console", _side_by_side(links)),) if links else ()) + when(finding)


def who(finding: Finding) -> Rows:
    """Principal and credential, and how somebody had signed in. Empty where the event names none of them."""
    rows = _rows(_WHO, finding)
    how = _signed_in(finding)
    return (*rows, ("Signed in", (plain(how),))) if rows and how else rows


def where_from(finding: Finding, case: CaseReport | None = None) -> Rows:
    """Address, country and program, and what is known of the network. Empty where the event names none of them."""
    rows = _rows(_FROM, finding)
    if case is None or not rows:
        return rows
    network: Rows = (("Network", (code(one_line(case.network)),)),) if case.network else ()
    return (*rows, *network, *((("Seen before", (plain(one_line(case.seen_before)),)),) if case.seen_before else ()))


def _signed_in(finding: Finding) -> str:
    """As far as the kind of principal and the key tell (IAM User Guide, "IAM identifiers", unique id prefixes)."""
    role = arn.parse(finding.user_arn)
    if finding.user_type == "Root":
        return "as the root user of the account"
    if role is not None and role.kind == "assumed-role":
        is_person = role.name.startswith("AWSReservedSSO_")
        return "through IAM Identity Center" if is_person else "with temporary credentials of a role"
    if finding.access_key_id.startswith("AKIA"):
        return "with a long-term access key"
    if finding.access_key_id.startswith("ASIA"):
        return "with temporary credentials"
    return ""


def briefly(finding: Finding, enrichment: Mapping[str, str], case: CaseReport | None = None) -> list[Block]:
    """Who, what, where and when, and what is known of the network, a line each."""
    account = one_line(str(enrichment.get("account_name") or ""))
    named = [code(shorten(account, 200)), plain(" ")] if account else []
    lines = (
        ("Who", _words(finding, ("", "user"), ("as", "user_role"), ("with", "access_key_id"), ("from", "src_ip"))),
        ("What", _words(finding, ("", "command"), ("on", "object_id"))),
        ("Where", [*named, *_words(finding, ("", "vendor_account"), ("in", "vendor_region"))]),
        ("When", _moments(finding)),
        ("From", _origin(case) if case is not None else []),
    )
    shown: list[Span] = []
    for label, spans in lines:
        if spans:
            shown += [plain("\n")] if shown else []
            shown += [bold(f"{label}:"), plain(" "), *spans]
    return [Paragraph(tuple(shown))] if shown else []


def _origin(case: CaseReport) -> list[Span]:
    network = [code(shorten(one_line(case.network), 200))] if case.network else []
    seen = [plain(one_line(case.seen_before))] if case.seen_before else []
    return [*network, *([plain(". ")] if network and seen else []), *seen]


def _words(finding: Finding, *fields: tuple[str, str]) -> list[Span]:
    spans: list[Span] = []
    for word, name in fields:
        value = one_line(str(getattr(finding, name)))
        if value:
            spans += [plain(f" {word} " if word and spans else f"{word} " if word else ""), code(shorten(value, 200))]
    return [span for span in spans if span.text]


def _moments(finding: Finding) -> list[Span]:
    if not finding.last_time:
        return []
    more = f", {finding.event_count} events" if finding.event_count > 1 else ""
    return [moment(utc(finding.last_time), finding.last_time), *([plain(more)] if more else [])]


def short(finding: Finding) -> Rows:
    """The fields that a short message shows."""
    return _rows(_SHORT, finding)


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
    shown = {str(getattr(finding, name)) for _, name in (*_WHAT, *_WHO, *_FROM)} | {finding.reason, *finding.event_ids}
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
    """Where the case comes from: its events and results in Splunk, its id and its search."""
    blocks: list[Block] = []
    if case.events_link:
        blocks.append(Paragraph(linked("Search for the events in Splunk", case.events_link)))
    if case.results_link:
        blocks.append(Paragraph(linked("Open the results in Splunk, while Splunk keeps them", case.results_link)))
    spans = [plain("Case "), code(case.id or finding.case_id)]
    if case.search_name:
        spans += [plain(", found by the search "), code(case.search_name)]
    return [*blocks, Paragraph((*spans, plain(".")))]


def links(finding: Finding | None, case: CaseReport | None, ticket: TicketLink | None) -> list[Block]:
    """Links side by side: ticket, events and results, AWS console, technique."""
    groups: list[Spans] = []
    if ticket is not None and ticket.url:
        groups.append(linked(f"Ticket {ticket.key}".strip(), ticket.url))
    if case is not None:
        addresses = (
            ("Events in Splunk", case.events_link),
            ("Results in Splunk", case.results_link),
            ("AWS console", case.resource_link or case.call_link),
        )
        groups += [linked(name, address) for name, address in addresses if address]
    if finding is not None and finding.mitre_technique_id:
        groups.append(_mitre(finding.mitre_technique_id))
    return [Paragraph(_side_by_side(groups))] if groups else []


def _side_by_side(groups: Sequence[Spans]) -> Spans:
    spans: list[Span] = []
    for group in groups:
        spans += [*([plain(" · ")] if spans else []), *group]
    return tuple(spans)


def utc(epoch: float) -> str:
    """Epoch seconds as people read them, in UTC whatever the server's time zone."""
    if not epoch:
        return "unknown"
    return datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def _rows(table: Sequence[tuple[str, str]], finding: Finding) -> Rows:
    values = ((label, str(getattr(finding, name))) for label, name in table)
    return tuple((label, (code(value),)) for label, value in values if value)


def _mitre(technique: str) -> Spans:
    pages = [(one, f"https://attack.mitre.org/techniques/{quote(one.replace('.', '/'))}/") for one in named(technique)]
    return _side_by_side([(link(one, address),) for one, address in pages])
