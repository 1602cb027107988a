"""Jira Cloud's rich text, the Atlassian Document Format (API version 3).

Text in ADF is never parsed as markup, so what matters is structure: no empty text node, marks only where the schema
has them, line breaks as ``hardBreak``. Source: developer.atlassian.com, "Atlassian Document Format", JSON schema v1.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..documents.document import (
    BOLD,
    CODE,
    Block,
    Bullets,
    Code,
    Document,
    Facts,
    Heading,
    Paragraph,
    Span,
    fit,
    utf16_length,
)

Node = dict[str, Any]
#: Jira's limit for a description or comment; whether it counts text or JSON is not documented, so the JSON counts.
LIMIT = 32_767


def render(document: Document, limit: int = LIMIT) -> Node:
    """The document as an ADF ``doc`` node whose JSON is at most ``limit`` characters long."""
    return fit(document, _doc, lambda doc: size(doc) <= limit)


def size(doc: Node) -> int:
    return utf16_length(json.dumps(doc, ensure_ascii=False, separators=(",", ":")))


def _doc(document: Document) -> Node:
    content = [node for block in document.blocks for node in _block(block)]
    return {"version": 1, "type": "doc", "content": content or [_paragraph(())]}


def _block(block: Block) -> list[Node]:
    if isinstance(block, Heading):
        level = min(6, max(1, block.level))
        return [{"type": "heading", "attrs": {"level": level}, "content": _inline([Span(block.text)])}]
    if isinstance(block, Paragraph):
        return [_paragraph(block.spans)]
    if isinstance(block, Facts):
        return [{"type": "table", "content": [_row(*row) for row in block.rows]}] if block.rows else []
    if isinstance(block, Bullets):
        items = [{"type": "listItem", "content": [_paragraph(item)]} for item in block.items]
        return [{"type": "bulletList", "content": items}] if items else []
    if isinstance(block, Code):
        # Code blocks take plain text without marks; line ends stay line ends in them.
        content = [{"type": "text", "text": block.text}] if block.text else []
        return [{"type": "codeBlock", "content": content}]
    return [{"type": "rule"}]


def _row(label: str, value: Sequence[Span]) -> Node:
    cells = [
        {"type": "tableHeader", "attrs": {}, "content": [_paragraph([Span(label)])]},
        {"type": "tableCell", "attrs": {}, "content": [_paragraph(value)]},
    ]
    return {"type": "tableRow", "content": cells}


def _paragraph(spans: Sequence[Span]) -> Node:
    return {"type": "paragraph", "content": _inline(spans)}


def _inline(spans: Sequence[Span]) -> list[Node]:
    nodes: list[Node] = []
    for span in spans:
        for number, line in enumerate(span.text.split("\n")):
            if number:
                nodes.append({"type": "hardBreak"})
            if line:
                nodes.append(_text(line, span))
    return nodes


def _text(line: str, span: Span) -> Node:
    marks: list[Node] = []
    if span.style == BOLD:
        marks.append({"type": "strong"})
    elif span.style == CODE:
        marks.append({"type": "code"})
    if span.href:
        marks.append({"type": "link", "attrs": {"href": span.href}})
    return {"type": "text", "text": line, **({"marks": marks} if marks else {})}
