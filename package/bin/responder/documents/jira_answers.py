"""What a ticket says to people who answer in it."""

from __future__ import annotations

from collections.abc import Sequence

from .document import Block, Bullets, Document, Paragraph, code, plain

#: Answers that one comment names; those beyond are in the audit.
MOST = 20


def how_to_answer(plan: str) -> Sequence[Block]:
    """How a plan that waits is answered; empty without one."""
    if not plan:
        return ()
    told = (plain("To answer, comment "), code(f"/responder approve {plan}"), plain(" or "), code("/responder reject"))
    return (Paragraph((*told, plain("."))),)


def replies(said: Sequence[tuple[str, str]], plans: Sequence[Document] = ()) -> Document:
    """What became of answers: who gave each, as far as that is known, and the message for them.

    ``plans``: what waits, where it is shown anew.
    """
    items = tuple((plain(f"{who}: {line}"),) for who, message in said[:MOST] for line in message.splitlines())
    more = (Paragraph((plain(f"And {len(said) - MOST} more."),)),) if len(said) > MOST else ()
    shown = (block for plan in plans for block in plan.blocks)
    return Document((Paragraph((plain("Answers in this ticket:"),)), Bullets(items), *more, *shown))
