"""``python -m bench`` measures in one go, and never puts half a table into the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as command
from bench.figures import Figure

FIGURE = Figure("requests", "1", "another: 2", 0.5, "at most 1")


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    page = tmp_path / "performance.md"
    page.write_text(f"# Performance\n\n{command.BEGIN}\n\nold\n\n{command.END}\n\nMore.\n")
    monkeypatch.setattr(command, "PAGE", page)
    return page


def answers(monkeypatch: pytest.MonkeyPatch, *failing: str) -> list[str]:
    """What is measured, which takes no time here; some of it fails."""
    asked: list[str] = []

    def measured(name: str) -> list[Figure]:
        asked.append(name)
        return [] if name in failing else [FIGURE]

    monkeypatch.setattr(command, "_measured", measured)
    return asked


def test_everything_is_measured_and_replaces_what_is_between_the_marks(page: Path, monkeypatch: Any) -> None:
    asked = answers(monkeypatch)
    assert command.main(["--write"]) == 0
    assert {"action_process", "memory", "outage", "remediation", "requests", "waiting"} <= set(asked)
    text = page.read_text()
    assert text.startswith("# Performance\n") and text.endswith("More.\n") and "old" not in text
    assert text.count("| requests | 1 | another: 2 | 0.50 | at most 1 |") == len(asked)


def test_where_one_fails_the_others_are_shown_and_the_page_stays(
    page: Path, monkeypatch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    before = page.read_text()
    asked = answers(monkeypatch, "memory")
    assert command.main(["--write"]) == 1
    shown = capsys.readouterr()
    assert shown.out.count("another: 2") == len(asked) - 1 and "Not measured, see above: memory." in shown.err
    assert page.read_text() == before


@pytest.mark.parametrize("given", [["--write", "memory"], ["nothing_like_it"]])
def test_a_part_is_not_written_and_an_unknown_name_is_refused(page: Path, given: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(given)
    assert "old" in page.read_text()
