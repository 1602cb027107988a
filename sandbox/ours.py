"""Where this project's own app is to be had: built by ./build.sh, which is quick when nothing has changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def our_tarball() -> Path:
    """The app's tarball, built now if need be. Raises LookupError with the end of the build's output."""
    done = subprocess.run([str(ROOT / "build.sh")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise LookupError(f"./build.sh failed:\n{done.stdout[-3000:]}")
    found = sorted((ROOT / "dist").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise LookupError("./build.sh left no tarball in dist/")
    print(f"App: {found[-1].relative_to(ROOT)}", file=sys.stderr)
    return found[-1]
