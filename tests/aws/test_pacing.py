"""As many calls at a time as AWS takes: throttling slows all threads down, answers speed them up."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from responder.aws import pacing
from responder.aws.pacing import LONGEST_PAUSE, MOST, PAUSE, START, Pace
from responder.errors import Unavailable

from sandbox.aws.server import ACCOUNT
from tests.aws.support import Connected, FaultyAws, Listening, query_error

Connect = Callable[..., Connected]


class Time:
    """A clock that goes on only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.naps: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def pace(time: Time) -> Pace:
    return Pace(time)


def test_at_least_sixteen_may_be_under_way_from_the_beginning(pace: Pace, time: Time) -> None:
    for _ in range(16):
        pace.enter(time.sleep)
    assert not time.naps


def test_one_throttled_call_halves_them_and_holds_everybody_back(pace: Pace, time: Time) -> None:
    began = [pace.enter(time.sleep) for _ in range(START)]
    pace.leave(began[0], throttled=True)
    assert pace.window == START // 2
    for one in began[1:]:
        pace.leave(one, throttled=False)
    pace.enter(time.sleep)
    assert len(time.naps) == 1 and PAUSE / 2 <= time.naps[0] <= PAUSE


def test_those_that_are_throttled_together_count_once(pace: Pace, time: Time) -> None:
    for one in [pace.enter(time.sleep) for _ in range(START)]:
        pace.leave(one, throttled=True)
    assert pace.window == START // 2


def test_throttling_again_and_again_leaves_one_call_with_long_pauses(pace: Pace, time: Time) -> None:
    for _ in range(10):
        pace.leave(pace.enter(time.sleep), throttled=True)
    assert pace.window == 1 and LONGEST_PAUSE / 2 <= time.naps[-1] <= LONGEST_PAUSE
    pace.leave(pace.enter(time.sleep), throttled=False)
    pace.leave(pace.enter(time.sleep), throttled=True)
    pace.enter(time.sleep)
    assert time.naps[-1] <= PAUSE, "what is answered in between begins anew"


def test_no_more_try_again_at_once_than_the_pace_allows(pace: Pace, time: Time) -> None:
    """Sixteen threads are throttled at the same moment, and all of them want to try again."""
    for one in [pace.enter(time.sleep) for _ in range(START)]:
        pace.leave(one, throttled=True)
    entered = threading.Semaphore(0)
    release = threading.Event()
    under_way: list[int] = []

    def again() -> None:
        began = pace.enter(time.sleep)
        under_way.append(pace._under_way)
        entered.release()
        assert release.wait(60)
        pace.leave(began, throttled=False)

    with ThreadPoolExecutor(START) as pool:
        retried = [pool.submit(again) for _ in range(START)]
        for _ in range(START // 2):
            assert entered.acquire(timeout=60)
        assert len(under_way) == START // 2
        release.set()
        for finished in retried:
            finished.result(60)
    assert len(under_way) == START and max(under_way) <= START // 2 + 1


def test_answers_make_room_one_by_one_while_others_wait(pace: Pace, time: Time) -> None:
    began = [pace.enter(time.sleep) for _ in range(START)]
    for _ in range(START + 1):
        pace.leave(began.pop(0), throttled=False)
        while len(began) < pace.window:
            began.append(pace.enter(time.sleep))
    assert pace.window == START + 1
    for _ in range(5_000):
        pace.leave(began.pop(0), throttled=False)
        while len(began) < pace.window:
            began.append(pace.enter(time.sleep))
    assert pace.window == MOST


def test_an_idle_pace_does_not_grow(pace: Pace, time: Time) -> None:
    for _ in range(1_000):
        pace.leave(pace.enter(time.sleep), throttled=False)
    assert pace.window == START


def test_each_account_service_and_region_has_its_own_and_they_are_not_kept_for_ever() -> None:
    mine = uuid.uuid4().hex
    first = pacing.of(mine, "ec2", "eu-west-1")
    assert pacing.of(mine, "ec2", "eu-west-1") is first
    assert pacing.of(mine, "ec2", "eu-west-2") is not first
    assert pacing.of(mine, "iam", "eu-west-1") is not first
    for number in range(2 * pacing.REMEMBERED):
        pacing.of(mine, "ec2", number)
    assert len(pacing._paces) <= pacing.REMEMBERED + 1


# The client keeps to it


class Counting:
    """An AWS that answers once so many requests are there at the same time, or after a while."""

    def __init__(self, wanted: int) -> None:
        self.most = 0
        self._here = 0
        self._lock = threading.Lock()
        self._enough = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer._arrive(wanted)
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = b"<ListUsersResponse><ListUsersResult><Users/></ListUsersResult></ListUsersResponse>"
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                outer._leave()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = Listening(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _arrive(self, wanted: int) -> None:
        with self._lock:
            self._here += 1
            self.most = max(self.most, self._here)
            if self._here >= wanted:
                self._enough.set()
        self._enough.wait(4)

    def _leave(self) -> None:
        with self._lock:
            self._here -= 1

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def counting() -> Iterator[Counting]:
    server = Counting(wanted=16)
    yield server
    server.stop()


def test_sixteen_calls_are_under_way_at_once(connect: Connect, counting: Counting) -> None:
    aws = connect(counting.url).aws
    with ThreadPoolExecutor(24) as pool:
        list(pool.map(lambda _: aws.read("iam", "list_users"), range(24)))
    assert 16 <= counting.most <= 24


def test_threads_that_are_throttled_try_again_by_the_pace_and_all_get_through(
    connect: Connect, faulty: FaultyAws
) -> None:
    # Nobody really waits here, so that one thread may meet all of the throttled answers, one after the other.
    connected = connect(faulty.url, attempts=17)
    throttled = faulty.add("ListUsers", status=400, body=query_error("Throttling", "Rate exceeded"), times=16)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: connected.aws.read("iam", "list_users"), range(32)))
    assert throttled.times == 0 and faulty.seen.count("ListUsers") == 32 + 16
    assert pacing.of(ACCOUNT, "iam", "us-east-1", faulty.url).window < START
    assert connected.naps, "they have waited"


def test_what_is_throttled_to_the_end_is_tried_again_later(connect: Connect, faulty: FaultyAws) -> None:
    faulty.add("ListUsers", status=400, body=query_error("Throttling", "Rate exceeded"))
    with pytest.raises(Unavailable, match="throttles iam:ListUsers"):
        connect(faulty.url, attempts=3).aws.read("iam", "list_users")
    assert faulty.seen == ["ListUsers"] * 3


def test_signing_in_is_not_kept_waiting_by_the_call_that_waits_for_it(connect: Connect, stand_in: Any) -> None:
    """The role is assumed within a call; were there room for one call only, both would wait for ever."""
    role = f"arn:aws:iam::{ACCOUNT}:role/{uuid.uuid4().hex[:8]}"
    aws = connect(stand_in.url, account_id="222233334444", role_arn=role).aws
    pace = pacing.of("222233334444", "sts", "us-east-1", stand_in.url)
    for _ in range(6):
        pace.leave(pace.enter(lambda _: None), throttled=True)
    assert pace.window == 1
    assert aws.identity().account == ACCOUNT and ("sts", "AssumeRole") in aws.calls
