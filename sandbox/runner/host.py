"""What the runner needs of the splunkd it belongs to, and what every started process shares."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Union

from sandbox.splunkd.confs import SYSTEM, Confs, Stanza
from sandbox.splunkd.instance import Instance

from .interpreters import choose
from .processes import CLOCK_SKEW, PLATFORM_LIBS, SplunkdLog, environment, start
from .warm import Templates

#: A field's value in a result row: text, or several for a multivalue field.
Value = Union[str, Sequence[str]]
Row = Mapping[str, Value]


@dataclass
class Host:
    """A splunkd and the newest Python version (``3.9`` or ``3.13``) that its Splunk has."""

    splunkd: Instance
    python: str = "3.13"
    #: Where links of alerts point to.
    web_url: str = "http://127.0.0.1:8000"
    #: A folder with the packages that Splunk's own Python brings, for apps that count on them; none are there without.
    platform_libs: Path | None = None
    extra_env: dict[str, str] = field(default_factory=dict)
    #: Seconds by which the wall clock of every process that is started from now on is ahead.
    clock_skew: float = 0.0
    #: What scripts are forked from; without it, each is started anew, as splunkd does it.
    templates: Templates | None = None

    def start(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """A process of splunkd. ``env``: variables of its own beside those of every process."""
        variables = {**self.environment(), **(env or {})}
        forked = self.templates.start(command, variables) if self.templates is not None else None
        return forked or start(command, variables)

    @property
    def home(self) -> Path:
        return Path(self.splunkd.home)

    @property
    def confs(self) -> Confs:
        return self.splunkd.confs

    @cached_property
    def log(self) -> SplunkdLog:
        return SplunkdLog(self.home)

    @property
    def server_name(self) -> str:
        general = self.confs.get("server", None, "general")
        return (general.values.get("serverName") if general else None) or "sandbox"

    def environment(self) -> dict[str, str]:
        for folder in ("var/log/splunk", "var/spool/splunk", "var/run/splunk", "var/lib/splunk"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        skew = {CLOCK_SKEW: repr(float(self.clock_skew))} if self.clock_skew else {}
        libs = {PLATFORM_LIBS: str(self.platform_libs)} if self.platform_libs else {}
        ours = environment(self.home, self.splunkd.uri, self.server_name)
        return {**self._launch_settings(), **ours, **skew, **libs, **self.extra_env}

    def _launch_settings(self) -> dict[str, str]:
        """What an administrator gives every process of splunkd in ``etc/splunk-launch.conf``, ``NAME=value`` a line.

        Source: Admin Manual, "Set environment variables in splunk-launch.conf". So an app without a setting of its own
        learns of a certificate authority (``SSL_CERT_FILE``, ``REQUESTS_CA_BUNDLE``).
        """
        path = self.home / "etc" / "splunk-launch.conf"
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
        return {name.strip(): value.strip() for name, _, value in pairs}

    def app_folder(self, app: str) -> Path:
        return self.home / "etc" / ("system" if app == SYSTEM else f"apps/{app}")

    def stanza(self, file: str, name: str, app: str | None = None) -> Stanza:
        """A stanza as ``app`` (None: the global context) sees it. Raises LookupError."""
        found = self.confs.get(file, app, name)
        if found is None:
            where = f"app {app}" if app else "any app"
            raise LookupError(f"{file}.conf has no stanza [{name}] in {where}")
        return found

    def script_command(self, app: str, settings: Mapping[str, str], script: str) -> list[str]:
        """The command that runs a file of the app's ``bin``: Python files by the right interpreter, others as they are.

        Raises FileNotFoundError for a script that is not there, or that leads out of ``bin``.
        """
        folder = (self.app_folder(app) / "bin").resolve()
        path = (folder / script).resolve()
        if not path.is_file() or folder not in path.parents:
            raise FileNotFoundError(f"{app}/bin/{script} does not exist")
        if path.suffix == ".path":
            return [path.read_text(encoding="utf-8").strip()]
        if path.suffix == ".py":
            return [str(choose(settings, self.python)), str(path)]
        return ["/bin/sh", str(path)] if path.suffix == ".sh" else [str(path)]
