"""Excuses: for a time nobody is notified of a case's findings, and nothing is remediated because of them.

    <case>.excuse:<number>   in ``responder_tasks``, where the turns of the case's lanes are, too

So whoever reads how a case stands reads its excuse in the same request. An excuse is one insert, that of the next
number: it is there or it is not, and the newest counts, also the one that lifts what was excused before. Only the
system writes them, for people who may decide; nothing of a search result says which case is excused.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Protocol

from ..errors import one_line
from ..findings.finding import SEVERITIES, Finding
from ..json_limits import bounded_json
from ..splunk.queries import any_of
from .keys import Lane, turn
from .task import TASKS

log = logging.getLogger("cloudtrail_responder")

FAMILY = "excuse"
EXCUSED, LIFTED = "excused", "lifted"
DAY = 86_400.0
#: Seconds before its end from which on people are warned; of a short one, a quarter of its time.
WARNED = 7 * DAY
#: Excuses of one case that are read; and of all cases in one page, and pages at most.
MANY, PAGE, PAGES = 200, 500, 20
Document = dict[str, Any]


class Documents(Protocol):
    """The KV store; ``splunk.client.Splunkd`` is one."""

    def find(self, collection: str, query: Mapping[str, Any], **options: Any) -> list[Document]: ...

    def insert(self, collection: str, document: Mapping[str, Any]) -> bool: ...

    def replace(self, collection: str, key: str, document: Mapping[str, Any]) -> None: ...

    def delete_where(self, collection: str, query: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True)
class Excuse:
    """What one person has decided about one case. Times are epoch seconds."""

    case: str
    number: int
    #: ``excused``, or ``lifted``: what was excused before is so no longer.
    state: str
    #: ``signature_id`` of the findings it stands for, and how severe they are at most.
    detection: str
    severity: str
    #: Who, by which way, and why.
    by: str
    way: str
    reason: str
    #: Who owns the alert that brought the finding.
    owner: str
    #: The task that it was said of, or one of the case: it has the finding.
    task: str
    at: float
    until: float
    #: Of one that lifts: until when what it lifts would have stood. Its document outlives that.
    kept_until: float
    #: What tells one answer of a person from the next, where the way has such a thing.
    run: str = ""
    #: JSON: by owner of an alert, how severe the findings of the case were that his alerts had brought. Nobody has seen
    #: graver ones of his, whatever somebody else has put into the case.
    seen: str = "{}"

    @property
    def key(self) -> str:
        return turn(lane_of(self.case), self.number)

    @property
    def identity(self) -> tuple[str, str]:
        """What tells it from every other of its case: a number comes again once all of them were removed."""
        return str(self.number), f"{self.kept_until:.0f}"

    def ends_at(self, longest_days: int) -> float:
        """When it ends or was lifted. ``longest_days``: as administrators say now."""
        return self.at if self.state == LIFTED else min(self.until, self.at + longest_days * DAY)

    def stands(self, now: float, longest_days: int) -> bool:
        return self.state == EXCUSED and now < self.ends_at(longest_days)

    def ends_soon(self, now: float, longest_days: int) -> bool:
        """Whether it stands, and only for so short a time that people are to know."""
        end = self.ends_at(longest_days)
        return self.stands(now, longest_days) and end - now <= min(WARNED, (end - self.at) / 4)

    def covers(self, finding: Finding, owner: str, now: float, longest_days: int) -> bool:
        """Whether a finding of its case is excused: one of the same detection, and no graver than this owner's were."""
        if not self.stands(now, longest_days) or finding.signature_id != self.detection:
            return False
        seen = bounded_json(self.seen).get(owner)
        limit = min(SEVERITIES.index(self.severity), SEVERITIES.index(seen)) if seen in SEVERITIES else -1
        return SEVERITIES.index(finding.severity) <= limit

    def to_document(self, is_settled: bool = False) -> Document:
        """``is_settled``: whether everything that follows from it was done."""
        return {
            "_key": self.key,
            "case_id": self.case,
            "lane": str(lane_of(self.case)),
            "number": self.number,
            "excuse": json.dumps(asdict(self)),
            "kept_until": self.kept_until,
            "unsettled": int(not is_settled),
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Excuse | None:
        """None for one that cannot be read, which only a person can have damaged: it excuses nothing."""
        try:
            stored = bounded_json(str(document["excuse"]))
            read = {one.name: _READERS[one.type](stored[one.name]) for one in fields(cls)}
            found = cls(**read)
            if found.key != document["_key"] or found.severity not in SEVERITIES:
                raise ValueError("not as it was written")
            if found.state not in (EXCUSED, LIFTED) or not isinstance(bounded_json(found.seen), dict):
                raise ValueError("state")
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            key = one_line(document.get("_key", ""))[:80]
            log.error("excuse=%s is damaged (%s) and excuses nothing", key, type(error).__name__)
            return None
        return found


#: By the annotation of a field.
_READERS: Mapping[Any, Any] = {"str": one_line, "int": int, "float": float}


def lane_of(case: str) -> Lane:
    return Lane(case, FAMILY)


def is_excuse(document: Mapping[str, Any]) -> bool:
    return bool(document.get("excuse"))


def newest(found: Sequence[Excuse]) -> Excuse | None:
    return max(found, key=lambda excuse: excuse.number, default=None)


def of_case(documents: Documents, case: str) -> list[Excuse]:
    """All that are kept of a case, oldest first."""
    query = {"lane": str(lane_of(case)), "number": {"$gte": 1}}
    return _read(documents.find(TASKS, query, sort="number:-1", limit=MANY))[::-1]


def newest_of(documents: Documents, cases: Sequence[str]) -> dict[str, Excuse | None]:
    """What was said last of each case; None where nothing was."""
    found: dict[str, list[Excuse]] = {case: [] for case in cases}
    for query in any_of("lane", [str(lane_of(case)) for case in cases], number={"$gte": 1}):
        for excuse in _read(documents.find(TASKS, query)):
            found[excuse.case].append(excuse)
    return {case: newest(of_it) for case, of_it in found.items()}


def in_force(documents: Documents, now: float, longest_days: int, case: str = "") -> list[Excuse]:
    """Those that stand, of all cases or of one; what ends first, first."""
    by_case: dict[str, list[Excuse]] = {}
    query = {"kept_until": {"$gt": now}, **({"case_id": case} if case else {})}
    for skip in range(0, PAGES * PAGE, PAGE):
        page = documents.find(TASKS, query, sort="kept_until", limit=PAGE, skip=skip)
        for excuse in _read(page):
            by_case.setdefault(excuse.case, []).append(excuse)
        if len(page) < PAGE:
            break
    last = (newest(found) for found in by_case.values())
    standing = [one for one in last if one is not None and one.stands(now, longest_days)]
    return sorted(standing, key=lambda excuse: excuse.ends_at(longest_days))


def unsettled(documents: Documents, before: float) -> list[Excuse]:
    """Those of which nobody has done what follows from them, written before then."""
    return [one for one in _read(documents.find(TASKS, {"unsettled": 1}, limit=MANY)) if one.at < before]


def settle(documents: Documents, excuse: Excuse) -> None:
    """Everything that follows from it was done. Written twice, it is the same."""
    documents.replace(TASKS, excuse.key, excuse.to_document(is_settled=True))


def remove_old(documents: Documents, before: float) -> None:
    """Those that had ended by then: of one that was lifted, when it would have, so that none comes back."""
    documents.delete_where(TASKS, {"kept_until": {"$gt": 0, "$lt": before}})


def insert(documents: Documents, excuse: Excuse) -> Excuse | None:
    """Written as the next of its case; None where somebody else was first."""
    known = newest(of_case(documents, excuse.case))
    kept = max(excuse.until, known.kept_until if known else 0.0)
    numbered = replace(excuse, number=known.number + 1 if known else 1, kept_until=kept)
    return numbered if documents.insert(TASKS, numbered.to_document()) else None


def _read(found: Sequence[Mapping[str, Any]]) -> list[Excuse]:
    return [excuse for excuse in map(Excuse.of, found) if excuse is not None]
