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
    Panel,
    Paragraph,
    Span,
    bold,
    fit,
    plain,
    utf16_length,
)
from .seals import Placed, Seal, footer, is_intact, seal_at_end

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
        kind = "orderedList" if block.is_numbered else "bulletList"
        return [{"type": kind, "content": items}] if items else []
    if isinstance(block, Code):
        # Code blocks take plain text without marks; line ends stay line ends in them.
        content = [{"type": "text", "text": block.text}] if block.text else []
        return [{"type": "codeBlock", "content": content}]
    if isinstance(block, Panel):
        return [_panel(block)]
    return [{"type": "rule"}]


def _panel(panel: Panel) -> Node:
    """Panels hold neither tables nor other panels."""
    content = [node for inner in (Paragraph((bold(panel.title),)), *panel.blocks) for node in _block(inner)]
    end = _paragraph((plain(footer(panel.case, "".join(map(_words, content)))),))
    return {"type": "panel", "attrs": {"panelType": panel.kind}, "content": [*content, end]}


def _words(node: Any) -> str:
    """The texts of a node, in order."""
    if not isinstance(node, dict):
        return ""
    inner = node.get("content")
    return str(node.get("text") or "") + "".join(map(_words, inner if isinstance(inner, list) else ()))


def place(description: Any, panel: Panel, limit: int = LIMIT) -> Placed:
    """A ticket's description with its box written anew; all other nodes stay as they are, known to us or not."""
    nodes = description.get("content") if isinstance(description, dict) else None
    status = "gone"
    for number, node in enumerate(nodes if isinstance(nodes, list) else ()):
        said = _words(node) if isinstance(node, dict) and node.get("type") == "panel" else ""
        seal = seal_at_end(said)
        if seal is not None and seal.case == panel.case:
            if is_intact(said.rpartition("Case ")[0], seal):
                return _placed(description, number, seal, panel, limit)
            # A person may have written into a copy.
            status = "edited"
    return Placed(status)


def _placed(description: Node, number: int, seal: Seal, panel: Panel, limit: int) -> Placed:
    nodes = description["content"]
    before, after = nodes[:number], nodes[number + 1 :]
    room = limit - size({**description, "content": [*before, *after]})
    made = render(Document((panel,)), room)["content"]
    new = seal_at_end("".join(map(_words, made)))
    if new is None:
        return Placed("full")
    return Placed("same") if new == seal else Placed("written", {**description, "content": [*before, *made, *after]})


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
