"""Jira's wiki markup (Data Center, and API version 2).

The markup has macros, mentions, images, links and emoticons, all of which an attacker could put into a user name.
Structural characters therefore become numeric HTML entities, which Jira shows as the character and never parses;
emphasis characters do so unless letters or digits stand on both sides, where Jira takes them as text (so that
``sg-0123`` and ``my_bucket`` stay readable in the source). Blocks of code use ``{noformat}``, which ends at one
sequence only, and that one is broken up. Characters of four bytes, such as emoji, become entities, too: a database that
was set up for three refuses the whole text, and an attacker could keep tickets from being created. Source: Jira's "Text
Formatting Notation Help"; Atlassian Support, "Incorrect string value" (MySQL's ``utf8``).
"""

from __future__ import annotations

import re
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
    fit,
    one_line,
    utf16_length,
)
from .seals import SEAL, Placed, Seal, footer, is_intact

#: Jira's limit for a description or comment.
LIMIT = 32_767
_BREAK = "\u200b"

#: Beyond the basic multilingual plane.
_FOUR_BYTES = re.compile("[\U00010000-\U0010ffff]")
_STRUCTURE = re.compile(r"[{}\[\]|!\\]")
#: A letter or digit, unless it is to become an entity itself: next to that, a mark is live.
_PLAIN = r"[^\W_\U00010000-\U0010ffff]"
_EMPHASIS = re.compile(rf"(?<!{_PLAIN})[*_\-+^~?#]|[*_\-+^~?#](?!{_PLAIN})")
_ENTITY = re.compile(r"&(?=#?\w+;)")
#: ``http://x`` and ``mailto:x`` become links by themselves.
_ADDRESS = re.compile(r":(?=//)|(?<=mailto):|(?<=file):|(?<=news):", re.IGNORECASE)
#: ``(/)``, ``(flag)``, ``:)``, ``:D``: images with a meaning ("done", "warning") that is ours to give.
_EMOTICON = re.compile(r"\((?=[^\s()]{1,7}\))|(?<=[:;])[()](?![A-Za-z0-9])|[:;](?=[)(DPdp](?![A-Za-z0-9]))")
#: A heading or quotation at the start of a line.
_LINE_START = re.compile(r"^(\s*(?:h[1-6]|bq))\.", re.IGNORECASE | re.MULTILINE)
#: What would end a block of code, or the box that it stands in.
_NOFORMAT = re.compile(r"\{(?=\s*(?:noformat|panel))", re.IGNORECASE)
#: Border and background of a box, by kind.
_COLORS = {
    "info": ("#0747a6", "#deebff"),
    "note": ("#403294", "#eae6ff"),
    "success": ("#006644", "#e3fcef"),
    "warning": ("#ff8b00", "#fffae6"),
    "error": ("#bf2600", "#ffebe6"),
}
_BOX, _END = "{panel:", "{panel}"


def render(document: Document, limit: int = LIMIT) -> str:
    """The document as wiki markup of at most ``limit`` characters."""
    return fit(document, _markup, lambda markup: utf16_length(markup) <= limit)


def escape(text: str) -> str:
    """The text as markup that shows exactly it."""
    # Decided on the original text, so that no step sees what another one wrote.
    marks = {
        match.start()
        for pattern in (_STRUCTURE, _EMPHASIS, _ADDRESS, _EMOTICON, _FOUR_BYTES)
        for match in pattern.finditer(text)
    }
    marks.update(match.end() - 1 for match in _LINE_START.finditer(text))
    for place, char in enumerate(text):
        if char == ")" and place - 1 in marks:
            # The end of an entity and this are a face: ";)".
            marks.add(place)
    ampersands = {match.start() for match in _ENTITY.finditer(text)}
    return "".join(
        "&amp;" if place in ampersands else f"&#{ord(char)};" if place in marks else char
        for place, char in enumerate(text)
    )


def in_three_bytes(text: str) -> str:
    """The same for what is no markup: each such character by its number."""
    return _FOUR_BYTES.sub(lambda match: f"U+{ord(match[0]):X}", text)


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
        mark = "#" if block.is_numbered else "*"
        return [f"{mark} {_line(item)}" for item in block.items if _line(item)]
    if isinstance(block, Code):
        return ["{noformat}", in_three_bytes(_NOFORMAT.sub("{" + _BREAK, block.text)), "{noformat}"]
    if isinstance(block, Panel):
        return [_panel(block)]
    return ["----"]


def _panel(panel: Panel) -> str:
    border, background = _COLORS.get(panel.kind, _COLORS["info"])
    inner = _markup(Document(panel.blocks))
    end = escape(footer(panel.case, inner))
    return f"{_BOX}title={escape(panel.title)}|borderColor={border}|bgColor={background}}}\n{inner}\n\n{end}\n{_END}"


def place(description: Any, panel: Panel, limit: int = LIMIT) -> Placed:
    """A ticket's description with its box written anew; every other character stays as it is."""
    markup = description if isinstance(description, str) else ""
    found = [_placed(markup, match, panel, limit) for match in SEAL.finditer(markup) if match[1] == panel.case]
    statuses = [placed for placed in found if placed is not None]
    # What only looks like the seal is in a box that seems edited.
    return next((one for one in statuses if one.status != "edited"), statuses[0] if statuses else Placed("gone"))


def _placed(markup: str, seal: re.Match[str], panel: Panel, limit: int) -> Placed | None:
    """None where it is not the end of a box."""
    begin, end = markup.rfind(_BOX, 0, seal.start()), markup.find(_END, seal.end())
    inside = markup[begin : seal.start()].partition("}")[2]
    if begin < 0 or end < 0 or _END in inside or markup[seal.end() : end].strip():
        return None
    if not is_intact(inside, Seal(seal[1], seal[2])):
        return Placed("edited")
    before, after = markup[:begin], markup[end + len(_END) :]
    made = render(Document((panel,)), limit - utf16_length(before + after))
    if not made.startswith(_BOX):
        return Placed("full")
    return Placed("same") if seal[0] in made else Placed("written", before + made + after)


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
