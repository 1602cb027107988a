"""A line of the app's log is a line, and an indented one belongs to the one before it."""

from __future__ import annotations

import logging
import sys

import pytest
from responder import logs

FORGED = "\n2026-01-01 00:00:00,000 ERROR pid=1 forged"


def written(message: str, error: Exception | None = None) -> str:
    try:
        if error:
            raise error
    except Exception:
        record = logging.LogRecord("x", 40, "", 0, "user=%s done", (message,), sys.exc_info())
    else:
        record = logging.LogRecord("x", 40, "", 0, "user=%s done", (message,), None)
    return logs.LineFormatter(logs.FORMAT).format(record)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_nothing_in_a_message_ends_its_line(end: str) -> None:
    line = written(f"eve{end}2026-01-01 00:00:00,000 ERROR forged")
    assert len(line.splitlines()) == 1 and line.endswith("user=eve 2026-01-01 00:00:00,000 ERROR forged done")


def test_nothing_in_an_exception_looks_like_a_line_of_its_own() -> None:
    first, *others = written("eve", ValueError(f"bad{FORGED}\x85forged")).splitlines()
    assert first.endswith("user=eve done")
    assert len(others) > 3 and all(line.startswith("    ") for line in others)


def test_other_control_characters_do_not_reach_a_terminal() -> None:
    assert written("a\x1b[31mb\x07\u202ec").endswith("user=a [31mb c done")
