"""Alert actions, started as splunkd starts them: the app's script, ``--execute``, a payload on standard input.

Sources: Splunk, "Custom alert actions: how to pass search results / script requirements", alert_actions.conf.spec.
The ``<result>`` of the XML payload is not documented in detail; its shape here is that of search results.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape as xml_escape
from xml.sax.saxutils import quoteattr

from sandbox.splunkd.access import SYSTEM_USER
from sandbox.splunkd.appcommands import Surroundings
from sandbox.splunkd.confs import parse_bool

from .host import Host, Row
from .processes import OnStart, run, seconds
from .results import text, write_csv_gz, write_search_info
from .tokens import replace

_counter = itertools.count(1)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class Search:
    """The run of a search that triggered, as payload and tokens describe it."""

    name: str
    app: str = "search"
    owner: str = "admin"
    sid: str = ""
    rows: Sequence[Row] = ()
    fields: Sequence[str] = ()
    #: Further tokens, e.g. ``job.earliestTime``, ``cron_schedule``.
    tokens: Mapping[str, str] = field(default_factory=dict)
    #: Seconds between two scheduled runs, for ``ttl = 10p``.
    period: float = 60.0

    def __post_init__(self) -> None:
        self.sid = self.sid or new_sid(self.name, self.app, self.owner, time.time())


@dataclass(frozen=True)
class ActionRun:
    """One process of an alert action. ``error`` is set when it could not be started at all."""

    action: str
    exit_code: int
    stdout: str = ""
    stderr: str = ""
    wall_seconds: float = 0.0
    killed: bool = False
    sid: str = ""
    error: str = ""

    @property
    def ok(self) -> bool:
        return self.exit_code == 0 and not self.error


@dataclass(frozen=True)
class _Job:
    """What is the same for every process of one action."""

    action: str
    search: Search
    parameters: Mapping[str, str]
    overrides: Mapping[str, str]
    on_start: OnStart | None


def new_sid(name: str, app: str, owner: str, at: float) -> str:
    """A search id as the scheduler forms it."""
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:16]
    return f"scheduler__{owner}__{app}__RMD5{digest}_at_{int(at)}_{next(_counter)}"


class AlertActions:
    """Runs the alert actions of the installed apps."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def run(
        self,
        action: str,
        search: Search,
        parameters: Mapping[str, str] | None = None,
        *,
        digest: bool = True,
        overrides: Mapping[str, str] | None = None,
        on_start: OnStart | None = None,
    ) -> list[ActionRun]:
        """Run ``action`` over the results: once, or once for each row with ``digest=False``.

        ``parameters`` are the search's ``action.<name>.param.*``, ``overrides`` its further ``action.<name>.*``
        (``maxtime``, ``payload_format``); both win over alert_actions.conf. A problem of the app (no such action,
        script or interpreter) comes back as a run with ``error``; Splunk would log it.
        """
        job = _Job(action, search, parameters or {}, overrides or {}, on_start)
        rows = search.rows[: self._limit(job)]
        folder = self.host.home / "var" / "run" / "splunk" / "dispatch" / search.sid
        self._write_info(folder, search)
        if digest:
            return [self._run(job, write_csv_gz(folder / "results.csv.gz", rows, search.fields))]
        runs = []
        for number, row in enumerate(rows):
            path = folder / "per_result_alert" / f"tmp_{number}.csv.gz"
            runs.append(self._run(job, write_csv_gz(path, [row], search.fields), number))
        return runs

    def send(
        self,
        about: Surroundings,
        action: str,
        parameters: Mapping[str, str],
        fields: Sequence[str],
        rows: Sequence[Row],
    ) -> int:
        """For the search command ``sendalert``: the exit code. Raises LookupError when it could not be started."""
        search = Search("", about.app, about.user, about.sid, rows, fields)
        (run,) = self.run(action, search, parameters)
        if run.error:
            raise LookupError(run.error)
        return run.exit_code

    def _run(self, job: _Job, results: Path, row: int | None = None) -> ActionRun:
        action, search = job.action, job.search
        log, prefix = self.host.log, f"action={action} - "
        log.write(
            "INFO",
            "sendmodalert",
            f"Invoking modular alert action={action} for "
            f'search={json.dumps(search.name)} sid="{search.sid}" in app="{search.app}" '
            f'owner="{search.owner}" type="saved"',
        )
        try:
            settings, app = self._settings(action, search.app)
            settings = {**settings, **job.overrides}
            command = self._command(action, app, settings)
            payload = self._payload(job, settings, results, row)
            limit = seconds(settings.get("maxtime", "5m"), search.period)
        except (LookupError, OSError, ValueError) as error:
            log.write("ERROR", "sendmodalert", f"{prefix}{error}")
            return ActionRun(action, -1, sid=search.sid, error=str(error))
        data = json.dumps(payload) if settings.get("payload_format") == "json" else as_xml(payload, action)
        done = run(self.host.start(command), data.encode() + b"\n", limit, job.on_start)
        log.stderr("sendmodalert", f"action={action} STDERR -  ", done.stderr)
        if done.killed:
            log.write(
                "ERROR",
                "sendmodalert",
                f"{prefix}Alert action script exceeded its maxtime of {limit:g} s and was terminated",
            )
        log.write(
            "INFO" if done.exit_code == 0 else "WARN",
            "sendmodalert",
            f"{prefix}Alert action script completed in duration={done.wall_seconds * 1000:.0f} ms with exit "
            f"code={done.exit_code}",
        )
        return ActionRun(
            action,
            done.exit_code,
            done.stdout.decode("utf-8", "replace"),
            done.stderr,
            done.wall_seconds,
            done.killed,
            search.sid,
        )

    def _limit(self, job: _Job) -> int:
        """``maxresults`` of the action, of ``[default]``, or Splunk's own default."""
        stanzas = self.host.confs.merged("alert_actions", job.search.app)
        settings = stanzas[job.action].values if job.action in stanzas else {}
        return int(job.overrides.get("maxresults") or settings.get("maxresults") or 10_000)

    def _settings(self, action: str, app: str) -> tuple[dict[str, str], str]:
        """The action's settings as ``app`` sees them, and the app whose script it is. Raises LookupError."""
        stanza = self.host.stanza("alert_actions", action, app)
        if not parse_bool(stanza.values.get("is_custom")):
            raise LookupError(f"alert_actions.conf [{action}] is not a custom alert action (is_custom = 1)")
        if parse_bool(stanza.values.get("disabled")):
            raise LookupError(f"the alert action {action} is disabled")
        owner = next(
            (
                name
                for name in self.host.confs.apps()
                if action in self.host.confs.layer(name, "default", "alert_actions")
            ),
            stanza.app,
        )
        return stanza.values, owner

    def _command(self, action: str, app: str, settings: Mapping[str, str]) -> list[str]:
        given = settings.get("alert.execute.cmd", "").strip()
        names = [given] if given else [f"{action}.py", f"{action}.sh", action]
        found = next((name for name in names if (self.host.app_folder(app) / "bin" / name).is_file()), None)
        if found is None:
            raise FileNotFoundError(f"app {app} has no bin/{' or bin/'.join(names)} for its alert action {action}")
        arguments = sorted(
            (int(key.rpartition(".")[2]), value)
            for key, value in settings.items()
            if key.startswith("alert.execute.cmd.arg.")
        )
        return [*self.host.script_command(app, settings, found), "--execute", *(value for _, value in arguments)]

    def _payload(self, job: _Job, settings: Mapping[str, str], results: Path, number: int | None) -> dict[str, Any]:
        search = job.search
        row = {name: text(value) for name, value in search.rows[number or 0].items()} if search.rows else {}
        link = f"{self.host.web_url}/app/{quote(search.app)}/@go?sid={quote(search.sid)}"
        search_uri = (
            f"/servicesNS/{quote(search.owner, safe='')}/{quote(search.app, safe='')}/saved/searches/"
            f"{quote(search.name, safe='')}"
        )
        tokens = {
            "name": search.name,
            "app": search.app,
            "owner": search.owner,
            "results_link": link,
            "results.url": link,
            "results.file": str(results),
            "results_file": str(results),
            "view_link": f"{self.host.web_url}/app/{quote(search.app)}/alert?s={quote(search_uri, safe='')}",
            "type": "alert",
            "results.count": str(len(search.rows)),
            "job.sid": search.sid,
            "job.resultCount": str(len(search.rows)),
            "trigger_time": str(int(time.time())),
            "trigger_date": time.strftime("%B %d, %Y"),
            "server.serverName": self.host.server_name,
            **search.tokens,
        }
        merged = {key[len("param.") :]: value for key, value in settings.items() if key.startswith("param.")}
        merged.update(job.parameters)
        # Parameters without a value may be missing in Splunk; here they always are, so that no app relies on them.
        configuration = {key: replace(value, tokens, row) for key, value in merged.items()}
        payload: dict[str, Any] = {
            "app": search.app,
            "owner": search.owner,
            "results_file": str(results),
            "results_link": link,
            "search_uri": search_uri,
            "server_host": self.host.server_name,
            "server_uri": self.host.splunkd.uri,
            "session_key": self._session_key(search.owner),
            "sid": search.sid,
            "search_name": search.name,
            "configuration": {key: value for key, value in configuration.items() if value},
            "result": row,
        }
        if number is not None:
            payload["result_id"] = str(number)
        return payload

    def _write_info(self, folder: Path, search: Search) -> None:
        """What is known of the search, beside its results."""
        known = self.host.splunkd.jobs.find(search.sid)
        bounds = [str(at or "") for at in (known.earliest, known.latest)] if known else ["", ""]
        write_search_info(
            folder,
            {
                "_sid": search.sid,
                "_timestamp": time.time(),
                "_search_et": bounds[0],
                "_search_lt": bounds[1],
                "_ppc.app": search.app,
                "_ppc.user": search.owner,
                "_auth_token": "",
                "_splunkd_uri": self.host.splunkd.uri,
                "_search": known.search if known else search.tokens.get("search", ""),
            },
        )

    def _session_key(self, owner: str) -> str:
        """The owner's rights; what nobody owns runs with the system's."""
        try:
            return self.host.splunkd.session_key(SYSTEM_USER if owner == "nobody" else owner)
        except KeyError:
            raise LookupError(f"the alert's owner {owner} is not a user of this splunkd") from None


def as_xml(payload: Mapping[str, Any], action: str) -> str:
    """The payload in ``payload_format = xml``. Characters that XML cannot hold are left out."""

    def escape(value: str) -> str:
        return xml_escape(_NOT_XML.sub("", value))

    parts = ['<?xml version="1.0" encoding="UTF-8" ?>', "<alert>"]
    for name, value in payload.items():
        if name == "configuration":
            parameters = "".join(f"<param name={quoteattr(key)}>{escape(item)}</param>" for key, item in value.items())
            parts.append(f"<configuration><stanza name={quoteattr(action)}>{parameters}</stanza></configuration>")
        elif name == "result":
            fields = "".join(
                f"<field k={quoteattr(key)}><value><text>{escape(item)}</text></value></field>"
                for key, item in value.items()
            )
            parts.append(f"<result>{fields}</result>")
        else:
            parts.append(f"<{name}>{escape(str(value))}</{name}>")
    return "\n".join([*parts, "</alert>"])
