"""Custom search commands by the chunked protocol (version 2), for generating commands.

A frame is ``chunked 1.0,<metadata bytes>,<body bytes>`` and a newline, the metadata as JSON, the body as CSV.
"""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from sandbox.splunkd.confs import parse_bool

from .host import Host, Value
from .processes import signal_group
from .results import parse_csv

_HEAD = re.compile(rb"chunked 1\.0,(\d+),(\d+)\n")
#: Seconds a command may take when commands.conf sets no ``maxwait``.
PATIENCE = 60.0


@dataclass
class CommandRun:
    """What a command gave. ``messages``: (level, text), as the search page would show them."""

    fields: list[str] = field(default_factory=list)
    rows: list[dict[str, Value]] = field(default_factory=list)
    messages: list[tuple[str, str]] = field(default_factory=list)
    exit_code: int = 0
    stderr: str = ""
    wall_seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return self.exit_code == 0 and not any(level in ("ERROR", "FATAL") for level, _ in self.messages)


class SearchCommands:
    """The custom search commands of the installed apps."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def run(
        self,
        app: str,
        name: str,
        args: Sequence[str] = (),
        owner: str = "admin",
        *,
        search: str = "",
        earliest: float = 0.0,
        latest: float = 0.0,
    ) -> CommandRun:
        """Run ``| name args`` as ``owner`` in ``app``. Raises LookupError for an unknown or unsupported command."""
        stanza = self.host.stanza("commands", name, app)
        if not parse_bool(stanza.values.get("chunked")):
            raise LookupError(f"commands.conf [{name}] is not chunked = true; the sandbox runs only those")
        script = stanza.values.get("filename", f"{name}.py")
        arguments = sorted(
            (int(key.rpartition(".")[2]), value)
            for key, value in stanza.values.items()
            if key.startswith("command.arg.")
        )
        try:
            command = self.host.script_command(stanza.app, stanza.values, script)
        except OSError as error:
            raise LookupError(str(error)) from error
        patience = float(stanza.values.get("maxwait") or 0) or PATIENCE
        info = self._search_info(app, name, args, owner, search or f"| {name} {' '.join(args)}", earliest, latest)
        run = self._run_process([*command, *(value for _, value in arguments)], info, patience)
        self.host.log.stderr("ChunkedExternProcessor", f"stderr: {name}: ", run.stderr)
        if run.exit_code and not run.messages:
            run.messages.append(
                (
                    "ERROR",
                    f"Error in '{name}' command: External search command exited unexpectedly "
                    f"with non-zero error code {run.exit_code}.",
                )
            )
        return run

    def _search_info(
        self, app: str, name: str, args: Sequence[str], owner: str, search: str, earliest: float, latest: float
    ) -> dict[str, Any]:
        sid = f"{time.time():.3f}"
        folder = self.host.home / "var" / "run" / "splunk" / "dispatch" / sid
        folder.mkdir(parents=True, exist_ok=True)
        return {
            "args": list(args),
            "raw_args": list(args),
            "dispatch_dir": str(folder),
            "sid": sid,
            "app": app,
            "owner": owner,
            "username": owner,
            "session_key": self.host.splunkd.session_key(owner),
            "splunkd_uri": self.host.splunkd.uri,
            "splunk_version": "10.0.0",
            "search": search,
            "command": name,
            "maxresultrows": 50000,
            "earliest_time": str(earliest),
            "latest_time": str(latest),
        }

    def _run_process(self, command: Sequence[str], info: Mapping[str, Any], patience: float) -> CommandRun:
        started, run = time.monotonic(), CommandRun()
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.host.environment(),
            cwd="/",
            start_new_session=True,
        )
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        errors: list[bytes] = []
        reader = threading.Thread(target=lambda: errors.append(process.stderr.read()), daemon=True)  # type: ignore
        reader.start()
        timer = threading.Timer(patience, signal_group, (process, signal.SIGKILL))
        timer.start()
        try:
            _exchange_chunks(process.stdin, process.stdout, info, run)
            process.wait()
        except (ValueError, OSError) as error:
            run.messages.append(("ERROR", f"Error in '{info['command']}' command: {error}"))
            process.kill()
            process.wait()
        finally:
            timer.cancel()
            reader.join()
            process.stdout.close()
            process.stderr.close()
        run.exit_code, run.wall_seconds = process.returncode, time.monotonic() - started
        run.stderr = b"".join(errors).decode("utf-8", "replace")
        return run


def _exchange_chunks(stdin: IO[bytes], stdout: IO[bytes], info: Mapping[str, Any], run: CommandRun) -> None:
    """getinfo, then execute until the command says it has finished (or ends: its exit code tells the rest)."""
    wanted: dict[str, Any] = {
        "action": "getinfo",
        "preview": False,
        "streaming_command_will_restart": False,
        "searchinfo": dict(info),
    }
    try:
        while True:
            _write(stdin, wanted)
            answer = _read(stdout)
            if answer is None:
                return
            metadata, body = answer
            messages = (metadata.get("inspector") or {}).get("messages") or []
            run.messages.extend((str(level), str(text)) for level, text in messages)
            if body:
                fields, rows = parse_csv(body.decode())
                run.fields.extend(name for name in fields if name not in run.fields)
                run.rows.extend(rows)
            if metadata.get("finished"):
                return
            if wanted["action"] == "getinfo" and metadata.get("type") and not metadata.get("generating"):
                raise ValueError("it is not a generating command; the sandbox runs only those")
            wanted = {"action": "execute", "finished": True}
    except BrokenPipeError:
        return
    finally:
        # What was not read by a command that has ended is of no use to anyone.
        with contextlib.suppress(BrokenPipeError):
            stdin.close()


def _write(stream: IO[bytes], metadata: Mapping[str, Any]) -> None:
    data = json.dumps(metadata).encode()
    stream.write(b"chunked 1.0,%d,0\n" % len(data) + data)
    stream.flush()


def _read(stream: IO[bytes]) -> Any:
    head = stream.readline()
    if not head:
        return None
    match = _HEAD.fullmatch(head)
    if match is None:
        raise ValueError(f"expected a chunk header, got {head[:80]!r}")
    metadata, body = stream.read(int(match[1])), stream.read(int(match[2]))
    if len(metadata) < int(match[1]) or len(body) < int(match[2]):
        raise ValueError("the output broke off in the middle of a chunk")
    return json.loads(metadata), body
