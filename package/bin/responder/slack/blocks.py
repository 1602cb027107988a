"""Slack's Block Kit, and the plain text that goes with it for notifications.

``&``, ``<`` and ``>`` are escaped, which kills mentions, links and broadcasts; emphasis characters of plain text are
replaced by look-alikes that no parser takes for markup; values people copy are code spans, in which only the backtick
means anything. Cutting counts escaped characters and never splits an entity.
Limits: docs.slack.dev, "Block Kit", "Formatting message text"; the total is Slack's undocumented
``msg_blocks_too_long`` (about 13,200 characters), kept at a distance.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..documents import text as text_renderer
from ..documents.document import (
    BOLD,
    CODE,
    Block,
    Bullets,
    Button,
    Code,
    Document,
    Facts,
    Heading,
    Panel,
    Paragraph,
    Span,
    fit,
    one_line,
)
from .interaction import PREFIX, button_value
from .mentions import markup

MAX_BLOCKS = 50
MAX_SECTION = 3_000
MAX_FIELD = 2_000
MAX_FIELDS = 10
MAX_HEADER = 150
MAX_TOTAL = 12_000
MAX_FALLBACK = 3_000
MAX_ITEM = 600
#: Of buttons: how many, and characters of a label, of what is asked before a click counts, and of its two choices.
MAX_BUTTONS, MAX_LABEL, MAX_QUESTION, MAX_CHOICE = 12, 75, 300, 30
_STYLES = {"approve": "primary", "reject": "danger"}

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
#: Modifier letters and operators that look like the character and are not it.
_LOOK_ALIKES = {"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"}
_IN_PLAIN = {**_ENTITIES, **_LOOK_ALIKES}
_IN_CODE = {**_ENTITIES, "`": "\u02cb"}
_BREAK = "\u200b"
#: ``:name:``, and not the colons of a time of day.
_EMOJI = re.compile(r":(?=[\w+'-]*[^\W\d][\w+'-]*:|[+-]1:|100:|1234:)")
_QUOTE = re.compile(r"^(?=\s*>)", re.MULTILINE)


@dataclass(frozen=True)
class Message:
    """``text`` for notifications (already escaped, to be sent with markup off) and the blocks."""

    text: str
    blocks: list[dict[str, Any]]


def render(document: Document, with_buttons: bool = False) -> Message:
    """The document as blocks within every limit of Slack. ``with_buttons``: whether somebody hears a click."""
    rows = _rows_that_fit(document.buttons) if with_buttons else []
    # Behind the heading: what it is about comes first.
    mentioned = _sections([markup(document.mentions)])
    beside = [*mentioned, *rows]
    room, most = MAX_TOTAL - (size(beside) if beside else 0), MAX_BLOCKS - len(beside)
    blocks = fit(document, _blocks, lambda found: len(found) <= most and size(found) <= room)
    title = 1 if blocks[:1] and blocks[0]["type"] == "header" else 0
    return Message(fallback(document), [*blocks[:title], *mentioned, *blocks[title:], *rows])


def size(blocks: Sequence[dict[str, Any]]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False))


def fallback(document: Document) -> str:
    """The document as escaped plain text in which nothing is a link."""
    text = text_renderer.render(document, links=False).replace("://", f":{_BREAK}//")
    return _escape(text, _ENTITIES, MAX_FALLBACK) or " "


def _rows_that_fit(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """Of many the first: words need their room, too."""
    for number in range(min(len(buttons), MAX_BUTTONS), 0, -1):
        rows = _rows_of_buttons(buttons[:number])
        if size(rows) <= MAX_TOTAL // 2:
            return rows
    return []


def _rows_of_buttons(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """A row for each task; in it, each verb once."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for (task, _), button in {(button.task, button.verb): button for button in buttons}.items():
        rows.setdefault(task, []).append(_button(button))
    return [
        {"type": "actions", "block_id": f"{PREFIX}{number}", "elements": elements}
        for number, elements in enumerate(rows.values())
    ]


def _button(button: Button) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "button",
        "action_id": f"{PREFIX}{button.verb}",
        "text": _plain_text(button.label, MAX_LABEL),
        "value": button_value(button.task, button.plan),
    }
    if button.verb in _STYLES:
        made["style"] = _STYLES[button.verb]
    if button.question:
        made["confirm"] = {
            "title": _plain_text(f"{button.label}?", MAX_LABEL),
            "text": _plain_text(button.question, MAX_QUESTION),
            "confirm": _plain_text(button.label, MAX_CHOICE),
            "deny": _plain_text("Cancel", MAX_CHOICE),
        }
    return made


