"""What tickets, comments and messages say, as documents.

Everything that came in with an event goes into spans and blocks as data; nothing here knows any markup.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any, Dict, List, Mapping, Sequence, Tuple
from urllib.parse import quote

from ..findings.finding import Finding
from .document import (
    Block,
    Bullets,
    Code,
    Document,
    Facts,
    Heading,
    Paragraph,
    Rule,
    Span,
    Spans,
    bold,
    code,
    headline,
    link,
    one_line,
    plain,
    shorten,
)

MAX_SUMMARY = 254
#: Of a finding's event ids, as many are listed; the Splunk results have all.
MAX_LISTED = 20
#: Characters of a state before or after a change.
MAX_STATE = 3_000

#: Labels of the enrichment's fields; others are shown under their own names.
ENRICHMENT = {
    "account_name": "Account name",
    "environment": "Environment",
    "owner": "Owner",
    "on_call_team": "On-call team",
    "oncall_team": "On-call team",
    "contact": "Contact",
}
_STATUS = {
    "simulated": "Simulated: nothing was changed",
    "done": "Done",
    "already": "Nothing to do",
    "refused": "Refused by a guardrail: nothing was changed",
    "failed": "Failed",
    "undone": "Undone: the former state is restored",
}


def ticket(
    finding: Finding,
    enrichment: Mapping[str, str],
    case: Mapping[str, Any],
    remediations: Sequence[Mapping[str, Any]],
) -> Tuple[str, Document]:
    """The summary line (at most 254 characters) and the description of a case's ticket.

    ``case`` gives ``search_name`` and ``results_link`` if known; ``remediations`` are outcomes as stored by the
    remediation tasks (``playbook``, ``mode``, ``status``, ``message``, ``changes``, ``finished_at``).
    """
    blocks: List[Block] = [
        Paragraph((bold(f"{finding.severity.capitalize()}: "), plain(_sentence(finding)))),
        Heading("What happened"),
        Facts(_what(finding)),
        Heading("Who and from where"),
        Facts(_who(finding)),
    ]
    context = _enrichment(enrichment)
    if context:
        blocks += [Heading("Context"), Facts(context)]
    blocks += [Heading("What was done"), *_done(finding, remediations)]
    blocks += [Heading("Evidence"), *_events(finding.event_ids)]
    blocks += [Rule(), *_links(finding, case)]
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


def recurrence(finding: Finding, new_event_ids: Sequence[str]) -> Document:
    """The comment on a ticket when its finding comes again."""
    times = "event" if len(new_event_ids) == 1 else "events"
    return Document(
        (
            Paragraph(
                (bold("It happened again: "), plain(f"{len(new_event_ids) or finding.event_count} new {times}."))
            ),
            Facts(_when(finding) + _rows(_WHO, finding)),
            *_events(new_event_ids),
        )
    )


def remediation(outcome: Mapping[str, Any]) -> Document:
    """The comment on a ticket when a remediation has ended."""
    return Document(tuple(_outcome(outcome)))


def slack_finding(
    finding: Finding,
    enrichment: Mapping[str, str],
    case: Mapping[str, Any],
    remediations: Sequence[Mapping[str, Any]],
    ticket: Any = None,
) -> Document:
    """The message that opens a case's thread: short, with the ticket when it is known."""
    rows = _rows(_SHORT, finding) + _when(finding)[:1] + _enrichment(enrichment)
    blocks: List[Block] = [Heading(f"{finding.severity.upper()}: {finding.signature}", 1), Facts(rows)]
    if finding.reason:
        blocks.append(Paragraph((plain(finding.reason),)))
    blocks += [Bullets((_verdict(outcome),)) for outcome in remediations]
    spans = [*_ticket_link(ticket), *_links_of(finding, case)]
    if spans:
        blocks.append(Paragraph(_joined(spans)))
    return Document(tuple(blocks))


