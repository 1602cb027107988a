"""How many changes may be made: never more, however many processes count at once, and none is counted twice."""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from responder.errors import NeedsApproval, Unavailable
from responder.remediation import change_limit
from responder.remediation.change_claims import CHANGES, HOUR, SCOPE, WINDOW
from responder.remediation.change_limit import KEPT, SWEEP_EVERY, ChangeLimit, Ledger
from responder.splunk.client import Splunkd

MANY = 1_000_000


class Clock:
    def __init__(self) -> None:
        self.later = 0.0

    def __call__(self) -> float:
        return time.time() + self.later


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Scoped:
    """A KV store in which the ledger of this test is its own."""

    def __init__(self, kv_store: Splunkd, ledger: str = "") -> None:
        self._kv_store = kv_store
        self.ledger = ledger or f"ledger-{uuid.uuid4().hex}"
        self.requests: list[str] = []
        self.lost_answers = 0
        #: Newest claims that this search head's copy does not show yet, and whether it cannot be asked by key either.
        self.stale, self.stale_by_key = 0, False

    def insert(self, collection: str, document: Any) -> bool:
        self.requests.append("insert")
        own = {**document, "_key": self._named(document["_key"]), "scope": self._named(document["scope"])}
        inserted = self._kv_store.insert(collection, own)
        if self.lost_answers:
            # The first answer is lost, so the client sends it again.
            self.lost_answers -= 1
            return self._kv_store.insert(collection, own)
        return inserted

    def fetch(self, collection: str, key: str) -> Any:
        self.requests.append("fetch")
        return None if self.stale_by_key else self._kv_store.fetch(collection, self._named(key))

    def find(self, collection: str, query: Any, **options: Any) -> Any:
        self.requests.append("find")
        options = {"sort": "number:-1", **options}
        return self._kv_store.find(collection, {**query, "scope": self._named(query["scope"])}, **options)[self.stale :]

    def save_many(self, collection: str, documents: Any) -> None:
        raise AssertionError("a claim is an insert")

    def delete_where(self, collection: str, query: Any) -> None:
        self._kv_store.delete_where(collection, query)

    def claims(self) -> list[dict[str, Any]]:
        return self._kv_store.find(CHANGES, {"scope": self._named(SCOPE)}, sort="number")

    def forget(self) -> None:
        """As a person may empty the collection."""
        self._kv_store.delete_where(CHANGES, {"scope": self._named(SCOPE)})

    def _named(self, text: str) -> str:
        return text.replace(SCOPE, self.ledger, 1)


@pytest.fixture
def scoped(kv_store: Splunkd) -> Scoped:
    return Scoped(kv_store)


@pytest.fixture
def limit(scoped: Scoped, clock: Clock) -> ChangeLimit:
    return process(scoped, clock)


def process(store: Any, clock: Any) -> ChangeLimit:
    """A process of its own: it knows nothing yet."""
    return ChangeLimit(store, clock, Ledger())


def test_a_run_makes_no_more_than_its_limit(limit: ChangeLimit) -> None:
    limit.reserve("run", "a", 3, 4, MANY)
    with pytest.raises(NeedsApproval, match="has made 3 of 4 allowed changes; this needs 2 more"):
        limit.reserve("run", "b", 2, 4, MANY)
    limit.reserve("run", "c", 1, 4, MANY)
    with pytest.raises(NeedsApproval):
        limit.reserve("run", "d", 1, 4, MANY)
    limit.reserve("another", "d", 1, 4, MANY)


def test_a_task_that_tries_again_counts_once(limit: ChangeLimit, scoped: Scoped, clock: Clock) -> None:
    for _ in range(3):
        limit.reserve("run", "a", 2, 2, MANY)
        process(scoped, clock).reserve("run", "a", 2, 2, MANY)
    with pytest.raises(NeedsApproval):
        limit.reserve("run", "b", 1, 2, MANY)
    assert len(scoped.claims()) == 1


def test_a_limit_of_none_allows_none(limit: ChangeLimit) -> None:
    with pytest.raises(NeedsApproval, match="0 of 0"):
        limit.reserve("run", "a", 1, 0, MANY)
    with pytest.raises(NeedsApproval, match="0 of 0"):
        limit.reserve("run", "a", 1, MANY, 0)


