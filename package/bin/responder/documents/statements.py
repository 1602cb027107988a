"""What the person behind a finding is asked, and what is told of the answer. It decides nothing."""

from __future__ import annotations

from ..findings.finding import Finding
from . import findings
from .document import Block, Document, Facts, Heading, Paragraph, bold, one_line, plain

#: How the message in the second channel begins.
DENIED = "The person behind this says that it was NOT them. Please act now: somebody else may have their access."
_NO_APPROVAL = "This is a statement. It approves and excuses nothing: an attacker may have their Slack, too."


def question(finding: Finding, said: str = "") -> Document:
    """The message to the person alone. ``said``: what the answer was, once there is one."""
    blocks: list[Block] = [
        Heading("Was this you?", 1),
        Paragraph((plain("CloudTrail shows that this was done in AWS in a session of yours:"),)),
        Facts(findings.short(finding) + findings.when(finding)),
        Paragraph((bold(said) if said else plain(_ASKED),)),
    ]
    return Document(tuple(blocks))


_ASKED = "Please answer with a button. Your security team reads it. If it was not you, they are notified at once."


def answered(was_me: bool) -> str:
    """For the person."""
    return "You said: it was me." if was_me else "You said: it was not me. Your security team was notified."


def statement(was_me: bool, by: str) -> Document:
    """The comment on the ticket and the reply in the thread."""
    who = one_line(by)
    if was_me:
        return Document((Paragraph((bold(f"{who} says in Slack: it was me. "), plain(_NO_APPROVAL))),))
    return Document((Paragraph((bold(f"{who} says in Slack: it was NOT me. "), plain("Please act now."))),))
