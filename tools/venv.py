"""Virtual environments of the project's own, made once and remade when their requirements change.

``python -m tools.venv FOLDER REQUIREMENTS`` prints the path of the interpreter in it.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path


def ensure(folder: Path, requirements: Path | None = None, *pip_arguments: str) -> Path:
    """The interpreter of a virtual environment in ``folder`` that has ``requirements``; exits when pip fails."""
    wanted = hashlib.sha256(
        "\n".join([sys.version, requirements.read_text() if requirements else "", *pip_arguments]).encode()
    ).hexdigest()
    stamp, python = folder / "stamp", folder / "bin" / "python"
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    print(f"Making {folder.name} ...", file=sys.stderr, flush=True)
    _run(sys.executable, "-m", "venv", str(folder))
    if requirements or pip_arguments:
        arguments = ["-r", str(requirements)] if requirements else []
        _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments, *pip_arguments)
    stamp.write_text(wanted)
    return python


def _run(*command: str) -> None:
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{result.stdout}")


if __name__ == "__main__":
    print(ensure(Path(sys.argv[1]).absolute(), Path(sys.argv[2])))
