"""From what arrives to events: line breaking, timestamps, index. props.conf of every app decides.

Supported keys of props.conf: LINE_BREAKER, SHOULD_LINEMERGE, TIME_PREFIX, TIME_FORMAT, MAX_TIMESTAMP_LOOKAHEAD,
TZ (UTC only), DATETIME_CONFIG (CURRENT, NONE), and stanzas ``[<sourcetype>]`` and ``[source::<pattern>]``. What is
not supported is logged once and the event gets the current time. Without TIME_FORMAT the first ISO 8601 timestamp
within the lookahead counts, else the current time.
"""

from __future__ import annotations

import fnmatch
import json
import logging
import re
import time as clock
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from spl import Event, SplError
from spl.times import strptime

from .confs import Confs, parse_bool
from .index import EventIndex

_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9}|,\d{3})?\s?(Z|[+-]\d\d:?\d\d)?")
_UNSUPPORTED = ("TRANSFORMS", "SEDCMD", "INGEST_EVAL", "RULESET", "BREAK_ONLY_BEFORE", "MUST_BREAK_AFTER")
_UTC = ("", "UTC", "GMT", "Etc/UTC", "Z")


class UnknownIndex(LookupError):
    """The index does not exist (or is disabled), so the event goes nowhere."""


class Ingest:
    def __init__(self, confs: Confs, index: EventIndex, log: logging.Logger, host: str) -> None:
        self.confs = confs
        self.index = index
        self.log = log
        self.host = host
        self._warned: set[str] = set()

    def exists(self, index: str) -> bool:
        stanza = self.confs.merged("indexes", None).get(index)
        return (
            stanza is not None
            and index != "default"
            and ":" not in index
            and not parse_bool(stanza.values.get("disabled"))
        )

    def events(
        self,
        raws: Iterable[str | Mapping[str, Any]],
        *,
        index: str = "",
        sourcetype: str = "",
        source: str = "",
        host: str = "",
        time: float | None = None,
        indextime: float | None = None,
    ) -> list[Event]:
        """Events of one kind, ready to be written. Raises UnknownIndex."""
        index, now = index or "main", clock.time()
        if not self.exists(index):
            raise UnknownIndex(f"index {index} does not exist")
        props = self.props(sourcetype, source) if time is None else {}
        made = []
        for raw in raws:
            text = raw if isinstance(raw, str) else json.dumps(raw)
            moment = self.timestamp(text, props) if time is None else time
            made.append(
                Event(
                    text,
                    now if moment is None else moment,
                    index,
                    sourcetype or "unknown",
                    source or "sandbox",
                    host or self.host,
                    now if indextime is None else indextime,
                )
            )
        return made

    def write(self, events: Iterable[Event]) -> int:
        return self.index.add(events)

    # --- props.conf -------------------------------------------------------------------------------------------------

    def props(self, sourcetype: str, source: str) -> dict[str, str]:
        stanzas = self.confs.merged("props", None)
        values = dict(stanzas["default"].values) if "default" in stanzas else {}
        if sourcetype in stanzas:
            values.update(stanzas[sourcetype].own)
        for name, stanza in stanzas.items():
            if name.startswith("source::") and fnmatch.fnmatchcase(source, name[8:].replace("...", "*")):
                values.update(stanza.own)
        for key in values:
            if key.startswith(_UNSUPPORTED):
                self._warn_once(f"props.conf [{sourcetype}]: {key} is not supported by the sandbox and is ignored")
        return values

    def timestamp(self, raw: str, props: Mapping[str, str]) -> float | None:
        """Epoch seconds, or None when the event has none."""
        if props.get("DATETIME_CONFIG", "").upper() in ("CURRENT", "NONE"):
            return None
        start = 0
        if props.get("TIME_PREFIX"):
            found = re.search(props["TIME_PREFIX"], raw)
            if found is None:
                return None
            start = found.end()
        text = raw[start : start + int(props.get("MAX_TIMESTAMP_LOOKAHEAD") or 128)]
        if not props.get("TIME_FORMAT"):
            return _iso(text)
        if props.get("TZ", "") not in _UTC:
            self._warn_once(f"props.conf: TZ = {props['TZ']} is not supported by the sandbox, which reads UTC")
        try:
            return strptime(text.lstrip(), props["TIME_FORMAT"])
        except SplError as error:
            form = props["TIME_FORMAT"]
            self._warn_once(f"props.conf: TIME_FORMAT = {form} is not supported by the sandbox: {error}")
            return None

    def split(self, text: str, sourcetype: str, source: str) -> list[str]:
        """Break a stream into events: LINE_BREAKER, then (SHOULD_LINEMERGE) lines without a timestamp join the last."""
        props = self.props(sourcetype, source)
        pieces, position = [], 0
        for match in re.finditer(props.get("LINE_BREAKER") or r"([\r\n]+)", text):
            pieces.append(text[position : match.start(1)])
            position = match.end(1)
        pieces = [piece for piece in [*pieces, text[position:]] if piece.strip()]
        if not parse_bool(props.get("SHOULD_LINEMERGE", "true")):
            return pieces
        events: list[str] = []
        for piece in pieces:
            if events and self.timestamp(piece, props) is None:
                events[-1] += "\n" + piece
            else:
                events.append(piece)
        return events

    def _warn_once(self, line: str) -> None:
        if line not in self._warned:
            self._warned.add(line)
            self.log.warning("%s", line)


def _iso(text: str) -> float | None:
    found = _ISO.search(text)
    if found is None:
        return None
    day, hour, fraction, zone = found.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None
    shift = 0
    if zone and zone != "Z":
        shift = int(zone[0] + "1") * (int(zone[1:3]) * 3600 + int(zone[-2:]) * 60)
    return moment - shift + (float("0." + fraction[1:]) if fraction else 0.0)