@pytest.mark.parametrize("each", [1, 2, 3])
@pytest.mark.parametrize("threads", [1, 4])
def test_many_processes_at_once_never_take_more_than_there_is(
    kv_store: Splunkd, scoped: Scoped, clock: Clock, each: int, threads: int
) -> None:
    """On as many search heads: each has its own view, and starts in the same moment. Some have several threads."""
    start = threading.Barrier(12)
    processes = [
        process(Scoped(Splunkd(kv_store.uri, kv_store.session_key, pauses=()), scoped.ledger), clock)
        for _ in range(12 // threads)
    ]

    def reserve(number: int) -> int:
        start.wait(10)
        try:
            processes[number % len(processes)].reserve("run", f"task-{number}", each, 10, MANY)
        except NeedsApproval:
            return 0
        return each

    with ThreadPoolExecutor(12) as pool:
        taken = sum(pool.map(reserve, range(12)))
    assert 10 - each < taken <= 10
    fresh = process(scoped, clock)
    with pytest.raises(NeedsApproval, match=f"has made {taken} of 0"):
        fresh.reserve("run", "who asks", 1, 0, MANY)
    numbers = [claim["number"] for claim in scoped.claims()]
    assert numbers == list(range(1, len(numbers) + 1)), "who was refused holds nothing"


def test_the_threads_of_a_process_claim_together(scoped: Scoped, limit: ChangeLimit) -> None:
    """A hundred claims are a few requests, and exactly as many are granted as there are."""

    def reserve(number: int) -> bool:
        try:
            limit.reserve("run", f"task-{number}", 1, 60, MANY)
        except NeedsApproval:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(reserve, range(60))) == 60
    assert scoped.requests.count("insert") == len(scoped.claims()) <= 30
    assert scoped.requests.count("find") == 1
    with ThreadPoolExecutor(16) as pool:
        assert not any(pool.map(reserve, range(60, 100)))


def test_a_process_that_knows_the_ledger_claims_with_one_request(scoped: Scoped, limit: ChangeLimit) -> None:
    limit.reserve("run", "a", 1, 5, MANY)
    scoped.requests.clear()
    limit.reserve("run", "b", 1, 5, MANY)
    assert scoped.requests == ["insert"]


def test_a_further_run_of_the_same_minute_claims_with_one_request_too(scoped: Scoped, limit: ChangeLimit) -> None:
    limit.reserve("run", "a", 2, 5, MANY)
    scoped.requests.clear()
    limit.reserve("another", "b", 1, 5, MANY)
    assert scoped.requests == ["insert"]


def test_of_more_claims_than_are_read_those_of_a_run_are_read_by_themselves(
    scoped: Scoped, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_limit, "LEAST_READ", 1)
    for run in ("run", "1", "2", "run", "3"):
        process(scoped, clock).reserve(run, f"task-{len(scoped.claims())}", 2, 4, MANY)
    clock.later = 2 * WINDOW
    limit = process(scoped, clock)
    limit.reserve("3", "b", 1, 4, 2)
    scoped.requests.clear()
    limit.reserve("1", "d", 1, 4, 2)
    assert scoped.requests == ["find", "insert"]
    with pytest.raises(NeedsApproval, match="has made 4 of 4"):
        limit.reserve("run", "c", 1, 4, 2)


def test_what_other_processes_claim_meanwhile_counts(scoped: Scoped, clock: Clock, limit: ChangeLimit) -> None:
    limit.reserve("run", "a", 1, 5, MANY)
    other = process(scoped, clock)
    other.reserve("run", "b", 2, 5, MANY)
    other.reserve("another", "c", 1, 5, MANY)
    with pytest.raises(NeedsApproval, match="has made 3 of 5 allowed changes; this needs 3 more"):
        limit.reserve("run", "d", 3, 5, MANY)
    limit.reserve("run", "d", 2, 5, MANY)
    with pytest.raises(NeedsApproval, match="has made 5 of 5"):
        other.reserve("run", "e", 1, 5, MANY)


def test_nobody_is_refused_by_what_a_process_remembers(scoped: Scoped, limit: ChangeLimit) -> None:
    limit.reserve("run", "a", 5, 5, MANY)
    scoped.forget()
    scoped.requests.clear()
    with pytest.raises(NeedsApproval):
        limit.reserve("run", "b", 1, 5, MANY)
    assert "find" in scoped.requests


def test_all_runs_of_an_hour_count_together(limit: ChangeLimit, clock: Clock) -> None:
    limit.reserve("1", "a", 2, MANY, 3)
    clock.later = HOUR / 2
    limit.reserve("2", "b", 1, MANY, 3)
    with pytest.raises(NeedsApproval, match="Within the last hour all alerts together have made 3 of 3"):
        limit.reserve("3", "c", 1, MANY, 3)
    limit.reserve("1", "a", 2, MANY, 3)
    clock.later = WINDOW + 1
    limit.reserve("3", "c", 2, MANY, 3)
    with pytest.raises(NeedsApproval):
        limit.reserve("4", "d", 1, MANY, 3)
    clock.later = 5 * HOUR
    limit.reserve("4", "d", 3, MANY, 3)


