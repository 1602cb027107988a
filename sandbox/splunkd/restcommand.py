"""``| rest <path>``: what an endpoint lists, as rows.

Source: Search Reference, "rest". It runs with the rights of the search's user, and only on this server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote, urlencode

from spl import SplRejected, SplUnsupported
from spl.external import Call, Rows
from spl.values import Cell

from .access import Identity
from .errors import ApiError
from .model import Entry
from .render import iso

Pairs = Sequence[tuple[str, str]]
#: (who asks, path, query) -> each entry with its address. Raises ApiError.
Fetch = Callable[[Identity, str, Pairs], Sequence[tuple[str, Entry]]]
_ARGUMENT = re.compile(r'(?:([A-Za-z_][\w.:-]*)\s*=\s*)?("(?:[^"\\]|\\.)*"|[^\s"]+)')
_OWN = ("count", "strict", "splunk_server", "splunk_server_group", "timeout")
#: What the path of an endpoint begins with. Pages of other apps leave the slash out, and Splunk takes that.
_PATH = re.compile(r"/|services(?:NS)?/")


class Asked:
    """The arguments of one ``rest``. Raises SplRejected."""

    def __init__(self, arguments: str) -> None:
        self.path, self.get_args, own = "", [], {}
        position = 0
        for match in _ARGUMENT.finditer(arguments):
            if arguments[position : match.start()].strip():
                raise SplRejected(f"Invalid argument at '{arguments[position:].strip()[:20]}'.")
            position = match.end()
            name, value = match[1], re.sub(r'\\(["\\])', r"\1", match[2].strip('"'))
            if name is None:
                self._take_path(value)
            elif name in _OWN:
                own[name] = value
            else:
                self.get_args.append((name, value))
        if not self.path:
            raise SplRejected("The path of an endpoint is missing, such as /services/server/info.")
        if "splunk_server_group" in own:
            raise SplUnsupported("There are no server groups in the sandbox.")
        self.count = _natural(own, "count", 0)
        self.timeout = _natural(own, "timeout", 60)
        self.server = own.get("splunk_server", "*")
        self.strict = _boolean(own.get("strict", "false"))

    def _take_path(self, value: str) -> None:
        if self.path or not _PATH.match(value):
            raise SplRejected(f"Invalid argument '{value}': one path is expected, such as /services/server/info.")
        self.path = value if value.startswith("/") else f"/{value}"


def _natural(own: Mapping[str, str], name: str, default: int) -> int:
    value = own.get(name, str(default))
    if not re.fullmatch(r"\d{1,9}", value):
        raise SplRejected(f"Invalid value '{value}' for '{name}': a whole number is expected.")
    return int(value)


def _boolean(value: str) -> bool:
    if value.lower() not in ("t", "true", "1", "f", "false", "0"):
        raise SplRejected(f"Invalid value '{value}' for 'strict': a Boolean is expected.")
    return value.lower() in ("t", "true", "1")


@dataclass(frozen=True)
class Server:
    """Whom ``rest`` asks."""

    name: str
    uri: str
    fetch: Fetch


class Rest:
    """``timeout`` is taken and never met: what is asked answers in this process."""

    def __init__(self, server: Server, identity: Identity, messages: list[tuple[str, str]]) -> None:
        self.server = server
        self.identity = identity
        self.messages = messages

    def check(self, arguments: str, first: bool) -> None:
        if not first:
            raise SplRejected("This command must be the first command of a search.")
        Asked(arguments)

    def run(self, call: Call, rows: Rows) -> tuple[list[str], Rows]:
        asked = Asked(call.arguments)
        if asked.server != "local" and not fnmatchcase(self.server.name.lower(), asked.server.lower()):
            self.messages.append(("WARN", f"No server matches splunk_server={asked.server}."))
            return [], []
        query = [("count", str(asked.count)), *asked.get_args]
        try:
            found = self.server.fetch(self.identity, asked.path, query)
        except ApiError as problem:
            return self._failed(asked, query, problem)
        made = [self._row(href, entry) for href, entry in found]
        return sorted({name for row in made for name in row}), made

    def _failed(self, asked: Asked, query: Pairs, problem: ApiError) -> tuple[list[str], Rows]:
        target = f"{quote(asked.path)}?{urlencode(query)}"
        status = f"The REST request on the endpoint URI {target} returned HTTP 'status not OK': code={problem.status}"
        status += f", {problem.text.rstrip('.')}."
        if asked.strict:
            raise SplRejected(status)
        self.messages += [
            (
                "WARN",
                f"Failed to fetch REST endpoint uri={self.server.uri}{target} from server {self.server.uri}. "
                "Check that the URI path provided exists in the REST API.",
            ),
            ("WARN", status),
        ]
        return [], []

    def _row(self, href: str, entry: Entry) -> dict[str, Cell]:
        own = {
            "title": entry.title or entry.name,
            "id": self.server.uri + href,
            "updated": iso(entry.updated),
            "author": entry.acl.owner,
            "splunk_server": self.server.name,
        }
        content = {**entry.content, "eai:acl": entry.acl.as_dict()}
        return {**_flat("", content), **own}


def _flat(prefix: str, values: Mapping[str, Any]) -> dict[str, Cell]:
    """Nested keys joined by dots, lists as multivalue fields; what is empty is no field."""
    cells: dict[str, Cell] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            cells.update(_flat(f"{name}.", value))
        elif isinstance(value, (list, tuple)):
            cells[name] = [_text(item) for item in value]
        elif value is not None and value != "":
            cells[name] = _text(value)
    return cells


def _text(value: Any) -> str:
    return ("1" if value else "0") if isinstance(value, bool) else str(value)
