"""From what was raised on each record to the figures. docs/score.md explains them.

A *case* is what ought to be found once: a family on a record, or on a group of records that only mean something
together. A *pair* is a family raised on a record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .corpus import Labeled

KINDS = ("succeeded", "refused", "made_up")
#: Families raised on a record, each with the detections that did: ``{record id: {family: {detection}}}``.
Raised = Mapping[str, Mapping[str, Collection[str]]]


@dataclass
class Counted:
    """Cases, and the ids of the records behind them."""

    found: int = 0
    missed: int = 0
    #: Records of found cases that were hit, records of missed cases.
    found_ids: list[str] = field(default_factory=list)
    missed_ids: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return self.found + self.missed

    @property
    def share(self) -> float | None:
        """Part that was found, None when there was nothing to find."""
        return self.found / self.cases if self.cases else None

    def add(self, other: Counted) -> None:
        self.found += other.found
        self.missed += other.missed
        self.found_ids += other.found_ids
        self.missed_ids += other.missed_ids

    def to_json(self) -> dict[str, Any]:
        return {
            "cases": self.cases, "found": self.found, "missed": self.missed, "share": _rounded(self.share),
            "found_ids": self.found_ids, "missed_ids": self.missed_ids,
        }  # fmt: skip


@dataclass(frozen=True)
class FalsePair:
    id: str
    family: str
    detections: tuple[str, ...]
    #: On bulk traffic.
    bulk: bool


@dataclass
class Family:
    name: str
    detections: int
    kinds: dict[str, Counted] = field(default_factory=lambda: {kind: Counted() for kind in KINDS})
    #: Records on which it was raised and may be.
    tolerated_ids: list[str] = field(default_factory=list)
    false_pairs: list[FalsePair] = field(default_factory=list)


@dataclass
class Score:
    families: dict[str, Family]
    #: A case found by whichever of the families expected on it; all kinds together and apart.
    any_right_family: dict[str, Counted]
    records: int
    background_records: int
    #: Pairs that were expected, record by record.
    right_pairs: int
    notes: list[str] = field(default_factory=list)
    runs: int = 0
    seconds: float = 0.0

    def total(self, kind: str, covered: bool = False) -> Counted:
        """Cases of a kind over all families, or those that have a detection."""
        summed = Counted()
        for family in self.families.values():
            if family.detections or not covered:
                summed.add(family.kinds[kind])
        return summed

    @property
    def false_pairs(self) -> list[FalsePair]:
        return [pair for family in self.families.values() for pair in family.false_pairs]

    @property
    def background_false_pairs(self) -> list[FalsePair]:
        return [pair for pair in self.false_pairs if pair.bulk]

    @property
    def precision(self) -> float | None:
        """Found cases by found cases and false pairs: a burst of a hundred records counts once. Tolerated: neither."""
        found = sum(self.total(kind).found for kind in KINDS)
        return _share(found, found + len(self.false_pairs))

    @property
    def pair_precision(self) -> float | None:
        """The same by record: every record of a burst that was hit counts."""
        return _share(self.right_pairs, self.right_pairs + len(self.false_pairs))

    @property
    def false_per_1000(self) -> float | None:
        return _share(1000 * len(self.background_false_pairs), self.background_records)

    def to_json(self) -> dict[str, Any]:
        return {
            "records": self.records,
            "background_records": self.background_records,
            "found": {kind: self.total(kind).to_json() for kind in KINDS},
            "found_where_a_detection_exists": {kind: self.total(kind, covered=True).to_json() for kind in KINDS},
            "any_right_family": {kind: counted.to_json() for kind, counted in self.any_right_family.items()},
            "precision": _rounded(self.precision),
            "pair_precision": _rounded(self.pair_precision),
            "right_pairs": self.right_pairs,
            "false_pairs": {
                "count": len(self.false_pairs),
                "labeled": len(self.false_pairs) - len(self.background_false_pairs),
                "background": len(self.background_false_pairs),
                "background_per_1000_records": _rounded(self.false_per_1000),
                "pairs": [_pair(pair) for pair in self.false_pairs],
            },
            "families": {name: _family(family) for name, family in self.families.items()},
            "notes": self.notes,
            "runs": self.runs,
            "seconds": round(self.seconds, 2),
        }


def tally(records: Iterable[Labeled], raised: Raised, detections: Mapping[str, str]) -> Score:
    """The figures. ``detections``: the family of each detection that ran; other families are expected in vain."""
    held = list(records)
    names = {*detections.values(), *(name for record in held for name in record.expect)}
    numbers = {name: sum(1 for family in detections.values() if family == name) for name in names}
    families = {name: Family(name, numbers[name]) for name in sorted(names)}
    right_pairs = 0
    for record in held:
        for name, by in sorted(raised.get(record.id, {}).items()):
            if name in record.expect:
                right_pairs += 1
            elif name in record.accept:
                families[name].tolerated_ids.append(record.id)
            else:
                families[name].false_pairs.append(FalsePair(record.id, name, tuple(sorted(by)), record.bulk))
    for name, family in families.items():
        hit = {record for record, by in raised.items() if name in by}
        _count([record for record in held if name in record.expect], hit, family.kinds)
    any_right = {kind: Counted() for kind in KINDS}
    _count([r for r in held if r.expect], {r.id for r in held if r.expect & raised.get(r.id, {}).keys()}, any_right)
    background = sum(1 for record in held if record.bulk)
    return Score(families, any_right, len(held), background, right_pairs)


def _count(records: Iterable[Labeled], hit: Collection[str], kinds: Mapping[str, Counted]) -> None:
    cases: dict[str, list[Labeled]] = defaultdict(list)
    for record in records:
        cases[record.case].append(record)
    for members in cases.values():
        counted = kinds[kind_of(members)]
        hits = [record.id for record in members if record.id in hit]
        if hits:
            counted.found += 1
            counted.found_ids += hits
        else:
            counted.missed += 1
            counted.missed_ids += [record.id for record in members]


def kind_of(members: Iterable[Labeled]) -> str:
    """Of a case: made up when any of its records is, refused when all of them were."""
    held = list(members)
    if any(record.synthetic for record in held):
        return "made_up"
    return "refused" if all(record.attempted for record in held) else "succeeded"


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _pair(pair: FalsePair) -> dict[str, Any]:
    return {"id": pair.id, "family": pair.family, "detections": list(pair.detections), "background": pair.bulk}


def _family(family: Family) -> dict[str, Any]:
    return {
        "detections": family.detections,
        **{kind: counted.to_json() for kind, counted in family.kinds.items()},
        "tolerated": {"count": len(family.tolerated_ids), "ids": family.tolerated_ids},
        "false": {"count": len(family.false_pairs), "ids": [pair.id for pair in family.false_pairs]},
    }
