"""Packing a third-party app: its files, the libraries in its lib/, and the tarball that a person would install."""

from __future__ import annotations

import fcntl
import importlib.metadata
import shutil
import subprocess
import sys
import tarfile
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CACHE = ROOT / "build" / "guests"
#: What Splunk's UCC framework asks of an add-on; urllib3 and requests as Python 3.9 takes them come from our own build.
TACCLIB = "splunktaucclib==8.2.0"


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write an app's files, given with the indentation of the code around them."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(content).lstrip("\n"), encoding="utf-8")
    return folder


def pack(app: Path, target: Path) -> Path:
    """The app as a person gets it: one folder in a ``.spl``."""
    path = target / f"{app.name}.spl"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(app, app.name)
    return path


def from_environment(lib: Path, *distributions: str) -> None:
    """Copy distributions of the environment that the tests run in, as ``pip install --target`` would place them."""
    for name in distributions:
        found = importlib.metadata.distribution(name)
        for file in found.files or []:
            if ".." not in file.parts and "__pycache__" not in file.parts:
                target = lib / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), target)


def from_our_build(lib: Path, app_dir: Path, names: Iterable[str]) -> None:
    """Copy packages that our own app ships: they run on both of Splunk's Pythons."""
    for name in names:
        (found,) = [path for path in (app_dir / "lib" / name, app_dir / "lib" / f"{name}.py") if path.exists()]
        if found.is_dir():
            shutil.copytree(found, lib / name, dirs_exist_ok=True)
        else:
            shutil.copy(found, lib)
        for info in (app_dir / "lib").glob(f"{name}-*.dist-info"):
            shutil.copytree(info, lib / info.name, dirs_exist_ok=True)


def taucclib(lib: Path) -> None:
    """Splunk's library for add-ons, whole (our build ships a part of it); from the package index, once."""
    cached = CACHE / TACCLIB
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not cached.exists():
            fresh = CACHE / "fresh"
            shutil.rmtree(fresh, ignore_errors=True)
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
            done = subprocess.run([*command, "--target", str(fresh), TACCLIB], capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"{TACCLIB} cannot be installed: {done.stderr.strip().splitlines()[-1]}")
            fresh.rename(cached)
    shutil.copytree(cached, lib, dirs_exist_ok=True)
