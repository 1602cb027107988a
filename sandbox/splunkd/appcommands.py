"""The search commands that splunkd has beside the interpreter's own: those of the installed apps, ``rest`` and
``sendalert``."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Union

from spl import SplRejected, SplUnsupported
from spl.external import Call, External, Rows

from .access import Identity, may_see
from .confs import Confs, Stanza, parse_bool
from .model import Acl
from .restcommand import Rest, Server
from .sendalert import SendAlertCommand

Cell = Union[str, Sequence[str]]
#: (level, text) of the messages that a command leaves with the search.
Messages = list[tuple[str, str]]
_ARGUMENT = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^\s"])+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Surroundings:
    """The search that a command is part of."""

    user: str
    app: str
    sid: str = ""
    search: str = ""
    dispatch_dir: Path | None = None


#: Runs an alert action, for ``sendalert``; see there.
SendAlert = Callable[[Surroundings, str, Mapping[str, str], Sequence[str], Sequence[Mapping[str, Cell]]], int]


@dataclass(frozen=True)
class Started:
    """One start of a command's process: ``raw_args`` have their quotation marks, ``args`` have lost them."""

    name: str
    args: Sequence[str]
    raw_args: Sequence[str]
    first: bool
    earliest: float
    latest: float
    surroundings: Surroundings


@dataclass
class Gave:
    """What a command gave; ``error`` is set when the search fails by it."""

    fields: Sequence[str] = ()
    rows: Iterable[Mapping[str, Cell]] = ()
    messages: Messages = field(default_factory=list)
    error: str = ""


class CommandHost(Protocol):
    """Runs the search commands of installed apps as processes (``sandbox.runner`` does). Called from many threads."""

    def execute(self, stanza: Stanza, start: Started, rows: Iterable[Mapping[str, Cell]]) -> Gave: ...


class AppCommands:
    """The commands as one user has them in one app; ``messages`` collects what they say."""

    def __init__(
        self,
        confs: Confs,
        identity: Identity,
        about: Surroundings,
        host: CommandHost | None,
        server: Server | None,
        send_alert: SendAlert | None = None,
    ) -> None:
        self.confs = confs
        self.identity = identity
        self.about = about
        self.host = host
        self.server = server
        self.send_alert = send_alert
        self.messages: Messages = []
        self._stanzas: Mapping[str, Stanza] | None = None

    def find(self, name: str) -> External | None:
        if name == "rest":
            return Rest(self.server, self.identity, self.messages) if self.server else None
        if name == "sendalert":
            return SendAlertCommand(functools.partial(self.send_alert, self.about)) if self.send_alert else None
        if self._stanzas is None:
            self._stanzas = self.confs.merged("commands", self.about.app, self.identity.user)
        stanza = self._stanzas.get(name)
        if stanza is None or name == "default" or parse_bool(stanza.values.get("disabled")):
            return None
        acl = Acl() if stanza.user else self.confs.metadata.acl(stanza.app, "commands", name)
        return _AppCommand(stanza, self) if may_see(self.identity, acl) else None


class _AppCommand:
    """A stanza of commands.conf in a search."""

    def __init__(self, stanza: Stanza, commands: AppCommands) -> None:
        self.stanza = stanza
        self.commands = commands

    def check(self, arguments: str, first: bool) -> None:
        if self.commands.host is None:
            raise SplUnsupported("No runner is attached: this sandbox runs no app's search commands.")
        if "[" in _QUOTED.sub("", arguments):
            raise SplUnsupported("The sandbox knows no subsearch in the arguments of an app's command.")

    def run(self, call: Call, rows: Rows) -> tuple[list[str], Rows]:
        assert self.commands.host is not None
        args, raw_args = split(call.arguments)
        start = Started(self.stanza.name, args, raw_args, call.first, call.earliest, call.latest, self.commands.about)
        gave = self.commands.host.execute(self.stanza, start, rows)
        self.commands.messages.extend(gave.messages)
        if gave.error:
            raise SplRejected(gave.error)
        made = [{name: v if isinstance(v, str) else list(v) for name, v in row.items()} for row in gave.rows]
        return list(gave.fields), made


def split(arguments: str) -> tuple[list[str], list[str]]:
    """Arguments at the blanks outside quotation marks: without those marks, and as they are written."""
    raw = [match.group() for match in _ARGUMENT.finditer(arguments)]
    return [_QUOTED.sub(lambda quoted: re.sub(r"\\([\"\\])", r"\1", quoted[1]), word) for word in raw], raw
