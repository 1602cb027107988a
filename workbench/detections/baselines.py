"""Baselines: what is usual, kept in the KV store by a scheduled search that is compiled with its detection.

Where a detection's ``search`` has the line ``MARK``, the detection compares with what is usual, and the scheduled
search, which is the same search up to there, learns it: so the two cannot drift apart. How is in the four macros named
here (package/default/macros.conf).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Union

#: Stands in a detection's search where it has to be compared; the rows have first_time, last_time and status there.
MARK = "| `baseline`"


@dataclass(frozen=True)
class FirstSeen:
    """Quiet about a subject that is known for less than ``days`` days, then about values it has had before."""

    #: Eval expressions.
    subject: str
    value: str
    days: int = 7

    def compare(self, name: str) -> list[str]:
        return [*self._told(), f"| `cloudtrail_first_seen({name}, {self.days * 86_400})`"]

    def learn(self, name: str) -> list[str]:
        return [*self._told(), f"| `cloudtrail_learn_seen({name})`"]

    def _told(self) -> list[str]:
        return [f"| eval seen_subject={self.subject}, seen_value={self.value}"]


@dataclass(frozen=True)
class UsualCount:
    """Quiet about less than twice what a subject does on other days."""

    #: Eval expressions.
    subject: str
    count: str
    #: Smaller counts are not learnt, so that the baseline stays small.
    learn_from: int

    def compare(self, name: str) -> list[str]:
        return [*self._told(), f"| `cloudtrail_more_than_usual({name})`"]

    def learn(self, name: str) -> list[str]:
        return [*self._told(), f"| `cloudtrail_learn_usual({name}, {self.learn_from})`"]

    def _told(self) -> list[str]:
        return [f"| eval usual_subject={self.subject}, usual_count={self.count}"]


Baseline = Union[FirstSeen, UsualCount]


def compared(name: str, search: str, baseline: Union[Baseline, None]) -> str:
    """A detection's search as it runs: its mark replaced by the comparison."""
    return search.replace(MARK, "\n".join(baseline.compare(name))) if baseline else search


def learning(name: str, search: str, baseline: Baseline) -> str:
    """The scheduled search that keeps the baseline."""
    return "\n".join([search.partition(MARK)[0].rstrip(), *baseline.learn(name)])


def cron(name: str) -> str:
    """Once an hour, in a minute that follows from the detection's id."""
    return f"{int(hashlib.sha256(f'baseline {name}'.encode()).hexdigest(), 16) % 60} * * * *"
