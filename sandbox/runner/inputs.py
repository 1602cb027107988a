"""Modular inputs by their protocol (``--scheme``, ``--validate-arguments``, a run for each instance), and scripts.

Source: Splunk, "Modular inputs: write a script" and inputs.conf.spec (``interval``, ``[script://<cmd>]``).
"""

from __future__ import annotations

import re
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from croniter import croniter

from sandbox.splunkd.access import SYSTEM_USER
from sandbox.splunkd.confs import parse_bool
from sandbox.splunkd.ingest import UnknownIndex

from .host import Host
from .input_stream import EventStream, InputEvent, LineStream
from .processes import OnStart, await_end, run

_SCHEME_LIMIT = 30.0
#: In place of a scheme: a script of the app with its arguments, whose lines are events.
SCRIPT = "script"
_SCRIPT = re.compile(r"(?:\.|\$SPLUNK_HOME/etc/apps/(?P<app>[^/\s]+))/bin/(?P<file>\S+)(?P<arguments>.*)")


@dataclass(frozen=True)
class Scheme:
    """A kind of modular input, as its script introduces it. ``args``: further parameters -> required on create."""

    name: str
    app: str
    title: str
    args: Mapping[str, bool]
    external_validation: bool
    streaming_mode: str
    single_instance: bool


@dataclass(frozen=True)
class Instance:
    """An enabled or disabled ``[scheme://name]`` with its merged settings."""

    stanza: str
    scheme: str
    values: Mapping[str, str] = field(default_factory=dict)
    #: Where a scripted input is from; a scheme has an app of its own.
    app: str = ""

    @property
    def name(self) -> str:
        return self.stanza.partition("://")[2]

    @property
    def disabled(self) -> bool:
        return parse_bool(self.values.get("disabled"))


@dataclass(frozen=True)
class InputRun:
    """One process of an input that has ended."""

    stanza: str
    exit_code: int
    events: int
    stderr: str
    wall_seconds: float


class InputFailed(Exception):
    """The input's script is missing, or does not introduce itself as the protocol wants."""


