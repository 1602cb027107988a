"""Jira's wiki markup (Data Center, and API version 2).

The markup has macros, mentions, images, links and emoticons, all of which an attacker could put into a user name.
Structural characters therefore become numeric HTML entities, which Jira shows as the character and never parses;
emphasis characters do so unless letters or digits stand on both sides, where Jira takes them as text (so that
``sg-0123`` and ``my_bucket`` stay readable in the source). Blocks of code use ``{noformat}``, which ends at one
sequence only, and that one is broken up. Source: Jira's "Text Formatting Notation Help".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    one_line,
    utf16_length,
)

#: Jira's limit for a description or comment.
LIMIT = 32_767
_BREAK = "\u200b"

_STRUCTURE = re.compile(r"[{}\[\]|!\\]")
_EMPHASIS = re.compile(r"(?<![^\W_])[*_\-+^~?#]|[*_\-+^~?#](?![^\W_])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
#: ``http://x`` and ``mailto:x`` become links by themselves.
_ADDRESS = re.compile(r":(?=//)|(?<=mailto):|(?<=file):|(?<=news):", re.IGNORECASE)
#: ``(/)``, ``(flag)``, ``:)``, ``:D``: images with a meaning ("done", "warning") that is ours to give.
_EMOTICON = re.compile(r"\((?=[^\s()]{1,7}\))|(?<=[:;])[()](?=\W|$)|[:;](?=[)(DPdp](?:\W|_|$))")
#: A heading or quotation at the start of a line.
_LINE_START = re.compile(r"^(\s*(?:h[1-6]|bq))\.", re.IGNORECASE | re.MULTILINE)
_NOFORMAT = re.compile(r"\{(?=\s*noformat)", re.IGNORECASE)


def render(document: Document, limit: int = LIMIT) -> str:
    """The document as wiki markup of at most ``limit`` characters."""
    return fit(document, _markup, lambda markup: utf16_length(markup) <= limit)


def escape(text: str) -> str:
    """The text as markup that shows exactly it."""
    # Decided on the original text, so that no step sees what another one wrote.
    marks = {
        match.start() for pattern in (_STRUCTURE, _EMPHASIS, _ADDRESS, _EMOTICON) for match in pattern.finditer(text)
    }
    marks.update(match.end() - 1 for match in _LINE_START.finditer(text))
    ampersands = {match.start() for match in _ENTITY.finditer(text)}
    return "".join(
        "&amp;" if place in ampersands else f"&#{ord(char)};" if place in marks else char
        for place, char in enumerate(text)
    )


def _markup(document: Document) -> str:
    return "\n\n".join("\n".join(lines) for lines in map(_block, document.blocks) if lines)


def _block(block: Block) -> list[str]:
    if isinstance(block, Heading):
        return [f"h{min(6, max(1, block.level))}. {escape(block.text)}"]
    if isinstance(block, Paragraph):
        return ["".join(_span(span) for span in block.spans)]
    if isinstance(block, Facts):
        return [f"||{escape(one_line(label))}|{_line(value) or ' '}|" for label, value in block.rows]
    if isinstance(block, Bullets):
        return [f"* {_line(item)}" for item in block.items if _line(item)]
    if isinstance(block, Code):
        return ["{noformat}", _NOFORMAT.sub("{" + _BREAK, block.text), "{noformat}"]
    return ["----"]


def _line(spans: Sequence[Span]) -> str:
    return "".join(_span(Span(" ".join(re.split(r"\s", s.text)), s.style, s.href)) for s in spans).strip()


def _span(span: Span) -> str:
    if span.href and "[" not in span.href:
        return f"[{escape(one_line(span.text)) or 'link'}|{span.href}]"
    core = one_line(span.text)
    if not core or span.style not in (BOLD, CODE):
        return escape(span.text)
    # White space stays outside: next to a mark it would keep Jira from seeing the mark.
    left, right = " " * span.text[0].isspace(), " " * span.text[-1].isspace()
    before, after = ("{{", "}}") if span.style == CODE else ("*", "*")
    return f"{left}{before}{escape(core)}{after}{right}"
