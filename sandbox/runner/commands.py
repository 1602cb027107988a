"""Custom search commands: a process for each use of one in a search, started as splunkd starts it."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sandbox.splunkd.access import SYSTEM_USER
from sandbox.splunkd.appcommands import Gave, Started, Surroundings, split
from sandbox.splunkd.confs import Stanza, parse_bool

from .chunks import Conversation, Misplaced, Prepare, Said
from .host import Host, Row
from .plain_commands import Failed, PlainCommand
from .processes import Finished, signal_group
from .processes import run as run_process

#: Seconds a command may take when commands.conf sets no ``maxwait``.
PATIENCE = 60.0


@dataclass
class CommandRun(Said):
    """What a command gave, and how its process ended."""

    exit_code: int = 0
    stderr: str = ""
    wall_seconds: float = 0.0
    #: The search fails by it.
    error: str = field(default="")

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
        rows: Sequence[Row] | None = None,
    ) -> CommandRun:
        """Run ``| name args`` as ``owner`` in ``app``, over ``rows`` or (None) as the first command of a search.

        Raises LookupError for an unknown or unsupported command.
        """
        stanza = self.host.stanza("commands", name, app)
        sid = f"{time.time():.3f}"
        folder = self.host.home / "var" / "run" / "splunk" / "dispatch" / sid
        about = Surroundings(owner, app, sid, search or f"| {name} {' '.join(args)}", folder)
        start = Started(name, args, args, rows is None, earliest, latest, about)
        return self._start(stanza, start, rows or ())

    def execute(self, stanza: Stanza, start: Started, rows: Iterable[Row]) -> Gave:
        """For a search of splunkd: what its command gives."""
        try:
            run = self._start(stanza, start, rows)
        except LookupError as error:
            return Gave(error=str(error))
        return Gave(run.fields, run.rows, run.messages, run.error)

    def _start(self, stanza: Stanza, start: Started, rows: Iterable[Row], prepare: Prepare | None = None) -> CommandRun:
        """Raises LookupError for what cannot be started."""
        arguments = sorted(
            (int(key.rpartition(".")[2]), value)
            for key, value in stanza.values.items()
            if key.startswith("command.arg.")
        )
        try:
            command = self.host.script_command(
                stanza.app, stanza.values, stanza.values.get("filename", f"{stanza.name}.py")
            )
        except OSError as error:
            raise LookupError(str(error)) from error
        prepare = prepare or (lambda about, given: self._prepared(stanza, start, about, given))
        if parse_bool(stanza.values.get("chunked")):
            run = self._run_process([*command, *(value for _, value in arguments)], stanza, start, rows, prepare)
        else:
            run = self._run_plain(command, stanza, start, rows, prepare)
        self.host.log.stderr("ChunkedExternProcessor", f"stderr: {start.name}: ", run.stderr)
        if run.exit_code and not run.messages:
            run.messages.append(
                (
                    "ERROR",
                    f"Error in '{start.name}' command: External search command exited unexpectedly "
                    f"with non-zero error code {run.exit_code}.",
                )
            )
        if run.exit_code and not run.error:
            run.error = next((text for level, text in run.messages if level in ("ERROR", "FATAL")), run.messages[0][1])
        return run

    def _search_info(self, start: Started) -> dict[str, Any]:
        about = start.surroundings
        folder = about.dispatch_dir or self.host.home / "var" / "run" / "splunk" / "dispatch" / about.sid
        Path(folder).mkdir(parents=True, exist_ok=True)
        splunkd = self.host.splunkd
        system = about.user in ("nobody", SYSTEM_USER)
        return {
            "args": list(start.args),
            "raw_args": list(start.raw_args),
            "dispatch_dir": str(folder),
            "sid": about.sid,
            "app": about.app,
            "owner": about.user,
            "username": about.user,
            "session_key": splunkd.system_token if system else splunkd.session_key(about.user),
            "splunkd_uri": splunkd.uri,
            "splunk_version": "10.0.0",
            # The SDK takes it for URL-encoded.
            "search": quote(about.search),
            "command": start.name,
            "maxresultrows": 50000,
            "earliest_time": _epoch(start.earliest),
            "latest_time": _epoch(start.latest),
        }

    def _run_process(
        self, command: Sequence[str], stanza: Stanza, start: Started, rows: Iterable[Row], prepare: Prepare
    ) -> CommandRun:
        info, began, run = self._search_info(start), time.monotonic(), CommandRun()
        process = self.host.start(command)
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        errors: list[bytes] = []
        reader = threading.Thread(target=lambda: errors.append(process.stderr.read()), daemon=True)  # type: ignore
        reader.start()
        patience = float(stanza.values.get("maxwait") or 0) or PATIENCE
        timer = threading.Timer(patience, signal_group, (process, signal.SIGKILL))
        timer.start()
        try:
            conversation = Conversation(process.stdin, process.stdout, run)
            conversation.hold(info, start.first, rows, prepare)
            process.wait()
        except (ValueError, OSError) as error:
            text = str(error) if isinstance(error, Misplaced) else f"Error in '{start.name}' command: {error}"
            run.messages.append(("ERROR", text))
            run.error = text
        finally:
            if process.poll() is None:
                signal_group(process, signal.SIGKILL)
            process.wait()
            timer.cancel()
            reader.join()
            process.stdout.close()
            process.stderr.close()
        run.exit_code, run.wall_seconds = process.returncode, time.monotonic() - began
        run.stderr = b"".join(errors).decode("utf-8", "replace")
        return run

    def _run_plain(
        self, command: Sequence[str], stanza: Stanza, start: Started, rows: Iterable[Row], prepare: Prepare
    ) -> CommandRun:
        run, began = CommandRun(), time.monotonic()

        def process(arguments: Sequence[str], stdin: bytes) -> Finished:
            return run_process(self.host.start([*command, *arguments]), stdin, PATIENCE)

        plain = PlainCommand(stanza.values, start, self._search_info(start), process, run)
        try:
            plain.hold(rows, prepare)
        except Failed as error:
            run.exit_code = error.exit_code
            said = next((text for level, text in run.messages if level == "ERROR"), "")
            ended = f"External search command '{start.name}' returned error code {error.exit_code}."
            run.error = said or f"Error in '{start.name}' command: {ended}"
            if not said:
                run.messages.append(("ERROR", run.error))
        except (ValueError, OSError) as error:
            run.error = str(error) if isinstance(error, Misplaced) else f"Error in '{start.name}' command: {error}"
            run.messages.append(("ERROR", run.error))
        run.stderr, run.wall_seconds = plain.stderr, time.monotonic() - began
        return run

    def _prepared(self, stanza: Stanza, start: Started, about: Mapping[str, Any], rows: Iterable[Row]) -> Iterable[Row]:
        """The rows through the command's ``streaming_preop`` (its own ``map`` phase, in the SDK).

        The SDK names one even where there is no ``map``; then the phase calls itself reporting and nothing is done.
        """
        preop = str(about.get("streaming_preop") or "")
        if not preop:
            return rows
        name, _, arguments = preop.partition(" ")
        if name != start.name or "|" in arguments:
            raise ValueError(f"the sandbox runs only the command itself as streaming_preop, not {preop!r}")
        args, raw_args = split(arguments)
        phase = replace(start, args=args, raw_args=raw_args, first=False)
        streams = False

        def only_streaming(about: Mapping[str, Any], rows: Iterable[Row]) -> Iterable[Row] | None:
            nonlocal streams
            streams = about["type"] in ("streaming", "stateful")
            return rows if streams else None

        found = self._start(stanza, phase, rows, only_streaming)
        if found.error:
            raise ValueError(found.error)
        return found.rows if streams else rows


def _epoch(moment: float) -> str:
    """Without a bound it is 0, as for all time."""
    return str(moment) if math.isfinite(moment) else "0"
