"""Every file of tests is in a folder that pytest looks into: its own list of those it leaves out has ``build``."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent


def test_no_folder_of_tests_is_left_out(request: pytest.FixtureRequest) -> None:
    patterns = request.config.getini("norecursedirs")
    folders = {part for path in TESTS.rglob("test_*.py") for part in path.relative_to(TESTS.parent).parts[:-1]}
    assert {"tests", "build", "e2e"} <= folders
    assert [name for name in sorted(folders) for pattern in patterns if fnmatch(name, pattern)] == []
