"""The log file of an alert action (index ``_internal``), in the form of ``responder.logs``.

Written without ``logging``: loading that takes a cold process longer than everything it has to say.
"""

from __future__ import annotations

import os
import time

from ..errors import one_line
from ..log_values import quoted

MAX_BYTES, KEPT = 10_000_000, 3


class LogFile:
    """``$SPLUNK_HOME/var/log/splunk/<name>.log``. Where it cannot be written, the action goes on without it."""

    def __init__(self, name: str) -> None:
        self._path = os.path.join(os.environ.get("SPLUNK_HOME", ""), "var", "log", "splunk", f"{name}.log")

    def write(self, level: str, text: str) -> None:
        """One line, whatever stands in the text: nobody can forge another by a name of his own."""
        self._append(f"{_stamp()} {level} pid={os.getpid()} {one_line(text)}\n")

    def fields(self, level: str, **values: str) -> None:
        """One line of ``key=value``; nobody can forge a field either."""
        self.write(level, " ".join(f"{name}={quoted(value)}" for name, value in values.items()))

    def traceback(self, **values: str) -> None:
        """A line, and below it the exception that is being handled, indented."""
        import traceback

        self.fields("ERROR", **values)
        lines = traceback.format_exc().splitlines()
        self._append("".join(f"    traceback={quoted(line, always=True)}\n" for line in lines))

    def _append(self, text: str) -> None:
        try:
            with open(self._path, "a", encoding="utf-8", errors="replace") as file:
                file.write(text)
                is_full = file.tell() > MAX_BYTES
            if is_full:
                self._roll_over()
        except OSError:
            # No folder, no right, no room: standard error has what people must know.
            return

    def _roll_over(self) -> None:
        names = [self._path, *(f"{self._path}.{number}" for number in range(1, KEPT + 1))]
        for newer, older in reversed(list(zip(names, names[1:]))):
            if os.path.exists(newer):
                os.replace(newer, older)


def _stamp() -> str:
    now = time.time()
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now)) + f",{int(now % 1 * 1000):03d}"
