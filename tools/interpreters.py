"""Finds the Python interpreters that Splunk brings: 3.9 (Splunk 9.3 to 10.0) and 3.13 (from 10.2)."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

VERSIONS = ("3.9", "3.13")


@cache
def find(version: str) -> str | None:
    """Path of an interpreter of exactly this version, or None.

    ``RESPONDER_PYTHON39`` and ``RESPONDER_PYTHON313`` name one; else PATH, pyenv, uv and the usual folders are tried.
    """
    named = os.environ.get(f"RESPONDER_PYTHON{version.replace('.', '')}")
    candidates = [named] if named else [f"python{version}", *_installed(version)]
    return next((path for candidate in candidates if (path := _real_path(candidate, version))), None)


def _installed(version: str) -> list[str]:
    home = Path.home()
    roots = (home / ".pyenv" / "versions", home / ".local" / "share" / "uv" / "python", Path("/opt/python"))
    inside = [str(path) for root in roots for path in sorted(root.glob(f"*{version}*/bin/python{version}"))]
    return [*inside, f"/usr/local/bin/python{version}", f"/usr/bin/python{version}"]


def _real_path(candidate: str, version: str) -> str | None:
    """The interpreter itself: a shim of pyenv starts another one, or none, depending on the folder."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2], getattr(sys, '_base_executable', sys.executable))"
    try:
        result = subprocess.run([candidate, "-I", "-c", ask], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found, _, path = result.stdout.strip().partition(" ")
    return path if result.returncode == 0 and found == version else None
