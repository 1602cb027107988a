"""An app's own REST handlers: ``admin_external`` and persistent ``[script:...]``, in warm processes.

A process serves one request at a time; while it is busy a further one is started, and idle ones are used again. Those
for ``[script:...]`` serve every app whose stanzas have the same driver settings and interpreter, since "endpoints that
share the same driver configuration can share processes" (restmap.conf specification): splunkd may, the sandbox does.
The protocol between us and the process is described in ``shims/_sandbox_appserver.py``.
"""

from __future__ import annotations

import base64
import json
import os
import selectors
import signal
import struct
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.splunkd.confs import parse_bool
from sandbox.splunkd.model import Acl, Entry

from .host import Host
from .processes import SHIMS, signal_group

ACTIONS = {"create": 1, "list": 2, "edit": 4, "remove": 8}
#: Seconds a request to a handler may take.
PATIENCE = 300.0
APPSERVER = SHIMS / "_sandbox_appserver.py"


class HandlerFailed(Exception):
    """The handler gave no answer: it could not be started, died, or took too long."""


class HandlerProcess:
    """One warm process. Not safe for several threads: the pool lends it to one request at a time."""

    def __init__(self, kind: str, process: subprocess.Popen[bytes], on_stderr: Any) -> None:
        #: ``admin`` or ``persist``.
        self.kind = kind
        self.popen = process
        self.requests = 0
        self.busy = False
        #: State of the files of each app that it serves, by app and script, when it first did.
        self.stamps: dict[tuple[str, str], object] = {}
        threading.Thread(target=self._read_stderr, args=(on_stderr,), daemon=True).start()

    @property
    def pid(self) -> int:
        return self.popen.pid

    def serves(self, app: str | None) -> bool:
        """Whether it has served an app; any, for None."""
        return app is None or any(app == served for served, _ in self.stamps)

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def wait_ready(self) -> None:
        """Raises HandlerFailed when the script cannot be loaded."""
        answer = self._receive(time.monotonic() + PATIENCE)
        if "error" in answer:
            self.popen.wait(10)
            raise HandlerFailed(str(answer["error"]))

    def send(self, request: Mapping[str, Any], patience: float = PATIENCE) -> dict[str, Any]:
        """One request. Raises HandlerFailed when no answer comes; the request may have had its effect all the same."""
        data = json.dumps(request).encode()
        self.requests += 1
        assert self.popen.stdin is not None
        try:
            self.popen.stdin.write(struct.pack(">I", len(data)) + data)
            self.popen.stdin.flush()
        except OSError as error:
            raise HandlerFailed("the handler's process died") from error
        return self._receive(time.monotonic() + patience)

    def kill(self) -> None:
        """``kill -9``, as the out-of-memory killer would."""
        signal_group(self.popen, signal.SIGKILL)
        self.popen.wait()

    def stop(self) -> None:
        """Close its input, so that it ends by itself; kill it when it does not."""
        assert self.popen.stdin is not None and self.popen.stdout is not None
        try:
            self.popen.stdin.close()
        except BrokenPipeError:
            self.popen.wait()
        try:
            self.popen.wait(2)
        except subprocess.TimeoutExpired:
            self.kill()
        self.popen.stdout.close()

    def _receive(self, deadline: float) -> dict[str, Any]:
        length = struct.unpack(">I", self._read(4, deadline))[0]
        answer: dict[str, Any] = json.loads(self._read(length, deadline))
        return answer

    def _read(self, size: int, deadline: float) -> bytes:
        assert self.popen.stdout is not None
        data = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.popen.stdout, selectors.EVENT_READ)
            while len(data) < size:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    self.kill()
                    raise HandlerFailed("the handler did not answer in time and was killed")
                part = os.read(self.popen.stdout.fileno(), size - len(data))
                if not part:
                    self.popen.wait()
                    raise HandlerFailed(f"the handler's process died (exit code {self.popen.returncode})")
                data += part
        return data

    def _read_stderr(self, on_stderr: Any) -> None:
        assert self.popen.stderr is not None
        with self.popen.stderr as stream:
            for line in stream:
                on_stderr(line.decode("utf-8", "replace"))


