"""Starts Python processes by forking them from one that has imported what they need, where it pays to.

Half of the processor time of an app's process is imports. Where hundreds are started over the same app, a process
beside them has done those once for each interpreter, and each new one is a fork of it (``shims/_sandbox_template.py``).
What an app says while it is imported is not heard then, and a module that another one has imported is there. So only
tests about something else start processes like this; the demo, the guests and the chaos harness start them all anew.
"""

from __future__ import annotations

import ctypes
import functools
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .processes import SHIMS

TEMPLATE = SHIMS / "_sandbox_template.py"
#: Variables that an interpreter reads when it starts begin like this.
_READ_AT_START = ("PYTHON", "SANDBOX_", "LD_")
#: Seconds that a template may take to import everything; bytes of a message.
PATIENCE, MOST = 240.0, 1 << 17
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Preloaded:
    """What a template imports of the app in ``folders``: packages with all that is in them, and modules."""

    folders: Sequence[str]
    packages: Sequence[str]
    modules: Sequence[str]


class Templates:
    """The processes to fork from: one for each interpreter, as long as the app stays the same."""

    def __init__(self, app: Path, preloaded: Preloaded) -> None:
        self._app = app
        self._preloaded = preloaded
        self._lock = threading.Lock()
        self._running: dict[object, _Template] = {}
        self._stamp: object = None

    def start(self, command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes] | None:
        """None for what is no script of Python's, and where there is no way to fork: then it has to be started anew."""
        is_script = len(command) > 1 and Path(command[0]).name.startswith("python") and command[1].endswith(".py")
        if not is_script or not _adopts_orphans():
            return None
        template = self._template(command[0], env)
        return _Forked(template, command, env) if template is not None else None

    def _template(self, interpreter: str, env: Mapping[str, str]) -> _Template | None:
        """None where the app cannot be imported, as one of another version."""
        at_start = {name: value for name, value in env.items() if name.startswith(_READ_AT_START)}
        key = (interpreter, *sorted(at_start.items()))
        with self._lock:
            # While it is being installed, parts of it are not there.
            stamp = [path.stat().st_ino if path.exists() else 0 for path in self._code()]
            if stamp != self._stamp:
                # The app was installed anew.
                self._end()
                self._stamp = stamp
            if key not in self._running:
                self._running[key] = _Template(interpreter, env, self._app, self._preloaded)
            template = self._running[key]
            return template if template.is_ready else None

    def _code(self) -> list[Path]:
        return [self._app / "default", *(self._app / folder for folder in self._preloaded.folders)]

    def stop(self) -> None:
        with self._lock:
            self._end()

    def _end(self) -> None:
        for template in self._running.values():
            template.stop()
        self._running.clear()


class _Template:
    def __init__(self, interpreter: str, env: Mapping[str, str], app: Path, preloaded: Preloaded) -> None:
        self._lock = threading.Lock()
        self._talk, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._talk.settimeout(PATIENCE)
        command = [interpreter, str(TEMPLATE), str(other.fileno())]
        with other:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=dict(env),
                cwd="/",
                pass_fds=(other.fileno(),),
                start_new_session=True,
            )
        path = [str(app / folder) for folder in preloaded.folders]
        wanted = {"path": path, "packages": list(preloaded.packages), "modules": list(preloaded.modules)}
        #: Otherwise its standard error says why.
        self.is_ready = bool(self._asked(wanted, ()).get("ready"))

    def fork(self, argv: Sequence[str], env: Mapping[str, str], descriptors: Sequence[int]) -> int:
        return int(self._asked({"argv": list(argv), "env": dict(env)}, descriptors)["pid"])

    def _asked(self, message: Mapping[str, Any], descriptors: Sequence[int]) -> Mapping[str, Any]:
        with self._lock:
            socket.send_fds(self._talk, [json.dumps(message).encode()], list(descriptors))
            answer = self._talk.recv(MOST)
        return dict(json.loads(answer or b"{}"))

    def stop(self) -> None:
        with self._lock:
            self._talk.close()
        self._process.wait()


class _Forked(subprocess.Popen[bytes]):
    """A process as any other for whoever started it, since it is this one's child."""

    def __init__(self, template: _Template, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._template = template
        pipe = subprocess.PIPE
        super().__init__(list(command), stdin=pipe, stdout=pipe, stderr=pipe, env=dict(env))

    def _execute_child(self, args: list[str], *of: Any) -> None:
        """In place of fork and exec; where pipes are among its arguments is the same in Python 3.11 to 3.13."""
        env, pipes = of[5], of[9:15]
        p2cread, _, _, c2pwrite, _, errwrite = pipes
        try:
            self.pid = self._template.fork(args[1:], env, (p2cread, c2pwrite, errwrite))
            self._child_created = True
        finally:
            self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]


@functools.cache
def _adopts_orphans() -> bool:
    """Whether processes whose parent ends become children of this one: on Linux."""
    if not sys.platform.startswith("linux"):
        return False
    return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
