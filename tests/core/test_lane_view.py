"""The indexes over a lane tell what looking through all of its tasks would, and cost no more than a lane is long."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
from core_findings import finding
from plain_destination import PlainDestination, newest
from responder.cases.keys import finding_task
from responder.cases.outcomes import TicketCommented, TicketOpened
from responder.cases.states import State
from responder.cases.task import Alert, Task
from responder.cases.turns import StoredTurn, Turn, overlay
from responder.errors import Throttled
from responder.findings.finding import SEVERITIES
from responder.handlers.base import Context
from responder.handlers.digest import Destination
from responder.handlers.lane_view import LaneView

NOW = 10_000.0
PROJECTS = ("SEC", "OPS")


def project_of(outcome: Any) -> str:
    return str(outcome.project)


def opened_in(task: Task) -> str | None:
    return task.outcome.project if isinstance(task.outcome, TicketOpened) else None


def context_of(task: Task, view: LaneView) -> Context:
    nobody = cast(Any, None)
    return Context(task, cast(Turn, None), (), lambda _: (), nobody, nobody, nobody, nobody, lambda: NOW, view)


def some_outcome(chance: random.Random, events: list[str]) -> TicketOpened | TicketCommented | None:
    if chance.random() < 0.5:
        return None
    make: Any = chance.choice((TicketOpened, TicketCommented))
    outcome: TicketOpened | TicketCommented = make(
        event_ids=tuple(chance.sample(events, chance.randint(0, 3))),
        remediations=tuple(chance.sample(("r1", "r2", "r3"), chance.randint(0, 2))),
        notified_at=chance.choice((0.0, NOW - 10, NOW - 200, NOW - 5000)),
        severity=chance.choice((*SEVERITIES, "")),
        turn=chance.randint(1, 4),
        key=chance.choice(("SEC-1", "SEC-2")),
        project=chance.choice(PROJECTS),
    )
    return outcome


def some_task(chance: random.Random, number: int, events: list[str]) -> Task:
    about = finding(
        1,
        *chance.sample(events, chance.randint(1, 3)),
        severity=chance.choice(SEVERITIES),
        first_time=float(chance.randint(1, 4)),
        throttle_seconds=chance.choice((0.0, 100.0, 1000.0)),
    )
    kind = chance.choice(("ticket.finding", "ticket.finding", "ticket.remediation"))
    return Task(
        key=finding_task(about.case_id, "ticket", kind, [str(number)], {}),
        kind=kind,
        request={"project": chance.choice(PROJECTS), "number": number % 3},
        finding=about if chance.random() < 0.8 else None,
        alert=Alert(chance.choice(("One", "Two"))),
        event_ids=about.event_ids,
        owner=chance.choice(("pat", "eve")),
        state=chance.choice((State.RECORDED, State.WAITING, State.DONE, State.FAILED)),
        outcome=some_outcome(chance, events),
        created_at=float(number // 2),
        requested_at=chance.choice((0.0, 5.0, 50.0)),
    )


def said(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Throttled as error:
        return error.retry_after


def both(own: Task, tasks: list[Task], view: LaneView, project: str) -> tuple[list[Any], list[Any]]:
    siblings = [task for task in tasks if task.key != own.key]
    plain = PlainDestination(own, siblings, lambda outcome: outcome.project == project, NOW)
    context = context_of(own, view)
    here = Destination(context, project_of, project)
    names = ("r1", "r2", "r3")
    newest_ticket = view.newest(opened_in, project, own.key)

    def listed(digest: Any) -> tuple[str, ...]:
        return digest.event_ids if digest else ()

    expected = [
        plain.single(),
        said(plain.together),
        {name for name in names if name in plain.remediations()},
        plain.request(),
        newest(siblings, lambda outcome: isinstance(outcome, TicketOpened) and outcome.project == project),
        any(task.kind == "ticket.finding" for task in siblings),
    ]
    found = [
        listed(here.single()),
        said(lambda: listed(here.together())),
        {name for name in names if here.reports(name)},
        context.request,
        newest_ticket.outcome if newest_ticket else None,
        view.has_kind("ticket.finding", own.key),
    ]
    return expected, found


@pytest.mark.parametrize("seed", range(60))
def test_it_tells_what_looking_through_the_whole_lane_tells_also_after_tasks_have_changed(seed: int) -> None:
    chance = random.Random(seed)
    events = [f"event-{number}" for number in range(chance.randint(3, 8))]
    tasks = [some_task(chance, number, events) for number in range(chance.randint(1, 9))]
    view = LaneView(tasks)
    for step in range(12):
        for own in tasks:
            if own.finding is not None:
                expected, found = both(own, tasks, view, chance.choice(PROJECTS))
                assert found == expected
        place = chance.randrange(len(tasks) + 1)
        changed = some_task(chance, 1000 + step, events)
        if place < len(tasks):
            before = tasks[place]
            later = max(before.requested_at, changed.requested_at)
            tasks[place] = changed = replace(
                before, state=changed.state, outcome=changed.outcome, requested_at=later, turn=step
            )
        else:
            tasks.append(changed)
        view.changed(changed)


def lane_of(occurrences: int) -> list[Task]:
    """Occurrences that wait, behind one that was told of a moment ago."""
    told = TicketOpened(("event-0",), (), NOW - 10, "low", 1, key="SEC-1", project="SEC")
    tasks = []
    for number in range(occurrences):
        about = finding(1, f"event-{number}", throttle_seconds=100.0)
        key = finding_task(about.case_id, "ticket", "ticket.finding", about.event_ids, {})
        tasks.append(Task(key, "ticket.finding", finding=about, event_ids=about.event_ids, created_at=float(number)))
    tasks[0].outcome, tasks[0].state = told, State.DONE
    return tasks


def calls(work: Callable[[], None]) -> int:
    """Functions called by some work, of whatever language."""
    counted = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return counted


def all_throttled(occurrences: int) -> None:
    tasks = lane_of(occurrences)
    view = LaneView(tasks)
    for own in tasks[1:]:
        with pytest.raises(Throttled):
            Destination(context_of(own, view), project_of, "SEC").together()
        view.changed(own)


def all_told_at_once(occurrences: int) -> None:
    tasks = lane_of(occurrences)[1:]
    view = LaneView(tasks)
    for number, own in enumerate(tasks):
        digest = Destination(context_of(own, view), project_of, "SEC").together()
        assert (digest is None) == (number > 0)
        if digest is not None:
            own.outcome = TicketCommented(digest.event_ids, (), NOW, "low", 2, project="SEC")
        own.state = State.DONE
        view.changed(own)


def brought_up_to_date(occurrences: int) -> None:
    """Each in a turn of its own."""
    tasks = lane_of(occurrences)
    turns = [
        StoredTurn(number, "me", "here", NOW, NOW, (), {task.key: replace(task, turn=number).progress()})
        for number, task in enumerate(tasks, 1)
    ]
    assert [task.turn for task in overlay(tasks, turns)] == list(range(1, occurrences + 1))


@pytest.mark.parametrize("work", [all_throttled, all_told_at_once, brought_up_to_date])
def test_four_times_as_many_occurrences_cost_four_times_as_much(work: Callable[[int], None]) -> None:
    work(10)  # Whatever is made only once is made now.
    assert calls(lambda: work(800)) < 5 * calls(lambda: work(200))
