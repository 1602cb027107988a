"""What several threads ask for at the same moment goes out as one request, and each gets its own answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from responder.coalescing import Coalescer
from responder.splunk.client import BATCH


class Service:
    """Doubles numbers; the first request is held until so many callers have come."""

    def __init__(self, hold: threading.Event | None = None) -> None:
        self.requests: list[list[int]] = []
        self._hold = hold

    def __call__(self, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.requests.append(list(numbers))
        if self._hold and len(self.requests) == 1:
            assert self._hold.wait(60)
        return [ValueError(f"{n} is odd") if n % 2 else 2 * n for n in numbers]


def ask_all(coalescer: Coalescer[int, int], numbers: Sequence[int], started: Callable[[], None]) -> list[Any]:
    def ask(number: int) -> Any:
        try:
            return coalescer.ask(number)
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(len(numbers)) as pool:
        asked = [pool.submit(ask, number) for number in numbers]
        started()
        return [one.result(60) for one in asked]


def wait_until_queued(coalescer: Coalescer[int, int], number: int) -> None:
    while len(coalescer._queue) < number:
        threading.Event().wait(0.001)


def test_one_caller_asks_at_once_and_alone() -> None:
    service = Service()
    assert Coalescer(service).ask(4) == 8
    assert service.requests == [[4]]


def test_what_comes_while_a_request_is_under_way_goes_out_together() -> None:
    hold = threading.Event()
    service = Service(hold)
    coalescer = Coalescer(service)

    def release() -> None:
        wait_until_queued(coalescer, 19)
        hold.set()

    assert ask_all(coalescer, [2 * n for n in range(20)], release) == [4 * n for n in range(20)]
    assert [len(numbers) for numbers in service.requests] == [1, 19]


def test_a_group_is_no_larger_than_allowed_and_nobody_is_forgotten() -> None:
    hold = threading.Event()
    service = Service(hold)
    coalescer = Coalescer(service, most=3)

    def release() -> None:
        wait_until_queued(coalescer, 10)
        hold.set()

    assert ask_all(coalescer, [2 * n for n in range(11)], release) == [4 * n for n in range(11)]
    assert max(len(numbers) for numbers in service.requests) == 3
    assert sorted(n for numbers in service.requests for n in numbers) == [2 * n for n in range(11)]


def test_an_error_of_one_item_is_raised_for_that_item_alone() -> None:
    hold = threading.Event()
    coalescer = Coalescer(Service(hold))

    def release() -> None:
        wait_until_queued(coalescer, 3)
        hold.set()

    assert ask_all(coalescer, [2, 3, 4, 5], release) == [4, "3 is odd", 8, "5 is odd"]


def test_an_error_of_the_request_is_raised_for_all_of_it_and_the_next_one_goes_out() -> None:
    answers: list[Any] = [OSError("cut"), [1]]

    def service(numbers: Sequence[int]) -> Sequence[int]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        found: Sequence[int] = answer
        return found

    coalescer: Coalescer[int, int] = Coalescer(service)
    with pytest.raises(OSError, match="cut"):
        coalescer.ask(0)
    assert coalescer.ask(0) == 1


def test_an_answer_for_each_item_or_none_at_all() -> None:
    coalescer: Coalescer[int, int] = Coalescer(lambda numbers: [])
    with pytest.raises(ValueError, match="1 were asked for, 0 came back"):
        coalescer.ask(0)


def test_many_documents_are_written_in_few_requests(core: Any) -> None:
    client = core.client()
    documents = [{"_key": f"k{number}", "value": str(number)} for number in range(2 * BATCH + 1)]
    client.save_many("responder_marks", documents)
    client.save_many("responder_marks", [{"_key": "k0", "value": "again"}])
    assert len(core.documents("responder_marks")) == len(documents)
    assert client.fetch("responder_marks", "k0") == {"_key": "k0", "_user": "nobody", "value": "again"}
