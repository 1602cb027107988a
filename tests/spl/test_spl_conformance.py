"""The shared conformance cases, where they are at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spl.cases import judge

CASES = Path(__file__).resolve().parents[3] / "shared" / "spl-cases" / "cases.json"
known = json.loads(CASES.read_text(encoding="utf-8")) if CASES.exists() else []


@pytest.mark.skipif(not known, reason="../shared/spl-cases/cases.json is not there")
@pytest.mark.parametrize("case", known, ids=lambda case: case["id"])
def test_case(case: dict[str, Any]) -> None:
    outcome = judge(case)
    assert outcome.verdict == "passed", outcome.why
