"""Messages for those who run the app: services that do not answer, and work that waits for a person.

Names of services come from the setup page. Messages of tasks quote events, so they are shown as code, letter for
letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .document import Block, Bullets, Document, Heading, Paragraph, bold, code, one_line, plain, shorten
from .findings import utc

#: Characters of what a task says.
MAX_MESSAGE = 300


@dataclass(frozen=True)
class Waiting:
    """Tasks of one service that a person has to see to, for the same kind of reason."""

    #: As people know it.
    service: str
    #: A sentence without its subject: "wait for ...".
    reason: str
    #: How many, as text.
    count: str
    #: Epoch seconds since when the oldest waits.
    since: float
    #: What the newest of them says; and the command that tries them again.
    message: str
    retry: str


def late(service: str, since: float, late_tasks: str) -> Document:
    """``late_tasks``: as in "214 messages are late"."""
    return Document(
        (
            Heading(f"{service} does not answer", 1),
            Paragraph((bold(late_sentence(service, since, late_tasks)),)),
            Paragraph((plain("They continue automatically when it answers. See | responderhealth."),)),
        )
    )


def late_sentence(service: str, since: float, late_tasks: str) -> str:
    return f"{one_line(service)} has not answered since {utc(since)}. {late_tasks}."


def caught_up(service: str, since: float, back: float, what: str, counts: Sequence[tuple[str, str]]) -> Document:
    """``what``: was late, as in "messages"; ``counts``: how many, and what became of them."""
    ended = ", ".join(f"{count} {became}" for count, became in counts)
    blocks: list[Block] = [
        Heading(f"{service} answers again", 1),
        Paragraph(
            (
                plain(f"It has answered since {utc(back)}, after not answering since {utc(since)}. Late {what}: "),
                bold(f"{ended}."),
            )
        ),
    ]
    return Document(tuple(blocks))


def attention(groups: Iterable[Waiting], at: float) -> Document:
    """What waits for a person, as of a time."""
    items = [
        (
            bold(f"{group.service}: "),
            plain(f"{group.count} {group.reason}. The oldest since {utc(group.since)}. The newest says: "),
            code(shorten(one_line(group.message), MAX_MESSAGE) or "nothing"),
            plain(" Try again: "),
            code(group.retry),
        )
        for group in groups
    ]
    return Document(
        (
            Heading("Work of CloudTrail Responder waits for a person", 1),
            Bullets(tuple(items)),
            Paragraph((plain(f"As of {utc(at)}. All of them, with reasons: "), code("| respondfailures"))),
        )
    )