def slack_recurrence(
    finding: Finding, new_event_ids: Sequence[str], ticket: Any = None
) -> Document:
    """The reply in a case's thread when its finding comes again."""
    count = len(new_event_ids) or finding.event_count
    spans: List[Span] = [
        bold("It happened again: "),
        plain(f"{count} new {'event' if count == 1 else 'events'}, last "),
    ]
    spans += [plain(_utc(finding.last_time)), plain(" by "), code(finding.user or "unknown")]
    if finding.src_ip:
        spans += [plain(" from "), code(finding.src_ip)]
    blocks: List[Block] = [Paragraph(tuple(spans))]
    if ticket:
        blocks.append(Paragraph(_joined(_ticket_link(ticket))))
    return Document(tuple(blocks))


def slack_remediation(outcome: Any, ticket: Any = None) -> Document:
    """The reply in a case's thread when a remediation has ended."""
    outcome = _plain(outcome)
    blocks: List[Block] = [Paragraph(_verdict(outcome))]
    items = tuple(_change_line(change) for change in outcome.get("changes") or ())
    if items:
        blocks.append(Bullets(items))
    if ticket:
        blocks.append(Paragraph(_joined(_ticket_link(ticket))))
    return Document(tuple(blocks))


# What the finding says

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
    ("Source address", "src_ip"),
)

Rows = Tuple[Tuple[str, Spans], ...]


def _sentence(finding: Finding) -> str:
    return finding.reason or finding.signature


def _rows(table: Sequence[Tuple[str, str]], finding: Finding) -> Rows:
    values = ((label, str(getattr(finding, name))) for label, name in table)
    return tuple((label, (code(value),)) for label, value in values if value)


def _what(finding: Finding) -> Rows:
    rows: Rows = (
        ("Detection", (plain(finding.signature), plain(" ("), code(finding.signature_id), plain(")"))),
        ("Severity", (bold(finding.severity),)),
    )
    if finding.mitre_technique_id:
        rows += (("MITRE ATT&CK", (_mitre(finding.mitre_technique_id),)),)
    return rows + _rows(_WHAT, finding) + _when(finding)


def _who(finding: Finding) -> Rows:
    return _rows(_WHO, finding) or (("User", (plain("not named by the event"),)),)


def _when(finding: Finding) -> Rows:
    rows: Rows = (("Last seen", (plain(_utc(finding.last_time)),)),)
    if finding.first_time and finding.first_time != finding.last_time:
        rows += (("First seen", (plain(_utc(finding.first_time)),)),)
    return rows if finding.event_count == 1 else (*rows, ("Events", (plain(str(finding.event_count)),)))


def _enrichment(enrichment: Mapping[str, str]) -> Rows:
    named = ((ENRICHMENT.get(name, name.replace("_", " ").capitalize()), str(v)) for name, v in enrichment.items() if v)
    return tuple((label, (code(value),)) for label, value in named)


def _events(event_ids: Sequence[str]) -> List[Block]:
    if not event_ids:
        return [Paragraph((plain("The search gave no CloudTrail event ids."),))]
    items: List[Spans] = [(code(event_id),) for event_id in event_ids[:MAX_LISTED]]
    if len(event_ids) > MAX_LISTED:
        items.append((plain(f"and {len(event_ids) - MAX_LISTED} more, in the Splunk results"),))
    return [Paragraph((plain("CloudTrail event ids:"),)), Bullets(tuple(items))]


def _mitre(technique: str) -> Span:
    return link(technique, f"https://attack.mitre.org/techniques/{quote(technique.replace('.', '/'))}/")


def _links_of(finding: Finding, case: Any) -> List[Span]:
    case = vars(case)
    spans: List[Span] = []
    if case.get("results_link"):
        spans.append(link("Results in Splunk", str(case["results_link"])))
    if finding.mitre_technique_id:
        spans.append(_mitre(finding.mitre_technique_id))
    return spans


def _links(finding: Finding, case: Any) -> List[Block]:
    case = vars(case)
    said: List[Span] = [plain("Case "), code(finding.case_id)]
    if case.get("search_name"):
        said += [plain(", found by the search "), code(str(case["search_name"]))]
    blocks: List[Block] = [Paragraph((*said, plain(".")))]
    if case.get("results_link"):
        blocks.insert(0, Paragraph((link("Open the results in Splunk", str(case["results_link"])),)))
    return blocks


