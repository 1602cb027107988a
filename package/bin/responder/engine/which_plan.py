"""Which of the plans that wait somebody means, for every door: the one that is named, and never one that is guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable, NamedTuple

from ..errors import Rejected
from ..remediation import time_limits
from ..remediation.verdicts import APPROVE, REJECT
from ..splunk.client import Splunkd
from . import answer_carrying, answering
from .answer_carrying import Carried
from .answering import Answered, Answerer
from .report import TaskReport, not_counted
from .services import Services
from .waiting_list import summary_of, until_when

#: As ``waiting_list.waiting`` gives them.
Row = dict[str, Any]
#: Plans that are listed for a person, and tasks of one plan that one answer is for.
MOST = 10
#: Characters of what a plan would change, in a list.
LONGEST = 300


class Given(NamedTuple):
    """What came of one answer for several tasks."""

    verb: str
    #: Those that it counts for; at least one.
    counted: Sequence[Answered]
    #: Why it does not count for others, by task.
    others: Mapping[str, Rejected]

    def said(self) -> Carried:
        """For whoever gave it."""
        first, total = answer_carrying.decided(self.counted[0], self.verb), len(self.counted) + len(self.others)
        if not self.others and (total == 1 or self.verb == APPROVE):
            return first
        done = "approved" if self.verb == APPROVE else "rejected"
        lead = f"You have {done} {len(self.counted)} of the {total} remediations that waited."
        lead = lead if self.counted[0].decision else first.message
        return Carried(" ".join([lead, *map(str, [*self.others.values()][:1])]), is_reported=not self.others)

    def reports(self) -> list[TaskReport]:
        """How each of the tasks is now."""
        found = [report for one in self.counted for report in one.reports]
        return [*found, *(not_counted(task, error) for task, error in self.others.items())]


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
) -> Given:
    """Approve one plan, for whichever tasks ask for it. ``asks``: which asking is answered, by task.

    Raises as ``answering.answer`` where it counts for none.
    """
    return _given(splunkd, services, rows[:MOST], who, APPROVE, asks or {})


def rejected(splunkd: Splunkd, services: Services, rows: Sequence[Row], who: Answerer) -> Given:
    """Reject whatever is meant: a no needs no reading. Raises as ``answering.answer`` where it counts for none."""
    return _given(splunkd, services, rows, who, REJECT, {})


def _given(
    splunkd: Splunkd, services: Services, rows: Sequence[Row], who: Answerer, verb: str, asks: Mapping[str, str]
) -> Given:
    counted, others = list[Answered](), dict[str, Rejected]()
    for row in rows:
        task, plan = str(row["task"]), str(row.get("plan") or "")
        try:
            counted.append(answering.answer(splunkd, services, task, verb, plan, who, asks.get(task, "")))
        except Rejected as error:
            # It was decided otherwise just now, or its plan is damaged: the answer is for the others all the same.
            others[task] = error
    if not counted:
        raise next(iter(others.values()))
    return Given(verb, counted, others)
