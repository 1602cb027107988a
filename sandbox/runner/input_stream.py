"""What a modular input writes: ``<stream>`` of ``<event>``, or plain lines with ``streaming_mode`` simple."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class InputEvent:
    """One event, with the metadata that the input or the instance's settings give it."""

    raw: str
    #: Epoch seconds; None leaves it to the timestamp in the event.
    time: float | None
    index: str
    sourcetype: str
    source: str
    host: str


Index = Callable[[InputEvent], None]


class EventStream:
    """Takes standard output as it comes and hands on each event when it is complete.

    ``defaults`` gives, for an instance's stanza (empty: the only one), its index, sourcetype, source and host.
    """

    def __init__(self, index: Index, defaults: Callable[[str], Mapping[str, str]]) -> None:
        self.count = 0
        self._index = index
        self._defaults = defaults
        self._parser: Any = ET.XMLPullParser(["end"])
        self._open: dict[str, tuple[dict[str, str], list[str]]] = {}

    def feed(self, data: bytes) -> None:
        """Raises ValueError for what is not such a stream; the events before it are indexed."""
        try:
            self._parser.feed(data)
            for _, element in self._parser.read_events():
                if element.tag == "event":
                    self._event(element)
                    element.clear()
        except ET.ParseError as error:
            raise ValueError(f"the input's output is not a stream of events: {error}") from error

    def close(self) -> None:
        """The process has ended: unfinished events are indexed as far as they came."""
        for stanza in list(self._open):
            self._finish(stanza)

    def _event(self, element: ET.Element) -> None:
        stanza = element.get("stanza", "")
        metadata = {name: (element.findtext(name) or "") for name in ("time", "index", "sourcetype", "source", "host")}
        metadata = {name: value for name, value in metadata.items() if value}
        data = element.findtext("data") or ""
        if element.get("unbroken") != "1":
            self._emit(stanza, metadata, data)
            return
        kept, parts = self._open.setdefault(stanza, ({}, []))
        kept.update(metadata)
        parts.append(data)
        if element.find("done") is not None:
            self._finish(stanza)

    def _finish(self, stanza: str) -> None:
        metadata, parts = self._open.pop(stanza)
        self._emit(stanza, metadata, "".join(parts))

    def _emit(self, stanza: str, metadata: Mapping[str, str], data: str) -> None:
        if not data.strip():
            return
        where = {**self._defaults(stanza), **metadata}
        self.count += 1
        self._index(
            InputEvent(
                data.rstrip("\n"),
                _epoch(where.get("time")),
                where["index"],
                where["sourcetype"],
                where["source"],
                where["host"],
            )
        )


class LineStream:
    """The same for ``streaming_mode`` simple: each line is an event."""

    def __init__(self, index: Index, defaults: Callable[[str], Mapping[str, str]]) -> None:
        self.count = 0
        self._index = index
        self._defaults = defaults
        self._rest = b""

    def feed(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)

    def close(self) -> None:
        self._line(self._rest)
        self._rest = b""

    def _line(self, line: bytes) -> None:
        if not line.strip():
            return
        where: dict[str, Any] = dict(self._defaults(""))
        self.count += 1
        self._index(
            InputEvent(
                line.decode("utf-8", "replace"),
                None,
                where["index"],
                where["sourcetype"],
                where["source"],
                where["host"],
            )
        )


def _epoch(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
