"""What happened, in order: requests and signals; and the part of it that led to a violation."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Union
from urllib.parse import unquote_plus

from sandbox.loopback import Exchange

#: Characters shown of a request, and of one value of a document; longer values are left out.
_SHOWN, _SHOWN_VALUE = 160, 24
#: Shorter values of a document name nothing in particular.
_LEAST_TOKEN = 12
_DOCUMENTS = "/storage/collections/data/"


@dataclass
class Event:
    """Something that is no request. ``process``: whom it concerns; empty for all."""

    at: float
    text: str
    process: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass
class ProxiedRequest:
    """A request that passed a proxy. ``effect``: the status that the service itself answered, None if not reached."""

    at: float
    service: str
    request_class: str
    process: str
    exchange: Exchange
    injection: str = ""
    effect: int | None = None
    #: What it asks for in words, where the body does not show it.
    summary: str = ""

    @property
    def content(self) -> str:
        """All that the request says, decoded."""
        query = " ".join(value for values in self.exchange.query.values() for value in values)
        return f"{unquote_plus(self.exchange.path)} {query} {self.exchange.text}"

    @property
    def matters(self) -> bool:
        """Whether it may have changed something outside Splunk, or met something."""
        return bool(self.injection) or (self.service != "splunkd" and self.request_class.endswith(".write"))

    @property
    def writes(self) -> bool:
        return not self.request_class.endswith(".read")

    def __str__(self) -> str:
        path = unquote_plus(self.exchange.path).rpartition("/cloudtrail_responder/")[2]
        query = " ".join(f"{name}={values[0]}" for name, values in self.exchange.query.items())
        shown = self.summary or (_document(self.exchange.text) if self.service == "splunkd" else "") or query
        effect = "no effect" if self.effect is None else f"-> {self.effect}"
        injection = f"  [{self.injection}]" if self.injection else ""
        where = f"{self.service} {self.exchange.method} {path.replace('storage/collections/data/', '')}"
        return f"{self.process}: {where} {_cut(shown)} {effect}{injection}"


Entry = Union[Event, ProxiedRequest]


@dataclass
class Timeline:
    """Safe to write from any thread. Times are seconds since ``begin()``."""

    _entries: list[Entry] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """Forget what was before."""
        with self._lock:
            self._entries, self._began = [], time.monotonic()

    @property
    def now(self) -> float:
        return time.monotonic() - self._began

    def event(self, text: str, process: str = "") -> None:
        self.add(Event(self.now, text, process))

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)

    def entries(self) -> list[Entry]:
        with self._lock:
            return sorted(self._entries, key=lambda entry: entry.at)

    def requests(self, service: str) -> list[ProxiedRequest]:
        return [entry for entry in self.entries() if isinstance(entry, ProxiedRequest) and entry.service == service]

    def lines(self) -> Iterator[str]:
        return (f"{entry.at:8.3f}  {entry}" for entry in self.entries())

    def excerpt(self, tokens: Iterable[str], brief: bool = False) -> list[str]:
        """Requests that name one of ``tokens`` or a document in which one stands, and the signals to their processes.

        Of requests that met nothing only those that write are given; ``brief``: only those that write outside Splunk.
        """
        known, processes = set(tokens), set()
        chosen: list[Entry] = []
        for entry in self.entries():
            if isinstance(entry, Event):
                chosen.append(entry)
            elif any(token in entry.content for token in known):
                known |= _keys(entry, known)
                processes.add(entry.process)
                if entry.matters or (entry.writes and not brief):
                    chosen.append(entry)
        concerned = [e for e in chosen if isinstance(e, ProxiedRequest) or not e.process or e.process in processes]
        return [f"{entry.at:8.3f}  {entry}" for entry in concerned]


def _keys(request: ProxiedRequest, known: set[str]) -> set[str]:
    """Keys of the documents that a request writes and in which something known stands."""
    if _DOCUMENTS not in request.exchange.path or request.exchange.method != "POST":
        return set()
    try:
        body = json.loads(request.exchange.body)
    except ValueError:
        return set()
    documents = [one for one in (body if isinstance(body, list) else [body]) if isinstance(one, dict)]
    naming = [one for one in documents if any(token in json.dumps(one) for token in known)]
    values = {str(one.get(name) or "") for one in naming for name in ("_key", "case_id")}
    return {value for value in values if len(value) >= _LEAST_TOKEN}


def _document(text: str) -> str:
    """The short values of a JSON object; other text as it is."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if not isinstance(value, dict):
        return text
    shown = {name: one for name, one in value.items() if name == "_key" or 0 < len(str(one)) <= _SHOWN_VALUE}
    return " ".join(f"{name}={one}" for name, one in shown.items()) or text


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
