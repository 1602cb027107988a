"""What checks look at. What several of them need is read once, when the first asks for it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Callable, TypeVar

from ..errors import ConfigurationError
from ..settings.model import Http
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from . import sample
from .saved import SavedSearch, saved_searches

T = TypeVar("T")
#: Seconds for one request to splunkd; for a connection to a service outside, and for its answer.
PATIENCE, CONNECT_TIMEOUT, READ_TIMEOUT = 12.0, 4.0, 8.0


@dataclass
class Surroundings:
    """With the system's rights, as the detections run."""

    splunkd: Splunkd
    _known: dict[str, Any] = field(default_factory=dict)
    _reading: dict[str, threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, uri: str, session_key: str) -> Surroundings:
        """Nothing is repeated: who asks is a person who waits."""
        return cls(Splunkd(uri, session_key, timeout=PATIENCE, pauses=()))

    def once(self, what: str, read: Callable[[], T]) -> T:
        """Read by one thread for all; an error is raised to each of them."""
        with self._lock:
            reading = self._reading.setdefault(what, threading.Lock())
        with reading:
            if what not in self._known:
                try:
                    self._known[what] = read()
                except Exception as error:
                    self._known[what] = error
            found = self._known[what]
        if isinstance(found, Exception):
            raise found
        known: T = found
        return known

    @property
    def config(self) -> Configuration:
        return self.once("config", lambda: Configuration(self.splunkd))

    @property
    def http(self) -> Http:
        """For the services outside, as the setup page tests them."""
        return replace(self.config.http, connect_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT)

    @property
    def sample(self) -> sample.Sample:
        """Events as the macro finds them now."""
        return self.once("sample", lambda: sample.take(self.splunkd))

    @property
    def searches(self) -> list[SavedSearch]:
        """The saved searches of all apps."""
        return self.once("searches", lambda: saved_searches(self.splunkd))

    @property
    def detections(self) -> list[SavedSearch]:
        return [search for search in self.searches if search.is_detection]

    def stanzas(self, file: str) -> Mapping[str, Mapping[str, str]]:
        """A table of the setup page."""
        return self.once(f"conf {file}", lambda: self.splunkd.conf(file))

    def entry(self, path: str) -> Mapping[str, Any] | None:
        """The content of the one object at a path, None when there is none. Raises a ResponderError."""
        try:
            feed = self.splunkd.get_json(path, {"output_mode": "json"})
        except ConfigurationError:
            # That is how the client reads a 404.
            return None
        entries = feed.get("entry") or ()
        return entries[0].get("content") or {} if entries else None
