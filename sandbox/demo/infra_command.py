"""Runs ``python -m infra`` on the sandbox's AWS, as a person would at a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.aws.server import REGION

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Printed:
    exit_code: int
    lines: Sequence[str]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def run_infra(command: Sequence[str], url: str, show: Callable[[str], None]) -> Printed:
    """In a process of its own, with credentials of the sandbox and nothing of the host's AWS configuration.

    ``show`` gets each line as it is printed.
    """
    own = {"AWS_ACCESS_KEY_ID": "AKIASANDBOXADMIN0000", "AWS_SECRET_ACCESS_KEY": "sandbox"}
    nowhere = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**plain, **own, **nowhere, "NO_PROXY": "127.0.0.1"}
    given = [sys.executable, "-m", "infra", *command, "--endpoint-url", url, "--region", REGION]
    lines = []
    with subprocess.Popen(given, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip())
            show(lines[-1])
    return Printed(process.returncode, lines)