class AppHandlers:
    """The handler processes of one splunkd."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._lock = threading.Lock()
        self._idle: dict[tuple[str, ...], list[HandlerProcess]] = defaultdict(list)
        self._all: list[HandlerProcess] = []

    def processes(self, app: str | None = None) -> list[HandlerProcess]:
        """The processes that live now, so that a test can kill one."""
        with self._lock:
            return [process for process in self._all if process.serves(app) and process.alive]

    def stop(self, app: str | None = None, kind: str = "") -> None:
        """End the processes (that serve one app, of one kind): at the end, and when an app was installed anew."""
        with self._lock:
            going = [process for process in self._all if process.serves(app) and kind in ("", process.kind)]
            self._all = [process for process in self._all if process not in going]
            for key, idle in self._idle.items():
                self._idle[key] = [process for process in idle if process not in going]
        for process in going:
            process.stop()

    # --- admin_external -----------------------------------------------------------------------------------------

    def admin(
        self,
        app: str,
        endpoint: str,
        action: str,
        name: str | None,
        args: Mapping[str, Sequence[str]],
        session_key: str,
        user: str,
    ) -> tuple[int, Sequence[Entry] | str]:
        """Run ``create``, ``list``, ``edit`` or ``remove`` of ``[admin_external:<endpoint>]``.

        ``args`` are the caller's own arguments, without output_mode and paging. Gives (status, entries), or
        (status >= 400, splunkd's text for it). Raises LookupError without the stanza.
        """
        settings = self.host.stanza("restmap", f"admin_external:{endpoint}", app).values
        allowed = [word.strip() for word in settings.get("handleractions", "").split(",")]
        if action not in allowed or action not in ACTIONS:
            return 405, f"Action {action} is not allowed on handler '{endpoint}'."
        script = settings["handlerfile"]
        given = {field: list(values) for field, values in args.items() if field != "name"}
        request = {
            "action": ACTIONS[action],
            "id": name,
            "args": given,
            "app": app,
            "user": user,
            "session_key": session_key,
        }
        try:
            interpreter, path = self._command(app, settings, script)
            key = ("admin", interpreter, path)
            answer = self._send(key, (app, script), [interpreter, str(APPSERVER), "admin", path], {}, request)
        except HandlerFailed as error:
            return 500, f"External handler failed: {error}"
        if "error" in answer:
            return _admin_error(answer["error"])
        return 200, [_entry(item, app) for item in answer["entries"]]

    # --- [script:...] -------------------------------------------------------------------------------------------

    def persistent(
        self,
        app: str,
        stanza: Mapping[str, str],
        request: Mapping[str, Any],
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Hand ``request`` (JSON-ready) to a ``[script:...]`` handler. Gives (status, headers, body)."""
        script = stanza["script"]
        variables = {name: value for name, value in stanza.items() if name.startswith("driver.env.")}
        wrapped = {"handler": stanza["handler"], "param": stanza.get("script.param", ""), "request": dict(request)}
        try:
            if other := [name for name in stanza if name.startswith("driver") and name not in variables]:
                raise HandlerFailed(f"the sandbox knows no setting {other[0]} in restmap.conf")
            interpreter, path = self._command(app, stanza, script)
            key = ("persist", interpreter, json.dumps(sorted(variables.items())))
            env = {name[len("driver.env.") :]: value for name, value in variables.items()}
            command = [interpreter, str(APPSERVER), "persist"]
            answer = self._send(key, (app, script), command, env, {**wrapped, "script": path})
        except HandlerFailed as error:
            return _failure(str(error))
        return _answered(answer)

    def script(
        self, app: str, stanza: Mapping[str, str], request: Mapping[str, Any]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """The same for ``scripttype = python``: a class on ``splunk.rest.BaseRestHandler``, in a process of its own."""
        try:
            interpreter, path = self._command(app, stanza, stanza["script"])
            served = (app, stanza["script"])
            process = self._start("python", served, self._stamp(*served), [interpreter, str(APPSERVER), "python"], {})
            try:
                answer = process.send({"script": path, "handler": stanza["handler"], "request": dict(request)})
            finally:
                process.stop()
        except HandlerFailed as error:
            return _failure(str(error))
        return _answered(answer)

    # --- the pool -----------------------------------------------------------------------------------------------

    def _command(self, app: str, settings: Mapping[str, str], script: str) -> list[str]:
        """Interpreter and path of the script."""
        try:
            interpreter, path = self.host.script_command(app, settings, script)
        except (OSError, LookupError, ValueError) as error:
            raise HandlerFailed(str(error)) from error
        return [interpreter, path]

    def _send(
        self,
        key: tuple[str, ...],
        served: tuple[str, str],
        command: Sequence[str],
        env: Mapping[str, str],
        request: Mapping[str, Any],
    ) -> dict[str, Any]:
        process = self._take(key, served, command, env)
        process.busy = True
        try:
            answer = process.send(request)
        finally:
            process.busy = False
            with self._lock:
                if process.alive and process in self._all:
                    self._idle[key].append(process)
        return answer

    def _take(
        self, key: tuple[str, ...], served: tuple[str, str], command: Sequence[str], env: Mapping[str, str]
    ) -> HandlerProcess:
        stamp = self._stamp(*served)
        with self._lock:
            idle, self._idle[key] = self._idle[key], []
            fresh = [process for process in idle if process.alive and process.stamps.get(served, stamp) == stamp]
            if fresh:
                self._idle[key] = fresh[:-1]
                fresh[-1].stamps[served] = stamp
        # The app was installed anew: what ran its old code ends.
        for process in idle:
            if process not in fresh:
                process.stop()
        return fresh[-1] if fresh else self._start(key[0], served, stamp, command, env)

    def _start(
        self, kind: str, served: tuple[str, str], stamp: object, command: Sequence[str], env: Mapping[str, str]
    ) -> HandlerProcess:
        source = "/bin/".join(served)
        process = HandlerProcess(kind, self.host.start(command, env), lambda line: self._log(source, line))
        process.stamps[served] = stamp
        try:
            process.wait_ready()
        except HandlerFailed:
            process.stop()
            raise
        with self._lock:
            self._all = [known for known in self._all if known.alive] + [process]
        return process

    def _stamp(self, app: str, script: str) -> object:
        folder = self.host.app_folder(app)
        state = [path.stat() for path in (folder / "default", folder / "bin" / script) if path.exists()]
        return [(found.st_ino, found.st_mtime_ns) for found in state]

    def _log(self, source: str, line: str) -> None:
        self.host.log.stderr("PersistentScript", f"From {{{source}}}: ", line)


def _admin_error(error: Mapping[str, Any]) -> tuple[int, str]:
    if error["status"] is not None:
        return int(error["status"]), str(error["text"])
    # splunkd's own words; UCC's pages cut the message out of them.
    return 500, (
        f'Unexpected error "{error["class"]}" from python handler: "{error["text"]}". '
        "See splunkd.log/python.log for more details."
    )


def _entry(item: Mapping[str, Any], app: str) -> Entry:
    acl = item["metadata"].get("eai:acl") or {}
    perms = acl.get("perms") or {}
    return Entry(
        item["name"],
        item["content"],
        Acl(
            acl.get("app") or app,
            acl.get("owner") or "nobody",
            perms.get("read") or ["*"],
            perms.get("write") or ["admin"],
            acl.get("sharing") or "app",
            removable=parse_bool(str(acl.get("removable", "1"))),
            writable=parse_bool(str(acl.get("can_write", "1"))),
        ),
    )


def _answered(answer: Mapping[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
    if "error" in answer:
        return _failure(answer["error"]["text"])
    return answer["status"], dict(answer["headers"]), base64.b64decode(answer["body"])


def _failure(text: str) -> tuple[int, Mapping[str, str], bytes]:
    body = json.dumps({"messages": [{"type": "ERROR", "text": f"Unexpected error from handler: {text}"}]})
    return 500, {"Content-Type": "application/json; charset=UTF-8"}, body.encode()
