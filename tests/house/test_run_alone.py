"""A test that fails beside others gets a second run, alone; one that fails then, too, fails the whole run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.run_alone import FINAL, MOST

ROOT = Path(__file__).resolve().parents[2]
#: Fails in the first process that runs it.
ONCE = """
def test_{name}(tmp_path_factory):
    import pathlib
    seen = pathlib.Path(__file__).with_suffix(".{name}")
    was_there = seen.exists()
    seen.touch()
    assert was_there
"""
ALWAYS = "\ndef test_always():\n    assert 1 == 2\n"


def run(folder: Path, tests: str, path: str = "test_some.py") -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\n")
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text("def test_good():\n    pass\n" + tests)
    command = [sys.executable, "-m", "pytest", "-n", "2", "-p", "tests.run_alone", "--rootdir", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=280)


def test_what_passes_alone_is_named_and_the_run_is_green(tmp_path: Path) -> None:
    ran = run(tmp_path, ONCE.format(name="late"))
    assert ran.returncode == 0, ran.stdout
    assert "passed alone" in ran.stdout and "test_some.py::test_late" in ran.stdout.split("passed alone")[1]


def test_what_fails_alone_too_fails_the_run(tmp_path: Path) -> None:
    ran = run(tmp_path, ONCE.format(name="late") + ALWAYS)
    assert ran.returncode == 1 and "passed alone" not in ran.stdout


def test_many_failures_are_no_accident(tmp_path: Path) -> None:
    ran = run(tmp_path, "".join(ONCE.format(name=f"late_{number}") for number in range(MOST + 1)))
    assert ran.returncode == 1 and "passed alone" not in ran.stdout


@pytest.mark.parametrize("final", FINAL)
def test_what_is_about_chance_gets_no_second_run(tmp_path: Path, final: str) -> None:
    path = final if final.endswith(".py") else f"{final}test_some.py"
    ran = run(tmp_path, ONCE.format(name="late"), path)
    assert ran.returncode == 1 and "passed alone" not in ran.stdout


def test_a_file_that_cannot_be_collected_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "test_broken.py").write_text("import nothing_of_this_name\n")
    ran = run(tmp_path, ONCE.format(name="late"))
    assert ran.returncode != 0 and "passed alone" not in ran.stdout


def test_a_green_run_is_as_it_was(tmp_path: Path) -> None:
    ran = run(tmp_path, "")
    assert ran.returncode == 0 and "alone" not in ran.stdout
