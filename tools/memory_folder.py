"""``python -m tools.memory_folder``: prints where a run of the tests keeps its temporary files: in memory, if it can.

Tests write and remove thousands of small files: a disk may take milliseconds for each folder that is removed.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
_GIB = 2**30
#: A whole run keeps less than half of this at a time (what failed is kept until the next run).
LEAST = 4 * _GIB
#: Memory that the processes of the tests have besides.
LEAST_MEMORY = 2 * LEAST


def folder(
    environment: Mapping[str, str] = os.environ,
    memory: Path = SHARED_MEMORY,
    meminfo: Path = Path("/proc/meminfo"),
    least: int = LEAST,
) -> str:
    """``TMPDIR`` if it is set; else shared memory that is roomy and runs scripts; else the system's folder."""
    if environment.get("TMPDIR") or not memory.is_dir() or not os.access(memory, os.W_OK):
        return tempfile.gettempdir()
    room = os.statvfs(memory)
    if room.f_bavail * room.f_frsize < least or _available(meminfo) < LEAST_MEMORY or not _runs_scripts(memory):
        return tempfile.gettempdir()
    return str(memory)


def _available(meminfo: Path) -> int:
    """Bytes that processes can still have; 0 where the system does not say."""
    try:
        found = re.search(r"^MemAvailable:\s*(\d+) kB$", meminfo.read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def _runs_scripts(where: Path) -> bool:
    """Containers often mount shared memory without the right to execute."""
    with tempfile.TemporaryDirectory(dir=where) as work:
        script = Path(work) / "script"
        script.write_text("#!/bin/sh\nexit 0\n")
        script.chmod(0o700)
        try:
            return subprocess.run([str(script)]).returncode == 0
        except OSError:
            return False


if __name__ == "__main__":
    print(folder())
