"""Excuses all the cases at once that a ticket or a thread has told somebody of, and none that he has not read of."""

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
#: Seconds that nobody needs less of to read what was told.
READING = 3.0


@dataclass(frozen=True)
class AllExcused:
    number: int
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
        if self.number > 1:
            return f"{self.number} cases were excused."
        return f"{'One' if self.number else 'No'} case was excused."


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

    Answered again after a stop, it goes on. Raises a ResponderError where splunkd does not answer.
    """
    longest = Configuration(splunkd).safety.longest_excuse_days
    newer = [case for case, at in told_at.items() if at > given_at - READING]
    said, now = excuses.newest_of(splunkd, list(told_at)), splunkd.now()
    open_ones = [case for case in told_at if case not in newer and not _stands(said[case], who, now, longest)]
    refused, number = [], 0
    for case in open_ones[:MOST]:
        try:
            excuse(splunkd, services, case, days, reason, who)
            number += 1
        except (Rejected, NotFound) as error:
            # One that cannot be excused keeps none of the others from it.
            refused.append(f"Case {case}: {error}")
    return AllExcused(number, refused, max(len(open_ones) - MOST, 0), newer)


def _stands(newest: Excuse | None, who: Answerer, now: float, longest: int) -> bool:
    """Whether somebody has excused a case before; what this very answer has excused is done again, and is the same."""
    return newest is not None and newest.stands(now, longest) and newest.run != who.run
