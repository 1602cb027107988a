"""The tasks of a lane, arranged for what handlers ask of them: built once a run of the lane, kept up to date with it.

A lane in which the same finding comes again and again has hundreds of tasks, and each asks what people have been
told already. To look through all the others each time would cost the square of their number.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Any, Callable, Protocol, TypeVar

from ..cases.keys import case_of_event
from ..cases.outcomes import FindingExcused, Notified
from ..cases.task import Task
from ..findings.finding import severity_rank
from .greatest import Greatest

#: Where people were notified, by an outcome: a project, a channel.
PlaceOf = Callable[[Any], Hashable]
#: What a task counts for; None for nothing.
GroupOf = Callable[[Task], Hashable]


class Index(Protocol):
    """Something known of all tasks of a lane."""

    def put(self, task: Task, order: int) -> None:
        """A task that is new or has changed. ``order``: its place in the lane; it stays the same."""


Known = TypeVar("Known", bound=Index)


class LaneView:
    """How the tasks of a lane stand. Indexes over them are made when they are asked for the first time."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        """``tasks``: oldest first."""
        self._tasks = {task.key: task for task in tasks}
        self._orders = {key: order for order, key in enumerate(self._tasks)}
        self._indexes: dict[tuple[Any, ...], Any] = {}

    def __iter__(self) -> Iterator[Task]:
        return iter(self._tasks.values())

    def changed(self, task: Task) -> None:
        """A task stands differently now, or is new. Costs what the task itself holds."""
        order = self._orders.setdefault(task.key, len(self._orders))
        self._tasks[task.key] = task
        for index in self._indexes.values():
            index.put(task, order)

    def _index(self, make: Callable[..., Known], *by: Any) -> Known:
        found = self._indexes.get((make, *by))
        if found is None:
            found = self._indexes[(make, *by)] = make(*by)
            for task in self:
                found.put(task, self._orders[task.key])
        index: Known = found
        return index

    # -- what is asked; ``but`` is the key of the task that asks, which does not count --------------------------------

    def told(self, place_of: PlaceOf) -> Told:
        """What people were told, place by place."""
        return self._index(Told, place_of)

    def newest(self, group_of: GroupOf, group: Hashable, but: str) -> Task | None:
        """Of the tasks of a group the one whose outcome is of the latest turn."""
        return self._task(self._index(_ByTurn, group_of).greatest.best(group, but))

    def has_kind(self, kind: str, but: str) -> bool:
        """Whether there is a task of a kind, of which people hear or have heard."""
        return any(key != but for key in self._index(_OfKind).keys.get(kind, ()))

    def waiting(self, kind: str, but: str) -> list[Task]:
        """The open tasks of a kind, whole, oldest first."""
        keys = self._index(_Open).keys.get(kind, set()) - {but}
        found = (self._tasks[key] for key in sorted(keys, key=self._orders.__getitem__))
        return [task for task in found if not task.final and task.finding is not None]

    def newest_request(self, own: Task) -> Task:
        """The task by which the same alert asked last; the task itself where none is newer."""
        found = self._task(self._index(_Requests).greatest.best(_same_alert(own), own.key))
        return found if found is not None and found.requested > own.requested else own

    def _task(self, key: str | None) -> Task | None:
        return self._tasks[key] if key is not None else None


class Told:
    """What people were told of, by place: each event by whom, remediations, and how long ago."""

    def __init__(self, place_of: PlaceOf) -> None:
        self._place_of = place_of
        #: Place, name -> the tasks that told of it, each with its owner and how severe it was. In a lane that tells of
        #: several cases, events of the others have names of their own (``keys.event_of``).
        self._events: dict[tuple[Hashable, str], dict[str, tuple[str, int]]] = {}
        self._remediations: dict[tuple[Hashable, str], set[str]] = {}
        #: By the task and the case that it told of.
        self._times: Greatest[tuple[str, str]] = Greatest()
        self._ranks: Greatest[tuple[str, str]] = Greatest()
        self._counted: dict[str, tuple[Hashable, Notified]] = {}

    def put(self, task: Task, order: int) -> None:
        key, outcome = task.key, task.outcome
        if key in self._counted:
            self._forget(key)
        elif not isinstance(outcome, Notified):
            return
        if isinstance(outcome, Notified):
            place, rank, notified_at = self._place_of(outcome), severity_rank(outcome.severity), outcome.notified_at
            self._counted[key] = place, outcome
            for event in outcome.event_ids:
                self._events.setdefault((place, event), {})[key] = task.owner, rank
            for name in outcome.remediations:
                self._remediations.setdefault((place, name), set()).add(key)
            for case in _cases(outcome) if notified_at else ():
                group = (place, task.owner, case)
                self._times.put((key, case), group, (notified_at, -order))
                self._ranks.put((key, case), group, (rank, -order))

    def _forget(self, key: str) -> None:
        place, outcome = self._counted.pop(key)
        for case in _cases(outcome):
            self._times.put((key, case), None, (0.0, 0.0))
            self._ranks.put((key, case), None, (0.0, 0.0))
        for event in outcome.event_ids:
            self._events[place, event].pop(key, None)
        for name in outcome.remediations:
            self._remediations[place, name].discard(key)

    def knows(self, place: Hashable, event: str, own: Task, rank: int) -> bool:
        """Whether people were told of an event: by the same owner's alerts, or by another's as seriously."""
        told = self._events.get((place, event), {})
        return any(key != own.key and (owner == own.owner or told_as >= rank) for key, (owner, told_as) in told.items())

    def knows_remediation(self, place: Hashable, name: str, but: str) -> bool:
        return bool(self._remediations.get((place, name), set()) - {but})

    def last(self, place: Hashable, own: Task) -> tuple[float, int] | None:
        """When an owner's alerts told of a task's case last, and how severe the gravest was; None for never."""
        case = case_told_of(own)
        at = self._times.value((place, own.owner, case), (own.key, case))
        gravest = self._ranks.value((place, own.owner, case), (own.key, case))
        return None if at is None or gravest is None else (at, int(gravest))


def case_told_of(task: Task) -> str:
    """The other case that a task tells of; empty for the lane's own."""
    return case_of_event(task.event_ids[0]) if task.event_ids else ""


