"""What leaves the app for a finding, by whatever calls make it today: the one file here that knows their form.

Runs in the processes of both of Splunk's interpreters: standard library and the app only.
"""

from __future__ import annotations

import io
import logging
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any, Callable

import nasty
from responder import logs
from responder.cases.audit import _line, audit_event
from responder.cases.keys import follow_up
from responder.cases.task import Alert, Task
from responder.documents import messages
from responder.documents.document import SHORTENED, Bullets, Code, Document, Facts, Heading, Panel, Paragraph, Span
from responder.documents.reports import CaseReport, ChangeReport, RemediationReport, TicketLink
from responder.findings import proof, record_search
from responder.findings.finding import Finding
from responder.jira import adf as jira_adf
from responder.jira import client as jira_client
from responder.jira import lookup as jira_lookup
from responder.jira import wiki as jira_wiki
from responder.slack import blocks as slack_blocks

#: The only address that tickets and messages link to besides those that the app itself knows.
RESULTS_LINK = "https://splunk.example:8000/app/search/@go?sid=1"
TICKET_URL = "https://jira.example/browse/SEC-1"


def document(finding: Finding, rng: random.Random, number: int) -> tuple[str, Document]:
    """One of what is written about a finding, and to whom; names and states in AWS are hostile, too."""
    enrichment = {"account_name": nasty.text(rng), "owner": nasty.text(rng), nasty.text(rng): nasty.text(rng)}
    case = CaseReport(finding.case_id, nasty.text(rng), RESULTS_LINK)
    ticket = TicketLink(nasty.text(rng), TICKET_URL)
    remediations = [_remediation(rng) for _ in range(rng.randint(1, 2))]
    tickets: list[Callable[[], Document]] = [
        lambda: messages.ticket(finding, enrichment, case, remediations, shown=[_record(rng)])[1],
        lambda: messages.recurrence(finding, finding.event_ids),
        lambda: messages.remediation(remediations[0]),
    ]
    threads: list[Callable[[], Document]] = [
        lambda: messages.slack_finding(finding, enrichment, case, remediations, ticket),
        lambda: messages.slack_recurrence(finding, finding.event_ids, ticket),
        lambda: messages.slack_remediation(remediations[0], ticket),
    ]
    service = ("adf", "wiki", "slack")[number % 3]
    return service, (threads if service == "slack" else tickets)[number // 3 % 3]()


def summary(finding: Finding, rng: random.Random) -> str:
    return messages.summary(finding, {"account_name": nasty.text(rng)})


def _record(rng: random.Random) -> dict[str, Any]:
    """Of CloudTrail, as whoever made the call could have it written."""
    return {"eventName": nasty.text(rng), "userAgent": nasty.text(rng), "requestParameters": {nasty.text(rng): ["x"]}}


def _remediation(rng: random.Random) -> RemediationReport:
    change = ChangeReport(
        resource=nasty.text(rng), resource_type=nasty.text(rng), region=nasty.text(rng), summary=nasty.text(rng),
        before={nasty.text(rng): nasty.text(rng)}, after={}, verified=True, observed=nasty.text(rng),
    )  # fmt: skip
    status = rng.choice(("done", "simulated", "refused", nasty.text(rng)))
    return RemediationReport(nasty.text(rng), nasty.text(rng), status, nasty.text(rng), (change,), 1700000000.0)


def adf(document: Document) -> dict[str, Any]:
    return jira_adf.render(document)


def wiki(document: Document) -> str:
    return jira_wiki.render(document)


def slack(document: Document) -> tuple[str, list[dict[str, Any]]]:
    """Text for notifications, and blocks."""
    message = slack_blocks.render(document)
    return message.text, message.blocks


def harmless(document: Document) -> Document:
    """The same document, in which a dash stands for every word."""
    return Document(tuple(_harmless(block) for block in document.blocks))


def _harmless(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_harmless(inner) for inner in value)
    if isinstance(value, str):
        return re.sub(r"\S+", "\u2013", value)
    if isinstance(value, Span):
        return replace(value, text=_harmless(value.text))
    if isinstance(value, Panel):
        return replace(value, blocks=_harmless(value.blocks))
    if isinstance(value, (Heading, Code)):
        return replace(value, text=_harmless(value.text))
    if isinstance(value, (Paragraph, Facts, Bullets)):
        name = fields(value)[0].name
        return replace(value, **{name: _harmless(getattr(value, name))})
    return value


def was_cut(rendered: Any) -> bool:
    """Whether something of the document was left out to fit; then what is left cannot be compared."""
    return "\u2026" in str(rendered) or SHORTENED in str(rendered)


def jql(project: str, label: str) -> str:
    """A search with texts that an alert's parameters set, quoted as the app does."""
    wanted = f"project = {jira_lookup.jql_text(project)} AND labels = {jira_lookup.jql_text(label)}"
    return f"{wanted} ORDER BY created DESC"


def labels(wanted: Sequence[str]) -> list[str]:
    return jira_client._labels(wanted)


def spl(finding: Finding) -> str:
    """The search for the records of a finding; empty where there is none to be made."""
    if proof._unprovable(finding):
        return ""
    return record_search.spl([event_id.lower() for event_id in finding.event_ids[: record_search.BATCH]])


def proof_messages(finding: Finding, rng: random.Random) -> Iterator[str]:
    yield proof.Contradicted(nasty.text(rng), nasty.text(rng), (nasty.text(rng),)).message
    yield proof.Missing(finding.event_ids or ("x",)).message
    yield proof.Unprovable(proof._unprovable(finding) or "x").message


def audit_line(finding: Finding, rng: random.Random) -> str:
    """An event of the audit index, as it is sent."""
    key = follow_up(finding.case_id, "ticket", "ticket.finding", nasty.text(rng))
    alert = Alert(*(nasty.text(rng) for _ in range(3)))
    task = Task(key, "ticket.finding", finding=finding, alert=alert, owner=nasty.text(rng), run=nasty.text(rng))
    more = {"message": nasty.text(rng), "before": {nasty.text(rng)[:500]: nasty.text(rng)[:500]}}
    more = {name: value[:500] if isinstance(value, str) else value for name, value in more.items()}
    return _line(audit_event("verified", task, 1700000000.1234, "success", **more))


_stream = io.StringIO()
_handler = logging.StreamHandler(_stream)
_handler.setFormatter(logs.LineFormatter(logs.FORMAT))


def log_line(text: str) -> str:
    """A line of the app's log with a message in it, as it is written."""
    _stream.seek(0)
    _stream.truncate()
    _handler.handle(logging.LogRecord("cloudtrail_responder", 40, "", 0, "action=%s %s", ("responder_x", text), None))
    return _stream.getvalue()


#: The app's protections, each to be taken off to see that the oracles notice: what it is in a module, and its stand-in.
UNPROTECTED: dict[str, tuple[Any, str, Any]] = {
    "adf": (jira_adf, "_inline", lambda spans: [{"type": "text", "text": "".join(s.text for s in spans) + "\x07"}]),
    "adf-link": (sys.modules["responder.documents.document"], "safe_href", lambda url: "http://evil.example/"),
    "wiki": (jira_wiki, "escape", lambda text: text),
    "slack": (slack_blocks, "_escape", lambda text, table, limit: text[:limit]),
    "clean": (sys.modules["responder.documents.document"], "clean", lambda text: text),
    "jql": (jira_lookup, "jql_text", lambda text: f'"{text}"'),
    "log": (logs, "quoted", lambda text, always=False: f'"{text}"'),
    "border": (sys.modules["responder.findings.values"], "one_line", lambda text: text),
    "proof": (proof, "one_line", lambda text: text),
    "spl": (record_search, "EVENT_ID", re.compile(".*", re.DOTALL)),
    "audit": (sys.modules["responder.cases.audit"], "json", SimpleNamespace(dumps=lambda value, **_: str(value))),
}


def unprotect(name: str) -> None:
    module, attribute, stand_in = UNPROTECTED[name]
    assert hasattr(module, attribute)
    setattr(module, attribute, stand_in)
