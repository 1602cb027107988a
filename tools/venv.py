"""Virtual environments of the project's own, made once and remade when their requirements change.

``python -m tools.venv FOLDER REQUIREMENTS`` prints the path of the interpreter in it; how far it is goes to standard
error, line by line, and nothing does when the environment is there already.
"""

from __future__ import annotations

import hashlib
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

#: Seconds between two looks at how many packages are there, while pip says nothing.
BEAT = 2.0
#: Packages between two lines of what pip has fetched.
STRIDE = 10


def ensure(folder: Path, requirements: Path | None = None, *pip_arguments: str) -> Path:
    """The interpreter of a virtual environment in ``folder`` that has ``requirements``; exits when pip fails."""
    wanted = hashlib.sha256(
        "\n".join([sys.version, requirements.read_text() if requirements else "", *pip_arguments]).encode()
    ).hexdigest()
    stamp, python = folder / "stamp", folder / "bin" / "python"
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    _say(f"Making {folder.name}: a virtual environment in {folder} ...")
    for _ in _lines([sys.executable, "-m", "venv", str(folder)]):
        pass
    if requirements or pip_arguments:
        arguments = ["-r", str(requirements)] if requirements else []
        count = len(_pinned(requirements)) if requirements else len(pip_arguments)
        named = requirements.name if requirements else " ".join(pip_arguments)
        packages = "1 package" if count == 1 else f"{count} packages"
        _say(f"Making {folder.name}: installing {packages} ({named}) ...")
        _install(python, [*arguments, *pip_arguments], folder, count)
    stamp.write_text(wanted)
    _say(f"Making {folder.name}: done.")
    return python


def _pinned(requirements: Path) -> list[str]:
    lines = (line.strip() for line in requirements.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def _install(python: Path, arguments: list[str], folder: Path, count: int) -> None:
    """pip says a line for each package while it fetches; while it installs it says nothing, so the folder is asked."""
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off", *arguments]
    before, fetched, shown = len(_installed(folder)), 0, 0
    for line in _lines(command):
        collecting = re.match(r"(?:Collecting|Processing) (\S+)", line)
        if collecting:
            fetched += 1
            if fetched % STRIDE == 1:
                _say(f"Making {folder.name}: fetching {fetched} of {count}: {Path(collecting[1]).name}")
        elif line.startswith("Installing collected packages"):
            _say(f"Making {folder.name}: unpacking {count} packages ...")
        elif not line and (there := len(_installed(folder)) - before) > shown:
            shown = there
            _say(f"Making {folder.name}: unpacked {there} of {count}")


def _installed(folder: Path) -> list[Path]:
    return list(folder.glob("lib/python*/site-packages/*.dist-info"))


def _lines(command: list[str]) -> Iterator[str]:
    """What a command prints, line by line, and an empty one whenever it was silent for a while. Exits when it fails."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    said: queue.Queue[str | None] = queue.Queue()
    stream = process.stdout
    assert stream is not None

    def read() -> None:
        for line in stream:
            said.put(line.rstrip("\n"))
        said.put(None)

    threading.Thread(target=read, daemon=True).start()
    printed = []
    while True:
        try:
            line = said.get(timeout=BEAT)
        except queue.Empty:
            yield ""
            continue
        if line is None:
            break
        printed.append(line)
        yield line
    if process.wait():
        sys.exit(f"{' '.join(command)} failed:\n" + "\n".join(printed))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(ensure(Path(sys.argv[1]).absolute(), Path(sys.argv[2])))
