"""What the detections say of the made records: by kind, for either half of the services."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from workbench.replay import ShippedSearches, as_event

from .halves import BLIND, SEEN, half_of
from .kinds import KINDS
from .records import ATTACK, ORDINARY, REFUSED, Made


@dataclass
class Share:
    """Records of which something was raised, of how many."""

    raised: int = 0
    records: int = 0

    def add(self, is_raised: bool) -> None:
        self.raised, self.records = self.raised + is_raised, self.records + 1

    @property
    def value(self) -> float | None:
        return self.raised / self.records if self.records else None

    def to_json(self) -> dict[str, Any]:
        share = None if self.value is None else round(self.value, 4)
        return {"raised": self.raised, "records": self.records, "share": share}


@dataclass
class Blind:
    #: By kind, half and role.
    shares: dict[tuple[str, str, str], Share] = field(default_factory=lambda: defaultdict(Share))
    #: Calls of the seen half that were missed, ``service:Operation``; those of the blind half stay unnamed.
    missed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    #: Detections that were raised on something harmless, and how often.
    false: Counter[str] = field(default_factory=Counter)

    def share(self, kind: str, half: str, role: str) -> Share:
        return self.shares.get((kind, half, role), Share())

    def total(self, half: str, role: str) -> Share:
        ours = [share for (_, one_half, one_role), share in self.shares.items() if (one_half, one_role) == (half, role)]
        return Share(sum(one.raised for one in ours), sum(one.records for one in ours))

    @property
    def gap(self) -> float:
        """How much less of the attacks is found on services that authors have not seen."""
        seen, blind = self.total(SEEN, ATTACK).value, self.total(BLIND, ATTACK).value
        return (seen or 0.0) - (blind or 0.0)

    def to_json(self) -> dict[str, Any]:
        return {
            "kinds": {
                kind.id: {
                    half: {role: self.share(kind.id, half, role).to_json() for role in (ATTACK, REFUSED, ORDINARY)}
                    for half in (SEEN, BLIND)
                }
                for kind in KINDS
            },
            "total": {
                half: {role: self.total(half, role).to_json() for role in (ATTACK, REFUSED, ORDINARY)}
                for half in (SEEN, BLIND)
            },
            "gap": round(self.gap, 4),
            "missed_of_the_seen": {kind: sorted(set(names)) for kind, names in self.missed.items()},
            "false": dict(self.false.most_common()),
        }


def measured(records: Iterable[Made], searches: ShippedSearches | None = None) -> Blind:
    """Each search runs once over all records: they are too far apart for anything that counts."""
    held = list(records)
    raised: dict[str, set[str]] = defaultdict(set)
    for finding in (searches or ShippedSearches()).findings([as_event(one.record) for one in held]):
        for event_id in finding["event_ids"]:
            raised[event_id].add(finding["search"])
    found = Blind()
    for one in held:
        by = raised.get(one.record["eventID"], set())
        half = half_of(one.service)
        found.shares[one.kind, half, one.role].add(bool(by))
        if one.role == ATTACK and not by and half == SEEN:
            found.missed[one.kind].append(f"{one.service}:{one.record['eventName']}")
        if one.role == ORDINARY:
            found.false.update(by)
    return found
