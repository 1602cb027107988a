"""Findings of many runs as the cases they would have become: one a detection and dedup key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.detections.model import SEVERITIES

RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


@dataclass
class Case:
    search: str
    #: The finding with the highest severity, then the most events, then the latest.
    finding: Mapping[str, Any]
    event_ids: dict[str, None] = field(default_factory=dict)
    first_time: float = 0.0
    last_time: float = 0.0
    #: Events that a run counted, where it named only the first of them.
    _counted: int = 0

    @property
    def severity(self) -> str:
        return str(self.finding["severity"])

    @property
    def event_count(self) -> int:
        return max(len(self.event_ids), self._counted)

    def add(self, finding: Mapping[str, Any]) -> None:
        if _weight(finding) >= _weight(self.finding):
            self.finding = finding
        self.event_ids.update(dict.fromkeys(finding["event_ids"]))
        self._counted = max(self._counted, int(finding["event_count"] or 0))
        self.first_time = min(self.first_time or finding["first_time"], finding["first_time"])
        self.last_time = max(self.last_time, finding["last_time"])


def _weight(finding: Mapping[str, Any]) -> tuple[int, int]:
    return RANK.get(str(finding["severity"]), -1), int(finding["event_count"] or 0)


def cases_of(findings: Iterable[Mapping[str, Any]]) -> list[Case]:
    """The most severe first, then the latest."""
    cases: dict[tuple[str, str], Case] = {}
    for finding in findings:
        key = (finding["search"], finding["dedup_key"])
        cases.setdefault(key, Case(finding["search"], finding)).add(finding)
    return sorted(cases.values(), key=lambda case: (-RANK.get(case.severity, -1), -case.last_time, case.search))
