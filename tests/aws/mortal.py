"""Attempts at a remediation, each a process of its own that can be killed as a power cut would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from responder.findings.finding import Finding
from responder.splunk.client import Splunkd

from sandbox.aws.server import ACCOUNT
from tests.aws.support import SECRET, Tasks

ROOT = Path(__file__).resolve().parents[2]
#: What an attempt comes to that did not live to tell.
KILLED = "killed"


class Mortal:
    """``aws_url``: where its attempts find AWS. They need no limit and no approval but for an undo that is drifted."""

    def __init__(self, aws_url: str, splunkd: Splunkd) -> None:
        path = os.pathsep.join((str(ROOT), str(ROOT / "package" / "bin")))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.aws.mortal_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        self._pid = 0
        self._tell(
            {
                "aws": aws_url,
                "account": ACCOUNT,
                "key": "AKIARESPONDER0000000",
                "secret": SECRET,
                "splunkd": splunkd.uri,
                "session": splunkd.session_key,
            }
        )

    def run(self, finding: Finding, playbook: str, tasks: Tasks) -> str:
        return self._attempt(finding, playbook, tasks, undo=False)

    def undo(self, finding: Finding, playbook: str, tasks: Tasks) -> str:
        return self._attempt(finding, playbook, tasks, undo=True)

    def kill(self) -> None:
        """The attempt that is under way. When this returns it does nothing more."""
        os.kill(self._pid, signal.SIGKILL)

    def stop(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def _attempt(self, finding: Finding, playbook: str, tasks: Tasks, undo: bool) -> str:
        fields = {name: value for name, value in asdict(finding).items() if value not in ("", (), None)}
        self._tell({"finding": fields, "playbook": playbook, "past": tasks.past, "task": tasks.task(), "undo": undo})
        self._pid = self._hear()
        self._tell("go")
        told = self._hear()
        if told == "ended":
            return KILLED
        assert self._hear() == "ended"
        return str(told)

    def _tell(self, what: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(what, default=str)}\n".encode())
        self._process.stdin.flush()

    def _hear(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())
