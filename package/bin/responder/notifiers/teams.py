"""Microsoft Teams: a card in a chat or channel, by a workflow that begins "When a Teams webhook request is received".

Source: Microsoft Learn, "Create incoming webhooks with Workflows for Microsoft Teams" and "Format cards in Teams" (28
KB a message, four a second), Adaptive Cards 1.4.

The workflow answers 202 before it posts: the app learns that it was accepted, not that it was posted. The card ends
with the message's id, so that people see it when one was posted twice.

Markdown is read in TextBlock and FactSet, and in TextRun it is not. So the card consists of text runs alone, and there
is nothing to escape; what Teams replaces everywhere (``<at>``, ``{{DATE()}}``) is broken up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from ..documents import text as text_renderer
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
    Rule,
    Span,
    fit,
    one_line,
    plain,
    shorten,
)
from ..http_gate import Limits
from .base import TAB, Message, Notifier

#: Bytes of a message; Teams takes 28 KB, and its workflow adds to it.
MAX_BYTES = 24 * 1024
#: Where workflows are. Source: Microsoft Learn, "Managed connectors outbound IP addresses" and "HTTP trigger URLs".
_HOSTS = (".logic.azure.com", ".logic.azure.us", ".api.powerplatform.com", ".api.powerplatform.us")
#: Characters of what clients show that cannot show cards.
MAX_FALLBACK = 500
_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
_CARD = "application/vnd.microsoft.card.adaptive"
#: What is replaced wherever it stands: mentions, dates and times.
_REPLACED = re.compile(r"(?<=<)(?=/?at\b)|(?<=\{)(?=\{)", re.IGNORECASE)
_BREAK = "\u200b"

Element = dict[str, Any]


class Teams(Notifier):
    """A workflow of Teams."""

    type = "teams"
    label = "Microsoft Teams"
    content_type = "application/json; charset=utf-8"
    # A card every quarter of a second, once the service has had enough of a burst.
    limits = Limits(interval=0.25, at_first=0.0)
    refused_hint = f"Copy the URL of the workflow again, and enter it as 'Webhook URL' {TAB}."
    gone_hint = f"The workflow is deleted or switched off: switch it on, or enter the URL of another {TAB}."

    def render(self, message: Message) -> bytes:
        def shown(document: Document) -> bytes:
            return json.dumps(_posted(document, message), ensure_ascii=False).encode("utf-8", "replace")

        return fit(message.document, shown, lambda rendered: len(rendered) <= MAX_BYTES)

    def remark(self) -> str:
        host = urlsplit(self.entry.webhook_url.reveal()).hostname or ""
        form = "has the right form" if host.endswith(_HOSTS) else "is not one of Power Automate, and is used as entered"
        return f"The URL {form}. It is not tested, because that would post a message."


def _posted(document: Document, message: Message) -> dict[str, Any]:
    foot = _runs([plain(f"Case {message.case} · message {message.id}")], isSubtle=True, size="Small")
    card = {
        "$schema": _SCHEMA,
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": _neutral(shorten(one_line(text_renderer.render(document, links=False)), MAX_FALLBACK)),
        "body": [*_elements(document.blocks), *_paragraph(foot, separator=True)],
        "msteams": {"width": "Full"},
    }
    return {"type": "message", "attachments": [{"contentType": _CARD, "contentUrl": None, "content": card}]}


def _elements(blocks: Sequence[Block]) -> Iterable[Element]:
    is_ruled = False
    for block in blocks:
        if isinstance(block, Rule):
            is_ruled = True
            continue
        for element in _block(block):
            yield {**element, "separator": True} if is_ruled else element
            is_ruled = False


def _block(block: Block) -> Iterable[Element]:
    if isinstance(block, Heading):
        size = "Large" if block.level == 1 else "Medium"
        yield from _paragraph(_runs([Span(block.text)], size=size, weight="Bolder"))
    elif isinstance(block, Paragraph):
        for spans in _lines(block.spans):
            yield from _paragraph(_runs(spans))
    elif isinstance(block, Facts):
        for label, value in block.rows:
            head = Span(f"{one_line(label)}: ", BOLD)
            yield from _paragraph(_runs([head, *_on_one_line(value)]), spacing="Small")
    elif isinstance(block, Bullets):
        for number, item in enumerate(block.items, 1):
            mark = plain(f"{number}. " if block.is_numbered else "• ")
            yield from _paragraph(_runs([mark, *_on_one_line(item)]), spacing="Small")
    elif isinstance(block, Code):
        for text in block.text.strip("\n").split("\n"):
            yield from _paragraph(_runs([Span(text, CODE)]), spacing="None")
    else:
        # A block of a kind that has no form of its own here is shown as plain text, never left out.
        for line in text_renderer.render(Document((block,)), links=False).split("\n"):
            yield from _paragraph(_runs([Span(line)]))


def _paragraph(runs: Sequence[Element], **looks: Any) -> Iterable[Element]:
    if runs:
        yield {"type": "RichTextBlock", "inlines": list(runs), **looks}


def _runs(spans: Sequence[Span], **looks: Any) -> list[Element]:
    return [_run(span, looks) for span in spans if span.text]


def _run(span: Span, looks: dict[str, Any]) -> Element:
    run: Element = {"type": "TextRun", "text": _neutral(span.text), **looks}
    if span.style == BOLD:
        run["weight"] = "Bolder"
    elif span.style == CODE:
        run["fontType"] = "Monospace"
    if span.href:
        run["selectAction"] = {"type": "Action.OpenUrl", "url": span.href}
    return run


def _lines(spans: Sequence[Span]) -> Iterable[list[Span]]:
    """A text run shows no line breaks."""
    line: list[Span] = []
    for span in spans:
        first, *rest = span.text.split("\n")
        line.append(Span(first, span.style, span.href))
        for text in rest:
            yield line
            line = [Span(text, span.style, span.href)]
    yield line


def _on_one_line(spans: Sequence[Span]) -> list[Span]:
    return [Span(re.sub(r"\s+", " ", span.text), span.style, span.href) for span in spans]


def _neutral(text: str) -> str:
    return _REPLACED.sub(_BREAK, text)


NOTIFIER = Teams
