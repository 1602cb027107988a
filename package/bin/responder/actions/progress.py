"""What one run of an alert action has come to: its exit code, what it counted, and the lines that people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ..errors import one_line

DONE, BAD_INPUT, NEEDS_A_PERSON, LATER, NOT_RECORDED = 0, 2, 3, 4, 5
#: How many lines of one run go to standard error: splunkd.log is no place for ten thousand.
MAX_LINES = 20
#: The gravest of a run wins.
_BY_GRAVITY = (DONE, LATER, NEEDS_A_PERSON, BAD_INPUT, NOT_RECORDED)

Log = Callable[[str, str], None]


class Progress:
    """Takes no more room for fifty thousand results than for one."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.exit_code = DONE
        self.counts: dict[str, int] = {}
        self._lines: set[str] = set()

    def problem(self, exit_code: int, text: str) -> None:
        """Report a problem once, however many rows have it."""
        text = one_line(text)
        if text not in self._lines and len(self._lines) < MAX_LINES:
            self._lines.add(text)
            self.log("ERROR", text)
        else:
            self.count("further_problems")
        self.exit_code = max(self.exit_code, exit_code, key=_BY_GRAVITY.index)

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    def row(self, outcome: Mapping[str, Any]) -> str:
        """Count what became of a row that was handed over; gives the key of its task, if it has one."""
        if outcome.get("task"):
            self.count("recorded" if outcome.get("recorded") else "known")
            return str(outcome["task"])
        number, error = outcome.get("number"), outcome.get("error")
        if outcome.get("nothing"):
            self.count("nothing_to_do")
        elif outcome.get("kind") == "InvalidFinding":
            self.problem(BAD_INPUT, f"Result {number}: {error}")
        elif outcome.get("kind") == "ConfigurationError":
            self.problem(NEEDS_A_PERSON, str(error))
        else:
            self.problem(NOT_RECORDED, f"Result {number} is not recorded: {error}")
        return ""

    def report(self, report: Mapping[str, Any]) -> None:
        """Count how a task stands after it was run."""
        state, waiting_for = str(report.get("state")), str(report.get("waiting_for"))
        message = str(report.get("message"))
        self.count(state)
        if state == "failed":
            self.problem(NEEDS_A_PERSON, message)
        elif state == "refused":
            self.log("WARN", one_line(message))
        elif state == "done":
            return
        elif waiting_for == "person":
            self.problem(NEEDS_A_PERSON, f"{message} It is recorded and tried again by the worker input.")
        elif waiting_for == "approval":
            self.problem(LATER, message)
        elif state == "waiting" and waiting_for == "time":
            # Put off on purpose: the throttle of the detection.
            self.log("INFO", one_line(message))
        else:
            self.problem(LATER, f"{message} It is recorded and tried again by the worker input.")
