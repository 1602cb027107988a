"""Finding the Pythons that Splunk ships, without installing and without a path written down."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.runner import interpreters
from sandbox.runner.interpreters import InterpreterNotFound, choose, find


def fake(path: Path, version: str) -> Path:
    """A script that answers as an interpreter of ``version`` installed in ``path``'s prefix would."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {version}\necho {path.parent.parent}\necho {path}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with no Python at all."""
    for name in ("RESPONDER_PYTHON39", "RESPONDER_PYTHON313", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def test_the_environment_variable_wins(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(bare / "bin" / "python3.9", "3.9")
    mine = fake(bare / "mine" / "bin" / "python3.9", "3.9")
    monkeypatch.setenv("RESPONDER_PYTHON39", str(mine))
    assert find("3.9") == mine


@pytest.mark.parametrize(
    "where",
    [
        "bin/python3.13",
        ".pyenv/versions/3.13.2/bin/python3.13",
        ".local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu/bin/python3.13",
    ],
)
def test_an_interpreter_is_found_on_path_in_pyenv_and_in_uv(bare: Path, where: str) -> None:
    there = fake(bare / where, "3.13")
    assert find("3.13") == there


def test_the_newest_patch_release_is_taken(bare: Path) -> None:
    fake(bare / ".pyenv/versions/3.9.9/bin/python3.9", "3.9")
    newest = fake(bare / ".pyenv/versions/3.9.18/bin/python3.9", "3.9")
    assert find("3.9") == newest


def test_an_interpreter_that_lies_about_its_name_is_passed_over(bare: Path) -> None:
    fake(bare / "bin/python3.9", "3.11")
    right = fake(bare / ".pyenv/versions/3.9.1/bin/python3.9", "3.9")
    assert find("3.9") == right


def test_none_found_says_where_it_was_looked_for_and_what_to_do(bare: Path) -> None:
    with pytest.raises(InterpreterNotFound) as error:
        find("3.9")
    for part in ("PATH", "pyenv", "uv", "RESPONDER_PYTHON39="):
        assert part in str(error.value)


def test_a_wrong_environment_variable_is_named(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESPONDER_PYTHON313", str(fake(bare / "x/bin/python3.13", "3.12")))
    with pytest.raises(InterpreterNotFound, match="RESPONDER_PYTHON313=.* is not a Python 3.13"):
        find("3.13")


def test_a_virtual_environment_leads_to_its_base(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = "{}.{}".format(*sys.version_info[:2])
    venv = bare / "venv"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True, env={**os.environ, "PATH": os.defpath}
    )
    monkeypatch.setattr(interpreters, "VERSIONS", (version,))
    monkeypatch.setenv(interpreters.variable(version), str(venv / "bin" / "python"))
    assert venv not in find(version).parents


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"python.required": "3.9, 3.13"}, "3.9"),
        ({"python.required": "3.13"}, "3.13"),
        ({"python.required": "latest"}, "3.9"),
        ({"python.version": "python3", "python.required": "3.7,3.13"}, "3.13"),
    ],
)
def test_python_required_decides(bare: Path, settings: dict[str, str], expected: str) -> None:
    paths = {version: fake(bare / "bin" / f"python{version}", version) for version in ("3.9", "3.13")}
    assert choose(settings, "3.9") == paths[expected]


@pytest.mark.parametrize("newest", ["3.9", "3.13"])
@pytest.mark.parametrize("value", ["", "default", "python", "python3", "python3.9"])
def test_without_python_required_an_app_runs_on_3_9_in_every_splunk(bare: Path, value: str, newest: str) -> None:
    paths = {version: fake(bare / "bin" / f"python{version}", version) for version in ("3.9", "3.13")}
    assert choose({"python.version": value} if value else {}, newest) == paths["3.9"]


def test_python_version_may_ask_for_more(bare: Path) -> None:
    paths = {version: fake(bare / "bin" / f"python{version}", version) for version in ("3.9", "3.13")}
    assert choose({"python.version": "python3.13"}, "3.9") == paths["3.13"]
    assert choose({"python.version": "latest"}, "3.13") == paths["3.13"]
    assert choose({"python.version": "python3.13", "python.required": "3.9"}, "3.13") == paths["3.9"]


@pytest.mark.parametrize(
    "settings",
    [
        {"python.version": "python2"},
        {"python.version": "python3.7"},
        {"python.version": "3.9"},
        {"python.required": "3.7"},
    ],
)
def test_what_no_splunk_can_run_is_refused(bare: Path, settings: dict[str, str]) -> None:
    with pytest.raises(InterpreterNotFound):
        choose(settings, "3.9")
