"""The README of a top folder names what lives there: all of it, and nothing that is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES_OF_A_SCREEN = 70


def named(readme: Path) -> set[str]:
    """Files and folders in the first column of the README's tables."""
    rows = [line for line in readme.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {name.rstrip("/") for row in rows for name in re.findall(r"`([\w./]+)`", row.split("|")[1])}


@pytest.mark.parametrize("folder", ["spl", "workbench", "sandbox", "bench", "tools", "infra", "ui"])
def test_the_readme_names_what_is_there(folder: str) -> None:
    names = named(ROOT / folder / "README.md")
    gone = sorted(name for name in names if not (ROOT / folder / name).exists())
    assert gone == [], "these are not there any more"
    rooms = {path.name for path in (ROOT / folder).iterdir() if path.is_dir() and list(path.glob("*.py"))}
    assert sorted(rooms - names) == [], "these are not in the README"


@pytest.mark.parametrize("folder", ["spl", "workbench", "sandbox", "bench", "tools", "infra", "ui", "tests"])
def test_the_readme_fits_on_a_screen_and_says_what_may_be_imported(folder: str) -> None:
    text = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES_OF_A_SCREEN
    assert re.search(r"May import|imports nothing else", text) and "## Add one" in text


def test_the_policy_files_that_the_readme_names_are_there() -> None:
    names = set(re.findall(r"`([\w-]+\.json)`", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert names, "the README says which policies to attach"
    assert sorted(name for name in names if not (ROOT / "docs/iam/aws" / name).exists()) == []


def test_a_newcomer_can_run_the_commands_of_the_documentation_as_they_stand() -> None:
    """There is no ``python`` but the environment's; CONTRIBUTING.md and the READMEs of folders say so, pages do not."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in pages
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.match(r"\s*(\$ )?python -m (infra|workbench|sandbox|bench|tools|pytest)\b", line)
    ]
    assert wrong == [], "write .venv/bin/python"
