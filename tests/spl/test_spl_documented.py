"""Our own cases, by topic: what Splunk's documentation fixes, also what it says that Splunk refuses.

They have the form that ``python -m spl`` reads, but for one thing: events, lookups and macros that
several cases share are named, and stand in ``cases/shared``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spl.cases import judge

FOLDER = Path(__file__).parent / "cases"
SHARED = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (FOLDER / "shared").glob("*.json")}
TOPICS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}
CASES = [case for cases in TOPICS.values() for case in cases]


def resolved(case: dict[str, Any]) -> dict[str, Any]:
    made = {"events": [], **case}
    if isinstance(made["events"], str):
        made["events"] = SHARED["events"][made["events"]]
    for key in ("lookups", "macros"):
        if isinstance(made.get(key), str):
            made[key] = SHARED[key]
    return made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_documented(case: dict[str, Any]) -> None:
    outcome = judge(resolved(case))
    assert outcome.verdict == "passed", f"{case['spl']}\n{outcome.why}"


def test_every_case_says_what_it_expects_and_has_a_name_of_its_own() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES) > 500
    assert all(("expected" in case) != bool(case.get("error")) for case in CASES)
    assert all(len(cases) >= 5 for cases in TOPICS.values())
