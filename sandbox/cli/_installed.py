"""What a demo needs before it begins: one of Splunk's Pythons, and the app, built."""

from __future__ import annotations

import time
from pathlib import Path

from sandbox.demo.screen import Screen
from sandbox.our_app import build_app
from sandbox.runner import interpreters


def python_of(chosen: str | None) -> str:
    """The version that runs the app; the newest that is here, unless one is chosen. Raises InterpreterNotFound."""
    versions = interpreters.available()
    if not (chosen or versions):
        wanted = " or ".join(interpreters.VERSIONS)
        raise interpreters.InterpreterNotFound(f"No Python {wanted} was found, and Splunk has no other.")
    version = chosen or versions[-1]
    interpreters.find(version)
    return version


def build(screen: Screen, folder: Path) -> Path:
    """The app's tarball, in ``folder``. Raises BuildFailed."""
    began = time.monotonic()
    with screen.console.status("Building the app (the first time takes a minute or two)"):
        tarball = build_app(folder, screen.progress)
    size = tarball.stat().st_size / 1e6
    screen.done(f"Built {tarball.name} ({size:.1f} MB) in {time.monotonic() - began:.0f} s")
    return tarball
