"""The AppInspect gate's judgment, on reports as AppInspect writes them (the run itself is .ci/run's)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools import inspect_app

PAGE = """
| check | files | reason |
|---|---|---|
| `check_known` | `lib/known/*.py`, `-` | A library that starts threads. |
| `check_without_reason` | `lib/x.py` | |
"""


def report(*checks: tuple[str, str, str | None]) -> dict[str, Any]:
    """A report of checks, each with one message: (name, result, file)."""
    rows = [
        {"name": name, "result": result, "messages": [{"message": "Look here", "message_filename": file}]}
        for name, result, file in checks
    ]
    summary = {kind: sum(check[1] == kind for check in checks) for kind in ("error", "failure", "future_failure")}
    return {"summary": summary, "reports": [{"groups": [{"checks": rows}]}]}


def judge(*checks: tuple[str, str, str | None]) -> tuple[list[str], list[str]]:
    return inspect_app.judge(report(*checks), inspect_app.listed(PAGE))


def test_a_listed_warning_passes() -> None:
    problems, notes = judge(("check_known", "warning", "lib/known/pool.py"), ("check_known", "warning", None))
    assert problems == [] and notes == []


def test_a_new_warning_fails() -> None:
    problems, _ = judge(("check_new", "warning", "bin/ours.py"))
    assert problems == ["WARNING check_new: Look here [bin/ours.py]"]


def test_a_listed_check_does_not_cover_another_file() -> None:
    problems, _ = judge(("check_known", "warning", "bin/responder/ours.py"))
    assert len(problems) == 1


def test_a_row_without_a_reason_does_not_count() -> None:
    problems, _ = judge(("check_without_reason", "warning", "lib/x.py"))
    assert len(problems) == 1


def test_a_failure_cannot_be_listed_away() -> None:
    for kind in ("error", "failure", "future_failure"):
        problems, _ = judge(("check_known", kind, "lib/known/pool.py"))
        assert len(problems) == 1, kind


def test_a_failure_that_only_the_summary_knows_fails() -> None:
    problems, _ = inspect_app.judge({"summary": {"failure": 1}, "reports": []}, {})
    assert len(problems) == 1


def test_a_warning_that_is_gone_is_reported() -> None:
    problems, notes = judge(("check_known", "warning", None))
    assert problems == []
    assert notes == ["Listed in docs/appinspect.md but gone: check_known for lib/known/*.py"]


def test_the_page_lists_checks_with_reasons() -> None:
    listed = inspect_app.listed(Path(inspect_app.REASONS).read_text(encoding="utf-8"))
    assert "check_for_supported_tls" in listed
    code = [file for files in listed.values() for file in files if file.startswith("bin/") and file.endswith(".py")]
    assert code == []
