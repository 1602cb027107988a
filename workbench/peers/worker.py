"""Rules that need libraries of their own: Panther's in a process of their environment, Sigma's converted there to SPL.

The environment is made at the first use, from PyPI, and kept; nothing else of the project sees these libraries.
"""

from __future__ import annotations

import json
import subprocess
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spl import Event

from .contenders import Raised, Spl, UnreadableRules

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / "build" / "venv-peers"
LIBRARIES = (
    "pysigma==1.5.1",
    "pysigma-backend-splunk==2.1.0",
    "panther-core==0.16.3",
    # What panther-core imports and does not ask for, and what its setup script wants.
    "python-dateutil==2.9.0.post0",
    "jmespath==1.0.1",
    "setuptools==80.9.0",
)
SCRIPT = Path(__file__).with_name("in_peers_environment.py")


def _ask(question: dict[str, Any]) -> Any:
    """Raises UnreadableRules."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *LIBRARIES], check=True)
    done = subprocess.run([str(python), str(SCRIPT)], input=json.dumps(question), capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise UnreadableRules(f"The rules in {question['folder']} cannot be run: {last}")
    return json.loads(done.stdout)


def sigma(folder: Path) -> Spl:
    """A folder of Sigma rules for CloudTrail, as pySigma's Splunk backend writes them. Raises UnreadableRules."""
    answer = _ask({"what": "sigma", "folder": str(folder)})
    if not answer["searches"]:
        raise UnreadableRules(f"{folder} holds no Sigma rule for CloudTrail.")
    found = Spl("Sigma", {rule: f"sourcetype=aws:cloudtrail ({spl})" for rule, spl in answer["searches"].items()}, {})
    found.unreadable.update(answer["unreadable"])
    return found


class Panther:
    """Python rules with a function ``rule(event)``, each beside a YAML file that names it and its log types."""

    name = "Panther"

    def __init__(self, folder: Path) -> None:
        """Raises UnreadableRules."""
        self._folder, self._rules = str(folder), 0
        self.unreadable: dict[str, str] = {}
        self.raised([])
        if not self._rules:
            raise UnreadableRules(f"{folder} holds no Panther rule for CloudTrail.")

    @property
    def rules(self) -> int:
        return self._rules

    def raised(self, events: Sequence[Event]) -> Raised:
        records = [json.loads(event.raw) for event in events]
        answer = _ask({"what": "panther", "folder": self._folder, "records": records})
        self._rules, self.unreadable = answer["rules"], answer["unreadable"]
        return {rule: set(positions) for rule, positions in answer["raised"].items()}
