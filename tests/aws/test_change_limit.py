"""How many changes may be made: never more, however many processes count at once, and none is counted twice."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from responder.errors import NeedsApproval, Unavailable
from responder.remediation.change_limit import CHANGES, HOUR, KEPT, ChangeLimit
from responder.splunk.client import Splunkd


class Clock:
    def __init__(self) -> None:
        self.later = 0.0

    def __call__(self) -> float:
        return time.time() + self.later


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limit(kv_store: Splunkd, clock: Clock) -> ChangeLimit:
    return ChangeLimit(kv_store, clock)


@pytest.fixture
def run() -> str:
    return uuid.uuid4().hex


class Scoped:
    """A KV store in which the hour of this test is its own."""

    def __init__(self, kv_store: Splunkd) -> None:
        self._kv_store = kv_store
        self._hour = f"hour-{uuid.uuid4().hex}"
        self.lost_answers = 0
        self.stale = 0

    def insert(self, collection: str, document: Any) -> bool:
        own = {**document, "_key": self._named(document["_key"]), "scope": self._named(document["scope"])}
        inserted = self._kv_store.insert(collection, own)
        if self.lost_answers:
            # The first answer is lost, so the client sends it again.
            self.lost_answers -= 1
            return self._kv_store.insert(collection, own)
        return inserted

    def fetch(self, collection: str, key: str) -> Any:
        return self._kv_store.fetch(collection, self._named(key))

    def find(self, collection: str, query: Any, **options: Any) -> Any:
        found = self._kv_store.find(collection, {**query, "scope": self._named(query["scope"])}, **options)
        return found[self.stale :]

    def delete_where(self, collection: str, query: Any) -> None:
        own = {name: self._named(value) if name == "_key" else value for name, value in query.items()}
        self._kv_store.delete_where(collection, own)

    def _named(self, text: str) -> str:
        return text.replace("hour", self._hour, 1) if text.startswith("hour") else text


@pytest.fixture
def scoped(kv_store: Splunkd) -> Scoped:
    return Scoped(kv_store)


@pytest.fixture
def hourly(scoped: Scoped, clock: Clock) -> Iterator[ChangeLimit]:
    yield ChangeLimit(scoped, clock)


def test_a_run_makes_no_more_than_its_limit(limit: ChangeLimit, run: str) -> None:
    limit.reserve(run, "a", 3, 4)
    with pytest.raises(NeedsApproval, match="has made 3 of 4 allowed changes; this needs 2 more"):
        limit.reserve(run, "b", 2, 4)
    limit.reserve(run, "c", 1, 4)
    with pytest.raises(NeedsApproval):
        limit.reserve(run, "d", 1, 4)
    limit.reserve(run + "x", "d", 1, 4)


def test_a_task_that_tries_again_counts_once(limit: ChangeLimit, run: str) -> None:
    for _ in range(3):
        limit.reserve(run, "a", 2, 2)
    with pytest.raises(NeedsApproval):
        limit.reserve(run, "b", 1, 2)


def test_a_limit_of_none_allows_none(limit: ChangeLimit, run: str) -> None:
    with pytest.raises(NeedsApproval, match="0 of 0"):
        limit.reserve(run, "a", 1, 0)


@pytest.mark.parametrize("each", [1, 2, 3])
def test_many_at_once_never_take_more_than_there_is(kv_store: Splunkd, clock: Clock, run: str, each: int) -> None:
    """As many processes on as many search heads would: each has its own view, and starts in the same moment."""
    start = threading.Barrier(12)

    def reserve(number: int) -> int:
        own = ChangeLimit(Splunkd(kv_store.uri, kv_store.session_key, pauses=()), clock)
        start.wait(10)
        try:
            own.reserve(run, f"task-{number}", each, 10)
        except NeedsApproval:
            return 0
        return each

    with ThreadPoolExecutor(12) as pool:
        taken = sum(pool.map(reserve, range(12)))
    assert 10 - 2 * each < taken <= 10
    held = [place for place in kv_store.find(CHANGES, {}) if str(place["task"]).startswith("task-")]
    mine = [place for place in held if place["scope"] == _scope_of(run)]
    assert len(mine) == taken, "who was refused holds nothing"


def _scope_of(run: str) -> str:
    import hashlib

    return "run:" + hashlib.sha256(run.encode()).hexdigest()[:20]


def test_all_runs_of_an_hour_count_together(hourly: ChangeLimit, clock: Clock) -> None:
    hourly.reserve_hourly("a", 2, 3)
    clock.later = HOUR / 2
    hourly.reserve_hourly("b", 1, 3)
    with pytest.raises(NeedsApproval, match="Within the last hour all alerts together have made 3 of 3"):
        hourly.reserve_hourly("c", 1, 3)
    hourly.reserve_hourly("a", 2, 3)
    clock.later = HOUR + 1
    hourly.reserve_hourly("c", 2, 3)
    with pytest.raises(NeedsApproval):
        hourly.reserve_hourly("d", 1, 3)
    clock.later = 5 * HOUR
    hourly.reserve_hourly("d", 3, 3)


def test_a_view_that_lags_behind_refuses_rather_than_allows(
    hourly: ChangeLimit, scoped: Scoped, clock: Clock
) -> None:
    """A search head reads its own copy: the newest numbers are not in it yet."""
    hourly.reserve_hourly("a", 3, 4)
    scoped.stale = 3
    with pytest.raises(NeedsApproval):
        hourly.reserve_hourly("b", 2, 4)
    hourly.reserve_hourly("b", 1, 4)
    with pytest.raises(NeedsApproval):
        hourly.reserve_hourly("c", 1, 4)


def test_an_insert_that_is_sent_twice_takes_one_number(hourly: ChangeLimit, scoped: Scoped) -> None:
    scoped.lost_answers = 1
    hourly.reserve_hourly("a", 1, 2)
    hourly.reserve_hourly("b", 1, 2)
    with pytest.raises(NeedsApproval):
        hourly.reserve_hourly("c", 1, 2)


def test_numbers_are_not_kept_for_ever(scoped: Scoped, kv_store: Splunkd) -> None:
    """Long ago, so that nothing of another test is as old."""
    clock = Clock()
    clock.later = -20 * KEPT
    limit = ChangeLimit(scoped, clock)
    limit.reserve_hourly("old", 3, 200)
    clock.later += KEPT + HOUR
    limit.reserve_hourly("new", 60, 200)
    left = [place["task"] for place in kv_store.find(CHANGES, {"at": {"$lt": time.time() - 10 * KEPT}})]
    assert "new" in left and "old" not in left


def test_a_kv_store_that_fails_allows_nothing(clock: Clock) -> None:
    limit = ChangeLimit(Splunkd("http://127.0.0.1:9", "key", pauses=()), clock)
    with pytest.raises(Unavailable):
        limit.reserve("run", "a", 1, 10)
