"""Running written-down cases: a search, its events and knowledge objects, the rows it must give.

The form of a case is a dictionary: ``spl``, ``events`` (JSON objects; ``_time`` is metadata), optional ``macros`` and
``lookups``; ``expected`` rows (``ordered`` when their order counts) or ``error: true``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .errors import SplRejected, SplUnsupported
from .memory import MemoryEvents, MemoryKnowledge
from .model import Event, Results
from .pipeline import search
from .times import strptime
from .values import as_list, number


@dataclass(frozen=True)
class Outcome:
    """``verdict``: passed, unsupported or failed; ``why`` is what was refused or what differs."""

    id: str
    verdict: str
    why: str = ""


def event_of(record: Mapping[str, Any]) -> Event:
    """A case's event: ``_time``, else ``eventTime``, is its time; the rest is its raw text."""
    body = {key: value for key, value in record.items() if key != "_time"}
    time = record.get("_time")
    if time is None:
        time = strptime(str(record.get("eventTime", "")), "%Y-%m-%dT%H:%M:%S") or 0.0
    return Event(json.dumps(body), float(time), "aws", "aws:cloudtrail", "cases", "cases", float(time))


def run_case(case: Mapping[str, Any]) -> Results:
    """Raises SplRejected or SplUnsupported."""
    lookups = case.get("lookups", {})
    knowledge = MemoryKnowledge(
        macros=case.get("macros"),
        lookups={name: lookup["rows"] for name, lookup in lookups.items()},
        transforms={name: lookup["transforms"] for name, lookup in lookups.items()},
    )
    events = MemoryEvents([event_of(record) for record in case["events"]])
    return search(case["spl"], events=events, knowledge=knowledge)


def run_cases(cases: Iterable[Mapping[str, Any]]) -> list[Outcome]:
    return [judge(case) for case in cases]


def judge(case: Mapping[str, Any]) -> Outcome:
    wants_error = bool(case.get("error"))
    try:
        results = run_case(case)
    except SplRejected as error:
        return Outcome(case["id"], "passed" if wants_error else "failed", f"rejected: {error}")
    except SplUnsupported as error:
        return Outcome(case["id"], "unsupported", str(error))
    if wants_error:
        return Outcome(case["id"], "failed", f"it must be refused, and gave {results.rows}")
    difference = differ(results.rows, case["expected"], bool(case.get("ordered")))
    return Outcome(case["id"], "failed" if difference else "passed", difference or "")


def differ(actual: Sequence[Mapping[str, Any]], expected: Sequence[Mapping[str, Any]], ordered: bool) -> str | None:
    """None when the rows are the same, numbers compared by value; otherwise one line that shows both."""
    given, wanted = [_comparable(row) for row in actual], [_comparable(row) for row in expected]
    if not ordered:
        given, wanted = sorted(given), sorted(wanted)
    return None if given == wanted else f"expected {list(expected)}, got {list(actual)}"


def _comparable(row: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    cells = ((name, tuple(_plain(item) for item in as_list(value))) for name, value in row.items())
    return tuple(sorted(cells))


def _plain(text: str) -> str:
    return str(Decimal(text).normalize()) if number(text) is not None else text
