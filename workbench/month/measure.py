"""How many cases the month gives: all detections by their schedules, with baselines that learn as it goes.

A case counts on each day on which it has findings: what is raised again the next day is another ticket, because the
first one has been closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.detections.model import SEVERITIES
from workbench.replay import ShippedSearches, as_event
from workbench.replay.cases import RANK

from .company import locate
from .generate import Made
from .month import DAYS

DAY = 86_400


@dataclass(frozen=True)
class Raised:
    """A case on a day."""

    day: int
    detection: str
    severity: str
    #: Kinds whose records it is about.
    kinds: tuple[str, ...]
    reason: str


@dataclass
class Peace:
    records: int
    kinds: int
    raised: list[Raised] = field(default_factory=list)

    def of(self, *severities: str) -> list[Raised]:
        return [one for one in self.raised if one.severity in severities]

    def a_day(self, *severities: str) -> float:
        return len(self.of(*severities)) / DAYS

    @property
    def by_detection(self) -> Counter[tuple[str, str]]:
        """Cases by severity and detection."""
        return Counter((one.severity, one.detection) for one in self.raised)

    @property
    def by_kind(self) -> Counter[tuple[str, str]]:
        """Cases by severity and kind; one about several kinds counts for each."""
        return Counter((one.severity, kind) for one in self.raised for kind in one.kinds)

    def to_json(self) -> dict[str, Any]:
        def rows(counted: Counter[tuple[str, str]]) -> list[dict[str, Any]]:
            return [{"severity": one, "name": name, "cases": number} for (one, name), number in counted.most_common()]

        return {
            "records": self.records,
            "kinds": self.kinds,
            "days": DAYS,
            "cases_a_day": {severity: round(self.a_day(severity), 3) for severity in reversed(SEVERITIES)},
            "detections": rows(self.by_detection),
            "by_kind": rows(self.by_kind),
        }


def measured(made: Made, lists: Mapping[str, Sequence[Mapping[str, str]]], only: Sequence[str] = ()) -> Peace:
    """``lists``: entries by lookup. ``only``: detections, by id; all where there is none."""
    searches = ShippedSearches(lookups=lists, locate=locate, baselines=True)
    worst: dict[tuple[str, str, int], Mapping[str, Any]] = {}
    about: dict[tuple[str, str, int], set[str]] = {}
    for at, finding in searches.replay(map(as_event, made.records), only):
        key = (finding["search"], finding["dedup_key"], int(at // DAY))
        if key not in worst or RANK[finding["severity"]] > RANK[worst[key]["severity"]]:
            worst[key] = finding
        about.setdefault(key, set()).update(made.kind_of.get(one, "?") for one in finding["event_ids"])
    raised = [
        Raised(key[2], finding["search"], finding["severity"], tuple(sorted(about[key])), finding["reason"])
        for key, finding in worst.items()
    ]
    return Peace(
        len(made.records),
        len(set(made.kind_of.values())),
        sorted(raised, key=lambda one: (-RANK[one.severity], one.day)),
    )
