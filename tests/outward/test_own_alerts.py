"""What tickets and messages show of a row of somebody's own alert, and in the owner's words."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

import pytest
from hostile import PIECES, TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.documents import messages, text
from responder.documents.document import Document, Facts
from responder.documents.findings import ROW_IN_SLACK, ROW_IN_TICKET
from responder.documents.reports import CaseReport, Wording
from responder.findings.finding import Finding
from responder.findings.templates import filled
from responder.jira import adf, wiki
from responder.slack import blocks as slack

from sandbox.jira import wiki as jira_reads
from sandbox.slack import mrkdwn
from sandbox.slack.model import Message

CASE = CaseReport("c0ffee", "Own alert", "https://splunk.example/x")
NO_WORDS = Wording()
few = settings(max_examples=60, deadline=None)


def of_row(**row: str) -> Finding:
    return Finding("own_alert", "Own alert", "high", "alert:Own alert", user="mara", last_time=1.0, row=row)


def documents(finding: Finding, wording: Wording = NO_WORDS) -> list[Document]:
    _, ticket = messages.ticket(finding, {}, CASE, [], wording)
    return [
        ticket,
        messages.recurrence(finding, []),
        messages.slack_finding(finding, {}, CASE, [], None, wording),
        messages.slack_recurrence(finding, []),
    ]


def test_every_other_field_of_the_row_is_shown_once_under_its_own_name() -> None:
    finding = of_row(**{"Country": "Canada", "userIdentity.userName": "mara", "requestParameters.x{}.y": "1, 2"})
    for shown in map(text.render, documents(finding)):
        assert "Country: Canada" in shown and "requestParameters.x{}.y: 1, 2" in shown
        assert "userIdentity.userName" not in shown


def test_what_says_least_comes_last() -> None:
    shown = text.render(documents(of_row(host="h", sourcetype="aws:cloudtrail", note="n", City="Berlin"))[0])
    assert shown.index("note: n") < shown.index("City: Berlin") < shown.index("host: h")


def test_a_row_of_hundreds_of_fields_is_cut_with_a_remark() -> None:
    finding = of_row(**{f"field_{n}": "x" * 3_000 for n in range(200)})
    for document, most in zip(documents(finding), (ROW_IN_TICKET, ROW_IN_TICKET, ROW_IN_SLACK, ROW_IN_SLACK)):
        table = [block for block in document.blocks if isinstance(block, Facts)][-1]
        assert len(table.rows) == most + 1 and f"and {200 - most} more fields" in text.render(document)
        assert len(wiki.render(document)) <= wiki.LIMIT


@few
@given(st.dictionaries(TEXTS, TEXTS, max_size=4), TEXTS, TEXTS)
def test_neither_a_row_nor_the_owners_words_mean_anything_to_jira_or_slack(
    row: dict[str, str], title: str, words: str
) -> None:
    finding = of_row(**row)
    wording = Wording(title + " {field}", words + "\n{user} {" + "} {".join(row) + "}")
    for document in documents(finding, wording):
        shown = str(jira_reads.to_html(wiki.render(document)))
        links = {html.unescape(found) for found in re.findall(r'<a href="([^"]*)"', shown)}
        assert links <= {"https://splunk.example/x"} and "<img" not in shown
        assert shown.count("class=") == shown.count('<div class="panel info"') <= 1, "only our own box"
        rendered = slack.render(document)
        message = Message("C0SECALERT", "1.0", rendered.text, blocks=rendered.blocks, mrkdwn=False)
        assert mrkdwn.mentions(message) == []
        targets = {html.unescape(re.sub(r"[|>].*", "", found[1:], flags=re.DOTALL)) for found in mrkdwn.live(message)}
        assert {target for target in targets if not target.startswith("!date^")} <= {"https://splunk.example/x"}


@pytest.mark.parametrize("piece", PIECES)
def test_a_field_in_the_title_makes_one_line_that_jira_takes(piece: str) -> None:
    summary, _ = messages.ticket(of_row(note=piece * 50), {}, CASE, [], Wording(title="{note} by {user}"))
    assert summary == " ".join(summary.split()) and len(summary) <= messages.MAX_SUMMARY


def test_every_document_is_valid_in_jira_cloud(valid_adf: Any) -> None:
    finding = of_row(**{piece: piece for piece in PIECES})
    rendered = [adf.render(document) for document in documents(finding, Wording("{note}", "\n".join(PIECES)))]
    assert [valid_adf(document) for document in rendered] == rendered


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{user} did {note}", "mara did it"),
        ("$result.note$ by $result.user$", "it by mara"),
        ("{a.b{}.c} and {Source Address}", "list and 198.51.100.7"),
        ("{absent} {absent field} {", "(no absent) {absent field} {"),
        ('{"json": 1} {{user}} {}', '{"json": 1} {mara} {}'),
        ("{user.__class__} {detail} {row}", "(no user.__class__) (no detail) (no row)"),
        ("{last_time} {event_ids} {event_count}", "1970-01-01 00:00:01 UTC e1, e2 1"),
        ("{% if user %}{{ 7*7 }}", "{% if user %}{{ 7*7 }}"),
        ("{recursive}", "{user}"),
    ],
)
def test_a_template_is_a_text_with_fields_and_no_more(template: str, expected: str) -> None:
    finding = of_row(**{"note": "it", "a.b{}.c": "list", "Source Address": "198.51.100.7", "recursive": "{user}"})
    assert filled(template, replace(finding, event_ids=("e1", "e2"))) == expected


def test_a_template_cannot_make_a_text_without_end() -> None:
    finding = of_row(note="x" * 100_000)
    assert len(filled("{note}" * 5_000, finding)) <= 8_000
