"""What to notify people of now: the events of a task that nobody was notified of yet, and those that wait with it.

Within a detection's throttle period people are notified of a case once. What comes within the period waits, and the
first task that runs after it reports all of them. Nothing is dropped, as Splunk's own throttle would. A graver finding
does not wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

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


def notified_events(context: Context) -> set[str]:
    """The events that people have been notified of in this lane."""
    return {event for outcome in _notified(context.siblings) for event in outcome.event_ids}


def reported_remediations(context: Context) -> set[str]:
    return {name for outcome in _notified(context.siblings) for name in outcome.remediations}


def single(context: Context) -> Digest | None:
    """The task alone; None when people were notified of all its events."""
    fresh = _fresh(context.task, notified_events(context))
    return _digest([(context.task, fresh)]) if fresh else None


def together(context: Context) -> Digest | None:
    """The task and all that waits with it; None when people were notified of all its events.

    Raises Throttled within the period.
    """
    known = notified_events(context)
    if not _fresh(context.task, known):
        return None
    _check_period(context)
    waiting = [t for t in context.siblings if not t.final and t.kind == context.task.kind and t.finding is not None]
    members = [context.task, *(task for task in waiting if task.key != context.task.key)]
    found = []
    for task in sorted(members, key=lambda task: (task.finding.first_time if task.finding else 0, task.created_at)):
        fresh = _fresh(task, known)
        known.update(fresh)
        if fresh:
            found.append((task, fresh))
    return _digest(found)


def _notified(tasks: Iterable[Task]) -> Iterable[Notified]:
    return (task.outcome for task in tasks if isinstance(task.outcome, Notified))


def _fresh(task: Task, known: set[str]) -> tuple[str, ...]:
    return tuple(event for event in dict.fromkeys(task.event_ids) if event not in known)


def _check_period(context: Context) -> None:
    period = context.finding.throttle_seconds
    earlier = [outcome for outcome in _notified(context.siblings) if outcome.notified_at]
    if not period or not earlier:
        return
    gravest = max(_rank(outcome.severity) for outcome in earlier)
    left = max(outcome.notified_at for outcome in earlier) + period - context.clock()
    if left > 0 and _rank(context.finding.severity) <= gravest:
        raise Throttled(
            "People were notified of this case a short while ago.", "This occurrence follows in the next digest.", left
        )


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
