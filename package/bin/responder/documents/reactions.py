"""How people answer a message with a reaction, where they cannot click."""

from __future__ import annotations

from dataclasses import replace

from .document import Document, Paragraph, code, plain


def with_hint(document: Document) -> Document:
    """With a line that says how to answer, where the document asks about one plan; about several nobody could tell."""
    plans = [button.plan for button in document.buttons if button.verb == "approve"]
    if len(plans) != 1:
        return document
    said = (
        plain("React to this message with "), code(":white_check_mark:"), plain(" to approve plan "), code(plans[0]),
        plain(", or with "), code(":x:"), plain(" to reject it."),
    )  # fmt: skip
    return replace(document, blocks=(*document.blocks, Paragraph(said)))
