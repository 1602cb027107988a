"""What the smoke test found: lines of a table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

OK, FAILED, SKIPPED, NOTE = "ok", "FAILED", "skipped", "note"


@dataclass(frozen=True)
class Outcome:
    result: str
    #: What was tried.
    what: str
    #: What came of it; of a failure also what was expected.
    said: str = ""


def ok(what: str, said: str = "") -> Outcome:
    return Outcome(OK, what, said)


def failed(what: str, said: str) -> Outcome:
    return Outcome(FAILED, what, said)


def skipped(what: str, why: str) -> Outcome:
    return Outcome(SKIPPED, what, why)


def note(what: str, said: str) -> Outcome:
    return Outcome(NOTE, what, said)


def compared(what: str, expected: object, got: object) -> Outcome:
    if expected == got:
        return ok(what, shown(got))
    return failed(what, f"expected {shown(expected)}, got {shown(got)}")


def shown(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 200 else f"{text[:200]}..."


def table(outcomes: Iterable[Outcome], width: int = 120) -> str:
    """Lines for a terminal."""
    rows: Sequence[Outcome] = list(outcomes)
    first = max((len(row.result) for row in rows), default=0)
    second = min(48, max((len(row.what) for row in rows), default=0))
    lines = []
    for row in rows:
        what = textwrap.wrap(row.what, second) or [""]
        said = textwrap.wrap(row.said, max(20, width - first - second - 4)) or [""]
        for number in range(max(len(what), len(said))):
            cells = (
                row.result if number == 0 else "",
                what[number] if number < len(what) else "",
                said[number] if number < len(said) else "",
            )
            lines.append(f"{cells[0]:<{first}}  {cells[1]:<{second}}  {cells[2]}".rstrip())
    return "\n".join(lines)
