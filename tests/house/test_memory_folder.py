"""Temporary files of the tests are in memory where it has room for them, and nowhere else than the caller says."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tools import memory_folder

PLENTY = f"MemTotal: 1 kB\nMemAvailable:   {64 * 2**20} kB\n"
SCARCE = f"MemTotal: {64 * 2**20} kB\nMemAvailable:   {2**20} kB\n"


def asked(tmp_path: Path, meminfo: str = PLENTY, least: int = 1, **environment: str) -> str:
    (tmp_path / "shm").mkdir(exist_ok=True)
    (tmp_path / "meminfo").write_text(meminfo)
    return memory_folder.folder(environment, tmp_path / "shm", tmp_path / "meminfo", least)


def test_it_is_memory_that_has_room(tmp_path: Path) -> None:
    assert asked(tmp_path) == str(tmp_path / "shm")
    assert list((tmp_path / "shm").iterdir()) == []


@pytest.mark.parametrize("meminfo", [SCARCE, "", "MemAvailable: much\n"])
def test_where_memory_is_scarce_or_unknown_it_is_the_systems(tmp_path: Path, meminfo: str) -> None:
    assert asked(tmp_path, meminfo) == tempfile.gettempdir()


def test_where_it_is_too_small_or_runs_no_script_it_is_the_systems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked(tmp_path, least=2**60) == tempfile.gettempdir()
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    assert asked(tmp_path) == tempfile.gettempdir()


def test_the_callers_folder_is_kept(tmp_path: Path) -> None:
    assert asked(tmp_path, TMPDIR="/somewhere") == tempfile.gettempdir()
    assert memory_folder.folder({}, tmp_path / "none", tmp_path / "meminfo") == tempfile.gettempdir()
