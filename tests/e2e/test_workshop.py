"""The workshop plays whole, its page shows what it prints, and a step that does not do its part stops it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from sandbox.cli import _workshop
from sandbox.demo.proof import Proof
from sandbox.demo.screen import Screen
from sandbox.demo.workshop.shown import Step, Text
from sandbox.demo.workshop.site import Site, StepFailed

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "workshop"


def play(*options: str) -> subprocess.CompletedProcess[str]:
    """Without a terminal, so that it waits for nobody."""
    command = [sys.executable, "-m", "sandbox", "workshop", *options]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=ROOT, timeout=400)


def without_what_differs(page: Path) -> str:
    """Words only: keys, ids, times and numbers are others each time, and with them where lines break."""
    text = re.sub(r'AKIA\w+|(?<="principalId": ")\w+', "#", page.read_text(encoding="utf-8"))
    return " ".join(re.sub(r"\S*\d\S*", "#", text).split())


@pytest.mark.extended
def test_it_plays_to_the_end_and_the_page_shows_what_it_prints(built_app, tmp_path):
    folder = tmp_path / "workshop"
    shutil.copytree(PAGES, folder)
    done = play("--write-docs", str(folder))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-3000:] + done.stderr[-3000:]
    assert "14 of 14. Tear down: nothing is left" in done.stdout and "✗" not in done.stdout
    assert without_what_differs(folder / "README.md") == without_what_differs(PAGES / "README.md")
    pictures = {path.name: path.read_text(encoding="utf-8") for path in PAGES.glob("*.svg")}
    assert len(pictures) == 15
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.svg")} == pictures


def test_a_page_without_a_place_for_a_step_is_refused_before_anything_is_played(tmp_path):
    text = (PAGES / "README.md").read_text(encoding="utf-8")
    (tmp_path / "README.md").write_text(text.replace("<!-- step: undo -->\n", ""), encoding="utf-8")
    done = play("--write-docs", str(tmp_path))
    assert done.returncode == 1 and done.stderr == ""
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"  ✗ {tmp_path / 'README.md'} has the steps provision, peek,")


def test_a_step_whose_claim_does_not_hold_stops_the_workshop_with_one_line():
    went_on = []

    def broken(site):
        yield Text("It begins.")
        yield Proof("The key is deactivated", False, "the key is Active")
        went_on.append(site)

    with pytest.raises(StepFailed, match=r"^Step answer failed: The key is deactivated\. Seen: the key is Active$"):
        list(_workshop.play_step(Screen(), Step("answer", "Answer", (), broken), Mock(Site)))
    assert went_on == []
