"""What people are notified of, as it is defined: by looking through all the other tasks of the lane, each time.

The app's own evaluator keeps indexes instead; the tests hold it against this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable

from responder.cases.outcomes import Notified
from responder.cases.task import Task
from responder.errors import Throttled
from responder.findings.finding import SEVERITIES


def rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


class PlainDestination:
    def __init__(self, own: Any, siblings: Sequence[Any], is_here: Callable[[Any], bool], now: float) -> None:
        self.own, self.siblings, self.now = own, siblings, now
        self.told: list[Any] = [t for t in siblings if isinstance(t.outcome, Notified) and is_here(t.outcome)]

    def events(self) -> set[str]:
        least = rank(self.own.finding.severity) if self.own.finding else 0
        return {
            event
            for task in self.told
            if task.owner == self.own.owner or rank(task.outcome.severity) >= least
            for event in task.outcome.event_ids
        }

    def remediations(self) -> set[str]:
        return {name for task in self.told for name in task.outcome.remediations}

    def single(self) -> tuple[str, ...]:
        return fresh(self.own, self.events())

    def together(self) -> tuple[str, ...]:
        known = self.events()
        if not fresh(self.own, known):
            return ()
        self.check_period()
        waiting = [t for t in self.siblings if not t.final and t.kind == self.own.kind and t.finding is not None]
        ours = (t for t in waiting if t.owner == self.own.owner)
        alike = (t for t in ours if t.request == self.own.request or t.is_of_same_alert(self.own))
        found: list[str] = []
        for task in sorted([self.own, *alike], key=lambda t: (t.finding.first_time, t.created_at)):
            events = fresh(task, known)
            known.update(events)
            found += events
        return tuple(found)

    def check_period(self) -> None:
        earlier = [t.outcome for t in self.told if t.owner == self.own.owner and t.outcome.notified_at]
        period = self.own.finding.throttle_seconds
        if not period or not earlier:
            return
        left = max(outcome.notified_at for outcome in earlier) + period - self.now
        if left > 0 and rank(self.own.finding.severity) <= max(rank(outcome.severity) for outcome in earlier):
            raise Throttled("", "", left)

    def request(self) -> Any:
        since = self.own.requested
        same = (task for task in self.siblings if task.is_of_same_alert(self.own) and task.requested > since)
        return max(same, key=lambda task: task.requested, default=self.own).request


def fresh(task: Task, known: set[str]) -> tuple[str, ...]:
    return tuple(event for event in dict.fromkeys(task.event_ids) if event not in known)


def newest(siblings: Sequence[Any], fits: Callable[[Any], bool]) -> Any:
    """The outcome of the latest turn, of those that fit."""
    found = [task.outcome for task in siblings if isinstance(task.outcome, Notified) and fits(task.outcome)]
    return max(found, key=lambda outcome: outcome.turn, default=None)
