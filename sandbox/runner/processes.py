"""How splunkd starts a process: its environment, its time limit, and where its standard error ends up."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SHIMS = Path(__file__).parent / "shims"
#: Environment variable with the seconds by which a process's wall clock is ahead (``shims/_sandbox_clock.py``).
CLOCK_SKEW = "SANDBOX_CLOCK_SKEW"
#: Environment variable with the folder that stands for the site-packages of Splunk's Python (``sitecustomize.py``).
PLATFORM_LIBS = "SANDBOX_PLATFORM_LIBS"
#: Seconds between SIGTERM and SIGKILL of a process whose time is up.
GRACE = 2.0
OnStart = Callable[["subprocess.Popen[bytes]"], None]


@dataclass(frozen=True)
class Finished:
    """A process that has ended. ``exit_code`` is negative when a signal ended it; ``killed``: its time was up."""

    exit_code: int
    stdout: bytes
    stderr: str
    wall_seconds: float
    killed: bool = False


def environment(home: Path, uri: str, server_name: str) -> dict[str, str]:
    """All that a process of splunkd finds in its environment; nothing of the developer's leaks in.

    No PYTHONDONTWRITEBYTECODE: Splunk writes ``.pyc`` files into the app.
    """
    return {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join([str(home / "bin"), "/usr/bin", "/bin", "/usr/sbin", "/sbin"]),
        "PYTHONNOUSERSITE": "1",
        "PYTHONPATH": str(SHIMS),
        "PYTHONUTF8": "1",
        "SPLUNKD_URI": uri,
        "SPLUNK_DB": str(home / "var" / "lib" / "splunk"),
        "SPLUNK_ETC": str(home / "etc"),
        "SPLUNK_HOME": str(home),
        "SPLUNK_OS_USER": "splunk",
        "SPLUNK_SERVER_NAME": server_name,
        "SPLUNK_WEB_NAME": "splunkweb",
        "TMPDIR": tempfile.gettempdir(),
        "TZ": os.environ.get("TZ", "UTC"),
    }


def start(command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """A process with pipes to all three of its streams, in a session of its own.

    The working directory is ``/``: a script that relies on another one fails here as it may in Splunk.
    """
    return subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(env),
        cwd="/",
        start_new_session=True,
    )


def run(
    process: subprocess.Popen[bytes],
    stdin: bytes,
    timeout: float | None = None,
    on_start: OnStart | None = None,
) -> Finished:
    """Feed and await a process that was just started. When ``timeout`` seconds are over it gets SIGTERM, then SIGKILL.

    ``on_start`` gets the running process, so that a test can end it at a moment of its choice.
    """
    started = time.monotonic()
    killed = False
    try:
        if on_start is not None:
            on_start(process)
        try:
            stdout, stderr = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            killed = True
            stdout, stderr = end(process)
    finally:
        if process.poll() is None:
            signal_group(process, signal.SIGKILL)
            process.wait()
    seconds = time.monotonic() - started
    return Finished(process.returncode, stdout, stderr.decode("utf-8", "replace"), seconds, killed)


def end(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """Terminate a process and its children, kill them if they stay; what it had written until then."""
    signal_group(process, signal.SIGTERM)
    try:
        return process.communicate(timeout=GRACE)
    except subprocess.TimeoutExpired:
        signal_group(process, signal.SIGKILL)
        return process.communicate()


def await_end(process: subprocess.Popen[bytes]) -> None:
    """Await a process that has closed its output; end it when it does not go by itself."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            process.wait(GRACE)
            return
        except subprocess.TimeoutExpired:
            signal_group(process, number)
    process.wait()


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal a process that ``run`` started, with its children. One that is gone already is left alone."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


_SPAN = re.compile(r"(\d+)\s*([smhdp]?)[a-z]*", re.IGNORECASE)


def seconds(span: str, period: float = 0.0) -> float:
    """``5m``, ``30``, ``1h``, ``10p`` (scheduled periods) in seconds. Raises ValueError."""
    match = _SPAN.fullmatch(span.strip())
    if match is None:
        raise ValueError(f"{span!r} is not a time span such as 30, 5m, 1h or 10p")
    unit = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "p": period}[match.group(2).lower()]
    return int(match.group(1)) * float(unit)


class SplunkdLog:
    """``var/log/splunk/splunkd.log``: what splunkd logs about the processes it starts."""

    _LEVEL = re.compile(r"(DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL)\b\s*")

    def __init__(self, home: Path) -> None:
        self.path = home / "var" / "log" / "splunk" / "splunkd.log"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()

    def write(self, level: str, component: str, text: str) -> None:
        now = time.time()
        stamp = time.strftime("%m-%d-%Y %H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d} +0000"
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(f"{stamp} {level:<5} {component} - {text}\n")

    def stderr(self, component: str, prefix: str, text: str, default: str = "ERROR") -> None:
        """One entry a line of standard error; a line may bring its level (``INFO text``)."""
        for line in filter(None, (line.rstrip() for line in text.splitlines())):
            match = self._LEVEL.match(line)
            level = {"WARNING": "WARN", "CRITICAL": "FATAL"}.get(match[1], match[1]) if match else default
            self.write(level, component, f"{prefix}{line}")

    def lines(self, component: str = "") -> list[str]:
        """The lines so far, of one component or of all."""
        if not self.path.exists():
            return []
        text = self.path.read_text(encoding="utf-8")
        return [line for line in text.splitlines() if not component or f" {component} - " in line]
