"""The Python interpreters that Splunk ships: 3.9 (all supported versions) and 3.13 (10.2 and newer).

Nothing is installed or downloaded. An interpreter is looked for, in this order, in the environment
(``RESPONDER_PYTHON39``, ``RESPONDER_PYTHON313``), on ``PATH``, in pyenv and among uv's managed Pythons.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

#: What Splunk 9.3 to 10.4 can start.
VERSIONS = ("3.9", "3.13")
#: What ``python.version = force_python3``, the default of server.conf, means in all of them.
SYSTEM_DEFAULT = "3.9"
_PROBE = "import sys; print('%d.%d' % sys.version_info[:2]); print(sys.base_prefix); print(sys.executable)"


class InterpreterNotFound(LookupError):
    """No interpreter of the version; the message lists the places searched and how to name one."""


def variable(version: str) -> str:
    """The environment variable that names an interpreter, e.g. ``RESPONDER_PYTHON39``."""
    return "RESPONDER_PYTHON" + version.replace(".", "")


def find(version: str) -> Path:
    """The base interpreter (never a virtual environment's) of ``version``. Raises InterpreterNotFound.

    ``sandbox`` itself may run in a virtual environment whose libraries an app must not see.
    """
    if version not in VERSIONS:
        raise InterpreterNotFound(f"Splunk has no Python {version}; choose one of {', '.join(VERSIONS)}.")
    return _find(version, os.environ.get(variable(version), ""), os.environ.get("PATH", ""))


def available() -> list[str]:
    """The versions that this machine has."""
    found = []
    for version in VERSIONS:
        try:
            find(version)
        except InterpreterNotFound:
            continue
        found.append(version)
    return found


def choose(settings: Mapping[str, str], newest: str) -> Path:
    """The interpreter for a stanza of alert_actions.conf, inputs.conf, restmap.conf or commands.conf.

    ``newest`` is the newest version of the emulated Splunk. ``python.required`` wins: ``newest`` where it is listed,
    else the highest version that is, as Splunk 10.2 does. Without it ``python.version`` decides, and a stanza with
    neither gets the system's default. Raises InterpreterNotFound, also for what only Python 2 or none could run.
    """
    listed = [word for word in re.split(r"[,\s]+", settings.get("python.required", "")) if word]
    if not listed:
        return find(_of_python_version(settings.get("python.version", "").strip(), newest))
    if newest in listed or "latest" in listed:
        return find(newest)
    fitting = [version for version in VERSIONS if version in listed]
    if not fitting:
        raise InterpreterNotFound(f"python.required = {', '.join(listed)} names no Python that Splunk has.")
    return find(fitting[-1])


def _of_python_version(value: str, newest: str) -> str:
    """The version that ``python.version`` means; "default" and "python" are the system's default, as nothing is."""
    if value in ("", "default", "python", "python3"):
        return SYSTEM_DEFAULT
    if value == "latest":
        return newest
    if value == "python2":
        raise InterpreterNotFound("python.version asks for Python 2, which no supported Splunk has.")
    version = value.removeprefix("python")
    if value == version or version not in VERSIONS:
        raise InterpreterNotFound(f"python.version = {value} names no Python that Splunk has.")
    return version


@cache
def _find(version: str, named: str, path: str) -> Path:
    if named:
        found = _base(named, version)
        if found is None:
            raise InterpreterNotFound(f"{variable(version)}={named} is not a Python {version}.")
        return found
    looked = []
    for where, candidate in _candidates(version, path):
        looked.append(f"{candidate} ({where})")
        found = _base(candidate, version)
        if found is not None:
            return found
    raise InterpreterNotFound(
        f"Python {version} was not found. Looked at: {'; '.join(looked)}. Install it (pyenv install {version}, or uv "
        f"python install {version}), or name it: {variable(version)}=/path/to/python{version}"
    )


def _candidates(version: str, path: str) -> Iterator[tuple[str, str]]:
    name = f"python{version}"
    yield "PATH", shutil.which(name, path=path) or name
    for where, root in _pyenv_roots(path):
        found = sorted(root.glob(f"versions/{version}*/bin/{name}"), key=_patch, reverse=True)
        yield from ((where, str(item)) for item in found or [root / "versions" / f"{version}.*" / "bin" / name])
    for folder in _uv_folders():
        found = sorted(folder.glob(f"cpython-{version}.*/bin/{name}"), key=_patch, reverse=True)
        yield from (("uv", str(item)) for item in found or [folder / f"cpython-{version}.*" / "bin" / name])


def _pyenv_roots(path: str) -> Iterator[tuple[str, Path]]:
    if os.environ.get("PYENV_ROOT"):
        yield "PYENV_ROOT", Path(os.environ["PYENV_ROOT"])
    elif pyenv := shutil.which("pyenv", path=path):
        answer = _output([pyenv, "root"])
        if answer:
            yield "pyenv root", Path(answer[0])
    if home := _home():
        yield "pyenv", home / ".pyenv"


def _uv_folders() -> Iterator[Path]:
    if os.environ.get("UV_PYTHON_INSTALL_DIR"):
        yield Path(os.environ["UV_PYTHON_INSTALL_DIR"])
    elif os.environ.get("XDG_DATA_HOME"):
        yield Path(os.environ["XDG_DATA_HOME"]) / "uv" / "python"
    elif home := _home():
        yield home / ".local" / "share" / "uv" / "python"


def _home() -> Path | None:
    """The user's folder; None for a user that the system does not know, as in some containers."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def _patch(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", path.parent.parent.name))


def _base(command: str, version: str) -> Path | None:
    """The interpreter under ``command`` (which may be a shim or a venv's), if it has the right version."""
    answer = _output([command, "-I", "-c", _PROBE])
    if len(answer) != 3 or answer[0] != version:
        return None
    base = Path(answer[1]) / "bin" / f"python{version}"
    return base if base.exists() else Path(answer[2])


def _output(command: list[str]) -> list[str]:
    """The lines a command prints; none when it cannot be run or fails (a pyenv shim without that version)."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []
