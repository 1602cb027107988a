"""What cases found in somebody's own logs say of the days to come: by actor, tickets a day, what to switch on first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from workbench.detections.model import Detection

from .cases import RANK, Case

DAY = 86_400.0
#: Cases a week up to which a detection is quiet, and from which on it is tuned before it is switched on.
QUIET, LOUD = 1.0, 7.0
SEVERE = RANK["high"]
_NOBODY = ("", "-", "unknown")


@dataclass(frozen=True)
class Actor:
    """Somebody, with the cases that are about what they did, in the order of time."""

    name: str
    account: str
    cases: tuple[Case, ...]

    @property
    def severity(self) -> str:
        return max(self.cases, key=lambda case: RANK.get(case.severity, -1)).severity

    @property
    def first_time(self) -> float:
        return self.cases[0].first_time

    @property
    def last_time(self) -> float:
        return max(case.last_time for case in self.cases)


@dataclass(frozen=True)
class Tickets:
    """New cases a day, if every detection were on. Days are UTC's."""

    days: float
    total: int
    by_day: Mapping[str, int]
    by_severity: Mapping[str, int]

    @property
    def a_day(self) -> float:
        return self.total / self.days

    @property
    def most(self) -> tuple[str, int]:
        """The day with the most; the first of them. ("", 0) where there is none."""
        return max(self.by_day.items(), key=lambda day: day[1], default=("", 0))


@dataclass(frozen=True)
class Advice:
    """Detections in the order in which they are worth switching on. ``cases``: of this detection in these logs."""

    #: ``first``: severe, and quiet here. ``next``: quiet, or severe. ``tune``: loud.
    when: str
    detection: Detection
    cases: int
    a_week: float


def actors(cases: Iterable[Case]) -> list[Actor]:
    """The gravest first, then those with the most detections, then the newest."""
    found: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        found.setdefault((_name(case.finding), str(case.finding.get("vendor_account") or "")), []).append(case)
    made = [
        Actor(name, account, tuple(sorted(own, key=lambda case: (case.first_time, case.search))))
        for (name, account), own in found.items()
    ]
    return sorted(
        made,
        key=lambda one: (
            -RANK.get(one.severity, -1), -len({case.search for case in one.cases}), -one.last_time, one.name,
        ),
    )  # fmt: skip


def tickets(cases: Sequence[Case], first_time: float, last_time: float) -> Tickets:
    """``first_time`` to ``last_time``: what was searched. Less than a day counts as one."""
    days = max(1.0, (last_time - first_time) / DAY)
    by_day = Counter(day_of(case.first_time) for case in sorted(cases, key=lambda case: case.first_time))
    return Tickets(days, len(cases), dict(by_day), dict(Counter(case.severity for case in cases)))


def advice(cases: Sequence[Case], detections: Mapping[str, Detection], days: float) -> list[Advice]:
    """Every detection that ran. What found something comes before what was silent."""
    count = Counter(case.search for case in cases)
    made = []
    for name, detection in detections.items():
        a_week = count[name] * 7 / days
        severe = RANK.get(detection.severity, -1) >= SEVERE
        # In less than a week, one case says nothing of a rate.
        quiet = a_week <= QUIET or count[name] <= 1
        when = "tune" if a_week > LOUD and count[name] > 2 else "first" if severe and quiet else "next"
        made.append(Advice(when, detection, count[name], a_week))
    order = {"first": 0, "next": 1, "tune": 2}
    return sorted(
        made,
        key=lambda one: (
            order[one.when], -RANK.get(one.detection.severity, -1), one.cases == 0, one.a_week, one.detection.id,
        ),
    )  # fmt: skip


def day_of(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d")


def _name(finding: Mapping[str, Any]) -> str:
    """As people know them; a key or an address where no name is known."""
    for field in ("user", "access_key_id", "src_ip"):
        value = str(finding.get(field) or "")
        if value not in _NOBODY:
            return value
    return "unknown"
