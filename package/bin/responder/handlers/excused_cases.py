"""Whether all the cases are excused that a ticket or a thread tells of (docs/incidents.md).

What one person has excused of several says nothing of the others, so such a ticket is excused once all of them are.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..cases import excuses
from ..cases.excuses import Excuse
from ..documents.excuses import excused_until
from ..errors import Waiting
from .base import Context
from .lane_view import case_told_of


@dataclass(frozen=True)
class Excused:
    """Until when, by whom and why, as a sentence."""

    sentence: str
    #: When the last of the cases was excused, in epoch seconds.
    at: float
    #: What tells it from how it was before.
    mark: str


def told_cases(context: Context) -> list[str]:
    """The cases that a lane tells of, or is about to: its own first."""
    others = filter(None, (case_told_of(task) for task in context.lane))
    return list(dict.fromkeys([context.case_id, *others]))


def all_excused(context: Context, case: str = "", number: int = 0) -> Excused | None:
    """How the several cases of a lane are excused; None where one of them is not, or the lane tells of one only.

    ``case``, ``number``: an excuse that there is. Raises Waiting where it cannot be read here yet.
    """
    cases = told_cases(context)
    if len(cases) < 2:
        return None
    newest = excuses.newest_of(context.splunkd, cases if case in ("", *cases) else [*cases, case])
    known = newest.get(case)
    if case and (known is None or known.number < number):
        raise Waiting("The excuse cannot be read here yet.", "It is read again.")
    longest, now = context.config.safety.longest_excuse_days, context.clock()
    standing: list[Excuse] = [
        one for name in cases for one in [newest[name]] if one is not None and one.stands(now, longest)
    ]
    if len(standing) < len(cases):
        return None
    first = min(standing, key=lambda one: one.ends_at(longest))
    until = excused_until(first.ends_at(longest), first.by, first.reason)
    at = max(one.at for one in standing)
    return Excused(f"All {len(cases)} cases are excused. The first one to end: {until}", at, f"excuses:{at:.3f}")
