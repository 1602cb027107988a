"""Documents become markup in which nothing that came from an event means anything."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hostile import DOCUMENTS, TEXTS
from hypothesis import example, given, settings
from responder.documents import text
from responder.documents.document import (
    SHORTENED,
    Bullets,
    Code,
    Document,
    Facts,
    Heading,
    Panel,
    Paragraph,
    Rule,
    bold,
    code,
    link,
    plain,
    safe_href,
)
from responder.jira import adf, wiki
from responder.slack import blocks as slack

few = settings(max_examples=60, deadline=None)


def one(block: Any) -> Document:
    return Document((block,))


# Jira Cloud


@few
@given(DOCUMENTS)
def test_adf_is_always_what_the_published_schema_allows(valid_adf: Any, document: Document) -> None:
    rendered = adf.render(document)
    valid_adf(rendered)
    assert json.loads(json.dumps(rendered, ensure_ascii=False).encode("utf-8")) == rendered


@few
@given(DOCUMENTS)
def test_adf_links_lead_only_to_http_addresses(document: Document) -> None:
    for node in nodes(adf.render(document)):
        assert node.get("text") != ""
        for mark in node.get("marks", []):
            if mark["type"] == "link":
                assert re.match(r"https?://[^\s<>|]+$", mark["attrs"]["href"])


def test_adf_breaks_lines_with_nodes_not_with_characters() -> None:
    rendered = adf.render(one(Paragraph((plain("one\ntwo"),))))
    assert [n["type"] for n in rendered["content"][0]["content"]] == ["text", "hardBreak", "text"]


@pytest.mark.parametrize("letter", ["x", "🦊", '"', "{noformat}"])
def test_however_long_what_is_sent_to_jira_stays_within_its_limit(letter: str) -> None:
    rows = tuple((f"row {n}", (code(letter * 2_000),)) for n in range(100))
    document = Document(
        (Heading("Start"), Facts(rows), Code(letter * 50_000), *[Paragraph((plain(letter * 900),))] * 90)
    )
    rendered = adf.render(document)
    assert adf.size(rendered) <= 32_767
    markup = wiki.render(document)
    assert len(markup.encode("utf-16-le")) // 2 <= 32_767
    assert "Start" in json.dumps(rendered) and "Start" in markup


@pytest.mark.parametrize("room", [8_000, 4_000, 2_000])
@pytest.mark.parametrize("kind", ["rows", "items"])
def test_what_is_left_out_of_a_list_is_counted_from_all_of_it(kind: str, room: int) -> None:
    """However often it had to be cut until it fitted."""
    lines = [f"finding-{number} {'x' * 40}" for number in range(210)]
    made = Facts(tuple((str(n), (plain(line),)) for n, line in enumerate(lines)))
    block = made if kind == "rows" else Bullets(tuple((plain(line),) for line in lines))
    pages = [json.dumps(adf.render(one(block), room)), wiki.render(one(block), room)]
    for page in pages:
        (left,) = re.findall(r"and ([0-9]+) more", page)
        assert page.count("finding") + int(left) == 210
    said = json.dumps(slack.render(one(block)).blocks)
    assert said.count("finding") + sum(map(int, re.findall(r"and ([0-9]+) more", said))) == 210


def test_what_had_to_be_left_out_is_said() -> None:
    document = Document(tuple(Paragraph((plain(f"{n} " + "word " * 15),)) for n in range(3_000)))
    assert SHORTENED in json.dumps(adf.render(document)) and SHORTENED in wiki.render(document)


def nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(inner for child in node.get("content", []) for inner in nodes(child))]


# Jira Data Center


@few
@given(TEXTS)
@example("*bold*\U00010000")
@example("{))")
@example("\U00010000*bold* :D\U00010000 :)\U00010000")
def test_wiki_markup_shows_the_very_text_and_holds_no_live_markup(written: str) -> None:
    span = plain(written)
    escaped = wiki.escape(span.text)
    assert re.sub(r"&#(\d+);|&amp;", lambda m: chr(int(m[1])) if m[1] else "&", escaped) == span.text
    assert_dead_wiki(escaped)


@few
@given(DOCUMENTS)
def test_wiki_documents_hold_only_our_own_macros(document: Document) -> None:
    rendered = wiki.render(document)
    boxes = sum(isinstance(block, Panel) for block in document.blocks)
    assert (rendered.count("{panel:"), rendered.count("{panel}")) == (boxes, boxes)
    # Outside of the blocks that show text letter for letter, braces and brackets are those we wrote ourselves.
    pieces = re.split(r"\{noformat\}", rendered)
    assert len(pieces) % 2 == 1, "a {noformat} from an event would open or close a block"
    for outside in pieces[::2]:
        ours = re.sub(r"\{panel:title=How it stands\|borderColor=#0747a6\|bgColor=#deebff\}|\{panel\}", "", outside)
        ours = re.sub(r"\{\{([^{}]*)\}\}", r"\1", ours)
        ours = re.sub(r"\[([^\[\]|{}]*)\|https?://[^\s|\[\]{}]+\]", r"\1", ours)
        assert not re.search(r"[{}\[\]!\\]", ours), ours
        assert "mailto:" not in ours.lower() and "://" not in ours


def assert_dead_wiki(escaped: str) -> None:
    assert not re.search(r"[{}\[\]|!\\]", escaped)
    assert "://" not in escaped and not re.search(r"^\s*(h[1-6]|bq)\.", escaped, re.MULTILINE | re.IGNORECASE)
    assert not re.search(r"(:[()DPdp]|;\))(?![A-Za-z0-9])", escaped), "a face"
    for mark in "*_-+^~?#":
        for place in (m.start() for m in re.finditer(re.escape(mark), escaped)):
            around = escaped[place - 1 : place] if place else "", escaped[place + 1 : place + 2]
            if mark == "#" and around[0] == "&":
                continue
            assert all(c.isalnum() for c in around), (escaped, place)


@pytest.mark.parametrize(
    "value", ["sg-0abc12345", "arn:aws:iam::111122223333:user/alice", "my_bucket-1.logs", "2001:db8::1", "10.0.0.0/8"]
)
def test_common_values_stay_readable_in_wiki_source(value: str) -> None:
    assert wiki.render(one(Paragraph((code(value),)))) == "{{" + value + "}}"


def test_noformat_cannot_be_closed_from_inside() -> None:
    rendered = wiki.render(one(Code("{noformat}\n[~admin] {NoFormat} { noformat}")))
    assert rendered.lower().replace(" ", "").count("{noformat}") == 2


# Slack


@few
@given(DOCUMENTS)
def test_slack_messages_hold_no_mention_no_link_but_ours_and_keep_every_limit(document: Document) -> None:
    message = slack.render(document)
    assert 0 < len(message.text) <= 4_000 and len(message.blocks) <= 50
    assert slack.size(message.blocks) <= 12_000
    assert "<" not in message.text and "://" not in message.text
    for block in message.blocks:
        assert_slack_block(block)


def assert_slack_block(block: dict[str, Any]) -> None:
    if block["type"] == "header":
        assert block["text"]["type"] == "plain_text" and 0 < len(block["text"]["text"]) <= 150
        assert "<" not in block["text"]["text"]
        return
    if block["type"] == "divider":
        return
    texts = [block["text"]] if "text" in block else block["fields"]
    assert len(texts) <= 10
    for found in texts:
        assert found["type"] == "mrkdwn" and found["verbatim"] is True
        assert 0 < len(found["text"]) <= (3_000 if "text" in block else 2_000)
        without_ours = re.sub(r"<(https?://[^\s<>|]+|!date\^\d+\^[^|]*)\|[^<>]*>", "", found["text"])
        assert "<" not in without_ours and ">" not in without_ours
        assert not re.search(r"&(?!amp;|lt;|gt;)", without_ours), "an entity was cut or an ampersand left"


@pytest.mark.parametrize("before", range(2_990, 3_002))
def test_cutting_never_splits_an_entity(before: int) -> None:
    block = slack.render(one(Paragraph((plain("x" * before + "<&>" * 50),)))).blocks[0]
    assert len(block["text"]["text"]) <= 3_000
    assert not re.search(r"&(?!amp;|lt;|gt;)", block["text"]["text"])


def test_a_user_name_cannot_mention_link_or_fake_a_status() -> None:
    evil = "<!channel> <http://evil.example|good> *verified* `x` :white_check_mark:"
    shown = slack.render(one(Paragraph((plain(evil),)))).blocks[0]["text"]["text"]
    for live in ("<!channel>", "<http", "*verified*", "`", ":white_check_mark:"):
        assert live not in shown
    coded = slack.render(one(Paragraph((code(evil),)))).blocks[0]["text"]["text"]
    assert coded.count("`") == 2 and "<" not in coded


def test_white_space_around_marks_is_kept_outside_of_them() -> None:
    document = one(Paragraph((bold("High: "), plain("at 10:20:30"))))
    assert slack.render(document).blocks[0]["text"]["text"] == "*High:* at 10:20:30"
    assert wiki.render(document) == "*High:* at 10:20:30"


def test_values_to_copy_are_shown_letter_for_letter() -> None:
    value = "arn:aws:s3:::my_bucket*~x"
    assert slack.render(one(Paragraph((code(value),)))).blocks[0]["text"]["text"] == f"`{value}`"


def test_a_storm_of_blocks_still_fits_one_message() -> None:
    document = Document(tuple(Paragraph((plain("<&>" * 500),)) for _ in range(200)))
    message = slack.render(document)
    assert len(message.blocks) <= 50 and slack.size(message.blocks) <= 12_000
    assert SHORTENED in json.dumps(message.blocks)


# All of them


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "file:///etc/passwd", "https://user:pw@evil.example/", "//x", "https://", "http://[x"],
)
def test_other_than_plain_http_addresses_are_no_links(url: str) -> None:
    assert safe_href(url) == ""
    assert "href" not in json.dumps(adf.render(one(Paragraph((link("go", url),)))))


def test_addresses_keep_their_meaning_and_lose_what_markup_would_read() -> None:
    url = "https://splunk.example:8000/en-US/app/search/@go?sid=a__b&q=x|y>z\n[1]"
    assert safe_href(url) == "https://splunk.example:8000/en-US/app/search/@go?sid=a__b&q=x%7Cy%3Ez%0A%5B1%5D"


def test_characters_that_reorder_or_break_text_are_replaced() -> None:
    assert plain("a\u202eb\x00c\ud800d").text == "a\ufffdb\ufffdc\ufffdd"


def test_plain_text_says_the_same() -> None:
    document = Document(
        (
            Heading("Title", 1),
            Paragraph((bold("High: "), plain("text"))),
            Facts((("User", (code("alice"),)),)),
            Bullets(((plain("one"),),)),
            Code("a\nb"),
            Rule(),
            Paragraph((link("Results", "https://splunk.example/x"),)),
        )
    )
    assert text.render(document).splitlines() == [
        "Title",
        "High: text",
        "User: alice",
        "- one",
        "    a",
        "    b",
        "----",
        "Results (https://splunk.example/x)",
    ]
