"""Several sets of rules over one corpus, in one run."""

from __future__ import annotations

import resource
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.score import Corpus

from .contenders import Contender


@dataclass(frozen=True)
class Outcome:
    name: str
    rules: int
    unreadable: dict[str, str]
    #: Cases (a record, or a group of records) that expect anything, and those on which any rule was raised.
    cases: int
    found: int
    #: A rule raised on a record on which nothing is expected and nothing accepted.
    false_pairs: int
    #: CPU seconds, of this process and of those that it started.
    cpu: float

    @property
    def recall(self) -> float | None:
        return self.found / self.cases if self.cases else None

    def to_json(self) -> dict[str, Any]:
        recall = None if self.recall is None else round(self.recall, 4)
        return {**vars(self), "recall": recall, "cpu": round(self.cpu, 2)}


def compare(corpus: Corpus, contenders: Iterable[Contender]) -> list[Outcome]:
    return [_outcome(corpus, contender) for contender in contenders]


def _outcome(corpus: Corpus, contender: Contender) -> Outcome:
    """Each case is a log of its own: of what belongs together, a rule sees all, and nothing of the others."""
    cases: dict[str, list[Any]] = defaultdict(list)
    for record in corpus.records:
        if record.expect:
            cases[record.case].append(record)
    rest = [record for record in corpus.records if not record.expect and not record.accept]
    began = _cpu()
    found = sum(1 for members in cases.values() if any(contender.raised([one.event for one in members]).values()))
    false = sum(len(positions) for positions in contender.raised([one.event for one in rest]).values())
    return Outcome(
        contender.name, contender.rules, dict(contender.unreadable), len(cases), found, false, _cpu() - began
    )


def _cpu() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
