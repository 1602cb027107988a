"""Nothing that an attacker wrote means anything to Jira, Slack or JQL, as their stand-ins read it."""

from __future__ import annotations

import html
import re

import pytest
from hostile import DOCUMENTS, PIECES, TEXTS, hrefs
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from responder.documents.document import (
    Bullets,
    Code,
    Document,
    Facts,
    Panel,
    Paragraph,
    Span,
    clean,
    code,
    one_line,
    plain,
)
from responder.jira import wiki
from responder.jira.lookup import jql_text
from responder.slack import blocks as slack

from sandbox.jira import jql
from sandbox.jira import wiki as jira_reads
from sandbox.jira.model import JiraError
from sandbox.slack import mrkdwn
from sandbox.slack.model import Message

#: How our own box begins in a ticket.
BOX = '<div class="panel info" style="background: #deebff">'
#: How a moment begins in a Slack message: it shows a time, and leads nowhere.
MOMENT = "!date^1789000000^{date_short_pretty} {time_secs}"
few = settings(max_examples=60, deadline=None)
#: Elements that our own blocks become in a ticket; an image, a mention or a color is none of them.
OURS = frozenset(
    ("p", "br", "h1", "h2", "h3", "strong", "code", "pre", "table", "tbody", "tr", "th", "td")
    + ("ul", "ol", "li", "hr", "a")
)


@few
@given(DOCUMENTS)
def test_a_ticket_of_jira_data_center_shows_no_element_and_no_link_but_ours(document: Document) -> None:
    shown = str(jira_reads.to_html(wiki.render(document)))
    boxes = sum(isinstance(block, Panel) for block in document.blocks)
    assert shown.count(BOX) == boxes == shown.count("</div>")
    shown = shown.replace(BOX, "").replace("</div>", "")
    assert set(re.findall(r"<([a-z0-9]+)", shown)) <= OURS, shown
    assert "class=" not in shown
    links = {html.unescape(found) for found in re.findall(r'<a href="([^"]*)"', shown)}
    assert links <= hrefs(document)


@few
@given(TEXTS)
def test_a_value_in_a_ticket_of_jira_data_center_is_read_back_as_itself(text: str) -> None:
    for block in (
        Paragraph((plain(text),)),
        Facts((("", (code(text),)),)),
        Bullets(((plain(text),),)),
    ):
        shown = str(jira_reads.to_html(wiki.render(Document((block,)))))
        assert without_spaces(html.unescape(re.sub(r"<[^>]+>", "", shown))) == without_spaces(clean(text))


def without_spaces(text: str) -> str:
    return "".join(text.split())


@few
@given(TEXTS)
def test_lines_shown_letter_for_letter_stay_inside_their_block(text: str) -> None:
    shown = str(jira_reads.to_html(wiki.render(Document((Code(text), Paragraph((plain("after"),)))))))
    inside = re.fullmatch(r"<pre><code>(.*)</code></pre>(?:<p>|)after(?:</p>|)", shown, re.DOTALL)
    assert inside and "<" not in inside[1]


@few
@given(DOCUMENTS)
def test_a_slack_message_notifies_nobody_and_links_only_where_we_do(document: Document) -> None:
    rendered = slack.render(document)
    message = Message("C0SECALERT", "1.0", rendered.text, blocks=rendered.blocks, mrkdwn=False)
    assert mrkdwn.mentions(message) == []
    targets = {html.unescape(re.sub(r"[|>].*", "", found[1:], flags=re.DOTALL)) for found in mrkdwn.live(message)}
    assert targets - {MOMENT} <= hrefs(document)


@few
@given(TEXTS)
def test_a_slack_message_has_no_emphasis_that_a_text_asked_for(text: str) -> None:
    """Or a user name could look like our own "verified"."""
    for span in (Span(text), Span(text, "code")):
        for block in slack.render(Document((Paragraph((span,)),))).blocks:
            shown = str(mrkdwn.to_html(block["text"]["text"]))
            assert not re.search(r"<(strong|em|s|a|pre)\b|class=", shown), shown
            assert span.style == "code" or "<code" not in shown


# JQL


@few
@given(TEXTS | st.text())
def test_a_jql_string_means_exactly_its_text(text: str) -> None:
    value = one_line(clean(text))
    assume(value)
    query = f"labels = {jql_text(text)} AND labels = kept"
    if " " in value:
        # Jira refuses such a label; what matters is that it has read this very text.
        with pytest.raises(JiraError) as caught:
            jql.parse(query, {})
        assert any(value in message for message in caught.value.body["errorMessages"])
        return
    matches = jql.parse(query, {}).matches
    assert matches is not None
    assert matches({"labels": [value.lower(), "kept"]})
    assert not matches({"labels": ["other", "kept"]}) and not matches({"labels": [value.lower() + "x", "kept"]})


@pytest.mark.parametrize("piece", [*PIECES, 'x" OR labels = "kept', "\\", '\\"', "x\\"])
def test_no_piece_of_markup_ends_a_jql_string(piece: str) -> None:
    written = jql_text(piece)
    assert re.fullmatch(r'"(\\.|[^"\\])*"', written) and "\n" not in written
