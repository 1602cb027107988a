"""What a validation has found."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class Verdict(enum.Enum):
    VALID = "valid"
    INVALID = "invalid"
    #: Nothing is known to be wrong, and not all could be looked at.
    UNCHECKED = "unchecked"
    #: Nothing to worry about, and good to know.
    NOTE = "note"


#: What can be found, and what follows.
KINDS: Mapping[str, Verdict] = {
    "digest_invalid": Verdict.INVALID,
    "digest_missing": Verdict.INVALID,
    "log_changed": Verdict.INVALID,
    "log_missing": Verdict.INVALID,
    "log_unsigned": Verdict.INVALID,
    "gap": Verdict.INVALID,
    "region_missing": Verdict.INVALID,
    "unchecked": Verdict.UNCHECKED,
    "not_yet": Verdict.NOTE,
}


@dataclass(frozen=True)
class Problem:
    #: One of ``KINDS``.
    kind: str
    #: One sentence without the key.
    detail: str
    #: ``bucket/key`` of the file; empty for a time without files.
    file: str = ""
    #: The time that is in question, where it is a time.
    start: datetime | None = None
    end: datetime | None = None

    @property
    def verdict(self) -> Verdict:
        return KINDS[self.kind]


@dataclass
class Chain:
    """The digests of one account and region."""

    account: str
    region: str
    #: Valid ones: digests, digests that were delivered later beside them, and log files.
    digests: int = 0
    backfill_digests: int = 0
    logs: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        found = {problem.verdict for problem in self.problems}
        if Verdict.INVALID in found:
            return Verdict.INVALID
        return Verdict.UNCHECKED if Verdict.UNCHECKED in found else Verdict.VALID


@dataclass(frozen=True)
class Report:
    trail_arn: str
    bucket: str
    start: datetime
    end: datetime
    chains: tuple[Chain, ...]
    #: What is to be known of the whole: one line each.
    notes: tuple[str, ...] = ()
    #: What could not be found out of the whole, such as which regions there are: one line each.
    unknown: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        found = {chain.verdict for chain in self.chains}
        if Verdict.INVALID in found:
            return Verdict.INVALID
        return Verdict.VALID if found == {Verdict.VALID} and not self.unknown else Verdict.UNCHECKED

    def problems(self) -> Iterator[tuple[Chain, Problem]]:
        for chain in self.chains:
            for problem in chain.problems:
                yield chain, problem

    def as_json(self) -> dict[str, Any]:
        """Times in ISO 8601, UTC."""
        return {
            "trail": self.trail_arn,
            "bucket": self.bucket,
            "start": _iso(self.start),
            "end": _iso(self.end),
            "verdict": self.verdict.value,
            "notes": list(self.notes),
            "unknown": list(self.unknown),
            "chains": [
                {
                    "account": chain.account,
                    "region": chain.region,
                    "verdict": chain.verdict.value,
                    "valid_digests": chain.digests,
                    "valid_backfill_digests": chain.backfill_digests,
                    "valid_logs": chain.logs,
                    "problems": [_problem(problem) for problem in chain.problems],
                }
                for chain in self.chains
            ],
        }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "kind": problem.kind,
        "verdict": problem.verdict.value,
        "file": problem.file,
        "start": _iso(problem.start),
        "end": _iso(problem.end),
        "detail": problem.detail,
    }


def _iso(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None
