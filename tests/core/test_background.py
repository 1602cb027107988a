"""What is read in the background: nobody waits for another's answer, and what is under way is not read again."""

from __future__ import annotations

import threading

from responder.background import Background


def test_many_readings_that_do_not_end_keep_no_other_waiting() -> None:
    held = threading.Event()
    lists: Background[str] = Background(known_for=60, failed_for=10)
    try:
        # Three lists of each of four sites that are away.
        for number in range(12):
            lists.ask(number, lambda: str(held.wait(60)))
        assert lists.ask("channels", lambda: "#general").result(30) == "#general"
    finally:
        held.set()


def test_what_is_under_way_for_long_is_not_read_again_and_is_believed_from_its_end() -> None:
    held, now, reads = threading.Event(), [0.0], list[float]()
    lists: Background[str] = Background(known_for=60, failed_for=10, monotonic=lambda: now[0])

    def read() -> str:
        reads.append(now[0])
        held.wait(60)
        return "SEC"

    try:
        first = lists.ask("projects", read)
        now[0] = 100
        assert lists.ask("projects", read) is first
    finally:
        held.set()
    assert first.result(30) == "SEC"
    now[0] = 130
    assert lists.ask("projects", read) is first and reads == [0.0]