def _cases(outcome: Notified) -> set[str]:
    return {case_of_event(name) for name in outcome.event_ids} or {""}


class _ByTurn:
    def __init__(self, group_of: GroupOf) -> None:
        self._group_of = group_of
        self.greatest: Greatest[str] = Greatest()

    def put(self, task: Task, order: int) -> None:
        turn = task.outcome.turn if isinstance(task.outcome, Notified) else 0
        self.greatest.put(task.key, self._group_of(task), (turn, -order))


class _Requests:
    def __init__(self) -> None:
        self.greatest: Greatest[str] = Greatest()

    def put(self, task: Task, order: int) -> None:
        self.greatest.put(task.key, _same_alert(task), (task.requested, -order))


def _same_alert(task: Task) -> Hashable:
    return task.kind, task.owner, task.alert.name


class _OfKind:
    def __init__(self) -> None:
        self.keys: dict[str, set[str]] = {}

    def put(self, task: Task, order: int) -> None:
        keys = self.keys.setdefault(task.kind, set())
        if isinstance(task.outcome, FindingExcused):
            # Nobody is told of it, so nothing follows it either.
            keys.discard(task.key)
        else:
            keys.add(task.key)


class _Open:
    def __init__(self) -> None:
        self.keys: dict[str, set[str]] = {}

    def put(self, task: Task, order: int) -> None:
        keys = self.keys.setdefault(task.kind, set())
        if task.final:
            keys.discard(task.key)
        else:
            keys.add(task.key)
