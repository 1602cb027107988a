"""Rounds of chaos: whatever fails, every event is reported once, every change made once and right, nothing lost."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import pytest

from tests.chaos import due_dates
from tests.chaos.fault_profile import NONE
from tests.chaos.plan import Size, draw, one_finding_each

#: A cluster, and at most six rounds on it.
pytestmark = pytest.mark.extended(smaller="tests/e2e/test_kill.py")
SLOW = pytest.mark.slow
SEEDS = (1, *(pytest.param(seed, marks=SLOW) for seed in (2, 3)))
#: Smaller than a long run's, so that all of it takes a minute.
SIZE = Size(cases=4, seconds=4.0, lease=3.0)
#: What has to befall the app in the rounds of a seed, of which there are so many at most.
FAULTS, ROUNDS = {"faults", "delays", "kill", "stop"}, 6


@SLOW
def test_where_nothing_fails_nothing_is_lost_and_nothing_double(play):
    result = play(one_finding_each(draw(0, size=replace(SIZE, seconds=2.0), profile=NONE)))
    assert result.ok, result.report()


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_fails_nothing_is_lost_and_nothing_double(play, seed):
    injected = Counter[str]()
    # How many requests a round sees depends on the machine: on a slow one a single round may meet no delay at all.
    for number in range(ROUNDS):
        result = play(draw(seed, number, size=SIZE))
        assert result.ok, result.report()
        injected += result.injected
        if set(injected) >= FAULTS:
            return
    pytest.fail(f"{ROUNDS} rounds met only {dict(injected)}")


def test_what_the_app_has_put_off_can_be_made_due_in_a_moment(clusters):
    cluster = clusters.get(SIZE.lease)
    world, path = cluster.world, f"storage/collections/data/{due_dates.TASKS}"
    # What other rounds have left is none of this.
    due_dates.pull_forward(cluster)
    now = time.time()
    for key, due in (("0" * 20 + ".later", now + 3600), ("0" * 20 + ".past", now - 3600)):
        task = {"_key": key, "case_id": "0" * 20, "state": "done", "due_at": due, "trail": ""}
        world.rest("POST", path, json=task).raise_for_status()
    assert due_dates.pull_forward(cluster) == 1
    later, past = (world.documents(due_dates.TASKS, {"_key": "0" * 20 + name})[0] for name in (".later", ".past"))
    assert now < later["due_at"] < now + 60 and later["state"] == "done"
    assert past["due_at"] == now - 3600
    assert due_dates.pull_forward(cluster) == 0
    for task in (later, past):
        world.rest("DELETE", f"{path}/{task['_key']}").raise_for_status()
