"""Which of the plans that wait somebody means, for every door: the one that is named, and never one that is guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ..errors import Rejected
from ..remediation import time_limits
from ..remediation.verdicts import APPROVALS, APPROVE, REJECT
from ..splunk.client import Splunkd
from ..splunk.queries import any_of
from . import answer_carrying, answering
from .answer_carrying import Carried
from .answering import Answered, Answerer
from .services import Services
from .waiting_list import summary_of, until_when

#: As ``waiting_list.waiting`` gives them.
Row = dict[str, Any]
#: Plans that are listed for a person, and tasks of one plan that one answer is for.
MOST = 10
#: Characters of what a plan would change, in a list.
LONGEST = 300


def meant(rows: Sequence[Row], plan: str) -> list[Row]:
    """Those of a plan: more than one where several alerts ask for the same. Without a plan, all that wait.

    What is taken back by itself waits for nobody: without a plan it is meant only where nothing else waits.
    """
    if plan:
        return [row for row in rows if row.get("plan") == plan]
    return [row for row in rows if row.get("plan") != time_limits.ASK] or list(rows)


def are_several(rows: Sequence[Row]) -> bool:
    return len({row.get("plan") for row in rows}) > 1


def listed(rows: Sequence[Row], how: Callable[[str], str]) -> list[str]:
    """Lines that say how each plan is approved and what it would change. ``how``: the words for a plan."""
    by_plan = {str(row.get("plan") or row["task"]): row for row in reversed(rows)}
    shown = list(by_plan.values())[::-1]
    lines = [_line(row, how) for row in shown[:MOST]]
    return [*lines, *([f"And {len(shown) - MOST} more."] if len(shown) > MOST else [])]


def _line(row: Row, how: Callable[[str], str]) -> str:
    summary = summary_of(row)
    summary = summary if len(summary) <= LONGEST else f"{summary[: LONGEST - 1]}…"
    return f"{how(row['plan'])} - {summary}{until_when(row)}" if row.get("plan") else f"{row['task']}: {summary}"


def approved(
    splunkd: Splunkd, services: Services, rows: Sequence[Row], who: Answerer, asks: Mapping[str, str] | None = None
) -> list[Answered]:
    """Approve one plan, for whichever tasks ask for it. ``asks``: which asking is answered, by task.

    Raises as ``answering.answer``.
    """
    known = asks or {}
    return [
        answering.answer(splunkd, services, row["task"], APPROVE, str(row["plan"]), who, known.get(row["task"], ""))
        for row in rows[:MOST]
    ]


def rejected(
    splunkd: Splunkd, services: Services, rows: Sequence[Row], who: Answerer
) -> tuple[list[Answered], list[Rejected]]:
    """Reject whatever is meant: a no needs no reading. What was, and why others were not.

    Raises Rejected where none was.
    """
    found, kept = list[Answered](), list[Rejected]()
    for row in rows:
        try:
            found.append(answering.answer(splunkd, services, row["task"], REJECT, str(row.get("plan") or ""), who))
        except Rejected as error:
            # It was decided otherwise just now, or its plan is damaged: the no is for the others all the same.
            kept.append(error)
    if not found and kept:
        raise kept[0]
    return found, kept


def said_of_rejected(found: Sequence[Answered], kept: Sequence[Rejected]) -> Carried:
    """What a rejection came to, for whoever gave it."""
    if not kept and len(found) == 1:
        return answer_carrying.decided(found[0], REJECT)
    message = f"You have rejected {len(found)} of the {len(found) + len(kept)} remediations that waited."
    return Carried(" ".join([message, *map(str, kept[:1])]), is_reported=not kept)


def was_given(splunkd: Splunkd, tasks: Sequence[str], who: Answerer, decision: str, since: float) -> bool:
    """Whether an answer counts already that somebody gave since: whoever carried it out may have died after that."""
    for query in any_of("task", list(tasks)):
        for given in splunkd.find(APPROVALS, query):
            is_it = (given.get("by"), given.get("way"), given.get("decision")) == (who.by, who.way, decision)
            if is_it and float(given.get("at") or 0) >= since:
                return True
    return False
