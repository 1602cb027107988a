"""What to notify people of now: the events of a task that nobody was notified of yet, and those that wait with it.

Within a detection's throttle period people are notified of a case once. What comes within the period waits, and the
first task that runs after it reports all of them. Nothing is dropped, as Splunk's own throttle would. A graver finding
does not wait.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from ..cases.keys import bare_event
from ..cases.task import Task
from ..errors import Throttled
from ..findings.finding import Finding, severity_rank
from ..findings.merging import merged
from ..settings.routes import NOWHERE, Route
from .base import Context
from .lane_view import PlaceOf, case_told_of
from .routing import route_for

#: Events of one notification after which no further task is put into it: what waits is as much as anybody records.
ENOUGH_EVENTS = 5_000
#: Tasks that are read whole to say again what a notification was about.
MOST_READ = 20
_CLOUDTRAIL_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

#: A task, with those of its events that a notification is about.
Member = tuple[Task, tuple[str, ...]]


@dataclass(frozen=True)
class Digest:
    """What one notification is about."""

    #: The findings as one.
    finding: Finding
    #: Events that nobody was notified of yet, each once.
    event_ids: tuple[str, ...]
    #: Whether the findings have CloudTrail event ids, of all of which people were told.
    listed_before: bool = False
    #: The tasks that it is about, each with its events that nobody was notified of: of one case, or of several.
    parts: tuple[Member, ...] = ()

    @property
    def has_several_cases(self) -> bool:
        return len({case_told_of(task) for task, _ in self.parts}) > 1


class Destination:
    """Where people are notified: what they read elsewhere does not count here.

    An alert's owner chooses the destination. Were it not so, whoever hands a finding over first, to a project that
    nobody reads, would keep those whom the finding concerns from hearing of it.
    """

    def __init__(self, context: Context, place_of: PlaceOf, place: Hashable) -> None:
        """``place_of``: where an outcome has notified people. Always the same function: there is an index for each."""
        self._context = context
        self._told, self._place = context.lane.told(place_of), place

    def reports(self, remediation: str) -> bool:
        """Whether people were told of a remediation here."""
        return self._told.knows_remediation(self._place, remediation, self._context.task.key)

    def again(self, event_ids: Sequence[str]) -> Digest | None:
        """What a notification about these events was about, of the task and of what still waits; None if of nothing."""
        own = self._context.task
        self._context.fill()
        members = _members([own, *self._context.lane.waiting(own.kind, own.key)], own, event_ids)
        news = _digest(members) if members else None
        return news if news is not None and set(news.event_ids) == set(event_ids) else None

    def single(self) -> Digest | None:
        """The task alone; None when people were notified of all its events."""
        task = self._context.task
        fresh = self._fresh(task, set())
        return _digest([(task, fresh)]) if fresh else None

    def together(self) -> Digest | None:
        """The task and what waits with it; None when people were notified of all its events.

        With many events that is not all that waits: the rest follows in the next one. Raises Throttled within the
        period.
        """
        own = self._context.task
        of_own = self._fresh(own, set())
        if not of_own:
            return None
        self._check_period()
        self._context.fill()
        waiting = self._context.lane.waiting(own.kind, own.key)
        members = [own, *(task for task in waiting if _goes_with(task, own) and self._may_go_with(task, own))]
        found, listed, room = [], set[str](), ENOUGH_EVENTS - len(of_own)
        for task in sorted(members, key=_happened):
            if task is not own and room <= 0:
                continue
            fresh = self._fresh(task, listed)
            listed.update(fresh)
            room -= len(fresh) if task is not own else 0
            if fresh:
                found.append((task, fresh))
        return _digest(found)

    def other_cases_wait(self) -> bool:
        """Whether tasks of other cases wait to be told of in the same lane."""
        own = self._context.task
        case = case_told_of(own)
        return any(not one.final and one.kind == own.kind and case_told_of(one) != case for one in self._context.lane)

    def _may_go_with(self, task: Task, own: Task) -> bool:
        """What waits of the same case is told with it; another case has a period, and may have a route, of its own."""
        if case_told_of(task) == case_told_of(own):
            return True
        if self._seconds_left(task) > 0 or self._route(task) != self._route(own):
            return False
        return not self._context.is_excused(task)

    def _route(self, task: Task) -> Route:
        return route_for(self._context.splunkd, task.finding) if task.finding is not None else NOWHERE

    def _fresh(self, task: Task, listed: set[str]) -> tuple[str, ...]:
        """Events of a task that neither people were notified of here nor are listed already.

        Somebody else's alert has told of them if it took them as seriously as the task that asks.
        """
        own = self._context.task
        rank = severity_rank(own.finding.severity) if own.finding else 0
        return tuple(
            event
            for event in dict.fromkeys(task.event_ids)
            if event not in listed and not self._told.knows(self._place, event, own, rank)
        )

    def _check_period(self) -> None:
        """Raises Throttled within the period, unless this is graver than what was told in it.

        Only what this owner's alerts have reported counts: nobody else may put his findings off.
        """
        left = self._seconds_left(self._context.task)
        if left > 0:
            raise Throttled(
                "People were notified of this case a short while ago.",
                "This occurrence follows in the next digest.",
                left,
            )

    def _seconds_left(self, task: Task) -> float:
        finding, earlier = task.finding, self._told.last(self._place, task)
        if finding is None or not finding.throttle_seconds or earlier is None:
            return 0.0
        at, gravest = earlier
        is_graver = severity_rank(finding.severity) > gravest
        return 0.0 if is_graver else at + finding.throttle_seconds - self._context.clock()


def digest_told(context: Context, teller: Task, event_ids: Sequence[str]) -> Digest | None:
    """What a notification, which this task has sent, was about: it and what waited with it then.

    Of very many tasks the others lend their event ids alone.
    """
    members, others, read = [], list[str](), MOST_READ
    for task, listed in _members((one for one in context.lane if one.kind == teller.kind), teller, event_ids):
        whole: Task | None = teller if task.key == teller.key else task
        if whole is not None and whole.finding is None:
            whole, read = (context.store.get(task.key) if read > 0 else None), read - 1
        if whole is not None and whole.finding is not None:
            members.append((whole, listed))
        else:
            others += (bare_event(event) for event in listed)
    if not members:
        return None
    news = _digest(members)
    ids = dict.fromkeys((*news.finding.event_ids, *filter(_CLOUDTRAIL_ID.fullmatch, others)))
    return replace(news, finding=replace(news.finding, event_ids=tuple(ids)))


def _members(tasks: Iterable[Task], teller: Task, event_ids: Sequence[str]) -> list[Member]:
    """Of these tasks, those that a notification about these events told of, each with those that are its own."""
    told = set(event_ids)
    found = []
    for task in tasks:
        listed = tuple(event for event in dict.fromkeys(task.event_ids) if event in told)
        if listed and (task.key == teller.key or _goes_with(task, teller)):
            found.append((task, listed))
    return found


def _happened(task: Task) -> tuple[float, float]:
    """By what the findings of a digest are in order."""
    return task.finding.first_time if task.finding else 0.0, task.created_at


def _goes_with(task: Task, own: Task) -> bool:
    """Of one owner only: a digest reads as its last finding, and nobody may put his words in place of another's."""
    return task.owner == own.owner and (task.request == own.request or task.is_of_same_alert(own))


def _digest(found: Iterable[Member]) -> Digest:
    members = sorted(found, key=lambda member: _happened(member[0]))
    findings = [task.finding for task, _ in members if task.finding is not None]
    events = tuple(dict.fromkeys(event for _, fresh in members for event in fresh))
    new = _of(findings, events)
    listed_before = not new and any(finding.event_ids for finding in findings)
    return Digest(replace(merged(findings), event_ids=new), events, listed_before, tuple(members))


def _of(findings: Sequence[Finding], events: Sequence[str]) -> tuple[str, ...]:
    """The events that are CloudTrail's, and not what stands for them where a finding has none."""
    ids = {event for finding in findings for event in finding.event_ids}
    return tuple(dict.fromkeys(bare_event(event) for event in events if bare_event(event) in ids))
