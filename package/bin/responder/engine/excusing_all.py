"""Excuses all the cases at once that a ticket or a thread has told somebody of, and none that he has not read of.

Or lifts the excuses of all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..cases import excuses
from ..cases.excuses import Excuse
from ..errors import NotFound, Rejected
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .answering import Answerer
from .excusing import excuse
from .services import Services

#: Cases that one answer excuses at most.
MOST = 10
#: How many times as many it tries: those that cannot be excused are the first ones again each time.
TRIES = 3
#: Seconds that nobody needs less of to read what was told.
READING = 3.0


@dataclass(frozen=True)
class AllExcused:
    number: int
    #: Whether excuses were lifted.
    is_lift: bool
    #: Why others were not, a line each.
    refused: Sequence[str]
    #: How many are left for the next time.
    left: int
    #: Cases that were told of too late to have been read.
    newer: Sequence[str]

    @property
    def is_whole(self) -> bool:
        return not (self.refused or self.left or self.newer)

    @property
    def sentence(self) -> str:
        what, done = ("excuse", "lifted") if self.is_lift else ("case", "excused")
        if self.number > 1:
            return f"{self.number} {what}s were {done}."
        return f"{'One' if self.number else 'No'} {what} was {done}."


def excuse_all(
    splunkd: Splunkd,
    services: Services,
    told_at: Mapping[str, float],
    given_at: float,
    days: int,
    reason: str,
    who: Answerer,
) -> AllExcused:
    """``told_at``: each case, and when it was told of first; ``given_at``: when the person said so, by splunkd's clock.

    0 ``days`` lift the excuses that stand, also of what came since: nobody is kept from hearing of it by that.
    Answered again after a stop, it goes on. Raises a ResponderError where splunkd does not answer.
    """
    longest = Configuration(splunkd).safety.longest_excuse_days
    newer = [case for case, at in told_at.items() if days and at > given_at - READING]
    said, now = excuses.newest_of(splunkd, list(told_at)), splunkd.now()
    open_ones = [
        case for case in told_at if case not in newer and _is_to_do(said[case], bool(days), who, now, longest)
    ]
    refused, number = [], 0
    for case in open_ones[: MOST * TRIES]:
        if number == MOST:
            break
        try:
            excuse(splunkd, services, case, days, reason, who)
            number += 1
        except (Rejected, NotFound) as error:
            # One that cannot be excused keeps none of the others from it.
            refused.append(f"Case {case}: {error}")
    left = len(open_ones) - number - len(refused)
    if len(refused) > MOST:
        refused = [*refused[:MOST], f"And {len(refused) - MOST} more."]
    return AllExcused(number, not days, refused, left, newer)


def _is_to_do(newest: Excuse | None, is_excuse: bool, who: Answerer, now: float, longest: int) -> bool:
    """Whether a case is not as it is to be yet; what this very answer has done is done again, and is the same."""
    if newest is None:
        return is_excuse
    return newest.run == who.run or newest.stands(now, longest) != is_excuse
