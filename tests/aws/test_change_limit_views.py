"""Change limits where reads lag behind, each by another while, and go backwards: never more changes than are allowed.

As the KV store of a search head cluster: an insert goes to the captain and is exact, a read is answered by the copy of
the member that is asked (Splunk documentation, Splexicon, "KV store captain"), and a load balancer may ask any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.errors import NeedsApproval, Unavailable
from responder.remediation import change_limit
from responder.remediation.change_limit import ChangeLimit, Ledger

MANY = 1_000_000
NOW = 1_800_000_000.0


class Copies:
    """A KV store whose reads show what was there some inserts ago, and none of which is the newest for long.

    ``meanwhile`` is called in each request: there other processes come in between.
    """

    def __init__(self, behind: Callable[[], int], is_lost: Callable[[], bool] = lambda: False) -> None:
        self.documents: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self._behind = behind
        self._is_lost = is_lost

    def _seen(self) -> list[dict[str, Any]]:
        self.meanwhile()
        return self.documents[: max(0, len(self.documents) - self._behind())]

    def insert(self, collection: str, document: Mapping[str, Any]) -> bool:
        self.requests.append("insert")
        self.meanwhile()
        if any(known["_key"] == document["_key"] for known in self.documents):
            return False
        self.documents.append(dict(document))
        if self._is_lost():
            raise Unavailable("The answer is lost.")
        return True

    def fetch(self, collection: str, key: str) -> dict[str, Any] | None:
        self.requests.append("fetch")
        return next((known for known in self._seen() if known["_key"] == key), None)

    def find(self, collection: str, query: Mapping[str, Any], **options: Any) -> list[dict[str, Any]]:
        self.requests.append("find")
        assert options in ({}, {"sort": "number:-1", "limit": options.get("limit")})
        found = [known for known in self._seen() if all(known[name] == value for name, value in query.items())]
        found.sort(key=lambda known: -known["number"])
        return found[: options.get("limit")]

    def save_many(self, collection: str, documents: Any) -> None:
        raise AssertionError("a claim is an insert")

    def delete_where(self, collection: str, query: Mapping[str, Any]) -> None:
        """Nothing is as old."""


class Cluster:
    """Processes that claim changes for tasks of some runs, one in the middle of the other."""

    def __init__(self, random: Random, behind: int, lost: float, per_run: int, per_hour: int) -> None:
        self._random = random
        self._store = Copies(lambda: random.randint(0, behind), lambda: random.random() < lost)
        self._store.meanwhile = self._come_in_between
        self._limits = (per_run, per_hour)
        self._idle = [Ledger() for _ in range(4)]
        self._waiting = [(f"run-{n % 3}", f"task-{n}", random.choice((1, 1, 2))) for n in range(30)]
        self.granted: dict[str, tuple[str, int]] = {}

    def work(self) -> None:
        while self._waiting:
            self._reserve()

    def _come_in_between(self) -> None:
        if self._idle and self._waiting and self._random.random() < 0.3:
            self._reserve()

    def _reserve(self) -> None:
        run, task, changes = self._waiting.pop(self._random.randrange(len(self._waiting)))
        with self._a_process() as process:
            for _ in range(8):
                try:
                    process.reserve(run, task, changes, *self._limits)
                except Unavailable:
                    continue
                except NeedsApproval:
                    return
                self.granted[task] = run, changes
                return

    @contextmanager
    def _a_process(self) -> Iterator[ChangeLimit]:
        ledger = self._idle.pop(self._random.randrange(len(self._idle)))
        try:
            yield ChangeLimit(self._store, lambda: NOW, ledger)
        finally:
            self._idle.append(ledger)

    @property
    def of_runs(self) -> dict[str, int]:
        made: dict[str, int] = {}
        for run, changes in self.granted.values():
            made[run] = made.get(run, 0) + changes
        return made


@pytest.mark.extended
@settings(max_examples=300, deadline=None)
@given(
    st.randoms(use_true_random=False),
    st.sampled_from((0, 1, 3, 8, 40)),
    st.sampled_from((0.0, 0.1)),
    st.sampled_from((2, 8, MANY)),
    st.sampled_from((1, 5, 20, MANY)),
    st.sampled_from((1, change_limit.LEAST_READ)),
)
def test_no_more_changes_are_made_than_are_allowed(
    random: Random, behind: int, lost: float, per_run: int, per_hour: int, least: int
) -> None:
    """``least``: whether all claims are read, or the newest and those of the run."""
    cluster = Cluster(random, behind, lost, per_run, per_hour)
    with patch.object(change_limit, "LEAST_READ", least):
        cluster.work()
    assert all(made <= per_run for made in cluster.of_runs.values()), cluster.of_runs
    assert sum(cluster.of_runs.values()) <= per_hour
    if not behind and not lost:
        most = sum(min(8, per_run) for _ in range(3))
        assert sum(cluster.of_runs.values()) >= min(per_hour, most) - 3, "and none fewer, but for what comes in twos"


class Views:
    """How many inserts each read in turn is behind; the last one is kept."""

    def __init__(self, *behind: int) -> None:
        self._left = list(behind)

    def __call__(self) -> int:
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]


def filled(views: Callable[[], int], claims: int, run: str = "run") -> Copies:
    store = Copies(lambda: 0)
    for number in range(claims):
        ChangeLimit(store, lambda: NOW, Ledger()).reserve(run, f"known-{number}", 1, MANY, MANY)
    store.requests.clear()
    store._behind = views
    return store


def test_what_is_read_of_a_run_may_be_older_than_what_is_read_of_all() -> None:
    """The newest claims tell of the run as well."""
    limit = ChangeLimit(filled(Views(0, 3), 5), lambda: NOW, Ledger())
    with pytest.raises(NeedsApproval, match="has made 5 of 5"):
        limit.reserve("run", "next", 1, 5, MANY)


def test_a_view_that_goes_back_after_a_number_was_taken_leaves_no_claim_out() -> None:
    """Read two behind, the number is taken, and it is read four behind then."""
    store = filled(Views(2, 0, 4, 0, 4), 6)
    limit = ChangeLimit(store, lambda: NOW, Ledger())
    with pytest.raises(NeedsApproval, match="have made 6 of 6"):
        limit.reserve("another", "next", 1, MANY, 6)


def test_claims_that_count_for_their_run_alone_hide_none_of_the_hour() -> None:
    """A task that another run takes up again has counted for this hour, and counts for the other run."""
    store = Copies(lambda: 0)
    first = ChangeLimit(store, lambda: NOW, Ledger())
    for task in ("a", "b", "c"):
        first.reserve("run", task, 1, MANY, 4)
    for run in ("second", "third"):
        for task in ("a", "b"):
            first.reserve(run, task, 1, MANY, 4)
    fresh = ChangeLimit(store, lambda: NOW, Ledger())
    with pytest.raises(NeedsApproval, match="have made 3 of 4"):
        fresh.reserve("run", "d", 2, MANY, 4)


def test_lagging_costs_no_request_in_the_ordinary_case() -> None:
    store = filled(Views(0), 3)
    limit = ChangeLimit(store, lambda: NOW, Ledger())
    limit.reserve("run", "next", 1, MANY, 100)
    assert store.requests == ["find", "insert"]
    limit.reserve("run", "one more", 1, MANY, 100)
    limit.reserve("another", "one more", 1, MANY, 100)
    assert store.requests == ["find", "insert", "insert", "insert"]
