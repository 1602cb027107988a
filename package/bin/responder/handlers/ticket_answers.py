"""Where people may answer in a ticket, it says how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..cases.outcomes import Remediated
from ..documents.document import Document
from ..documents.jira_answers import how_to_answer
from ..settings.model import JiraSite

_WAITING = ("waiting", "still_waiting")


def with_how_to_answer(document: Document, site: JiraSite, outcomes: Iterable[Remediated]) -> Document:
    """The document, and behind it how each plan is answered that waits."""
    if not site.answers.are_taken:
        return document
    plans = dict.fromkeys(outcome.plan_digest for outcome in outcomes if outcome.status in _WAITING)
    return replace(document, blocks=(*document.blocks, *(block for plan in plans for block in how_to_answer(plan))))
