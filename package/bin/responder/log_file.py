"""The log file of an alert action (index ``_internal``), in the form of ``responder.logs``, its times in UTC.

Written without ``logging``: loading that takes a cold process longer than everything it has to say. Several processes
write the same file: runs of the action, and the worker, which says later how it ended (``modular_action.py``).
"""

from __future__ import annotations

import os
import time

from .errors import one_line
from .log_values import quoted

#: As much as CIM's own library keeps: one run with 50,000 results writes about 40 MB.
MAX_BYTES, KEPT = 25_000_000, 5
#: Seconds after which whoever was rolling the file over has died meanwhile.
ROLLING = 30.0


class LogFile:
    """``$SPLUNK_HOME/var/log/splunk/<name>.log``. Where it cannot be written, the action goes on without it."""

    def __init__(self, name: str) -> None:
        self._path = os.path.join(os.environ.get("SPLUNK_HOME", ""), "var", "log", "splunk", f"{name}.log")

    def write(self, level: str, text: str) -> None:
        """One line, whatever stands in the text: nobody can forge another by a name of his own."""
        self.append(f"{stamp()} {level} pid={os.getpid()} {one_line(text)}\n")

    def fields(self, level: str, **values: str) -> None:
        """One line of ``key=value``; nobody can forge a field either."""
        self.write(level, " ".join(f"{name}={quoted(value)}" for name, value in values.items()))

    def traceback(self, **values: str) -> None:
        """A line, and below it the exception that is being handled, indented."""
        import traceback

        self.fields("ERROR", **values)
        lines = traceback.format_exc().splitlines()
        self.append("".join(f"    traceback={quoted(line, always=True)}\n" for line in lines))

    def append(self, text: str) -> bool:
        """Whole lines, in one piece: those of other processes stand before it or behind it. Whether they are there."""
        if not text:
            return True
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                data = text.encode("utf-8", "replace")
                while data:
                    data = data[os.write(file, data) :]
                is_full = os.fstat(file).st_size > MAX_BYTES
            finally:
                os.close(file)
        except OSError:
            # No folder, no right, no room: standard error has what people must know.
            return False
        if is_full:
            self._roll_over()
        return True

    def _roll_over(self) -> None:
        """By one process at a time, and only while it is still full: a second one would push out what is not read."""
        try:
            self._roll_over_alone()
        except OSError:
            # What was to be written is there; the next one tries again.
            return

    def _roll_over_alone(self) -> None:
        lock = f"{self._path}.rolling"
        if os.path.exists(lock) and time.time() - os.path.getmtime(lock) > ROLLING:
            os.remove(lock)
        try:
            os.close(os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return
        try:
            if os.path.getsize(self._path) > MAX_BYTES:
                names = [self._path, *(f"{self._path}.{number}" for number in range(1, KEPT + 1))]
                for newer, older in reversed(list(zip(names, names[1:]))):
                    if os.path.exists(newer):
                        os.replace(newer, older)
        finally:
            os.remove(lock)


def stamp() -> str:
    """Now, as Splunk reads it without knowing this host's time zone."""
    now = time.time()
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now)) + f",{int(now % 1 * 1000):03d}+0000"
