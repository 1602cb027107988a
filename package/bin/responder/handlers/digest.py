"""What to notify people of now: the events of a task that nobody was notified of yet, and those that wait with it.

Within a detection's throttle period people are notified of a case once. What comes within the period waits, and the
first task that runs after it reports all of them. Nothing is dropped, as Splunk's own throttle would. A graver finding
does not wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Callable

from ..cases.outcomes import Notified
from ..cases.task import Task
from ..errors import Throttled
from ..findings.finding import SEVERITIES, Finding
from .base import Context

#: How many different users, addresses and so on are named when occurrences differ.
MAX_NAMED = 5


@dataclass(frozen=True)
class Digest:
    """What one notification is about."""

    #: The findings as one.
    finding: Finding
    #: Events that nobody was notified of yet, each once.
    event_ids: tuple[str, ...]


class Destination:
    """Where people are notified: what they read elsewhere does not count here.

    An alert's owner chooses the destination. Were it not so, whoever hands a finding over first, to a project that
    nobody reads, would keep those whom the finding concerns from hearing of it.
    """

    def __init__(self, context: Context, is_here: Callable[[Any], bool]) -> None:
        self._context = context
        self._tasks = [t for t in context.siblings if isinstance(t.outcome, Notified) and is_here(t.outcome)]

    def events(self) -> set[str]:
        """The events that people have been notified of here; by somebody else's alert, if it took them as seriously."""
        own = self._context.task
        rank = _rank(own.finding.severity) if own.finding else 0
        return {
            event
            for task in self._tasks
            if isinstance(task.outcome, Notified) and (task.owner == own.owner or _rank(task.outcome.severity) >= rank)
            for event in task.outcome.event_ids
        }

    def remediations(self) -> set[str]:
        return {name for outcome in self._outcomes() for name in outcome.remediations}

    def _outcomes(self) -> list[Notified]:
        return [task.outcome for task in self._tasks if isinstance(task.outcome, Notified)]

    def single(self) -> Digest | None:
        """The task alone; None when people were notified of all its events."""
        task = self._context.task
        fresh = _fresh(task, self.events())
        return _digest([(task, fresh)]) if fresh else None

    def together(self) -> Digest | None:
        """The task and all that waits with it; None when people were notified of all its events.

        Raises Throttled within the period.
        """
        own, known = self._context.task, self.events()
        if not _fresh(own, known):
            return None
        self._check_period()
        waiting = [t for t in self._context.siblings if not t.final and t.kind == own.kind and t.finding is not None]
        members = [own, *(task for task in waiting if task.request == own.request or task.is_of_same_alert(own))]
        found = []
        for task in sorted(members, key=lambda task: (task.finding.first_time if task.finding else 0, task.created_at)):
            fresh = _fresh(task, known)
            known.update(fresh)
            if fresh:
                found.append((task, fresh))
        return _digest(found)

    def _check_period(self) -> None:
        """Only what this owner's alerts have reported counts: nobody else may put his findings off."""
        context = self._context
        own = [t.outcome for t in self._tasks if isinstance(t.outcome, Notified) and t.owner == context.task.owner]
        period, earlier = context.finding.throttle_seconds, [outcome for outcome in own if outcome.notified_at]
        if not period or not earlier:
            return
        gravest = max(_rank(outcome.severity) for outcome in earlier)
        left = max(outcome.notified_at for outcome in earlier) + period - context.clock()
        if left > 0 and _rank(context.finding.severity) <= gravest:
            raise Throttled(
                "People were notified of this case a short while ago.",
                "This occurrence follows in the next digest.",
                left,
            )


def _fresh(task: Task, known: set[str]) -> tuple[str, ...]:
    return tuple(event for event in dict.fromkeys(task.event_ids) if event not in known)


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


def _digest(members: Sequence[tuple[Task, tuple[str, ...]]]) -> Digest:
    findings = [task.finding for task, _ in members if task.finding is not None]
    events = tuple(dict.fromkeys(event for _, fresh in members for event in fresh))
    last = findings[-1]
    if len(findings) == 1:
        shown = tuple(event for event in events if event in last.event_ids)
        return Digest(replace(last, event_ids=shown), events)
    merged = replace(
        last,
        event_ids=tuple(event for event in events if any(event in finding.event_ids for finding in findings)),
        first_time=min(finding.first_time for finding in findings),
        last_time=max(finding.last_time for finding in findings),
        event_count=sum(finding.event_count for finding in findings),
        severity=max((finding.severity for finding in findings), key=_rank),
        user=_named(finding.user for finding in findings),
        user_arn=_named(finding.user_arn for finding in findings),
        access_key_id=_named(finding.access_key_id for finding in findings),
        src_ip=_named(finding.src_ip for finding in findings),
        object_id=_named(finding.object_id for finding in findings),
    )
    return Digest(merged, events)


def _named(values: Iterable[str]) -> str:
    different = list(dict.fromkeys(value for value in values if value))
    rest = len(different) - MAX_NAMED
    return ", ".join(different[:MAX_NAMED]) + (f" and {rest} more" if rest > 0 else "")
