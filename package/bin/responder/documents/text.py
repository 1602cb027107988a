"""Plain text: for notifications and readers that show nothing else."""

from __future__ import annotations

from .document import Block, Bullets, Code, Document, Facts, Heading, Panel, Paragraph, Spans, one_line


def render(document: Document, links: bool = True) -> str:
    """The document as lines of text. ``links=False`` leaves the addresses of links out."""
    return "\n".join(line for block in document.blocks for line in _block(block, links))


def _block(block: Block, links: bool) -> list[str]:
    if isinstance(block, Heading):
        return [block.text]
    if isinstance(block, Paragraph):
        return [_spans(block.spans, links)]
    if isinstance(block, Facts):
        return [f"{one_line(label)}: {one_line(_spans(value, links))}" for label, value in block.rows]
    if isinstance(block, Bullets):
        items = [one_line(_spans(item, links)) for item in block.items]
        return [f"{number}. {item}" if block.is_numbered else f"- {item}" for number, item in enumerate(items, 1)]
    if isinstance(block, Code):
        return ["    " + line for line in block.text.split("\n")]
    if isinstance(block, Panel):
        return [f"{block.title}:", *(line for inner in block.blocks for line in _block(inner, links))]
    return ["----"]


def _spans(spans: Spans, links: bool) -> str:
    return "".join(f"{s.text} ({s.href})" if s.href and links else s.text for s in spans)
