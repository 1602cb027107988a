"""Baselines: normal activity, kept in the KV store by a scheduled search that is compiled with its detection.

At the line ``MARK`` of its ``search`` a detection compares with the baseline. The scheduled search that updates the
baseline is the same search up to that line, so the two cannot drift apart. The four macros named here do the work
(package/default/macros.conf).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

#: Where a detection's search compares with its baseline; the rows have first_time, last_time and outcome there.
MARK = "| `baseline`"


@dataclass(frozen=True)
class FirstSeen:
    """No finding for a subject known for less than ``learning_days``, nor later for a value the subject had before.

    With ``learning_days`` 0 each new value is a finding from the first day on; ``learning`` is 1 for the first 7 days.
    """

    #: Eval expressions.
    subject: str
    value: str
    learning_days: int = 7

    def compare(self, name: str) -> list[str]:
        return [*self._inputs(), f"| `cloudtrail_first_seen({name}, {self.learning_days * 86_400})`"]

    def update(self, name: str) -> list[str]:
        return [*self._inputs(), f"| `cloudtrail_update_first_seen({name})`"]

    def _inputs(self) -> list[str]:
        return [f"| eval seen_subject={self.subject}, seen_value={self.value}"]


@dataclass(frozen=True)
class UnusualVolume:
    """No finding for less than twice what a subject does on other days."""

    #: Eval expressions.
    subject: str
    count: str
    #: Smaller counts are not kept, so that the baseline stays small.
    min_count: int

    def compare(self, name: str) -> list[str]:
        return [*self._inputs(), f"| `cloudtrail_unusual_volume({name})`"]

    def update(self, name: str) -> list[str]:
        return [*self._inputs(), f"| `cloudtrail_update_usual_volume({name}, {self.min_count})`"]

    def _inputs(self) -> list[str]:
        return [f"| eval volume_subject={self.subject}, volume_count={self.count}"]


Baseline = Union[FirstSeen, UnusualVolume]


def comparison(name: str, search: str, baseline: Baseline | None) -> str:
    """A detection's search as it runs: the comparison in place of the mark."""
    return search.replace(MARK, "\n".join(baseline.compare(name))) if baseline else search


def update(name: str, search: str, baseline: Baseline) -> str:
    """The scheduled search that updates the baseline."""
    return "\n".join([search.partition(MARK)[0].rstrip(), *baseline.update(name)])
