"""What it comes to: rows for a table, and the figures behind the pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .plans import REPEATED, REVERTED, STAYED, UNKNOWN, Planned

FATES = (REPEATED, REVERTED, STAYED, UNKNOWN)
#: What each of them means, for people.
MEANS = {
    REPEATED: "It was done again within a day. If that was no attacker, people wanted it, and this is the bill.",
    REVERTED: "People put it right by themselves within a day: the change would only have been sooner.",
    STAYED: "Nobody touched it within a day. The records do not say whether that was wanted or not noticed.",
    UNKNOWN: "The records end before a day was over.",
}
#: What records cannot say, for people.
NOT_KNOWN = (
    "Whether the state was right already, or the resource gone, when the playbook would have read it.",
    "Tags, guardrails, ceilings and approvals: every plan counts as if it had been enforced at once.",
    "Who used the resource, and would have noticed: that is in no record of a change.",
    "What a playbook would have found out only by asking AWS: its target is then what the finding names.",
    "Changes by accounts and regions whose records are not here.",
)
COLUMNS = (
    "time", "playbook", "detection", "severity", "account", "region", "target", "user", "user_type", "call", "events",
    "fate", "fate_after_seconds", "fate_by", "fate_by_same", "fate_call",
)  # fmt: skip


def rows(plans: Iterable[Planned]) -> list[Mapping[str, Any]]:
    """A row for each change that would have been made, oldest first; ``COLUMNS``."""
    return [_row(one) for one in sorted(plans, key=lambda one: one.at)]


def _row(one: Planned) -> Mapping[str, Any]:
    is_answered = one.fate in (REPEATED, REVERTED)
    return {
        "time": when(one.at),
        "playbook": one.playbook.id,
        "detection": one.detection,
        "severity": one.severity,
        "account": one.account,
        "region": one.region,
        "target": ", ".join(one.targets),
        "user": one.user,
        "user_type": one.user_type,
        "call": one.command,
        "events": len(one.event_ids),
        "fate": one.fate,
        "fate_after_seconds": round(one.fate_at - one.at) if is_answered else "",
        "fate_by": one.fate_by,
        "fate_by_same": ("yes" if one.is_same_person else "no") if is_answered else "",
        "fate_call": one.fate_call,
    }


@dataclass(frozen=True)
class Line:
    """Of one playbook, user or the like: how many changes, and what became of how many."""

    name: str
    fates: Mapping[str, int]

    @property
    def changes(self) -> int:
        return sum(self.fates.values())

    @property
    def share(self) -> float | None:
        """Part that people did again, of those of which the records say anything."""
        known = self.changes - self.fates.get(UNKNOWN, 0)
        return self.fates.get(REPEATED, 0) / known if known else None


@dataclass(frozen=True)
class Bill:
    total: Line
    playbooks: Sequence[Line]
    users: Sequence[Line]
    detections: Sequence[Line]
    #: By hour of the day (UTC), and by day.
    hours: Sequence[int]
    days: Sequence[tuple[str, int]]
    #: The most within one hour, and when that began: compare it with the limits of the Safety tab.
    busiest: int
    busiest_at: float


def bill(plans: Sequence[Planned]) -> Bill:
    hours, days = [0] * 24, Counter[str]()
    for one in plans:
        at = datetime.fromtimestamp(one.at, timezone.utc)
        hours[at.hour] += 1
        days[at.strftime("%Y-%m-%d")] += 1
    busiest, busiest_at = _busiest(sorted(one.at for one in plans))
    return Bill(
        total=Line("all", _fates(plans)),
        playbooks=_lines(plans, lambda one: one.playbook.id),
        users=_lines(plans, lambda one: one.user or "unknown"),
        detections=_lines(plans, lambda one: one.detection),
        hours=hours,
        days=sorted(days.items()),
        busiest=busiest,
        busiest_at=busiest_at,
    )


def when(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def _fates(plans: Iterable[Planned]) -> dict[str, int]:
    found = Counter(one.fate for one in plans)
    return {fate: found[fate] for fate in FATES}


def _lines(plans: Iterable[Planned], name_of: Any) -> list[Line]:
    grouped: dict[str, list[Planned]] = {}
    for one in plans:
        grouped.setdefault(name_of(one), []).append(one)
    lines = [Line(name, _fates(own)) for name, own in grouped.items()]
    return sorted(lines, key=lambda line: (-line.changes, line.name))


def _busiest(times: Sequence[float]) -> tuple[int, float]:
    most, began, first = 0, 0.0, 0
    for last, at in enumerate(times):
        while at - times[first] >= 3600:
            first += 1
        if last - first + 1 > most:
            most, began = last - first + 1, times[first]
    return most, began
