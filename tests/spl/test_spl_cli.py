"""``python -m spl FILE``: counts, reasons and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spl.__main__ import main

Outcome = Callable[..., tuple[int, str]]
GOOD = {"id": "good", "spl": "index=aws | table a", "events": [{"_time": 1, "a": "1"}], "expected": [{"a": "1.0"}]}
REFUSED = {"id": "refused", "spl": "index=aws | frobnicate", "events": [], "error": True}
WRONG = {"id": "wrong", "spl": "index=aws | table a", "events": [{"_time": 1, "a": "1"}], "expected": [{"a": "2"}]}
ACCEPTED = {"id": "accepted", "spl": "index=aws | table a", "events": [], "error": True}
BEYOND = {"id": "beyond", "spl": "index=aws | map search=x", "events": [], "error": True}


@pytest.fixture
def outcome(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Outcome:
    def outcome(*cases: dict[str, Any]) -> tuple[int, str]:
        path = tmp_path / "cases.json"
        path.write_text(json.dumps(cases))
        return main([str(path)]), capsys.readouterr().out

    return outcome


def test_passed_and_unsupported_are_no_failure(outcome: Outcome) -> None:
    code, text = outcome(GOOD, REFUSED, BEYOND)
    assert code == 0
    assert text.splitlines()[:4] == ["passed: 2", "  good", "  refused", "unsupported: 1"]
    assert "map" in text and text.endswith("failed: 0\n")


def test_a_wrong_result_and_a_missing_refusal_fail(outcome: Outcome) -> None:
    code, text = outcome(WRONG, ACCEPTED)
    assert code == 1
    assert (
        "failed: 2" in text and "wrong: expected [{'a': '2'}], got [{'a': '1'}]" in text and "must be refused" in text
    )


def test_a_file_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.json")]) == 2
    assert "Cannot read" in capsys.readouterr().err