def test_a_task_that_tries_again_after_an_hour_counts_for_that_hour_and_not_again_for_its_run(
    limit: ChangeLimit, clock: Clock
) -> None:
    limit.reserve("run", "a", 2, 3, 2)
    clock.later = WINDOW + 1
    limit.reserve("run", "a", 2, 3, 2)
    with pytest.raises(NeedsApproval, match="Within the last hour"):
        limit.reserve("run", "b", 1, 3, 2)
    limit.reserve("run", "b", 1, 3, 3)
    with pytest.raises(NeedsApproval, match="This run has made 3 of 3"):
        limit.reserve("run", "c", 1, 3, MANY)


def test_a_limit_that_is_raised_counts_further_back(limit: ChangeLimit) -> None:
    for number in range(4):
        limit.reserve("run", f"task-{number}", 1, MANY, 4)
    with pytest.raises(NeedsApproval):
        limit.reserve("run", "b", 1, MANY, 4)
    limit.reserve("run", "b", 1, MANY, 5)
    with pytest.raises(NeedsApproval, match="have made 5 of 5"):
        limit.reserve("run", "c", 1, MANY, 5)


@pytest.mark.parametrize("knows", [True, False], ids=["warm", "cold"])
def test_a_view_that_lags_behind_refuses_rather_than_allows(
    limit: ChangeLimit, scoped: Scoped, clock: Clock, knows: bool
) -> None:
    """A search head reads its own copy: the newest claims are not in it yet."""
    for number in range(3):
        limit.reserve("run", f"a-{number}", 1, MANY, 4)
    mine = limit if knows else process(scoped, clock)
    scoped.stale = 2
    with pytest.raises(NeedsApproval):
        mine.reserve("run", "b", 2, MANY, 4)
    mine.reserve("run", "b", 1, MANY, 4)
    for _ in range(2):
        with pytest.raises(NeedsApproval, match="have made 4 of 4"):
            mine.reserve("run", "c", 1, MANY, 4)


def test_a_claim_that_cannot_be_read_here_yet_is_waited_for(limit: ChangeLimit, scoped: Scoped, clock: Clock) -> None:
    limit.reserve("run", "a", 1, MANY, 4)
    scoped.stale, scoped.stale_by_key = 1, True
    with pytest.raises(Unavailable, match="lags behind") as caught:
        process(scoped, clock).reserve("run", "b", 1, MANY, 4)
    assert caught.value.retry_after and len(scoped.claims()) == 1


def test_an_insert_that_is_sent_twice_counts_once(limit: ChangeLimit, scoped: Scoped) -> None:
    scoped.lost_answers = 1
    limit.reserve("run", "a", 1, MANY, 2)
    limit.reserve("run", "b", 1, MANY, 2)
    with pytest.raises(NeedsApproval):
        limit.reserve("run", "c", 1, MANY, 2)


def test_claims_are_not_kept_for_ever(scoped: Scoped, kv_store: Splunkd) -> None:
    """Long ago, so that nothing of another test is as old."""
    clock = Clock()
    clock.later = -20 * KEPT
    limit = process(scoped, clock)
    limit.reserve("old", "old", 3, MANY, MANY)
    clock.later += KEPT + HOUR
    for number in range(SWEEP_EVERY):
        limit.reserve("new", f"new-{number}", 1, MANY, MANY)
    assert [claim["number"] for claim in scoped.claims()] == list(range(2, SWEEP_EVERY + 2))


def test_a_claim_that_cannot_be_read_allows_nothing(limit: ChangeLimit, scoped: Scoped, kv_store: Splunkd) -> None:
    limit.reserve("run", "a", 1, MANY, MANY)
    (claim,) = scoped.claims()
    kv_store.replace(CHANGES, claim["_key"], {**claim, "tasks": "{"})
    with pytest.raises(Unavailable, match="is damaged"):
        process(scoped, Clock()).reserve("run", "b", 1, MANY, MANY)


def test_a_kv_store_that_fails_allows_nothing(clock: Clock) -> None:
    limit = process(Splunkd("http://127.0.0.1:9", "key", pauses=()), clock)
    with pytest.raises(Unavailable):
        limit.reserve("run", "a", 1, 10, 10)


# How many wait


def test_who_is_refused_is_told_how_many_more_of_the_run_are(limit: ChangeLimit) -> None:
    limit.reserve("run", "a", 1, 1, MANY)
    for task in ("b", "c", "d"):
        with pytest.raises(NeedsApproval):
            limit.reserve("run", task, 1, 1, MANY)
    assert limit.others_waiting("run", "d") == 2
    # Of those that are not at their end, "a" may go on, and "e" has not asked yet.
    assert limit.others_waiting("run", "d", ["a", "d", "c", "e"]) == 3
    assert limit.others_waiting("another", "x") == 0
    limit.reserve("run", "b", 1, 2, MANY)
    assert limit.others_waiting("run", "d") == 1
