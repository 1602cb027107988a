"""The check of documents refuses what Atlassian's own schema refuses, and takes what tickets are made of."""

from __future__ import annotations

from typing import Any

import pytest
from jira_client import document

from sandbox.jira import adf
from tests import specs


def text(content: str, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": content, **({"marks": list(marks)} if marks else {})}


def node(kind: str, *content: dict[str, Any], **attrs: Any) -> dict[str, Any]:
    out: dict[str, Any] = {"type": kind}
    if attrs:
        out["attrs"] = attrs
    if content:
        out["content"] = list(content)
    return out


def doc(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(content)}


PARAGRAPH = node("paragraph", text("words"))
STRONG, CODE, LINK = {"type": "strong"}, {"type": "code"}, {"type": "link", "attrs": {"href": "https://a.example"}}
GOOD = {
    "empty": doc(),
    "paragraph": document("words"),
    "empty paragraph": doc({"type": "paragraph", "content": []}),
    "marks": doc(node("paragraph", text("a", STRONG), text("b", CODE), text("c", LINK), text("d", CODE, LINK))),
    "break": doc(node("paragraph", text("a"), node("hardBreak"), text("b"))),
    "heading": doc(node("heading", text("words"), level=3)),
    "lists": doc(
        node("bulletList", node("listItem", PARAGRAPH, node("orderedList", node("listItem", PARAGRAPH), order=1)))
    ),
    "code": doc(node("codeBlock", text("{}"), language="json"), node("codeBlock")),
    "panel": doc(node("panel", PARAGRAPH, panelType="warning")),
    "quote and rule": doc(node("blockquote", PARAGRAPH), node("rule")),
    "table": doc(
        node(
            "table",
            node(
                "tableRow",
                node("tableHeader", PARAGRAPH),
                node("tableCell", PARAGRAPH, node("bulletList", node("listItem", PARAGRAPH))),
            ),
            layout="default",
        )
    ),
    "expand": doc(node("expand", PARAGRAPH, title="more")),
    "inline": doc(
        node(
            "paragraph",
            node("status", text="open", color="red"),
            node("date", timestamp="1700000000000"),
            node("mention", id="1", text="@a"),
            node("emoji", shortName=":x:"),
            node("inlineCard", url="https://a.example"),
        )
    ),
}
BAD = {
    "string": "words",
    "nothing": None,
    "version 2": {**doc(PARAGRAPH), "version": 2},
    "no version": {"type": "doc", "content": []},
    "no content": {"type": "doc", "version": 1},
    "text outside a block": doc(text("words")),
    "empty text": doc(node("paragraph", text(""))),
    "marks in code": doc(node("codeBlock", text("a", STRONG))),
    "code with bold": doc(node("paragraph", text("a", CODE, STRONG))),
    "unknown mark": doc(node("paragraph", text("a", {"type": "blink"}))),
    "link to nowhere": doc(node("paragraph", text("a", {"type": "link"}))),
    "unknown node": doc(node("marquee", PARAGRAPH)),
    "unknown key": doc({**PARAGRAPH, "color": "red"}),
    "empty list": doc(node("bulletList")),
    "list of paragraphs": doc(node("bulletList", PARAGRAPH)),
    "item of text": doc(node("bulletList", node("listItem", text("a")))),
    "heading without level": doc(node("heading", text("a"))),
    "heading 7": doc(node("heading", text("a"), level=7)),
    "panel of another kind": doc(node("panel", PARAGRAPH, panelType="loud")),
    "table in a cell": doc(node("table", node("tableRow", node("tableCell", node("table"))))),
    "text in a cell": doc(node("table", node("tableRow", node("tableCell", text("a"))))),
    "empty cell": doc(node("table", node("tableRow", {"type": "tableCell", "content": []}))),
    "attributes of a rule": doc(node("rule", width=3)),
    "empty panel": doc({"type": "panel", "attrs": {"panelType": "info"}, "content": []}),
    "paragraph in a paragraph": doc(node("paragraph", PARAGRAPH)),
}


@pytest.fixture(scope="module")
def schema() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    return jsonschema.Draft4Validator(specs.load(specs.ADF))


def is_taken(document: Any) -> bool:
    try:
        adf.validate(document)
    except adf.InvalidAdf:
        return False
    return True


@pytest.mark.parametrize("name", GOOD)
def test_good_documents_are_taken(name: str) -> None:
    assert is_taken(GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_bad_documents_are_refused(name: str) -> None:
    assert not is_taken(BAD[name])


def test_the_published_schema_agrees(schema: Any) -> None:
    assert [name for name, value in GOOD.items() if not schema.is_valid(value)] == []
    # The stand-in may be stricter, but all of these are refused by both.
    assert [name for name, value in BAD.items() if schema.is_valid(value)] == []


def test_a_document_becomes_words_and_safe_html() -> None:
    evil = doc(
        node("paragraph", text("<b>"), text("click", {"type": "link", "attrs": {"href": "javascript:alert(1)"}})),
        node("codeBlock", text("</pre><script>")),
        node("panel", PARAGRAPH, panelType="info"),
    )
    adf.validate(evil)
    assert adf.to_text(evil) == "<b>click\n</pre><script>\nwords"
    html = str(adf.to_html(evil))
    assert "<b>" not in html and "<script>" not in html and 'href="javascript' not in html
    assert "&lt;b&gt;" in html and '<div class="panel info">' in html
