"""A few events of each index and source type that the macro ``cloudtrail_index`` finds, newest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..findings.shapes import Shape
from ..splunk.client import Splunkd
from ..splunk.search import search
from .shapes import Parsed, parsed, shape_of

#: Seconds back by event time: as far as most detections look.
WINDOW, AHEAD = 86_400.0, 3600.0
#: Events that are gone through, and kept of each index and source type.
GONE_THROUGH, KEPT = 20_000, 100
#: Seconds after which Splunk ends the search with what it has found.
LONGEST = 12
SPL = (
    f"search `cloudtrail_index` | head {GONE_THROUGH} | dedup {KEPT} index sourcetype"
    " | eval happened=_time, indexed=_indextime | table happened indexed index sourcetype _raw"
)


@dataclass(frozen=True)
class Seen:
    """One event."""

    index: str
    sourcetype: str
    time: float
    indexed: float
    event: Parsed | None
    shape: Shape

    @property
    def place(self) -> tuple[str, str]:
        return self.index, self.sourcetype


@dataclass(frozen=True)
class Sample:
    events: tuple[Seen, ...]
    #: The definition of the macro ``cloudtrail_shapes``: which shapes the searches read.
    shapes: str = ""

    def in_shapes(self) -> Mapping[Shape, Counter[tuple[str, str]]]:
        """How many events of each shape lie where."""
        found: dict[Shape, Counter[tuple[str, str]]] = {}
        for seen in self.events:
            found.setdefault(seen.shape, Counter())[seen.place] += 1
        return found

    @property
    def records(self) -> list[Seen]:
        """Those in the shape of a plain record."""
        return [seen for seen in self.events if seen.shape.id == "plain"]


def take(splunkd: Splunkd) -> Sample:
    """Raises a ResponderError."""
    now = splunkd.now()
    events = tuple(_seen(search(splunkd, SPL, now - WINDOW, now + AHEAD, longest=LONGEST)))
    macro = splunkd.get_json("configs/conf-macros/cloudtrail_shapes", {"output_mode": "json"})
    return Sample(events, str(macro["entry"][0]["content"].get("definition") or ""))


def _seen(rows: Iterable[Mapping[str, Any]]) -> Iterable[Seen]:
    for row in rows:
        text = str(row.get("_raw") or "")
        event = parsed(text)
        yield Seen(
            str(row.get("index") or "?"),
            str(row.get("sourcetype") or "?"),
            moment(row.get("happened")),
            moment(row.get("indexed")),
            event,
            shape_of(text, event),
        )


def moment(value: Any) -> float:
    """Epoch seconds of a cell; 0 for what is no time."""
    try:
        return float(str(value))
    except ValueError:
        return 0.0
