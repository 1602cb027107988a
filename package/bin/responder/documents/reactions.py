"""How people answer a message with a reaction, where they cannot click."""

from __future__ import annotations

from dataclasses import replace

from .document import Document, Paragraph, Span, code, plain


def with_hint(document: Document, undoes: bool = False) -> Document:
    """With a line that says how to answer, where the document asks about one plan; about several nobody could tell.

    ``undoes``: whether it reports one change and asks about nothing; then with a line that says how to undo that.
    """
    plans = [button.plan for button in document.buttons if button.verb == "approve"]
    changes = [button.task for button in document.buttons if button.verb == "undo"]
    said: tuple[Span, ...]
    if len(plans) == 1:
        said = (
            plain("React to this message with "), code(":white_check_mark:"), plain(" to approve plan "),
            code(plans[0]), plain(", with "), code(":x:"), plain(" to reject it, or with "), code(":no_bell:"),
            plain(" to excuse the case."),
        )  # fmt: skip
    elif undoes and not plans and len(changes) == 1:
        said = (
            plain("Within a day, react to this message with "), code(":leftwards_arrow_with_hook:"),
            plain(" to undo this, or with "), code(":no_bell:"), plain(" to excuse the case."),
        )  # fmt: skip
    else:
        return document
    return replace(document, blocks=(*document.blocks, Paragraph(said)))
