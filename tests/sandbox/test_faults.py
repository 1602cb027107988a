"""Faults on purpose, seen from a client: what it gets, and whether the effect happened all the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import requests
from werkzeug.wrappers import Response

from sandbox.faults import Faults
from sandbox.standin import StandIn, json_response


class Counter(StandIn):
    """The smallest stand-in: every POST to /count is one effect."""

    name = "counter"

    def __init__(self) -> None:
        super().__init__()
        self.effects_done = 0

    def routes(self):
        return [("POST", "/count", self.count), ("GET", "/count", self.read), ("GET", "/broken", self.broken)]

    def call(self, function, request, arguments) -> Response:
        return function(**arguments)

    def count(self) -> Response:
        self.effects_done += 1
        return self.read()

    def read(self) -> Response:
        return json_response({"count": self.effects_done})

    def broken(self) -> Response:
        raise RuntimeError("a bug")


@pytest.fixture
def counter() -> Iterator[Counter]:
    with Counter() as standin:
        yield standin


def post(counter: Counter, timeout: float = 5) -> requests.Response:
    return requests.post(counter.url + "/count", timeout=timeout)


def test_without_faults_it_serves_and_logs_what_it_was_asked(counter: Counter) -> None:
    answer = requests.post(counter.url + "/count?a=1&a=2", json={"x": 1}, timeout=5)
    assert answer.json() == {"count": 1}
    (entry,) = counter.requests
    assert (entry.method, entry.path, entry.query, entry.json, entry.status) == (
        "POST",
        "/count",
        {"a": ["1", "2"]},
        {"x": 1},
        200,
    )


@pytest.mark.parametrize("status", [400, 500, 502, 503])
def test_status_answers_instead_of_the_effect(counter: Counter, status: int) -> None:
    counter.faults.add("status", status=status, body={"oops": True}, headers={"X-Why": "test"})
    answer = post(counter)
    assert (answer.status_code, answer.json(), answer.headers["X-Why"]) == (status, {"oops": True}, "test")
    assert counter.effects_done == 0
    assert post(counter).json() == {"count": 1}


@pytest.mark.parametrize("body", ["{}", "null", "[]", "<html>Moved</html>", ""])
def test_another_answer_can_come_in_the_place_of_the_true_one(counter: Counter, body: str) -> None:
    counter.faults.add("status_after", status=201, body=body, headers={"Content-Type": "application/json"})
    answer = post(counter)
    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (201, body, "application/json")
    assert counter.effects_done == 1
    assert (counter.requests[0].fault, counter.requests[0].status) == ("status_after", 201)


@pytest.mark.parametrize("retry_after", [3, "Wed, 21 Oct 2026 07:28:00 GMT", None])
def test_rate_limit_says_when_to_come_back(counter: Counter, retry_after: int | str | None) -> None:
    counter.faults.add("rate_limit", retry_after=retry_after)
    answer = post(counter)
    assert answer.status_code == 429
    assert answer.headers.get("Retry-After") == (None if retry_after is None else str(retry_after))
    assert counter.effects_done == 0


@pytest.mark.parametrize(("kind", "effects"), [("reset", 0), ("reset_after", 1)])
def test_a_reset_is_a_reset_before_or_after_the_effect(counter: Counter, kind: str, effects: int) -> None:
    counter.faults.add(kind)
    with pytest.raises(requests.ConnectionError) as caught:
        post(counter)
    assert "reset by peer" in str(caught.value)
    assert counter.effects_done == effects
    assert (counter.requests[0].fault, counter.requests[0].status) == (kind, None)


@pytest.mark.parametrize(("kind", "effects"), [("timeout", 0), ("timeout_after", 1)])
def test_a_timeout_holds_the_client_before_or_after_the_effect(counter: Counter, kind: str, effects: int) -> None:
    counter.faults.add(kind, seconds=5)
    with pytest.raises(requests.ReadTimeout):
        post(counter, timeout=0.2)
    assert counter.effects_done == effects


def test_latency_is_a_true_answer_late(counter: Counter) -> None:
    counter.faults.add("latency", seconds=0.2)
    with pytest.raises(requests.ReadTimeout):
        post(counter, timeout=0.05)
    while not counter.effects_done:
        time.sleep(0.005)
    counter.faults.add("latency", seconds=0.2)
    assert post(counter).json() == {"count": 2}


def test_one_slow_answer_does_not_hold_up_the_others(counter: Counter) -> None:
    counter.faults.add("latency", method="GET", seconds=2)
    slow = threading.Thread(target=lambda: requests.get(counter.url + "/count", timeout=5))
    slow.start()
    while not counter.requests:
        time.sleep(0.005)
    assert post(counter).json() == {"count": 1}
    assert slow.is_alive(), "the slow answer came first"
    counter.stop()
    slow.join()


def test_a_rule_hits_only_its_method_and_path_and_leaves_the_first_ones_alone(counter: Counter) -> None:
    rule = counter.faults.add("status", method="post", path="^/count$", skip=1, count=2)
    assert requests.get(counter.url + "/count", timeout=5).status_code == 200
    assert [post(counter).status_code for _ in range(4)] == [200, 503, 503, 200]
    assert counter.faults.fired(rule) == 2


def test_a_rule_for_ever_lasts_until_it_is_cleared(counter: Counter) -> None:
    rule = counter.faults.add("status", count=None)
    assert {post(counter).status_code for _ in range(5)} == {503}
    assert counter.faults.clear(rule) == 1
    assert post(counter).status_code == 200


def test_rules_can_be_set_seen_and_removed_over_http(counter: Counter) -> None:
    control = counter.url + "/_sandbox/faults"
    added = requests.post(control, json=[{"kind": "rate_limit", "retry_after": 7}, {"kind": "reset"}], timeout=5)
    first, second = added.json()["ids"]
    assert added.status_code == 201
    assert post(counter).headers["Retry-After"] == "7"
    listed = requests.get(control, timeout=5).json()["rules"]
    assert [(rule["id"], rule["kind"], rule["fired"], rule["left"]) for rule in listed] == [
        (first, "rate_limit", 1, 0),
        (second, "reset", 0, 1),
    ]
    assert requests.delete(f"{control}/{second}", timeout=5).json() == {"removed": 1}
    assert requests.delete(f"{control}/{second}", timeout=5).status_code == 404
    assert requests.delete(control, timeout=5).json() == {"removed": 1}
    assert [entry.path for entry in counter.requests] == ["/count"], "control requests are not the service's"


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "explode"},
        {"kind": "status", "status": 99},
        {"kind": "reset", "path": "("},
        {"kind": "reset", "count": 0},
        {"kind": "reset", "skip": -1},
        {"kind": "reset", "color": "red"},
        {},
    ],
)
def test_a_rule_that_cannot_work_is_refused(counter: Counter, rule: dict) -> None:
    answer = requests.post(counter.url + "/_sandbox/faults", json=rule, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert counter.faults.rules() == []


def test_a_count_is_spent_by_exactly_that_many_of_many_threads() -> None:
    faults, taken = Faults(), []
    faults.add("reset", count=50)

    def take() -> None:
        for _ in range(100):
            taken.append(faults.take("GET", "/"))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(fault is not None for fault in taken) == 50


def test_unknown_requests_are_refused_and_told(counter: Counter) -> None:
    assert requests.get(counter.url + "/nothing", timeout=5).status_code == 404
    assert requests.delete(counter.url + "/count", timeout=5).status_code == 405
    assert [(entry.method, entry.path) for entry in counter.unknown_requests] == [
        ("GET", "/nothing"),
        ("DELETE", "/count"),
    ]


def test_a_bug_of_the_stand_in_is_a_500_not_a_hang(counter: Counter) -> None:
    assert requests.get(counter.url + "/broken", timeout=5).status_code == 500


def test_connections_are_kept_alive_and_cut_by_stop_and_the_port_stays(counter: Counter) -> None:
    session = requests.Session()
    port = counter.port
    assert session.get(counter.url + "/count", timeout=5).headers["Connection"] == "Keep-Alive"
    counter.stop()
    with pytest.raises(requests.ConnectionError):
        session.get(counter.url + "/count", timeout=5)
    counter.start()
    assert counter.port == port
    assert session.get(counter.url + "/count", timeout=5).status_code == 200


def test_stop_lets_go_of_held_connections_at_once(counter: Counter) -> None:
    counter.faults.add("timeout", seconds=60)
    held = threading.Thread(target=lambda: pytest.raises(requests.ConnectionError, post, counter, 60))
    held.start()
    while not counter.requests:
        time.sleep(0.005)
    counter.stop()
    held.join(timeout=5)
    assert not held.is_alive()
