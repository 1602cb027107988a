"""The app's processes that live now: which of them sent a request, and the signals they get.

Linux only: who holds a connection is known from netlink and /proc (sock_diag(7), proc(5)).
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sandbox.runner.processes import CLOCK_SKEW
from tests.chaos.timeline import Timeline

#: <linux/netlink.h>, <linux/sock_diag.h>
_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, _NETLINK_HEADER = 4, 20, 1, 16


@dataclass(frozen=True)
class Process:
    popen: subprocess.Popen[bytes]
    #: For people, and unique.
    name: str

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None


class Processes:
    """``executors`` gives the members' handler processes, which nobody announces: name of the member and process."""

    def __init__(
        self, timeline: Timeline, executors: Callable[[], Iterable[tuple[str, subprocess.Popen[bytes]]]]
    ) -> None:
        self._timeline = timeline
        self._executors = executors
        self._lock = threading.Lock()
        self._known: dict[int, Process] = {}
        self._stopped: set[int] = set()
        self._timers: list[threading.Thread] = []
        self._at_once = threading.Event()

    def add(self, popen: subprocess.Popen[bytes], role: str) -> Process:
        """Take note of a process; safe to repeat."""
        with self._lock:
            known = self._known.get(popen.pid)
            if known is not None and known.popen is popen:
                return known
            process = self._known[popen.pid] = Process(popen, f"{role} {popen.pid}{_clock(popen.pid)}")
        return process

    def living(self) -> list[Process]:
        """By name."""
        for member, popen in self._executors():
            self.add(popen, f"executor {member}")
        with self._lock:
            self._known = {pid: process for pid, process in self._known.items() if process.alive}
            return sorted(self._known.values(), key=lambda process: process.name)

    def client_of(self, port: int, server_port: int) -> Process | None:
        """The process that holds the connection from ``port`` to ``server_port`` on loopback."""
        inode = _inode(port, server_port)
        return next((one for one in self.living() if inode and inode in _sockets(one.pid)), None)

    def send(self, process: Process, name: str, seconds: float = 0.0) -> None:
        """``kill`` it, or ``stop`` it for some seconds. One that has ended or is stopped already is left alone."""
        duration = f" for {seconds:.1f} s" if seconds else ""
        # In one step: whoever waits for those that are stopped must find one that will be continued.
        with self._lock:
            if not process.alive or process.pid in self._stopped:
                return
            self._timeline.event(f"{name} {process.name}{duration}", process.name)
            process.popen.send_signal(signal.SIGKILL if name == "kill" else signal.SIGSTOP)
            if name == "stop":
                self._stopped.add(process.pid)
                timer = threading.Thread(target=self._continue_after, args=(process, seconds), daemon=True)
                timer.start()
                self._timers.append(timer)

    def kill_all(self) -> list[str]:
        """Kill whatever lives, stopped or not; the names."""
        living = self.living()
        self._at_once.set()
        for process in living:
            process.popen.kill()
        return [process.name for process in living]

    def await_continued(self) -> None:
        """Until every process that was stopped has been continued."""
        with self._lock:
            timers, self._timers = self._timers, []
        for timer in timers:
            timer.join()
        self._at_once.clear()

    def _continue_after(self, process: Process, seconds: float) -> None:
        self._at_once.wait(seconds)
        with self._lock:
            self._stopped.discard(process.pid)
        self._timeline.event(f"continue {process.name}", process.name)
        process.popen.send_signal(signal.SIGCONT)


def _clock(pid: int) -> str:
    """How wrong a process's clock is, for people; empty when it is right."""
    for entry in _read(f"/proc/{pid}/environ").split(b"\0"):
        name, _, value = entry.decode("utf-8", "replace").partition("=")
        if name == CLOCK_SKEW:
            return f" (clock {float(value):+.1f} s)"
    return ""


def _inode(port: int, server_port: int) -> int:
    """Of the client's socket of a connection over loopback; 0 when there is none (sock_diag(7)).

    /proc/net/tcp tells it as well, but has a line for every socket of the machine.
    """
    loopback = socket.inet_aton("127.0.0.1")
    wanted = struct.pack("!HH16s16sI8s", port, server_port, loopback, loopback, 0, b"\xff" * 8)
    body = struct.pack("=BBBxI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0xFFFFFFFF) + wanted
    header = struct.pack("=IHHII", _NETLINK_HEADER + len(body), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG) as kernel:
        kernel.send(header + body)
        answer = kernel.recv(65536)
    if struct.unpack_from("=H", answer, 4)[0] != _SOCK_DIAG_BY_FAMILY:
        return 0
    # struct inet_diag_msg: family, state, timer, retransmissions; the socket's id; five numbers, the last the inode.
    return int(struct.unpack_from("=I", answer, _NETLINK_HEADER + 4 + 48 + 16)[0])


def _sockets(pid: int) -> set[int]:
    """Inodes of the sockets that a process holds."""
    try:
        targets = [os.readlink(entry.path) for entry in os.scandir(f"/proc/{pid}/fd")]
    except OSError:
        # It has ended, or closed a file, while we looked.
        return set()
    return {int(target[len("socket:[") : -1]) for target in targets if target.startswith("socket:[")}


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""