def _ticket_link(ticket: Any) -> List[Span]:
    return [link(f"Ticket {ticket.key}".strip(), ticket.url)] if ticket else []


def _joined(spans: Sequence[Span]) -> Spans:
    """Links side by side."""
    parts: List[Span] = []
    for span in spans:
        parts += [plain(" · "), span] if parts else [span]
    return tuple(parts)


# What was done about it


def _done(finding: Finding, remediations: Sequence[Mapping[str, Any]]) -> List[Block]:
    blocks: List[Block] = []
    if finding.recommended_playbook:
        blocks.append(Paragraph((plain("Recommended playbook: "), code(finding.recommended_playbook))))
    if not remediations:
        return [*blocks, Paragraph((plain("Nothing was changed in AWS so far; what is will be added as a comment."),))]
    for outcome in remediations:
        blocks += _outcome(outcome)
    return blocks


def _verdict(outcome: Any) -> Spans:
    outcome = _plain(outcome)
    status = str(outcome.get("status") or "unknown")
    spans: List[Span] = [bold(f"{_STATUS.get(status, status.capitalize())}."), plain(" ")]
    spans += [code(str(outcome.get("playbook") or "unknown playbook")), plain(f" ({_mode(outcome)})")]
    if outcome.get("message"):
        spans += [plain(": "), plain(one_line(str(outcome["message"])))]
    return tuple(spans)


def _mode(outcome: Mapping[str, Any]) -> str:
    mode = str(outcome.get("mode") or "")
    finished = outcome.get("finished_at")
    return ", ".join(part for part in (f"mode {mode}" if mode else "", _utc(finished) if finished else "") if part)


def _outcome(outcome: Any) -> List[Block]:
    outcome = _plain(outcome)
    blocks: List[Block] = [Paragraph(_verdict(outcome))]
    for change in outcome.get("changes") or ():
        blocks.append(Facts(_change(outcome, change)))
        before, after = _state(change.get("before")), _state(change.get("after"))
        if before or after:
            blocks.append(Code(f"before: {before or '-'}\nafter:  {after or '-'}"))
    return blocks


def _change(outcome: Mapping[str, Any], change: Mapping[str, Any]) -> Rows:
    planned = "Would change" if outcome.get("status") in ("simulated", "refused") else "Change"
    rows: Dict[str, Spans] = {planned: (plain(str(change.get("summary") or "")),)}
    for label, name in (("Resource", "resource"), ("Resource type", "resource_type"), ("Region", "region")):
        if change.get(name):
            rows[label] = (code(str(change[name])),)
    rows["Verified"] = _verified(outcome, change)
    return tuple(rows.items())


def _verified(outcome: Mapping[str, Any], change: Mapping[str, Any]) -> Spans:
    seen = change.get("verification")
    if not seen:
        nothing = outcome.get("status") in ("simulated", "refused")
        return (plain("not applicable, nothing was changed" if nothing else "not yet"),)
    return (bold("yes" if seen.get("ok") else "NO"), plain(": "), plain(one_line(str(seen.get("observed") or ""))))


def _change_line(change: Mapping[str, Any]) -> Spans:
    spans: List[Span] = [code(str(change.get("resource") or "unknown resource")), plain(": ")]
    spans.append(plain(one_line(str(change.get("summary") or ""))))
    seen = change.get("verification")
    if seen:
        word = "verified" if seen.get("ok") else "NOT verified"
        spans += [plain(" "), bold(word), plain(": "), plain(one_line(str(seen.get("observed") or "")))]
    return tuple(spans)


def _state(state: Any) -> str:
    return shorten(json.dumps(state, sort_keys=True, default=str, ensure_ascii=False), MAX_STATE) if state else ""


def _utc(epoch: Any) -> str:
    """Epoch seconds as people read them, in UTC whatever the server's zone."""
    moment = float(epoch or 0)
    if not moment:
        return "unknown"
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def _plain(outcome: Any) -> Any:
    if isinstance(outcome, dict):
        return outcome
    found = dict(vars(outcome))
    found["changes"] = [{**vars(c), "verification": None if c.verified is None else {"ok": c.verified, "observed": c.observed}} for c in outcome.changes]
    return found