class ModularInputs:
    """The modular inputs of the installed apps."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._schemes: dict[tuple[object, ...], Scheme] = {}

    def apps_of_schemes(self) -> dict[str, str]:
        """Scheme -> app: those that a ``README/inputs.conf.spec`` declares and a script in ``bin`` runs."""
        found = {}
        for app in self.host.confs.apps():
            spec = self.host.app_folder(app) / "README" / "inputs.conf.spec"
            text = spec.read_text(encoding="utf-8", errors="replace") if spec.is_file() else ""
            for name in re.findall(r"^\s*\[([^\]:]+)://", text, re.MULTILINE):
                if (self.host.app_folder(app) / "bin" / f"{name}.py").is_file():
                    found[name] = app
        return found

    def instances(self) -> list[Instance]:
        """All instances, each with what its scheme's own stanza sets for all of them."""
        stanzas, schemes = self.host.confs.merged("inputs", None), self.apps_of_schemes()
        found = []
        for name, stanza in stanzas.items():
            scheme, separator, _ = name.partition("://")
            if separator and (scheme in schemes or scheme == SCRIPT):
                shared = stanzas[scheme].own if scheme in stanzas else {}
                inherited = stanzas["default"].own if "default" in stanzas else {}
                found.append(Instance(name, scheme, {**inherited, **shared, **stanza.own}, stanza.app))
        return found

    def scheme(self, name: str) -> Scheme:
        """Ask the script for its scheme, once as long as the script stays the same. Raises InputFailed."""
        command = self._command(name)
        key = (*command, Path(command[-1]).stat().st_mtime_ns)
        if key not in self._schemes:
            self._schemes[key] = self._introspect(name, command)
        return self._schemes[key]

    def _introspect(self, name: str, command: Sequence[str]) -> Scheme:
        done = run(self.host.start([*command, "--scheme"]), b"", _SCHEME_LIMIT)
        self._log(name, done.stderr)
        try:
            root = ET.fromstring(done.stdout)
        except ET.ParseError as error:
            raise InputFailed(f"{name} --scheme (exit code {done.exit_code}) gave no XML: {error}") from error
        args = {
            arg.get("name", ""): parse_bool(arg.findtext("required_on_create", "true"))
            for arg in root.iterfind("endpoint/args/arg")
        }
        return Scheme(
            name,
            self.apps_of_schemes()[name],
            root.findtext("title", name),
            args,
            parse_bool(root.findtext("use_external_validation")),
            root.findtext("streaming_mode", "simple"),
            parse_bool(root.findtext("use_single_instance")),
        )

    def validate(self, scheme: str, name: str, parameters: Mapping[str, str]) -> str | None:
        """What the script has against an instance; None when it is content. Raises InputFailed."""
        if not self.scheme(scheme).external_validation:
            return None
        body = f"<items>{self._header(scheme)}<item name={quoteattr(name)}>{_parameters(parameters)}</item></items>"
        command = [*self._command(scheme), "--validate-arguments"]
        done = run(self.host.start(command), body.encode(), _SCHEME_LIMIT)
        self._log(scheme, done.stderr)
        if done.exit_code == 0:
            return None
        try:
            message = ET.fromstring(done.stdout).findtext("message")
        except ET.ParseError:
            message = None
        return message or f"The script of {scheme} refused the arguments (exit code {done.exit_code})."

    def run_once(
        self,
        instances: Instance | Sequence[Instance],
        on_start: OnStart | None = None,
        sink: Callable[[bytes], None] | None = None,
    ) -> InputRun:
        """Run the input for an instance (for all of a single-instance scheme) and index what it writes.

        ``on_start`` gets the running process; ``sink`` gets what it writes in place of the index. Raises InputFailed
        when it cannot be started.
        """
        group = [instances] if isinstance(instances, Instance) else list(instances)
        if group[0].scheme == SCRIPT:
            return self._run_script(group[0], on_start, sink)
        scheme = self.scheme(group[0].scheme)
        places = {instance.stanza: self._place(instance) for instance in group}
        kind = EventStream if scheme.streaming_mode == "xml" else LineStream
        stream = kind(self._index, lambda stanza: places.get(stanza) or places[group[0].stanza])
        stanzas = "".join(
            f"<stanza name={quoteattr(instance.stanza)} app={quoteattr(scheme.app)}>"
            f"{_parameters(instance.values)}</stanza>"
            for instance in group
        )
        body = f"<input>{self._header(scheme.name)}<configuration>{stanzas}</configuration></input>"
        return self._run(group[0], self._command(scheme.name), body.encode(), stream, on_start, sink)

    def _run_script(
        self, instance: Instance, on_start: OnStart | None, sink: Callable[[bytes], None] | None
    ) -> InputRun:
        """A scripted input: it gets nothing, or with ``passAuth`` a session key of that user in a line."""
        found = _SCRIPT.fullmatch(instance.name)
        if found is None:
            raise InputFailed(f"[{instance.stanza}]: the sandbox runs scripts in an app's bin only")
        try:
            command = self.host.script_command(found["app"] or instance.app, instance.values, found["file"])
        except (OSError, LookupError) as error:
            raise InputFailed(str(error)) from error
        place = {**self._place(instance), "source": instance.values.get("source") or command[-1]}
        user = instance.values.get("passAuth", "")
        body = f"{self.host.splunkd.session_key(user)}\n" if user else ""
        stream = LineStream(self._index, lambda stanza: place)
        return self._run(instance, [*command, *found["arguments"].split()], body.encode(), stream, on_start, sink)

    def _run(
        self,
        instance: Instance,
        command: Sequence[str],
        body: bytes,
        stream: EventStream | LineStream,
        on_start: OnStart | None,
        sink: Callable[[bytes], None] | None,
    ) -> InputRun:
        started = time.monotonic()
        process = self.host.start(command)
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        lines: list[str] = []
        errors = process.stderr
        reader = threading.Thread(target=lambda: lines.extend(self._read_stderr(instance.scheme, errors)), daemon=True)
        reader.start()
        try:
            if on_start is not None:
                on_start(process)
            try:
                with process.stdin:
                    process.stdin.write(body)
            except BrokenPipeError:
                self.host.log.write("WARN", "ExecProcessor", f"{instance.stanza} did not read its configuration")
            while data := process.stdout.read1(65536):  # type: ignore[attr-defined]
                (sink or stream.feed)(data)
            stream.close()
        except ValueError as error:
            self.host.log.write("ERROR", "ExecProcessor", f"{instance.stanza}: {error}")
        finally:
            await_end(process)
        reader.join()
        process.stdout.close()
        return InputRun(instance.stanza, process.returncode, stream.count, "".join(lines), time.monotonic() - started)

    def _read_stderr(self, scheme: str, stream: object) -> list[str]:
        lines = []
        for line in stream:  # type: ignore[attr-defined]
            lines.append(line.decode("utf-8", "replace"))
            self._log(scheme, lines[-1])
        stream.close()  # type: ignore[attr-defined]
        return lines

    def _command(self, scheme: str) -> list[str]:
        app = self.apps_of_schemes().get(scheme)
        if app is None:
            raise InputFailed(f"no app brings the modular input {scheme} (README/inputs.conf.spec and bin/{scheme}.py)")
        stanza = self.host.confs.get("inputs", None, scheme)
        try:
            return self.host.script_command(app, stanza.own if stanza else {}, f"{scheme}.py")
        except (OSError, LookupError) as error:
            raise InputFailed(str(error)) from error

    def _header(self, scheme: str) -> str:
        checkpoints = self.host.home / "var" / "lib" / "splunk" / "modinputs" / scheme
        checkpoints.mkdir(parents=True, exist_ok=True)
        parts = {
            "server_host": self.host.server_name,
            "server_uri": self.host.splunkd.uri,
            "session_key": self.host.splunkd.session_key(SYSTEM_USER),
            "checkpoint_dir": str(checkpoints),
        }
        return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items())

    def _place(self, instance: Instance) -> dict[str, str]:
        index = instance.values.get("index", "default")
        return {
            "index": "main" if index == "default" else index,
            "source": instance.stanza,
            "sourcetype": instance.values.get("sourcetype", instance.scheme),
            "host": instance.values.get("host", "").replace("$decideOnStartup", "") or self.host.server_name,
        }

    def _index(self, event: InputEvent) -> None:
        try:
            self.host.splunkd.add_event(
                event.raw,
                time=event.time,
                index=event.index,
                sourcetype=event.sourcetype,
                source=event.source,
                host=event.host,
            )
        except UnknownIndex as error:
            self.host.log.write("WARN", "IndexProcessor", f"{event.source}: an event was dropped: {error}")

    def _log(self, scheme: str, stderr: str) -> None:
        self.host.log.stderr("ExecProcessor", f'message from "{scheme}.py" ', stderr)


def next_start(interval: str, last: float | None, now: float) -> float:
    """When an instance is due: epoch seconds, or infinity for never again. ``last``: when it was last started.

    Seconds count from start to start, ``0`` is at once after the end, ``-1`` once only, a cron line not at the start.
    Raises ValueError for anything else.
    """
    try:
        span = float(interval)
    except ValueError:
        if not croniter.is_valid(interval):
            raise ValueError(f"interval = {interval} is neither seconds nor a cron line") from None
        return float(croniter(interval, now if last is None else last).get_next(float))
    if last is None:
        return now
    return float("inf") if span < 0 else last + span


def _parameters(values: Mapping[str, str]) -> str:
    return "".join(f"<param name={quoteattr(name)}>{escape(value)}</param>" for name, value in values.items())