def _plain_text(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": _escape(one_line(text), _ENTITIES, limit), "emoji": False}


def _blocks(document: Document) -> list[dict[str, Any]]:
    return [made for block in document.blocks for made in _block(block)]


def _block(block: Block) -> list[dict[str, Any]]:
    if isinstance(block, Heading):
        return _heading(block)
    if isinstance(block, Paragraph):
        return _sections([_mrkdwn(block.spans, MAX_SECTION)])
    if isinstance(block, Facts):
        return _facts(block)
    if isinstance(block, Bullets):
        items = filter(str.strip, (_mrkdwn(_on_one_line(item), MAX_ITEM) for item in block.items))
        marked = (f"{number}. {item}" if block.is_numbered else f"• {item}" for number, item in enumerate(items, 1))
        return _sections(_packed(list(marked)))
    if isinstance(block, Code):
        body = _escape(block.text.strip("\n"), _IN_CODE, MAX_SECTION - 8)
        return _sections(["```\n" + body + "\n```"] if body.strip() else [])
    if isinstance(block, Panel):
        return [*_heading(Heading(block.title)), *(made for inner in block.blocks for made in _block(inner))]
    return [{"type": "divider"}]


def _heading(block: Heading) -> list[dict[str, Any]]:
    if not block.text:
        return []
    if block.level == 1:
        return [{"type": "header", "text": _plain_text(block.text, MAX_HEADER)}]
    return _sections([_mrkdwn([Span(block.text, BOLD)], MAX_SECTION)])


def _facts(block: Facts) -> list[dict[str, Any]]:
    fields = []
    for label, value in block.rows:
        head = _mrkdwn([Span(one_line(label), BOLD)], 200)
        fields.append(_text_object(f"{head}\n{_mrkdwn(_on_one_line(value), MAX_FIELD - 250) or ' '}"))
    return [
        {"type": "section", "fields": fields[start : start + MAX_FIELDS]} for start in range(0, len(fields), MAX_FIELDS)
    ]


def _sections(texts: Sequence[str]) -> list[dict[str, Any]]:
    return [{"type": "section", "text": _text_object(text)} for text in texts if text.strip()]


def _text_object(text: str) -> dict[str, Any]:
    # verbatim: Slack makes no links or mentions of its own out of bare addresses and names.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _packed(lines: Sequence[str]) -> list[str]:
    """Lines joined to as few texts as the section limit allows."""
    packed: list[str] = []
    for line in lines:
        if packed and len(packed[-1]) + 1 + len(line) <= MAX_SECTION:
            packed[-1] += "\n" + line
        else:
            packed.append(line)
    return packed


def _on_one_line(spans: Sequence[Span]) -> list[Span]:
    return [replace(span, text=_folded(span.text)) for span in spans]


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _mrkdwn(spans: Sequence[Span], limit: int) -> str:
    text = ""
    for span in spans:
        text += _span(span, limit - len(text))
    return text


def _span(span: Span, limit: int) -> str:
    """One span in at most ``limit`` characters; empty where it cannot be shown in them."""
    if span.href and len(span.href) < limit // 2:
        href = _escape(span.href, _ENTITIES, len(span.href) * 5)
        return _wrapped(one_line(span.text) or "link", _IN_PLAIN, f"<{href}|", ">", limit)
    if span.epoch > 0:
        return _date(span, limit)
    if span.style == CODE:
        return _wrapped(_folded(span.text), _IN_CODE, "`", "`", limit)
    if span.style == BOLD:
        return _wrapped(_neutral(_folded(span.text)), _IN_PLAIN, "*", "*", limit)
    return _escape(_neutral(span.text), _IN_PLAIN, limit)


def _date(span: Span, limit: int) -> str:
    """A moment in each reader's own time zone, and the text where a client cannot tell it (docs.slack.dev, "date")."""
    before = f"<!date^{span.epoch}^{{date_short_pretty}} {{time_secs}}|"
    # A bar would end the text that stands in for it.
    return _wrapped(one_line(span.text).replace("|", "¦") or "unknown", _ENTITIES, before, ">", limit)


def _neutral(text: str) -> str:
    """Without emoji names and quotation marks at a line's start: what looks like our own status must be ours."""
    return _QUOTE.sub(_BREAK, _EMOJI.sub(":" + _BREAK, text))


def _wrapped(text: str, table: dict[str, str], before: str, after: str, limit: int) -> str:
    # White space stays outside: next to a mark it would keep Slack from seeing the mark.
    core = text.strip()
    left, right = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :] if core else ""
    body = _escape(core, table, limit - len(before) - len(after) - len(left) - len(right))
    return f"{left}{before}{body}{after}{right}" if body else ""


def _escape(text: str, table: dict[str, str], limit: int) -> str:
    """The text escaped, in at most ``limit`` characters, cut between whole escapes."""
    pieces = [table.get(char, char) for char in text]
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    kept, left = [], limit - 1
    for piece in pieces:
        if len(piece) > left:
            break
        kept.append(piece)
        left -= len(piece)
    return "".join(kept) + "…" if limit > 0 else ""
