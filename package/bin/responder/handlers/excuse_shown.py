"""What a message that says how a case stands shows of its excuse, and the button by which people give one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..cases.excuses import LIFTED
from ..cases.task import Task
from ..documents.document import Button, Document, Heading, Paragraph, bold
from ..documents.excuses import lifted_by
from ..findings.finding import Finding
from .base import Context
from .standing import excuse_mark

#: Days of an excuse where nobody says how many.
DEFAULT_DAYS = 30
#: What is said before a statement counts.
RECORDED = "It is recorded as your statement. It approves and excuses nothing."


@dataclass(frozen=True)
class ExcuseShown:
    #: What tells one way it is shown from the next, for whoever edits the message.
    mark: tuple[str, ...] = ()
    #: A line for people, or "".
    line: str = ""
    buttons: tuple[Button, ...] = ()

    def shown_in(self, document: Document) -> Document:
        """The document with the line below its title."""
        if not self.line:
            return document
        place = 1 if document.blocks and isinstance(document.blocks[0], Heading) else 0
        said = Paragraph((bold(self.line),))
        return replace(document, blocks=(*document.blocks[:place], said, *document.blocks[place:]))


def excuse_shown(context: Context, message: Task, about: Finding | None, asks_actors: bool = False) -> ExcuseShown:
    """``message``: the task that has posted it, or is about to. Raises ResponderError.

    ``about``: its finding; None where it tells of several cases, which no one button could excuse.

    ``asks_actors``: whether people may say there that it was them.
    """
    newest, longest = context.excuse(), context.config.safety.longest_excuse_days
    mark = excuse_mark(context)
    mine = (Button("It was me", "me", message.key, question=RECORDED),) if asks_actors else ()
    if newest is not None and newest.stands(context.clock(), longest):
        # The message's state line says so.
        return ExcuseShown(mark, buttons=mine)
    line = lifted_by(newest.by) if newest is not None and newest.state == LIFTED else ""
    if about is None or about.batch or message.about_case != context.case_id:
        # All results of one run: the next has a case of its own.
        return ExcuseShown(mark, line, mine)
    return ExcuseShown(mark, line, (excuse_button(message.key, longest), *mine))


def excuse_button(task: str, longest: int) -> Button:
    """``task``: what is excused is its case, up to the severity of its finding."""
    days = min(DEFAULT_DAYS, longest)
    question = (
        f"For {days} days, findings of this case are neither reported nor remediated, unless they are more severe. "
        "What waits for an approval ends."
    )
    return Button(f"Excuse {days} day{'s' * (days > 1)}", "excuse", task, str(days), question)
