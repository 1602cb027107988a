"""``./demo.sh`` on a machine that has nothing but Python: help at once, and an environment made before one's eyes."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sandbox.runner import interpreters

ROOT = Path(__file__).resolve().parents[2]
#: What demo.sh needs to find, to make an environment, and to show help.
PARTS = ("demo.sh", "tools", "requirements", "sandbox", "workbench", "spl")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the tree without an environment, in a folder whose name has spaces."""
    folder = tmp_path / "a check out"
    for part in PARTS:
        source, target = ROOT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return folder


def python_without_libraries(folder: Path, interpreter: str | Path) -> Path:
    """A folder for PATH whose ``python3`` has the standard library only."""
    folder.mkdir()
    script = folder / "python3"
    script.write_text(f'#!/bin/sh\nexec "{interpreter}" -S "$@"\n')
    script.chmod(0o755)
    return folder


def demo(checkout: Path, path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it with no environment at all but PATH: no HOME, no TERM, no locale."""
    command = ["/usr/bin/env", "-i", f"PATH={path}:/usr/bin:/bin", str(checkout / "demo.sh"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=checkout.parent, timeout=250)


@pytest.mark.parametrize(
    ("arguments", "shown"), [(["--help"], "--mode {simulate,enforce}"), (["detect", "-h"], "--allow-country NAME")]
)
def test_help_needs_no_environment_and_makes_none(
    checkout: Path, tmp_path: Path, interpreter: Path, arguments: list[str], shown: str
) -> None:
    before = sorted(checkout.rglob("*"))
    done = demo(checkout, python_without_libraries(tmp_path / "bin", interpreter), *arguments)
    assert (done.returncode, done.stderr) == (0, "") and shown in done.stdout
    assert sorted(checkout.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (["--mode", "nonsense"], "invalid choice: 'nonsense'"),
        (["detect", "logs", "--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_what_is_mistyped_is_refused_before_an_environment_is_made(
    checkout: Path, tmp_path: Path, interpreter: Path, arguments: list[str], refusal: str
) -> None:
    before = sorted(checkout.rglob("*"))
    done = demo(checkout, python_without_libraries(tmp_path / "bin", interpreter), *arguments)
    assert (done.returncode, done.stdout) == (2, "") and refusal in done.stderr
    assert sorted(checkout.rglob("*")) == before


@pytest.mark.skipif(not (ROOT / ".venv").exists(), reason="./test.sh makes the environment that this needs")
@pytest.mark.parametrize(("command", "shown"), [("up", "--platform-libs"), ("alert", "[APP/]ACTION")])
def test_the_commands_of_the_sandbox_itself_are_its_own(command: str, shown: str) -> None:
    done = subprocess.run([str(ROOT / "demo.sh"), command, "--help"], capture_output=True, text=True, timeout=250)
    assert done.returncode == 0 and f"sandbox {command} " in done.stdout and shown in done.stdout


def wheel(folder: Path, name: str) -> None:
    """A package of one empty module, to be installed without an index."""
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}.py", "")
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")


@pytest.fixture
def small(checkout: Path) -> Path:
    """The same checkout, whose demo needs twelve packages and says that it has them."""
    names = [f"part{number}" for number in range(1, 13)]
    for name in names:
        wheel(checkout, name)
    (checkout / "requirements" / "dev.txt").write_text(
        "\n".join(["# Pinned.", "--no-index", f"--find-links={checkout.as_uri()}", *(f"{name}==1.0" for name in names)])
    )
    (checkout / "sandbox" / "__main__.py").write_text(
        "import sys\nif sys.argv[1] == '--parse-only':\n    sys.exit()\n"
        f"import {', '.join(names)}\nprint('played', *sys.argv[1:])\n"
    )
    return checkout


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder for PATH with the Python that makes environments."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python3").symlink_to(Path(sys.executable).resolve())
    return folder


@pytest.mark.extended
def test_an_environment_is_made_step_by_step_and_a_second_run_says_nothing(small: Path, path: Path) -> None:
    first = demo(small, path, "--mode", "simulate")
    assert (first.returncode, first.stdout) == (0, "played demo --mode simulate\n"), first.stderr
    lines = first.stderr.splitlines()
    assert all(line.startswith("Making .venv: ") for line in lines)
    assert [line.removeprefix("Making .venv: ") for line in lines if "unpacked" not in line] == [
        f"a virtual environment in {small / '.venv'} ...",
        "installing 12 packages (dev.txt) ...",
        "fetching 1 of 12: part1-1.0-py3-none-any.whl",
        "fetching 11 of 12: part11-1.0-py3-none-any.whl",
        "unpacking 12 packages ...",
        "done.",
    ]
    second = demo(small, path)
    assert (second.returncode, second.stdout, second.stderr) == (0, "played demo\n", "")


@pytest.mark.extended
def test_what_cannot_be_installed_is_told_and_tried_again_the_next_time(small: Path, path: Path) -> None:
    requirements = small / "requirements" / "dev.txt"
    wanted = requirements.read_text()
    requirements.write_text(wanted + "\ngamma==1.0\n")
    refused = demo(small, path)
    assert refused.returncode == 1 and "No matching distribution found for gamma==1.0" in refused.stderr
    assert "played" not in refused.stdout
    requirements.write_text(wanted)
    assert demo(small, path).stdout == "played demo\n"


def test_no_python_is_one_clear_answer(checkout: Path, tmp_path: Path) -> None:
    """Where what is there is too old, and for ``PYTHON`` too."""
    command = ["/usr/bin/env", "-i", f"PATH={tmp_path}:/usr/bin:/bin", "PYTHON=/bin/false", str(checkout / "demo.sh")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.startswith("PYTHON=/bin/false is not Python 3.11")


def test_interpreters_are_found_for_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A container's user number may have no entry in passwd, and so no folder."""

    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    for name in ("RESPONDER_PYTHON39", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(interpreters.InterpreterNotFound, match="RESPONDER_PYTHON39=/path/to/python3.9"):
        interpreters.find("3.9")
