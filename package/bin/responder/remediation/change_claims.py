"""Claims of changes: documents of the ledger, and what counts of them for an hour."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..errors import Unavailable
from .change_stops import ALL
from .ports import Document

CHANGES = "responder_changes"
SCOPE = "claims"
HOUR = 3600.0
#: Seconds by which the clock of a search head may be ahead of the others' while it can change anything: AWS refuses
#: signatures that are further off (IAM User Guide, "Signature Version 4": five minutes; S3, RequestTimeTooSkewed: 15).
SKEW = 900.0
#: Seconds for which a claim counts for the hour.
WINDOW = HOUR + SKEW


@dataclass(frozen=True)
class Asked:
    run: str
    task: str
    changes: int
    per_run: int
    per_hour: int
    #: Account and playbook (``change_stops.scope_of``), and their limit; 0 for none.
    scope: str = ""
    per_scope: int = 0


@dataclass(frozen=True)
class Counts:
    """Of one task: one that tries again later counts for the hour only."""

    run: int
    hour: int
    scope: str = ""
    of_scope: int = 0


@dataclass(frozen=True)
class Claim:
    number: int
    run: str
    at: float
    tasks: Mapping[str, Counts]
    #: Scopes of which nothing counts any more that was claimed before this.
    resets: frozenset[str] = frozenset()

    @classmethod
    def of(cls, document: Document) -> Claim:
        """Raises Unavailable for one that cannot be read: it may count for anything."""
        try:
            scopes = json.loads(document.get("scopes") or "{}")
            tasks = {}
            for task, (run, hour) in json.loads(document["tasks"]).items():
                scope, of_scope = scopes.get(task) or ("", 0)
                tasks[str(task)] = Counts(int(run), int(hour), str(scope), int(of_scope))
            resets = frozenset(map(str, json.loads(document.get("resets") or "[]")))
            return cls(int(document["number"]), str(document["run"]), float(document["at"]), tasks, resets)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise Unavailable(
                f"Claim {document.get('_key')} of changes is damaged ({type(error).__name__}).",
                f"Delete it from the collection {CHANGES}.",
            ) from error

    def to_document(self, name: str) -> Document:
        """``name`` tells this try to insert it from others'."""
        document: Document = {
            "_key": f"{SCOPE}:{self.number}",
            "scope": SCOPE,
            "number": self.number,
            "run": self.run,
            "at": self.at,
            "claim": name,
            # As earlier versions of the app read them, too, while a cluster is updated.
            "tasks": json.dumps({task: (one.run, one.hour) for task, one in self.tasks.items()}),
            "scopes": json.dumps({task: (one.scope, one.of_scope) for task, one in self.tasks.items()}),
        }
        return {**document, "resets": json.dumps(sorted(self.resets))} if self.resets else document


def in_window(claims: Iterable[Claim], now: float) -> list[Claim]:
    """Those that count for the hour, in their order."""
    return sorted((claim for claim in claims if claim.at > now - WINDOW), key=lambda claim: claim.number)


def hour_by_task(recent: Iterable[Claim]) -> dict[str, int]:
    """Changes by task."""
    counted: dict[str, int] = {}
    for claim in recent:
        if ALL in claim.resets:
            counted.clear()
        for task, one in claim.tasks.items():
            counted[task] = counted.get(task, 0) + one.hour
    return counted


def scope_by_task(recent: Iterable[Claim], scope: str) -> dict[str, int]:
    """Changes by task, of an account and playbook."""
    counted: dict[str, int] = {}
    for claim in recent:
        if scope in claim.resets:
            counted.clear()
        for task, one in claim.tasks.items():
            if one.scope == scope:
                counted[task] = counted.get(task, 0) + one.of_scope
    return counted


def lost_at(newest: Iterable[Claim]) -> float:
    """The time of the newest claim before which one is missing: that one was made until then."""
    ordered = sorted(newest, key=lambda claim: -claim.number)
    return next((one.at for one, before in zip(ordered, ordered[1:]) if one.number != before.number + 1), float("-inf"))
