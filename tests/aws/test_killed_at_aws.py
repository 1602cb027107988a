"""Killed with -9 right before and right behind each write to AWS, there and back: each is made once, and is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from responder.remediation.playbook import Playbook
from responder.settings.model import Safety
from responder.splunk.client import Splunkd

from sandbox.aws.server import AwsStandIn
from tests.aws.every_playbook import PLAYBOOKS, on_the_wire
from tests.aws.mortal import KILLED, Mortal
from tests.aws.scenarios import SCENARIOS
from tests.aws.support import FaultyAws, Tasks

Admin = Callable[..., Any]
#: In the ordinary run, which strikes before a write without a process, too (``test_remediation_loss``).
ORDINARY = {("revoke_open_ingress", "behind")}


@pytest.fixture(scope="module")
def proxy(stand_in: AwsStandIn) -> Iterator[FaultyAws]:
    started = FaultyAws(stand_in.url)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def mortal(proxy: FaultyAws, kv_store: Splunkd) -> Iterator[Mortal]:
    started = Mortal(proxy.url, kv_store)
    yield started
    started.stop()


def struck(proxy: FaultyAws, mortal: Mortal, wires: list[str], where: str, attempt: Callable[[], str]) -> None:
    """An attempt for each write, killed at it, before it has its effect or behind; then one that lives."""
    proxy.reached.clear()
    for number, wire in enumerate(wires):
        # Killed before, the next attempt makes that write first.
        skip = int(where == "before" and number > 0 and wires[number - 1] == wire)
        fault = proxy.add(wire, after=where == "behind", strike=mortal.kill, times=1, skip=skip)
        assert attempt() == KILLED and fault.times == 0


def made(proxy: FaultyAws, wires: list[str]) -> list[str]:
    """The writes that had an effect, in order."""
    return [operation for operation in proxy.reached if operation in wires]


@pytest.mark.parametrize(
    ("playbook", "where"),
    [
        pytest.param(playbook, where, marks=[] if (playbook.id, where) in ORDINARY else [pytest.mark.slow])
        for playbook in PLAYBOOKS
        for where in ("before", "behind")
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_each_write_is_made_once_and_taken_back_once(
    playbook: Playbook, where: str, mortal: Mortal, proxy: FaultyAws, tasks: Tasks, admin: Admin, name: str
) -> None:
    finding = tasks.prepared(playbook.id, admin, name, next(iter(SCENARIOS[playbook.id].variants)))
    changes = playbook.plan(finding, tasks.aws, Safety(), tasks.earlier)
    steps = [step for change in changes for step in change.steps]
    wires = [on_the_wire(tasks, step.call) for step in steps]

    struck(proxy, mortal, wires, where, lambda: mortal.run(finding, playbook.id, tasks))
    assert mortal.run(finding, playbook.id, tasks) == "done"
    assert made(proxy, wires) == wires
    # Those that were lost before their effect are explained by those that were made up for them.
    outcomes = ["unknown"] * len(wires) if where == "behind" else ["open", "done"] * len(wires)
    assert tasks.outcomes() == outcomes and len(tasks.evidence().made) == len(wires)
    if not playbook.undoable:
        return

    back = [on_the_wire(tasks, step.undo) for step in reversed(steps) if step.undo]
    if where == "behind":
        # Nobody knows whether it was this app that has changed it: a person decides.
        asked = mortal.undo(finding, playbook.id, tasks)
        assert asked.startswith("NeedsApproval") and "not known whether this app" in asked
        tasks.run(finding, playbook.id)
        tasks.decide("approve", f"{tasks.task()}.undo")
    struck(proxy, mortal, back, where, lambda: mortal.undo(finding, playbook.id, tasks))
    assert mortal.undo(finding, playbook.id, tasks) == "undone"
    assert made(proxy, back) == back
    for change in changes:
        now, part = playbook.state(change.resource, tasks.aws), playbook.of(change.resource)
        for step in change.steps:
            assert part.same(step.aspect, now.get(step.aspect), step.before), "it is as it was"
