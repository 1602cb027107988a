"""This project's own app, as ./build.sh makes it (at once when nothing has changed)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class BuildFailed(Exception):
    """./build.sh made no tarball; the message ends with what it printed."""


def build_app(folder: Path, progress: Callable[[str], None] = lambda line: None) -> Path:
    """Build the app and give back a copy of the tarball in ``folder``. Raises BuildFailed.

    A copy, because the next build replaces the one in dist/. ``progress`` gets what the build says of its steps.
    """
    command = [str(ROOT / "build.sh"), "--copy-to", str(folder)]
    printed: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            printed.append(line.rstrip())
            # All but one are steps; that is the result, a path and a size.
            if ".tar.gz (" not in line:
                progress(printed[-1])
    if process.returncode:
        raise BuildFailed("./build.sh failed:\n" + "\n".join(printed)[-4000:])
    (tarball,) = folder.glob("*.tar.gz")
    return tarball
