"""This project's own app, as ./build.sh makes it (at once when nothing has changed)."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class BuildFailed(Exception):
    """./build.sh made no tarball; the message ends with what it printed."""


def build_app(folder: Path) -> Path:
    """Build the app and give back a copy of the tarball in ``folder``. Raises BuildFailed.

    A copy, because the next build replaces the one in dist/.
    """
    command = [str(ROOT / "build.sh"), "--copy-to", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise BuildFailed(f"./build.sh failed:\n{done.stdout[-4000:]}")
    (tarball,) = folder.glob("*.tar.gz")
    return tarball
