"""Whoever runs a command with a Python that lacks our libraries is told which one to use, in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("package", "arguments"),
    [
        ("infra", ["plan", "--region", "us-east-1"]),
        ("infra", ["peek"]),
        ("workbench", ["score", "."]),
        ("workbench", ["backtest", "."]),
        ("sandbox", ["up"]),
    ],
)
def test_a_python_without_our_libraries_names_the_right_one(package: str, arguments: list[str]) -> None:
    # -S leaves out site-packages, as a Python of the system would be without them.
    command = [sys.executable, "-S", "-m", package, *arguments]
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert f"Run .venv/bin/python -m {package} instead" in done.stderr
