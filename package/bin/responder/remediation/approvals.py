"""What people decided about plans. Only the system may write the collection; answers are only ever added.

A plan that waits is asked about once, under the name of the document it is kept in (``Planned.ask``). Each answer is
the insert of the next number of that ask, so all search heads agree in which order they came: the first rejection
decides, or the approval that makes up the number that is needed. A plan that differs, and one that is asked about anew
after nobody had answered, needs answers of its own.

That nobody has answered cannot be read: a copy of the store may lag behind. Whoever is about to act on it inserts the
next number himself, as ``closed``. Where somebody has answered, that number is taken; whoever answers later is told so.

An answer is open until its task was run with it, so that none is forgotten where that could not be done at once. It
keeps its own audit event until that is sent.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from itertools import count, takewhile
from typing import TYPE_CHECKING

from ..errors import Curable, Unavailable
from .verdicts import APPROVALS, CLOSED, Decision, Policy, Verdict, tally

if TYPE_CHECKING:
    from .ports import Documents

log = logging.getLogger("cloudtrail_responder")

#: Answers that are read at a time; people do not give more in a minute.
MANY = 200
#: Times that the next number is tried; so many people do not answer in one moment.
TRIES = 20
#: Times that it is read again who has just taken a number, where no person waits for it.
LOOKS = 3
#: Pages of answers that are looked through for those that are not settled.
PAGES = 50


def verdict(documents: Documents, task: str, ask: str, policy: Policy) -> Verdict:
    """What was decided about an ask. Raises Curable where an answer to it is damaged."""
    return tally(_answers(documents, task, ask), policy)


def record(documents: Documents, answer: Decision, policy: Policy) -> Verdict:
    """Write an answer down and return what all of them come to; what is decided stays decided.

    Raises Rejected for what is no answer or does not count.
    """
    policy.check(answer)
    for _ in range(TRIES):
        given = _answers(documents, answer.task, answer.ask)
        stands = tally(given, policy)
        if stands.decision or any((one.by, one.way, one.decision) == _who(answer) for one in given):
            return stands
        numbered = replace(answer, number=len(given) + 1)
        if documents.insert(APPROVALS, numbered.to_document()):
            return tally([*given, numbered], policy)
    raise Unavailable("Somebody else has just decided.", "Look again.")


def close(documents: Documents, task: str, ask: str, plan_digest: str, policy: Policy, at: float) -> Verdict:
    """See to it that no answer to an ask is taken any more; what those come to that were given before.

    Only then is it known that nobody has decided. Raises Unavailable while an answer is there that cannot be read here.
    """
    for _ in range(LOOKS):
        given = _answers(documents, task, ask)
        stands = tally(given, policy)
        if stands.decision:
            return stands
        closed = Decision(task, plan_digest, ask, CLOSED, "", at, "", len(given) + 1)
        if documents.insert(APPROVALS, closed.to_document(is_open=False)):
            return tally([*given, closed], policy)
    raise Unavailable("Somebody has answered, and the answer cannot be read here yet.", "It is read again.", 5)


def _who(answer: Decision) -> tuple[str, str, str]:
    return answer.by, answer.way, answer.decision


def verdict_of(found: Iterable[Decision], ask: str, policy: Policy) -> Verdict:
    """The same, of answers about the task that were read before."""
    return tally(_in_order(found, ask), policy)


def _answers(documents: Documents, task: str, ask: str) -> list[Decision]:
    return _in_order(map(Decision.from_document, documents.find(APPROVALS, {"task": task})), ask)


def _in_order(found: Iterable[Decision], ask: str) -> list[Decision]:
    """As far as none is missing: a copy that lags behind never shows a later one without the earlier."""
    answers = {one.number: one for one in found if one.ask == ask}
    return [answers[number] for number in takewhile(answers.__contains__, count(1))]


def unsettled(documents: Documents) -> list[Decision]:
    """Answers with which their tasks were not run yet, oldest first."""
    found: list[Decision] = []
    for skip in range(0, PAGES * MANY, MANY):
        page = documents.find(APPROVALS, {"open": 1}, sort="at", limit=MANY, skip=skip)
        for document in page:
            try:
                found.append(Decision.from_document(document))
            except Curable as error:
                # Nothing was decided by it; the task says so, too, when it is run.
                log.error("%s", error)
        if len(page) < MANY:
            break
    return found


def keep(documents: Documents, decisions: Iterable[Decision]) -> None:
    """Write them as they are now; they stay open."""
    documents.save_many(APPROVALS, [decision.to_document() for decision in decisions])


def settle(documents: Documents, decisions: Iterable[Decision]) -> None:
    """Their tasks were run with them."""
    documents.save_many(APPROVALS, [decision.to_document(is_open=False) for decision in decisions])
